"""The log in systemd's journal: an entry with its fields, over a real socket; never waited for."""

from __future__ import annotations

import io
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.journal import MAX_FIELDS, MAX_MESSAGE, MAX_VALUE, entry
from edge.log import DeviceLog, setup, setup_beside
from tests.journal_kit import JournalSocket, journaled, parsed

log = logging.getLogger("edge.x")


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[io.TextIOWrapper]:
    with (tmp_path / "err").open("w+") as file:
        yield file


def written(stream: io.TextIOWrapper) -> list[str]:
    stream.seek(0)
    return stream.read().splitlines()


# --- what is sent ---
def test_an_entry_has_the_line_its_priority_and_a_field_for_what_is_said_beside(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    with journaled(stream, tmp_path / "journal") as journal:
        DeviceLog("printer").warning(
            "backoff: %s", "no such port", extra={"code": "link_lost", "away_s": 3.5}
        )
        (entry,) = journal.entries()
    assert entry == {
        "MESSAGE": "device: backoff: no such port code=link_lost away_s=3.5 device=printer",
        "PRIORITY": "4",
        "LOGGER": "device",
        "SYSLOG_IDENTIFIER": "hall-edge",
        "DEVICE": "printer",
        "CODE": "link_lost",
        "AWAY_S": "3.5",
    }
    assert written(stream) == []  # once, not also as a line


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.CRITICAL, "3"), (logging.ERROR, "3"), (logging.WARNING, "4"), (logging.INFO, "6")],
)
def test_the_priority_is_that_of_syslog(
    level: int, priority: str, restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    with journaled(stream, tmp_path / "journal") as journal:
        log.log(level, "hello")
        assert [each["PRIORITY"] for each in journal.entries()] == [priority]


def test_nothing_personal_and_no_command_to_a_terminal_is_in_any_field(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    with journaled(stream, tmp_path / "journal") as journal:
        log.info("card %s", "340102199003071234", extra={"detail": "13812345678\n<3>\x1b[2J"})
        (entry,) = journal.entries()
    assert entry["MESSAGE"] == r'edge.x: card [id] detail="[phone]\n<3>\u001b[2J"'
    assert entry["DETAIL"] == r"[phone]\n<3>\u001b[2J"


def test_what_is_said_beside_cannot_take_the_place_of_the_line(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    with journaled(stream, tmp_path / "journal") as journal:
        log.info("true", extra={"priority": 0, "MESSAGE": "false", "_PID": 1, "syslog_identifier": "sshd"})
        (entry,) = journal.entries()
    assert entry["PRIORITY"] == "6"
    assert entry["MESSAGE"].startswith("edge.x: true")
    assert entry["SYSLOG_IDENTIFIER"] == "hall-edge"
    assert "_PID" not in entry  # journald's own, which nobody may set


@given(st.text(), st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.text()))
def test_any_text_comes_back_as_it_was_unless_it_is_cut(message: str, others: dict[str, str]) -> None:
    fields = {**others, "MESSAGE": message}
    kept = dict(list(fields.items())[:MAX_FIELDS])
    if all(len(value.encode("utf-8", "replace")) <= MAX_VALUE for value in kept.values()):
        assert parsed(entry(fields)) == kept


@given(st.integers(0, 3), st.sampled_from(["a", "é", "厅", "😀"]))
def test_what_is_too_long_is_cut_at_a_whole_character(shift: int, char: str) -> None:
    found = parsed(
        entry({"MESSAGE": "x" * shift + char * MAX_MESSAGE, "DETAIL": "x" * shift + char * MAX_VALUE})
    )
    for name, limit in (("MESSAGE", MAX_MESSAGE), ("DETAIL", MAX_VALUE)):
        size = len(found[name].encode())
        assert limit - 4 < size <= limit
        assert set(found[name]) <= {"x", char}


def test_the_largest_entry_is_a_datagram_that_the_kernel_takes(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    beside = {f"field_{number}": "厅" * MAX_VALUE for number in range(2 * MAX_FIELDS)}
    with journaled(stream, tmp_path / "journal") as journal:
        log.info("厅" * MAX_MESSAGE, extra=beside)
        (entry,) = journal.entries()
    assert len(entry) == MAX_FIELDS
    assert written(stream) == []


# --- where it cannot be sent ---
def test_the_journal_is_recognised_by_its_stream_alone(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    for environ in ({"JOURNAL_STREAM": "1:2"}, {}):  # inherited, but standard error was sent elsewhere; none
        setup(stream=stream, environ=environ, journal=str(tmp_path / "journal"))
        log.warning("hello")
    assert [each.split(" ", 1)[1] for each in written(stream)] == ["WARNING edge.x: hello"] * 2


def test_a_journal_that_is_away_is_told_by_standard_error_until_it_is_back(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    with journaled(stream, path):
        path.unlink()
        log.warning("two\nlines", extra={"code": "link_lost"})
        again = JournalSocket(path)  # journald after its restart
        log.warning("back")
        assert [each["MESSAGE"] for each in again.entries()] == ["edge.x: back"]
        again.close()
    assert written(stream) == [r"<4>edge.x: two\nlines code=link_lost"]


def test_nobody_waits_for_a_journal_that_does_not_read_and_what_is_lost_is_counted(
    restored: None, tmp_path: Path
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("w") as stream, journaled(stream, tmp_path / "journal") as journal:
        wrote = 5_000  # far more than the two queues hold: a call that waited would never return
        for number in range(wrote):
            log.info("%d %s", number, "x" * 1000)
        lines = [each["MESSAGE"] for each in journal.entries()]
        theirs.setblocking(False)
        lines += theirs.recv(1 << 20).decode().splitlines()
        log.info("it reads again")
        told, last = [each["MESSAGE"] for each in journal.entries()]
    assert 0 < len(lines) < wrote
    assert told == f"edge.journal: {wrote - len(lines)} lines are lost: nothing took them"
    assert last == "edge.x: it reads again"


# --- a program with a log of its own for people ---
def test_the_hub_and_the_kiosk_write_to_the_journal_under_their_names_and_else_as_they_did(
    restored: None, stream: io.TextIOWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    before = list(logging.getLogger().handlers)
    path = tmp_path / "journal"
    assert not setup_beside(logging.INFO, "hall-kiosk", journal=str(path), environ={})
    assert logging.getLogger().handlers == before
    journal, stat = JournalSocket(path), os.fstat(stream.fileno())
    environ = {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
    assert setup_beside(logging.INFO, "hall-kiosk", journal=str(path), environ=environ)
    log.warning("opened afresh", extra={"code": "program_error"})
    log.debug("quiet")
    (entry,) = journal.entries()
    logging.getLogger().handlers[0].close()
    journal.close()
    assert entry["SYSLOG_IDENTIFIER"] == "hall-kiosk"
    assert (entry["MESSAGE"], entry["PRIORITY"]) == ("edge.x: opened afresh code=program_error", "4")
