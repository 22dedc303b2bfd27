"""Bad ratings that were withdrawn on appeal: told in every report, altered in none, and out of the score."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from edge.console import tables
from edge.console.engine import open_engine
from edge.console.followup import add_step, followups
from edge.console.record import Record
from edge.console.reports.command import Wish, produce
from edge.console.reports.making import make
from edge.console.reports.period import Kind, Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import HonoursTable, ReportSettings
from edge.console.reports.sheets import Report, Row
from edge.rules.followup import Finding, Stage, Step
from tests.integration.node import batch
from tests.report_kit import Node, wall
from tests.stores import store_url
from tests.unit.test_reports_quarter import served

pytestmark = pytest.mark.usefixtures("both_stores")

FEW = HonoursTable(windows=1, staff=2, least_acts=2, least_ratings=2)
STEPS = (Stage.VERIFIED, Stage.WITHDRAWN, Stage.FED_BACK, Stage.CLOSED)


def record_of(path: Path, *nodes: Node) -> str:
    url = store_url(path)
    with Record(url) as record:
        for node in nodes:
            record.apply([(*node.key, batch(node.events))])
    return url


def appeal(url: str, window: str, *stages: Stage) -> None:
    """The first bad rating of that window, so many steps further."""
    engine = open_engine(url)
    for stage in stages:
        with engine.begin() as db:
            case = next(each for each in followups(db) if each.rating["window"] == window)
            finding = Finding.UNFOUNDED if stage is Stage.VERIFIED else None
            add_step(db, case, Step(stage, date(2026, 10, 12), "李主任", finding), wall("2026-10-12 09:00"))
    engine.dispose()


def made(url: str, kind: Kind = "month", text: str = "2026-10") -> Report:
    with reading(url) as db:
        return make(db, Period.parse(kind, text), ReportSettings(honours=FEW), wall("2027-01-01 02:00"))


def column(report: Report, key: str, *names: str) -> list[Row]:
    sheet = report.sheet(key)
    heads = [each.en for each in sheet.columns]
    return [tuple(row[heads.index(name)] for name in names) for row in sheet.rows]


def a_month() -> Node:
    node = Node()
    node.day("2026-10-08")
    served(node, "1", "1001", [5, 5, 1, 2])
    served(node, "2", "1002", [5, 5, 5, 1], unit="户籍")
    return node


WANTED: Sequence[str] = ("Bad ratings", "Withdrawn on appeal", "Good")


def test_they_stay_in_the_rates_and_are_told_by_unit_window_and_staff(tmp_path: Path) -> None:
    url = record_of(tmp_path / "r.db", a_month())
    assert column(made(url), "windows", "Window", *WANTED) == [("2", 1, 0, 0.75), ("1", 2, 0, 0.5)]
    appeal(url, "1", Stage.VERIFIED)
    assert column(made(url), "staff", "Withdrawn on appeal") == [(0,), (0,)], "not yet"
    appeal(url, "1", Stage.WITHDRAWN)
    report = made(url)
    assert column(report, "windows", "Window", *WANTED) == [("2", 1, 0, 0.75), ("1", 2, 1, 0.5)]
    assert column(report, "units", "Unit", *WANTED) == [("户籍", 1, 0, 0.75), ("税务", 2, 1, 0.5)]
    assert column(report, "staff", "Staff", *WANTED) == [("1001", 2, 1, 0.5), ("1002", 1, 0, 0.75)]
    appeal(url, "1", *STEPS[2:])
    assert made(url).digest == report.digest, "closed, it is told the same"
    assert any("申诉撤销" in zh and "cannot be altered" in en for zh, en in report.notes)


def test_another_answer_withdraws_nothing(tmp_path: Path) -> None:
    url = record_of(tmp_path / "r.db", a_month())
    appeal(url, "1", Stage.VERIFIED, Stage.EXPLAINED, Stage.FED_BACK, Stage.CLOSED)
    assert column(made(url), "halls", *WANTED) == [(3, 0, 0.625)]


def test_the_score_leaves_them_out_and_shows_both_rates(tmp_path: Path) -> None:
    url = record_of(tmp_path / "r.db", a_month())
    wanted = ("Staff", "Place", "Good", "Withdrawn on appeal", "Good as scored", "Participation")
    assert column(made(url, "quarter", "2026Q4"), "staff", *wanted) == [
        ("1002", 1, 0.75, 0, 0.75, 1.0),
        ("1001", 2, 0.5, 0, 0.5, 1.0),
    ]
    appeal(url, "2", *STEPS)
    after = column(made(url, "quarter", "2026Q4"), "staff", *wanted)
    assert after[0] == ("1002", 1, 0.75, 1, 1.0, 1.0)
    windows = column(made(url, "quarter", "2026Q4"), "red_flag_windows", "Window", "Good as scored")
    assert windows == [("2", 1.0), ("1", 0.5)]


def test_what_is_withdrawn_after_the_month_is_a_correction(tmp_path: Path) -> None:
    node = a_month()
    node.day("2026-11-02")
    url = record_of(tmp_path / "r.db", node)

    def month(period: str, now: str) -> None:
        wish = Wish(url, tmp_path / "out", publish=True)
        assert produce("month", period, wish, lambda: wall(now)).status == 0

    month("2026-10", "2026-11-01 02:00")
    appeal(url, "1", Stage.VERIFIED, Stage.WITHDRAWN)
    month("2026-11", "2026-12-01 02:00")
    (late,) = (tmp_path / "out" / "2026-11" / "v1").glob("corrections.csv")
    rows = late.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert rows == ["2026-10,county,desk,税务,1,申诉撤销,Withdrawn on appeal,0,1"]


def test_a_record_from_before_follow_ups_has_none(tmp_path: Path) -> None:
    url = record_of(tmp_path / "r.db", a_month())
    engine = create_engine(url)
    for table in (tables.followup_step, tables.followup):
        table.drop(engine)
    engine.dispose()
    assert column(made(url), "halls", "Withdrawn on appeal") == [(0,)]
