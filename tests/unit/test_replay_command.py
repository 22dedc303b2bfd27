"""`hall-edge replay` from end to end, on a real database, and what it refuses."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.replay.engine import Engine
from edge.replay.record import Kept
from edge.rules.model import Hall, Moment
from edge.store import Store
from edge.store.day import NoSuchDay, read_day
from edge.wire import DayOpened, TicketNoShow
from tests.replay_kit import config_of, keep
from tests.sim_day.day import SMALL, generated
from tests.store_kit import outside

DAY, NEXT = "2025-10-13", "2025-10-14"
RUN = CliRunner()


def a_day(seed: int = 3) -> tuple[Hall, list[Kept]]:
    hall, day = generated(SMALL, seed)
    hall = replace(hall, roster=())
    engine = Engine(replace(day, day=DAY), hall, tells_waits=True)
    engine.run()
    return hall, engine.kept


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A configuration and a database with one day."""
    hall, kept = a_day()
    await keep(tmp_path / "hall.db", kept)
    (tmp_path / "hall.toml").write_text(config_of(hall, tmp_path / "hall.db"), encoding="utf-8")
    return tmp_path


def replay(folder: Path, day: str, *more: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["replay", day, str(folder / "hall.toml"), *more], env={"COLUMNS": "120"})
    return result.exit_code, result.output


def test_a_kept_day_with_a_window_more(folder: Path) -> None:
    status, said = replay(folder, DAY, "--windows", "+1", "--out", str(folder / "out"))
    assert status == 0, said
    assert "waits are as they were" in said
    assert "不改时重放" in said
    assert "one window more, +1" in said
    assert "assumed: people come as they came" in said
    whole = next(line for line in said.splitlines() if line.startswith("全部 all"))
    before, after = (float(each) for each in whole.split()[5].split("→"))
    assert after < before, "a window more is a shorter mean wait"
    assert (folder / "out" / f"replay-{DAY}.svg").read_text(encoding="utf-8").startswith("<svg")


def test_without_a_change_the_day_is_shown_as_it_was(folder: Path) -> None:
    status, said = replay(folder, DAY)
    assert status == 0
    assert "→" not in said


def test_from_a_file_of_events_it_is_the_same(folder: Path) -> None:
    texts = [text for (text,) in outside(folder / "hall.db", "SELECT text FROM event ORDER BY seq")]
    (folder / "events.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    assert replay(folder, DAY, "--from", str(folder / "events.jsonl")) == replay(folder, DAY)


async def test_a_database_that_a_daemon_has_open_can_be_read(folder: Path) -> None:
    store = await Store.open(folder / "hall.db")
    try:
        assert replay(folder, DAY)[0] == 0
    finally:
        await store.close()


async def test_a_day_ends_where_the_next_begins_without_what_closed_it(tmp_path: Path) -> None:
    _, kept = a_day()
    last = kept[-1][1]
    morning = Moment(last.wall_s + 40_000, last.mono_s + 40_000, last.boot)
    closing = TicketNoShow(ticket="A001", window="1", staff="1")
    await keep(tmp_path / "hall.db", [*kept, (closing, morning), (DayOpened(day=NEXT), morning)])
    events = read_day(tmp_path / "hall.db", DAY)
    assert [event.fact for event in events] == [fact for fact, _ in kept]
    assert [event.fact.kind for event in read_day(tmp_path / "hall.db", NEXT)] == ["day.opened"]
    with pytest.raises(NoSuchDay) as missing:
        read_day(tmp_path / "hall.db", "2025-10-15")
    assert missing.value.kept == [DAY, NEXT]


# --- refusals ---
def refused(folder: Path, day: str, *more: str) -> str:
    """What is said, in Chinese and English; nothing is played."""
    status, said = replay(folder, day, *more)
    assert status == 2
    zh, en = (line for line in said.splitlines() if line.startswith("✗"))
    assert any("一" <= char <= "鿿" for char in zh)
    assert "人 n" not in said
    return en


def test_a_day_that_is_not_kept(folder: Path) -> None:
    assert refused(folder, "2025-10-20") == (
        f"✗ 2025-10-20 is not kept; days that are, from {DAY} to {DAY}: 1"
    )


def test_a_day_that_is_still_to_come(folder: Path) -> None:
    assert "still to come" in refused(folder, "2999-01-01")


def test_a_word_that_is_no_day(folder: Path) -> None:
    status, said = replay(folder, "yesterday")
    assert status == 2
    assert "yesterday" in said


@pytest.mark.parametrize(
    ("wish", "said"), [("9=off", "no window 9"), ("s7=+1", "no service s7"), ("more", "is not like +1")]
)
def test_a_window_or_service_that_is_not_there(folder: Path, wish: str, said: str) -> None:
    assert said in refused(folder, DAY, "--windows", wish)


def test_a_damaged_database(folder: Path) -> None:
    whole = (folder / "hall.db").read_bytes()
    (folder / "torn.db").write_bytes(whole[: len(whole) // 2])
    assert "the database cannot be used" in refused(folder, DAY, "--from", str(folder / "torn.db"))
    assert (folder / "torn.db").stat().st_size == len(whole) // 2, "nothing was mended"


def test_a_file_that_is_none_of_ours(folder: Path) -> None:
    assert "line 1 is no event" in refused(folder, DAY, "--from", str(folder / "hall.toml"))
    assert "No such file" in refused(folder, DAY, "--from", str(folder / "gone.db"))


def test_a_configuration_that_is_wrong(folder: Path) -> None:
    (folder / "hall.toml").write_text("[hall]\n", encoding="utf-8")
    assert "hall-edge check" in refused(folder, DAY)


def test_a_configuration_of_another_time(folder: Path) -> None:
    text = (folder / "hall.toml").read_text(encoding="utf-8")
    (folder / "hall.toml").write_text(text.replace('"s1"', '"tax"'), encoding="utf-8")
    assert "that day had a service that the configuration has not: s1" in refused(folder, DAY)
    (folder / "hall.toml").write_text(text.replace('id = "4"', 'id = "44"'), encoding="utf-8")
    assert "that day had a window that the configuration has not: 4" in refused(folder, DAY)


def test_where_the_roster_is_another_it_is_said_who_got_no_ticket(folder: Path) -> None:
    text = (folder / "hall.toml").read_text(encoding="utf-8")
    roster = '[[roster]]\ndays = ["mon"]\nhours = ["10:00-17:00"]\n'
    (folder / "hall.toml").write_text(f"{text}\n{roster}", encoding="utf-8")
    status, said = replay(folder, DAY)
    assert status == 0
    assert "waits differ" in said
    assert "got no ticket: closed_until" in said


async def test_a_day_on_which_nobody_came(tmp_path: Path) -> None:
    hall, kept = a_day()
    await keep(tmp_path / "hall.db", kept[:1])
    (tmp_path / "hall.toml").write_text(config_of(hall, tmp_path / "hall.db"), encoding="utf-8")
    assert "nobody took a ticket" in refused(tmp_path, DAY)


# --- a day of a real daemon ---
KEPT = Path(__file__).parents[1] / "golden" / "replay"


def test_a_whole_day_that_a_daemon_kept_is_as_it_was(tmp_path: Path) -> None:
    """The acts of a day of the demonstration: its daemon, lines, clerks and citizens. Its date and the ids of
    its events have been changed since, and their links are left out."""
    events = tmp_path / "day.jsonl"
    events.write_bytes(gzip.decompress((KEPT / "day.jsonl.gz").read_bytes()))
    kinds = Counter(json.loads(line)["kind"] for line in events.read_text(encoding="utf-8").splitlines())
    assert kinds["ticket.reserved"] == 253
    assert kinds["ticket.held"] == 12
    assert kinds["ticket.came_back"] == 7
    assert kinds["appointment.checked_in"] == 5
    status, said = replay(KEPT, "2024-05-10", "--from", str(events))
    assert (status, "played unchanged, all 253 waits are as they were" in said) == (0, True), said
