"""What the demonstration reads from the record of how good the rules were, and its day that is played."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.demo.day import CURVE, PlayedDay, hours_of, share_at, working_day
from edge.demo.fairness import Fairness, fairness
from edge.demo.figures import (
    appointments_of,
    events_of,
    follow_up_of,
    follow_ups_of,
    waits_of,
    warnings_of,
)
from edge.demo.full import full_config, township_config
from edge.demo.rules import (
    DAYS_WARNINGS,
    MINUTES_WARNINGS,
    with_day,
    with_minutes,
    with_rules,
    with_time,
    within_a_day,
    zone_of,
)
from edge.demo.run import CONFIG
from edge.settings import load
from tests.unit.test_settings_examples import ENV
from tests.warped import warped

CHINA = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 30)
AT_NINE = datetime(2026, 11, 30, 9, 0, tzinfo=CHINA).timestamp()
WINDOWS = {"1": ("tax",), "2": ("tax", "social")}


def event(kind: str, minute: float, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "mono": 60 * minute, "at": AT_NINE + 60 * minute, **fields}


def joins(ticket: str, minute: float, service: str = "tax", **fields: Any) -> list[dict[str, Any]]:
    reserved = event("ticket.reserved", minute, ticket=ticket, service=service, **fields)
    return [reserved, event("ticket.printed", minute, ticket=ticket, copies=1)]


def called(ticket: str, minute: float, window: str = "1") -> dict[str, Any]:
    return event("ticket.called", minute, ticket=ticket, window=window, times=1)


def judged(*events: Any) -> Fairness:
    flat = [each for some in events for each in (some if isinstance(some, list) else [some])]
    return fairness(flat, WINDOWS, most=2, most_min=20.0)


# --- fairness ---
def test_in_the_order_of_joining_nobody_is_overtaken() -> None:
    found = judged(joins("A1", 0), joins("A2", 1), called("A1", 2), called("A2", 3))
    assert (found.overtakings, found.overtaken, found.most, found.holds) == (0, 0, 0, True)


def test_who_waits_at_another_window_only_is_not_overtaken() -> None:
    assert judged(joins("B1", 0, "social"), joins("A1", 1), called("A1", 2, "1")).overtakings == 0
    assert judged(joins("B1", 0, "social"), joins("A1", 1), called("A1", 2, "2")).overtakings == 1


def test_the_times_and_the_span_of_one_ticket_are_held_against_the_bound() -> None:
    first = [*joins("A1", 0), *joins("A2", 1), *joins("A3", 2), *joins("A4", 3)]
    twice = judged(first, called("A3", 5), called("A2", 6), called("A1", 7))
    assert (twice.overtakings, twice.overtaken, twice.most, twice.longest_min) == (3, 2, 2, 1.0)
    assert twice.holds
    assert not judged(first, called("A3", 5), called("A2", 6), called("A4", 7)).holds  # three times
    assert not judged(first, called("A3", 5), called("A4", 25.5)).holds  # over 20.5 minutes


def test_an_appointment_counts_from_its_place_and_only_from_its_time() -> None:
    here = event("appointment.checked_in", 10, ticket="A9", ref="r", since_s=1800.0, ready_in_s=300.0)
    reserved, printed = joins("A9", 10)
    booked = [reserved, here, printed]  # its place is that of 20 minutes before the doors opened
    assert judged(joins("A1", 0), booked, called("A9", 16)).overtakings == 0
    assert judged(joins("A1", 0), booked, called("A1", 12)).overtakings == 0  # not due yet
    assert judged(joins("A1", 0), booked, called("A1", 16)).overtakings == 1


def test_who_came_back_lets_so_many_pass_and_is_then_in_turn() -> None:
    missed = [called("A1", 4), event("ticket.no_show", 5, ticket="A1")]
    back = event("ticket.came_back", 6, ticket="A1", after=1)
    some = [*joins("A1", 0), *joins("A2", 1), *joins("A3", 2), *missed, back]
    assert judged(some, called("A2", 7)).overtakings == 0
    assert judged(some, called("A2", 7), called("A3", 8)).overtakings == 1


# --- the other figures ---
def test_a_wait_is_compared_with_what_was_told() -> None:
    told: dict[str, Any] = {"wait_p50_s": 300, "wait_p90_s": 480}
    events = [*joins("A1", 0, **told), *joins("A2", 0, **told), *joins("A3", 0), *joins("A4", 0, **told)]
    found = waits_of([*events, called("A1", 4), called("A2", 9), called("A3", 30)])
    assert (found.told, found.mean_wait_s, found.mae_s, found.p90_coverage) == (2, 390.0, 150.0, 0.5)
    assert waits_of([]).mae_s is None


def test_a_warning_is_told_from_its_beginning_to_its_end() -> None:
    found = warnings_of(
        [
            event("alert.raised", 0, key="wait-tax", level="amber"),
            event("alert.raised", 1, key="idle-2", level="amber"),
            event("alert.updated", 2, key="wait-tax", level="red"),
            event("alert.acknowledged", 3, key="wait-tax", name="李四"),
            event("alert.cleared", 4, key="wait-tax"),
            event("alert.raised", 5, key="wait-tax", level="amber"),
        ],
        CHINA,
    )
    assert [each.key for each in found] == ["wait-tax", "idle-2", "wait-tax"]
    assert found[0].model_dump() == {
        "key": "wait-tax",
        "level": "red",
        "raised": "09:00:00",
        "acknowledged_by": "李四",
        "cleared": "09:04:00",
    }
    assert [each.cleared for each in found[1:]] == ["", ""]


def test_an_appointment_is_in_time_until_ten_minutes_after_it() -> None:
    booked = [
        event("appointment.booked", 0, ref=ref, service="tax", day="2026-11-30", time="09:30")
        for ref in "abc"
    ]
    here = [
        event("appointment.checked_in", 20, ref=ref, ticket=ticket)
        for ref, ticket in (("a", "A1"), ("b", "A2"))
    ]
    found = appointments_of([*booked, *here, called("A1", 40), called("A2", 40.1), called("A3", 41)], CHINA)
    assert (found.booked, found.checked_in, found.called, found.in_time) == (3, 2, 2, 0.5)
    assert appointments_of([], CHINA).in_time is None


def test_the_record_is_read_hall_by_hall(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE event (hall TEXT, node TEXT, epoch TEXT, seq INTEGER, body TEXT)")
        db.execute("CREATE TABLE followup (id TEXT, hall TEXT, node TEXT, epoch TEXT, seq INTEGER)")
        db.execute("CREATE TABLE followup_step (id TEXT, stage TEXT)")
        rows = [("here", seq, json.dumps({"seq": seq, "ticket": f"A{seq}"})) for seq in (2, 1)]
        db.executemany("INSERT INTO event VALUES (?, 'n', 'e', ?, ?)", [*rows, ("there", 1, "{}")])
        opened = [("1", "here", 1), ("2", "here", 2), ("3", "there", 1)]
        db.executemany("INSERT INTO followup VALUES (?, ?, 'n', 'e', ?)", opened)
        steps = [("1", "verified"), ("1", "closed"), ("2", "verified"), ("3", "closed")]
        db.executemany("INSERT INTO followup_step VALUES (?, ?)", steps)
    assert [each["seq"] for each in events_of(path, "here", "n")] == [1, 2]
    assert [follow_up_of(path, "here", ticket) for ticket in ("A1", "A2", "A3")] == ["1", "2", ""]
    assert follow_ups_of(path, "here").model_dump() == {"opened": 2, "closed": 1, "steps": 3}


# --- the day that is played ---
def test_the_curve_begins_with_the_doors_and_ends_before_lunch_and_closing() -> None:
    minutes = [begin for begin, _ in CURVE]
    assert minutes == sorted(minutes)
    assert [share_at(minute) for minute in (509.9, 510, 719, 720, 809, 810, 1005, 1439)] == [
        0.0, 1.3, 0.3, 0.0, 0.0, 1.3, 0.0, 0.0
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("today", "played"),
    [("2026-11-30", "2026-11-30"), ("2026-11-29", "2026-11-27"), ("2026-10-07", "2026-09-30")],
    ids=["a Monday", "a Sunday", "the national holidays"],
)
def test_the_day_is_the_last_that_was_worked(today: str, played: str) -> None:
    assert working_day(date.fromisoformat(today)).isoformat() == played


async def test_the_live_table_reads_the_day_s_time_in_a_thread_of_its_own() -> None:
    day = PlayedDay(DAY, 60.0, CHINA, hours_of(["1"]))
    day.set(AT_NINE)
    assert f"{await asyncio.to_thread(day.local):%H}" == "09"


@warped
async def test_its_time_runs_by_its_speed_from_where_the_node_says() -> None:
    day = PlayedDay(DAY, 60.0, CHINA, hours_of([str(n) for n in range(1, 7)]))
    day.set(AT_NINE)
    await asyncio.sleep(2.5)
    assert day.minute() == pytest.approx(9 * 60 + 2.5)
    assert day.left_s(10 * 60) == pytest.approx(57.5)
    assert day.left_s(8 * 60) == 0.0
    assert len(day.open_windows()) == 6
    assert day.share() > 0
    await asyncio.sleep(day.left_s(12 * 60 + 30))
    assert day.open_windows() == ["6"]
    lunch = day.share()
    await asyncio.sleep(day.left_s(17 * 60))
    assert (day.open_windows(), day.share()) == ([], 0.0)
    assert lunch > 0


def test_one_clerk_is_late_after_lunch_and_a_lone_window_closes_for_it() -> None:
    day = PlayedDay(DAY, 60.0, CHINA, hours_of([str(n) for n in range(1, 7)]))
    assert day.shifts("1") == [(507.0, 720.0), (807.0, 1020.0)]
    assert day.shifts("2") == [(507.0, 720.0), (850.0, 1020.0)]
    assert day.shifts("6") == [(507.0, 1020.0)]
    assert len(hours_of(["1"])["1"]) == 2


def test_one_panel_gives_out_no_more_slips_than_it_can() -> None:
    few = PlayedDay(DAY, 60.0, CHINA, hours_of([str(n) for n in range(1, 7)]))
    many = PlayedDay(DAY, 60.0, CHINA, hours_of([str(n) for n in range(1, 53)]))
    assert few.top_per_min() == pytest.approx(1.3 * 6 / 9.5)
    assert many.top_per_min() == pytest.approx(60 / 0.8 / 60)
    assert (few.is_slack(), many.is_slack()) == (False, True)


@pytest.mark.parametrize("whole", [False, True], ids=["the demo", "the whole hall"])
@pytest.mark.parametrize("played", [False, True], ids=["a minute", "a day"])
def test_with_its_rules_it_is_a_right_configuration(tmp_path: Path, *, whole: bool, played: bool) -> None:
    demo = CONFIG.read_text(encoding="utf-8")
    text = with_rules(full_config(demo) if whole else demo, DAYS_WARNINGS if played else MINUTES_WARNINGS)
    windows = [str(n) for n in range(1, 53 if whole else 7)]
    text = (
        with_time(with_day(text, hours_of(windows)), "2026-11-30T08:20", 60) if played else with_minutes(text)
    )
    (tmp_path / "hall.toml").write_text(text, encoding="utf-8")
    settings = load(tmp_path / "hall.toml", env=ENV)
    hall = settings.rules_hall()
    assert set(hall.priorities) == {"soldier", "elder"}
    assert len(hall.roster) == (2 if played else 0)
    assert {row.kind for row in settings.warnings} >= {"service", "idle"}
    assert settings.played.speed == (60 if played else 1)
    assert hall.services["tax"].usual_s == (480.0 if played else 30.0)


def test_a_townships_hall_is_closed_over_lunch(tmp_path: Path) -> None:
    text = township_config(CONFIG.read_text(encoding="utf-8"), 1)
    (tmp_path / "hall.toml").write_text(with_day(text, hours_of(["1"])), encoding="utf-8")
    (row,) = load(tmp_path / "hall.toml", env=ENV).rules_hall().roster
    assert row.hours == ((510, 720), (810, 1020))


@pytest.mark.parametrize("minutes", [0.4, 300])
def test_no_day_ends_in_a_demonstration_of_some_minutes(minutes: float) -> None:
    text = '[hall]\ntimezone = "Asia/Shanghai"\n'
    kept = 0
    for half_hour in range(48):
        begins = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(minutes=30 * half_hour + 29)
        found = within_a_day(text, minutes, begins)
        local = begins.astimezone(ZoneInfo(zone_of(found)))
        assert (local + timedelta(minutes=minutes + 45)).date() == local.date()
        kept += found == text
    assert kept == 46 - minutes // 30, "at any other time it is the hall's own"
