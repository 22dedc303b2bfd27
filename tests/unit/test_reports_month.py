"""The month's report, against a dozen acts counted on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.console.reports.making import NoData, make
from edge.console.reports.period import Kind, NoPeriod, Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import HallTable, ReportSettings
from edge.console.reports.sheets import Report, Sheet, Value
from tests.report_kit import Node, keep, wall

pytestmark = pytest.mark.usefixtures("both_stores")

LATER = wall("2026-11-01 02:00")


def a_dozen(day: str = "2026-10-08") -> Node:
    """A Thursday. Waits in minutes: window 1: 5, 10, 15, 20, 25; window 2: 30, 40; window 3: 60.

    window | unit | acts                                        | ratings
    1      | 税务 | 5, of 10, 12, 14, 16, 40 min, promised 15   | 5 5 4 2 –
    2      | 税务 | 2, of 8 and 9 min, no promise               | – –
    3      | 人社 | 1, of 30 min, promised 20                   | 1
    """
    node = Node()
    node.day(day)
    for window in "1234":
        node.tell("staff.logged_in", window=window, staff=f"100{window}")
    plan = [
        ("A001", "1", 5, 10, 5, "税务", 15.0),
        ("A002", "1", 10, 12, 5, "税务", 15.0),
        ("A003", "1", 15, 14, 4, "税务", 15.0),
        ("A004", "1", 20, 16, 2, "税务", 15.0),
        ("A005", "1", 25, 40, None, "税务", 15.0),
        ("A006", "2", 30, 8, None, "税务", 0.0),
        ("A007", "2", 40, 9, None, "税务", 0.0),
        ("B001", "3", 60, 30, 1, "人社", 20.0),
    ]
    for ticket, window, wait, took, level, unit, promise in plan:
        node.take(ticket, "tax" if ticket[0] == "A" else "social")
        node.call(ticket, window, 60.0 * wait)
        node.serve(ticket, window, 60.0 * took, level=level, unit=unit, promise_min=promise)
    node.take("A008")
    node.call("A008", "2", 600)
    node.tell("ticket.no_show", 120, ticket="A008", window="2", staff="1002")
    return node


def made(url: str, period: str = "2026-10", now: float = LATER, only: str = "", **settings: Any) -> Report:
    with reading(url) as db:
        return make(db, Period.parse("month", period), ReportSettings(**settings), now, only)


def row(sheet: Sheet, *name: str) -> dict[str, Value]:
    found = next(row for row in sheet.rows if row[: len(name)] == name)
    return dict(zip((column.en for column in sheet.columns), found, strict=True))


def totals(sheet: Sheet) -> dict[str, Value]:
    assert sheet.totals
    return dict(zip((column.en for column in sheet.columns), sheet.totals, strict=True))


def test_a_window_is_counted_as_on_paper(tmp_path: Path) -> None:
    report = made(keep(tmp_path / "r.db", a_dozen()))
    one = row(report.sheet("windows"), "county", "desk", "税务", "1")
    assert (one["Acts"], one["Ratings"], one["Bad ratings"]) == (5, 4, 1)
    assert (one["Participation"], one["Good"], one["Bad"]) == (0.8, 0.75, 0.25)
    assert [one[f"Level {level}"] for level in (5, 4, 3, 2, 1)] == [2, 1, 0, 1, 0]
    assert (one["Waits"], one["Mean wait, min"]) == (5, 15.0)
    assert (one["Wait P50, min"], one["Wait P90, min"]) == (15.0, 25.0)
    assert (one["Mean service, min"], one["Service P50, min"], one["Service P90, min"]) == (18.4, 14.0, 40.0)
    assert (one["Acts with a promise"], one["On time"]) == (5, 0.6)  # 10, 12 and 14 of five


def test_who_was_not_rated_has_no_rate_and_a_no_show_is_no_act(tmp_path: Path) -> None:
    report = made(keep(tmp_path / "r.db", a_dozen()))
    two = row(report.sheet("windows"), "county", "desk", "税务", "2")
    assert (two["Acts"], two["Ratings"], two["Participation"]) == (2, 0, 0.0)
    assert (two["Good"], two["Bad"], two["On time"]) == (None, None, None)
    assert (two["No-shows"], two["Waits"]) == (1, 3)
    four = row(report.sheet("windows"), "county", "desk", "", "4")  # logged in, and did nothing
    assert (four["Acts"], four["Participation"], four["Mean wait, min"]) == (0, None, None)


def test_units_services_and_totals(tmp_path: Path) -> None:
    report = made(keep(tmp_path / "r.db", a_dozen()))
    unit = row(report.sheet("units"), "county", "税务")
    assert (unit["Acts"], unit["Ratings"], unit["Mean service, min"]) == (7, 4, 15.57)
    assert row(report.sheet("services"), "county", "social")["Acts"] == 1
    whole = totals(report.sheet("windows"))
    assert (whole["Acts"], whole["Ratings"], whole["Good"], whole["No-shows"]) == (8, 5, 0.6, 1)
    assert (whole["Waits"], whole["Wait P50, min"], whole["Wait P90, min"]) == (9, 20.0, 60.0)
    assert ("county", "desk", "人社", "3", "social", 1) in report.sheet("window_services").rows


def test_a_hall_that_sent_nothing_is_named_and_not_counted_as_zero(tmp_path: Path) -> None:
    halls = (HallTable(id="county", name="县中心"), HallTable(id="town-3", name="三镇"))
    report = made(keep(tmp_path / "r.db", a_dozen()), hall=halls)
    silent = row(report.sheet("halls"), "town-3")
    assert (silent["Name"], silent["Reported"], silent["Acts"]) == ("三镇", "缺报 missing", None)
    lacks = {(each[0], each[3]): each for each in report.sheet("missing").rows}
    assert lacks["town-3", "the hall has sent nothing"][5] == "三镇"
    days = lacks["county", "working days without a record"]
    assert days[4] == 17  # of October's 18 working days: the holidays last until the 7th, the 10th is worked
    assert str(days[5]).startswith("2026-10-09…2026-10-10, ")


def test_a_month_is_the_hall_s_local_month(tmp_path: Path) -> None:
    """23:40 on the 31st in China is still October, 00:10 on the 1st no more; by UTC both are the 31st."""
    node = Node()
    for day, ticket, hour in (("2026-10-31", "A001", "23:40"), ("2026-11-01", "A001", "00:10")):
        node.at = wall(f"{day} {hour}")
        node.tell("day.opened", day=day)
        node.take(ticket)
        node.call(ticket, "1", 60)
        node.serve(ticket, "1", 60, level=5)
    url = keep(tmp_path / "r.db", node)
    assert totals(made(url).sheet("halls"))["Acts"] == 1
    assert totals(made(url, "2026-11", wall("2026-12-01 00:00")).sheet("halls"))["Acts"] == 1


def test_a_clock_that_is_set_makes_no_waits(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.drift = 7200.0
    node.call("A001", "1", 300)
    node.serve("A001", "1", 600)
    assert totals(made(keep(tmp_path / "r.db", node)).sheet("halls"))["Mean wait, min"] == 5.0


def test_without_start_the_time_is_from_the_call_and_what_the_day_s_end_ends_has_none(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.call("A001", "1", 60)
    node.at += 240
    node.serve("A001", "1", 0.0)  # both told in one moment
    node.take("A002")
    node.call("A002", "1", 60)
    by: dict[str, Any] = {"act": "day/A002", "ticket": "A002", "window": "1", "staff": "1001"}
    node.tell("service.finished", 50_000, **by, rating_asked=False)
    whole = totals(made(keep(tmp_path / "r.db", node)).sheet("halls"))
    assert (whole["Acts"], whole["Acts timed"], whole["Mean service, min"]) == (2, 1, 4.0)
    assert whole["Cut off at day's end"] == 1


def test_a_transfer_is_one_act_where_it_ends(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    node.take("A001")
    node.call("A001", "1", 60)
    by: dict[str, Any] = {"ticket": "A001", "window": "1", "staff": "1001"}
    node.tell("service.started", **by)
    node.tell("ticket.transferred", 120, **by, service="land", to="", way="there")
    node.call("A001", "2", 900)
    node.serve("A001", "2", 300, level=5)
    report = made(keep(tmp_path / "r.db", node))
    assert row(report.sheet("windows"), "county", "desk", "", "1")["Transfers"] == 1
    two = row(report.sheet("windows"), "county", "desk", "", "2")
    assert (two["Acts"], two["Mean service, min"], two["Waits"]) == (1, 5.0, 0)
    assert row(report.sheet("services"), "county", "land")["Acts"] == 1


def test_what_cannot_be_reported_is_said(tmp_path: Path) -> None:
    url = keep(tmp_path / "r.db", a_dozen())
    with pytest.raises(NoData, match=r"2026-09 没有任何记录 · the record has nothing of 2026-09"):
        made(url, "2026-09")
    with pytest.raises(NoPeriod, match="2026-12 还没有开始"):
        made(url, "2026-12")
    with pytest.raises(NoPeriod, match="write 2026-10"):
        made(url, "2026-13")


def test_a_month_that_goes_on_is_preliminary(tmp_path: Path) -> None:
    url = keep(tmp_path / "r.db", a_dozen())
    running = made(url, now=wall("2026-10-10 12:00"))
    assert (running.final, running.until) == (False, "2026-10-09")
    assert "preliminary" in running.title[1]
    done = made(url)
    assert (done.final, done.until) == (True, "2026-10-31")


def test_it_reads_back_from_json(tmp_path: Path) -> None:
    report = made(keep(tmp_path / "r.db", a_dozen()))
    assert Report.from_json(report.as_json()) == report


def test_a_month_is_over_by_the_centre_s_own_clock(tmp_path: Path) -> None:
    """It is 01:00 on the 1st in Beijing, and 23:00 on the 31st by the time of Urumqi."""
    url, now = keep(tmp_path / "r.db", a_dozen()), wall("2026-11-01 01:00")
    assert made(url, now=now).final
    west = made(url, now=now, timezone="Asia/Urumqi")
    assert (west.final, west.until) == (False, "2026-10-30")


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("month 2026-12", "2026-12-01", "2026-12-31", "2026-11"),
        ("month 2024-02", "2024-02-01", "2024-02-29", "2024-01"),
        ("quarter 2026Q1", "2026-01-01", "2026-03-31", "2025Q4"),
        ("quarter 2026q4", "2026-10-01", "2026-12-31", "2026Q3"),
        ("year 2026", "2026-01-01", "2026-12-31", "2025"),
    ],
)
def test_periods(text: str, first: str, last: str, before: str) -> None:
    kinds: dict[str, Kind] = {"month": "month", "quarter": "quarter", "year": "year"}
    kind, _, name = text.partition(" ")
    period = Period.parse(kinds[kind], name)
    assert (period.first.isoformat(), period.last.isoformat(), period.previous.text) == (first, last, before)
    assert period.text == name.upper()
