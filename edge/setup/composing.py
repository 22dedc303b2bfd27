"""The text of a configuration: pure, from the answers and the devices that were found."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from string import ascii_uppercase

from edge.diag.proposing import quoted
from edge.setup.answers import Answers

STORE = "/var/lib/hall-edge/hall.db"  # where the unit keeps it, and `hallctl verify` looks
SOCKET = "/run/hall-edge/control.sock"


def composed(answers: Answers, devices: str) -> str:
    """`devices`: `[[device]]` tables, as `edge.diag.proposing` writes them."""
    return (
        "\n".join([*_head(answers, _printer(devices)), *_work(answers), "", devices.rstrip()]).rstrip() + "\n"
    )


def _printer(devices: str) -> str:
    """The first that was found prints the tickets."""
    tables = tomllib.loads(devices).get("device", [])
    return next((str(each["id"]) for each in tables if each["driver"] == "printer"), "")


def _head(answers: Answers, printer: str) -> Iterator[str]:
    yield "# 由 hall-edge init 写成；全部设置见 hall.example.toml，改后运行 hall-edge check"
    yield "# Written by `hall-edge init`; hall.example.toml explains all settings. Changed? hall-edge check"
    yield "[hall]"
    yield f"id = {quoted(answers.hall)}"
    yield f"name = {quoted(answers.name)}"
    yield ""
    yield "[node]"
    yield f"id = {quoted(answers.node)}"
    yield f"store = {quoted(STORE)}"
    yield f"socket = {quoted(SOCKET)}"
    yield ""
    yield "[mqtt]"
    yield f"brokers = [{quoted(answers.broker)}]"
    yield ""
    yield "[printing]"
    yield f"printer = {quoted(printer)}"


def _work(answers: Answers) -> Iterator[str]:
    """Every window does every service until somebody says otherwise."""
    for number, (name, prefix) in enumerate(zip(answers.services, ascii_uppercase, strict=False), 1):
        yield ""
        yield "[[service]]"
        yield f'id = "service-{number}"'
        yield f"name = {quoted(name)}"
        yield f'prefix = "{prefix}"'
    for number in range(1, answers.windows + 1):
        yield ""
        yield "[[window]]"
        yield f'id = "{number}"'
        yield f'name = "{number} 号窗口"'
        yield 'services = ["*"]'
