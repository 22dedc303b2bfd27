"""What hallctl loads, which is nearly all of the time that it takes: no more than the command needs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import edge.diag.commands
from edge import wire
from edge.control import ControlServer
from edge.diag.cli import COMMANDS, app
from edge.diag.words_help import HELP
from edge.wire import Reply, Request

RUN = """
import sys
from edge.diag.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
SHARED = {"afar", "common"}  # by the commands


async def loaded(*command: str) -> set[str]:
    """What this process has loaded when the command has been carried out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return set(said.decode().split())


async def test_status_loads_its_own_command_and_of_the_wire_no_act(tmp_path: Path) -> None:
    async def answer(request: Request, _client: str) -> Reply:
        node = {"hall": "county", "node": "n1", "version": "0.1.0", "epoch": "ab" * 16, "since": 0.0}
        return Reply(id=request.id, result="done", data={"node": node})

    server = ControlServer(tmp_path / "control.sock", answer)
    await server.start()
    try:
        modules = await loaded("status", "--socket", str(tmp_path / "control.sock"))
    finally:
        await server.stop()
    commands = {name for name in modules if name.startswith("edge.diag.commands.")}
    assert commands == {f"edge.diag.commands.{name}" for name in ("state", *SHARED)}
    assert not modules & {"edge.wire.facts", "edge.wire.chain", "edge.store", "edge.ca", "edge.broker"}
    assert not modules & {"email.message", "zipfile"}  # which a search for pydantic's plugins takes
    assert not modules & {
        "drivers.messages",
        "textual",
        "aiomqtt",
        "sqlite3",
        "cryptography",
        "rich.traceback",
    }


async def test_help_loads_no_command_and_nothing_that_asks() -> None:
    modules = await loaded("--help")
    commands = {name for name in modules if name.startswith("edge.diag.commands.")}
    assert commands == {"edge.diag.commands.afar"}
    assert not modules & {"asyncio", "pydantic.main", "edge.control", "edge.wire.base"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_lists_every_command_on_a_line_in_the_systems_language(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if lang == "zh" else "C")
    shown = CliRunner().invoke(app, ["--help"])
    heading = "命令：" if lang == "zh" else "Commands:"
    lines = shown.stdout.partition(f"{heading}\n")[2].splitlines()
    words = [HELP[listed.brief] if lang == "zh" else listed.brief for listed in COMMANDS.values()]
    assert [line.split(maxsplit=1) for line in lines] == [
        list(each) for each in zip(COMMANDS, words, strict=True)
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_listed_command_can_be_loaded(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert name in shown.stdout.splitlines()[0]


def test_no_module_of_commands_is_left_unlisted() -> None:
    (folder,) = edge.diag.commands.__path__
    modules = {path.stem for path in Path(folder).glob("[a-z]*.py")}
    assert modules - SHARED == {listed.module for listed in COMMANDS.values()}


# --- the wire ---
def test_every_name_of_the_wire_is_found_and_no_other() -> None:
    assert all(getattr(wire, name) is not None for name in wire.__all__)
    with pytest.raises(AttributeError, match="no attribute 'TicketEaten'"):
        _ = wire.TicketEaten  # type: ignore[attr-defined]
