"""`hall-edge init`: a configuration that works, whole or not at all, and never in the place of another."""

from __future__ import annotations

import errno
import io
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from drivers.checking.words import Text
from edge.check import BAD, GOOD, check
from edge.cli import app
from edge.diag.probing.found import Finding
from edge.setup import command
from edge.setup.answers import Answers
from edge.setup.command import NOT_WRITTEN, WRITTEN, init
from edge.setup.composing import composed
from edge.setup.writing import write_new

ANSWERS = """
hall = "yu-county"
name = "榆县政务服务中心"
broker = "mqtts://broker.hall.example"
services = ["税务", "社会保险"]
windows = 4
"""
FOUND = [
    Finding("serial", "/dev/ttyUSB0", "found", "serial:///dev/ttyUSB0?baud=9600", "printer", "escpos-80mm"),
    Finding(
        "serial", "/dev/ttyUSB1", "silent", evidence=Text("没有应答", "silent"), next=Text("查电源", "power")
    ),
]


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.toml"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What a scan finds."""
    findings = list(FOUND)

    async def scan(_wanted: object) -> list[Finding]:
        return findings

    monkeypatch.setattr(command, "scan", scan)
    return findings


def answered(name: str, services: list[str], windows: int) -> Answers:
    return Answers(hall="yu", name=name, broker="mqtt://b", services=tuple(services), windows=windows)


def nobody(_question: str, _default: str) -> str:
    raise AssertionError("a file has all the answers")


def write(path: Path, answers: Path | None, ask: Callable[[str, str], str] = nobody) -> tuple[int, str]:
    said: list[str] = []
    return init(path, answers, ask, said.append), "\n".join(said)


@pytest.mark.usefixtures("found")
def test_answers_and_what_was_found_become_a_configuration_without_an_error(
    tmp_path: Path, answers: Path
) -> None:
    path, out, umask = tmp_path / "hall.toml", io.StringIO(), os.umask(0o077)
    status, said = write(path, answers)
    os.umask(umask)
    assert status == WRITTEN
    assert check(path, out=out) == GOOD, out.getvalue()
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert written["printing"] == {"printer": "printer"}
    assert written["device"][0]["url"] == "serial:///dev/ttyUSB0?baud=9600"
    assert [each["name"] for each in written["service"]] == ["税务", "社会保险"]
    assert len(written["window"]) == 4
    assert path.stat().st_mode & 0o777 == 0o644, "the service's user reads it"
    assert "/dev/ttyUSB1" in said and "查电源" in said, "what is left to do"
    assert "printer was found" not in said


def test_without_a_printer_it_is_said_that_there_are_no_tickets(
    tmp_path: Path, answers: Path, found: list[Finding]
) -> None:
    found.clear()
    status, said = write(tmp_path / "hall.toml", answers)
    assert status == WRITTEN and "No printer was found" in said
    assert check(tmp_path / "hall.toml", out=io.StringIO()) == GOOD


@pytest.mark.usefixtures("found")
def test_it_asks_where_there_is_no_file_of_answers(tmp_path: Path) -> None:
    given_ = {"commas": "税务、社会保险", "topics": "yu", "tickets": "榆县政务中心"}

    def ask(question: str, default: str) -> str:
        return next((answer for word, answer in given_.items() if word in question), default)

    status, said = write(tmp_path / "hall.toml", None, ask)
    assert status == WRITTEN, said
    written = tomllib.loads((tmp_path / "hall.toml").read_text(encoding="utf-8"))
    assert written["hall"] == {"id": "yu", "name": "榆县政务中心"}
    assert [each["prefix"] for each in written["service"]] == ["A", "B"]


@pytest.mark.usefixtures("found")
def test_a_wrong_answer_is_asked_for_again_and_not_for_ever(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(question: str, default: str) -> str:
        asked.append(question)
        names = ["榆县", "榆", "yu"]
        return names[min(len(asked), 3) - 1] if "topics" in question else default or "税务"

    status, said = write(tmp_path / "hall.toml", None, ask)
    assert status == WRITTEN and said.count("please answer once more") == 2
    assert len(asked) == 7 + 2
    status, said = write(tmp_path / "other.toml", None, lambda _, __: "榆")
    assert status == NOT_WRITTEN and not (tmp_path / "other.toml").exists()


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"yu-county"', '"榆县"', "hall"),
        ("mqtts://", "https://", "broker"),
        ("windows = 4", "windows = 0", "windows"),
        ("windows = 4", 'windows = "four"', "windows"),
        ('["税务", "社会保险"]', "[]", "services"),
        ("windows = 4", "windws = 4", "windws"),
        ("windows = 4", "windows = [", "TOML"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_written(
    tmp_path: Path, answers: Path, old: str, new: str, named: str
) -> None:
    answers.write_text(ANSWERS.replace(old, new), encoding="utf-8")
    status, said = write(tmp_path / "hall.toml", answers)
    assert status == NOT_WRITTEN and named in said
    assert sorted(each.name for each in tmp_path.iterdir()) == ["answers.toml"]


@pytest.mark.usefixtures("found")
def test_a_configuration_that_exists_is_left_alone(tmp_path: Path, answers: Path) -> None:
    path = tmp_path / "hall.toml"
    path.write_text("mine")
    assert write(path, answers)[0] == NOT_WRITTEN
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "away")
    assert write(link, answers)[0] == NOT_WRITTEN
    assert path.read_text() == "mine" and not link.exists()


@pytest.mark.usefixtures("found")
def test_a_configuration_that_comes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hall.toml"

    def somebody_writes(_beside: Path) -> None:
        path.write_text("theirs")

    with pytest.raises(FileExistsError):
        write_new(path, "ours", somebody_writes)
    assert path.read_text() == "theirs" and [each.name for each in tmp_path.iterdir()] == ["hall.toml"]


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_takes_nothing_leaves_nothing_behind(
    tmp_path: Path, answers: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fails(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    status, said = write(tmp_path / "hall.toml", answers)
    assert status == NOT_WRITTEN and os.strerror(number) in said
    assert [each.name for each in tmp_path.iterdir()] == ["answers.toml"]


@pytest.mark.usefixtures("found")
def test_what_a_loss_of_power_left_is_never_taken_for_a_configuration(tmp_path: Path, answers: Path) -> None:
    half = tmp_path / ".hall.toml.new"
    half.write_text("[hall]\nid = " + "x" * 9000)
    assert check(tmp_path / "hall.toml", out=io.StringIO()) == BAD, "there is none yet"
    assert write(tmp_path / "hall.toml", answers)[0] == WRITTEN
    assert not half.exists()
    assert check(tmp_path / "hall.toml", out=io.StringIO()) == GOOD


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, answers: Path) -> None:
    said: list[str] = []
    status = init(tmp_path / "no" / "hall.toml", answers, nobody, said.append, look=False)
    assert status == NOT_WRITTEN and "make the folder first" in said[-1]


def test_a_half_written_configuration_is_named_by_check_with_what_is_wrong(tmp_path: Path) -> None:
    whole = composed(answered("榆县", ["税务", "社会保险"], 4), "")
    path, out = tmp_path / "hall.toml", io.StringIO()
    path.write_text(whole[: whole.index("prefix") + 10], encoding="utf-8")
    assert check(path, out=out) == BAD
    line = len(path.read_text(encoding="utf-8").splitlines())
    for said in (f"line {line}, end of file", "is not TOML", "引号没有结束", "close the quotes"):
        assert said in out.getvalue()


PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")  # as str.isprintable says
TITLES = st.text(PRINTABLE, min_size=1, max_size=32).filter(str.strip)


@given(name=TITLES, services=st.lists(TITLES, min_size=1, max_size=26), windows=st.integers(1, 60))
def test_whatever_the_hall_is_called_stands_in_its_file_as_it_was_said(
    name: str, services: list[str], windows: int
) -> None:
    written = tomllib.loads(composed(answered(name, services, windows), ""))
    assert written["hall"]["name"] == name
    assert [each["name"] for each in written["service"]] == services
    assert len({each["prefix"] for each in written["service"]}) == len(services)
    assert len(written["window"]) == windows


def test_as_a_technician_runs_it(tmp_path: Path, answers: Path) -> None:
    path = tmp_path / "hall.toml"
    args = ["init", str(path), "--answers", str(answers), "--no-scan"]
    assert CliRunner().invoke(app, args).exit_code == 0
    assert CliRunner().invoke(app, args).exit_code == 2, "there is one now"
