"""README.md, docs/ and CONTRIBUTING.md say what the programs do: no more, no less, and in the same words.

Where a row of a table is wrong, the failure shows the row that belongs there.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from unittest.mock import MagicMock

import pytest
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from drivers.registry import Registry
from edge.cameras.verbs import CameraVerbs
from edge.cli import app as hall_edge
from edge.commands import Verb
from edge.console.cli import app as hall_console
from edge.control import DEFAULT_SOCKET
from edge.diag.cli import Later
from edge.diag.cli import app as hallctl
from edge.handbook import rows, tables, written
from edge.health import CHECK_EVERY_S
from edge.kiosk_verbs import KioskVerbs
from edge.schema import wire_schema
from edge.supervision.verbs import AlertVerbs
from edge.upstream.note_verbs import NoteVerbs
from edge.upstream.paying_verbs import PaymentVerbs
from edge.upstream.verbs import OnlineVerbs
from edge.verbs import Verbs
from edge.wire import AnyFact, DeviceStateName, Fact
from tests.chain_kit import chained
from tests.papers import CONTRIBUTING, PAPERS, README, ROOT, TOLD

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
GUIDE = r"^### When something is broken\n(.*?)(?=^#)"


def section(title: str) -> list[str]:
    """The rows of the tables between this heading and the next."""
    return rows(TOLD, title)


# --- commands ---
def commands() -> Iterator[tuple[str, TyperCommand]]:
    for name, app in (("hall-edge", hall_edge), ("hall-console", hall_console), ("hallctl", hallctl)):
        command = get_command(app)
        default = getattr(command, "default", None)
        for verb, each in leaves(command):
            yield name if verb == default else f"{name} {verb}".strip(), each


def leaves(command: object) -> Iterator[tuple[str, TyperCommand]]:
    """A program's commands, those in groups with the group's name before theirs."""
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            loaded = each.loaded if isinstance(each, Later) else each
            yield from ((f"{name} {verb}".strip(), leaf) for verb, leaf in leaves(loaded))
    else:
        assert isinstance(command, TyperCommand)
        yield "", command


COMMANDS = dict(commands())


def options(command: TyperCommand) -> set[str]:
    """Every way that differs from the default to write its options."""
    flags = set[str]()
    for option in command.params:
        if isinstance(option, TyperOption):
            flags |= set(option.secondary_opts if option.default is True else option.opts)
    return flags


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_row_with_exactly_its_options(name: str) -> None:
    (row,) = [row for row in section("Commands") if re.match(rf"\| `{name}(`| [A-Z])", row)]
    assert set(re.findall(r"--[a-z][a-z-]*", row)) == options(COMMANDS[name])
    arguments = [each.name or "" for each in COMMANDS[name].params if isinstance(each, TyperArgument)]
    assert len(re.findall(r"[A-Z]{2,}(?:=VALUE)?", row.split("`")[1])) == len(arguments)


# --- verbs ---
def verbs() -> list[Verb]:
    names = ("settings", "hall", "bus", "store", "devices", "outbox", "reload")
    parts: dict[str, Any] = dict.fromkeys(names, MagicMock())
    kiosks = KioskVerbs(*[MagicMock()] * 5, online=dict).all()
    others = [
        *kiosks,
        *CameraVerbs(MagicMock(), MagicMock(), MagicMock(), afar=True).all(),
        *AlertVerbs(*[MagicMock()] * 4).all(),
    ]
    others += OnlineVerbs(
        *[MagicMock()] * 3, settings=MagicMock(), hall=MagicMock(), booked=MagicMock()
    ).all()
    money = ("hall", "store", "upstream", "people", "payments", "papers", "settling")
    paying: dict[str, Any] = dict.fromkeys(money, MagicMock())
    others += PaymentVerbs(**paying).verbs()
    others += NoteVerbs(*[MagicMock()] * 4).verbs()
    return [*Verbs(**parts, status=dict).all(), *others]


def arguments(verb: Verb) -> str:
    fields = verb.args.model_fields.items()
    return " ".join(f"`{name}`" if field.is_required() else f"[`{name}`]" for name, field in fields)


def test_every_verb_has_its_row_and_no_other() -> None:
    rows = section("Verbs")
    wrong = [
        f"| `{verb.name}` | {arguments(verb)} | … | {verb.summary} |"
        for verb in verbs()
        if not any(
            row.startswith(f"| `{verb.name}` | {arguments(verb)} | ") and row.endswith(f" | {verb.summary} |")
            for row in rows
        )
    ]
    assert wrong == []
    assert len(rows) == len(verbs())


# --- conditions ---
TABLES = tables()


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_of_what_can_be_wrong_is_the_codes_own(heading: str) -> None:
    assert rows(TOLD, heading) == TABLES[heading], "`make handbook` writes it"


def test_no_table_of_conditions_is_left_that_the_code_has_not() -> None:
    told = set(re.findall(r"^#+ (Conditions: .+)$", TOLD, re.MULTILINE))
    assert told == {heading for heading in TABLES if heading.startswith("Conditions: ")}


def test_the_handbook_puts_rows_under_their_heading_and_leaves_the_rest() -> None:
    paper = "# A\n\nWords.\n\n| a |\n|---|\n| `old` |\n\nMore.\n\n# B\n\n| b |\n|---|\n| `kept` |\n"
    assert written(paper, {"A": ["| `x` |", "| `y` |"]}) == paper.replace("| `old` |", "| `x` |\n| `y` |")
    with pytest.raises(ValueError, match="no section 'C'"):
        written(paper, {"C": []})


def test_what_is_seen_leads_to_conditions_that_there_are_and_into_every_table() -> None:
    guide = found[0] if (found := re.findall(GUIDE, README, re.MULTILINE | re.DOTALL)) else ""
    headings = {anchor(heading): heading for heading in TABLES}
    codes = {heading: {row.split("`")[1] for row in each} for heading, each in TABLES.items()}
    links = re.findall(r"\[([^\]]*)\]\(docs/repair\.md#([^)]+)\)", guide)
    wrong = [
        (code, link)
        for text, link in links
        if link in headings
        for code in re.findall(r"`([^`]+)`", text)
        if code not in codes[headings[link]]
    ]
    assert wrong == []
    assert set(headings) - {link for _, link in links} == set()


def test_every_state_of_a_device_has_its_row() -> None:
    assert [row.split("`")[1] for row in section("States of a device")] == list(get_args(DeviceStateName))


# --- the wire ---
def facts() -> list[type[Fact]]:
    union = get_args(AnyFact)[0]
    return list(get_args(union))


def fact(kind: type[Fact]) -> str:
    """The row as far as the model gives it."""
    fields = " ".join(f"`{name}`" for name in kind.model_fields if name != "kind")
    return f"| `{kind.model_fields['kind'].default}` | {fields} | "


def test_every_kind_of_event_has_its_row_with_exactly_its_fields() -> None:
    rows = section("Events")
    assert [start for kind in facts() if not any(row.startswith(start := fact(kind)) for row in rows)] == []
    assert len(rows) == len(facts())


def test_every_topic_has_its_row_with_its_message() -> None:
    said = [tuple(re.findall(r"`([^`]+)`", row)[:2]) for row in section("Topics")]
    topics = wire_schema()["topics"]
    assert said == [(topic, node["$ref"].rpartition("/")[2]) for topic, node in topics.items()]


def test_the_check_for_losses_works_as_it_is_printed() -> None:
    code = re.search(r"python3 -uc '\n(.*?)\n'", TOLD, re.DOTALL)
    assert code
    batches = [[1, 2], [3], [3, 4], [7]]
    lines = [json.dumps({"v": 1, "events": [{"epoch": "e", "seq": n} for n in batch]}) for batch in batches]
    said = subprocess.run(
        [sys.executable, "-uc", code[1]], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["again e 3", "missing e 5 to 6"]


def test_the_check_of_the_chain_works_as_it_is_printed() -> None:
    found = re.findall(r"python3 -uc '\n(.*?)\n'", TOLD, re.DOTALL)
    events = chained("e" * 32, 9, telemetry=4)
    events[4]["staff"] = "李四"
    del events[5]
    lines = [json.dumps({"v": 1, "events": events[n : n + 3]}) for n in range(0, 9, 3)]
    said = subprocess.run(
        [sys.executable, "-uc", found[1]], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == [f"altered {'e' * 32} 5", f"does not follow {'e' * 32} 7"]


# --- make ---
def targets() -> set[str]:
    lines = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    return {target for line in lines for target in line.split()}


INTERNAL = {  # what other targets stand on
    *("run-packages", "test-packages", "voice-packages", "eval-packages", "appliance-packages"),
}


def test_every_target_of_make_is_told() -> None:
    assert {
        target for target in targets() - INTERNAL if f"`make {target}`" not in TOLD + CONTRIBUTING
    } == set()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_target_that_is_told_exists(paper: Path) -> None:
    code = "\n".join(re.findall(r"`[^`\n]+`|^```.*?^```", paper.read_text(encoding="utf-8"), re.M | re.S))
    assert set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - targets() == set()


# --- links ---
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_to_a_file_or_a_heading_leads_somewhere(paper: Path) -> None:
    links = [link for link in LINK.findall(paper.read_text(encoding="utf-8")) if not link.startswith("http")]
    broken = []
    for link in links:
        file, _, heading = link.partition("#")
        to = (paper.parent / file).resolve() if file else paper
        if not to.exists() or (heading and heading not in headings(to)):
            broken.append(link)
    assert broken == []


def headings(paper: Path) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", paper.read_text("utf-8"), re.MULTILINE)}


def anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_path_that_is_told_is_there() -> None:
    tops = "edge|drivers|kiosk_ui|config|docs|systemd|tests"
    paths = set(re.findall(rf"`((?:{tops})/[A-Za-z0-9_./-]*)`", TOLD + CONTRIBUTING))
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert paths


@pytest.mark.parametrize(("paper", "columns"), [(CONTRIBUTING, 42), (TOLD, 32)], ids=["CONTRIBUTING", "docs"])
def test_the_model_that_is_shown_works(paper: str, columns: int, tmp_path: Path) -> None:
    model = re.search(r"```toml\n(# Acme.*?)```", paper, re.DOTALL)
    assert model
    assert len(model[1].splitlines()) <= 10
    (tmp_path / "acme.toml").write_text(model[1], encoding="utf-8")
    loaded = Registry(models=[tmp_path]).resolve("printer", "acme", "tcp://192.0.2.1:9100", {})
    assert loaded.settings.columns == columns


def test_the_entry_points_that_are_shown_are_those_of_the_example() -> None:
    shown = re.findall(r"```toml\n(.*?)```", CONTRIBUTING, re.DOTALL)[1]
    project = tomllib.loads((ROOT / "tests" / "third_party" / "acme" / "pyproject.toml").read_text())
    assert tomllib.loads(shown) == {"project": {"entry-points": project["project"]["entry-points"]}}


# --- units ---
def unit(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # keys of systemd have capitals
    parser.read(ROOT / "systemd" / f"{name}.service", encoding="utf-8")
    return parser["Service"]


def test_the_unit_of_the_daemon_fits_the_daemon() -> None:
    service = unit("hall-edge")
    assert service["Type"] == "notify"
    assert float(service["WatchdogSec"]) >= 2 * CHECK_EVERY_S
    assert Path("/run", service["RuntimeDirectory"]) == DEFAULT_SOCKET.parent
    assert "adjtimex" in service["SystemCallFilter"], "adjtimex(2) says whether the clock has been set"
    assert "ProtectClock" not in service


@pytest.mark.parametrize(
    ("name", "key"), [("hall-edge", "ExecStart"), ("hall-edge", "ExecReload"), ("hall-console", "ExecStart")]
)
def test_a_unit_starts_a_command_that_there_is(name: str, key: str) -> None:
    service = unit(name)
    program, *rest = service[key].split()
    found = " ".join([Path(program).name, *(word for word in rest[:1] if word[0] not in "-/$")])
    assert set(re.findall(r"--[a-z-]+", service[key])) <= options(COMMANDS[found])
    users = (ROOT / "systemd" / "sysusers.d" / "hall-edge.conf").read_text()
    assert re.search(rf"^u {service['User']} ", users, re.MULTILINE)
