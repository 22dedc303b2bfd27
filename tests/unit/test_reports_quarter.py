"""The quarter's honours from a record: who, by what, and that a hall's own staff numbers are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.console.reports.making import make
from edge.console.reports.period import Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import HonoursTable, ReportSettings
from edge.console.reports.sheets import Report
from tests.report_kit import Node, keep, wall

pytestmark = pytest.mark.usefixtures("both_stores")

FEW = HonoursTable(windows=1, staff=2, least_acts=2, least_ratings=1)


def served(node: Node, window: str, staff: str, levels: list[int | None], unit: str = "税务") -> None:
    for level in levels:
        ticket = f"A{len(node.events):03d}"
        node.take(ticket)
        node.call(ticket, window, 60, staff)
        node.serve(ticket, window, 300, level=level, unit=unit, promise_min=10.0, staff=staff)


def honours(url: str) -> Report:
    with reading(url) as db:
        settings = ReportSettings(honours=FEW)
        return make(db, Period.parse("quarter", "2026Q4"), settings, wall("2027-01-01 02:00"))


def test_windows_and_staff_of_a_quarter(tmp_path: Path) -> None:
    node, town = Node(), Node("town", "desk", "f")
    node.day("2026-10-08")
    served(node, "1", "1001", [5, 5, 5, 4])
    node.day("2026-12-31")
    served(node, "2", "1002", [5, 1, None])
    served(node, "2", "1001", [5])  # she stood in at the other window
    served(node, "3", "1003", [5])
    town.day("2026-11-02")
    served(town, "1", "1001", [2, 2], unit="一镇")  # another hall's 1001
    report = honours(keep(tmp_path / "r.db", node, town))

    windows = report.sheet("red_flag_windows")
    assert [(row[0], row[2], row[4], row[5]) for row in windows.rows] == [
        ("county", "1", 1, "是 yes"),
        ("county", "2", 2, ""),
        ("town", "1", 3, ""),
        ("county", "3", None, "量少不参评 too few"),
    ]
    staff = report.sheet("staff")
    assert [(row[0], row[1], row[3], row[4], row[11]) for row in staff.rows] == [
        ("county", "1001", 1, "是 yes", 5),
        ("town", "1001", 2, "是 yes", 2),  # 0 + 20 + 10 + 20 points: nobody liked it, but all rated, in time
        ("county", "1002", 3, "", 3),  # 3.78 + 13.33 + 10 + 20
        ("county", "1003", None, "量少不参评 too few", 1),
    ]
    assert [row[5] for row in staff.rows[1:3]] == [50.0, 47.11]
    one = staff.rows[0]
    assert one[6:10] == (
        0.5655,
        1.0,
        0.625,
        1.0,
    )  # Wilson of 5 of 5; 5 of 5; 5 to the unit's mean of 3; in time


def test_what_weighed_stands_in_the_report(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    served(node, "1", "1001", [5, 5])
    report = honours(keep(tmp_path / "r.db", node))
    weights = {row[1]: row[2] for row in report.sheet("weights").rows}
    assert (weights["weight: lower bound of good"], weights["red-flag windows"]) == (0.4, 1)
    assert any("Wilson" in en for _, en in report.notes)


def test_acts_without_a_number_are_nobody_s(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    served(node, "1", "1001", [5, 5])
    for event in node.events:
        if "staff" in event:
            event["staff"] = ""
    report = honours(keep(tmp_path / "r.db", node))
    assert report.sheet("staff").rows == ()
    assert len(report.sheet("red_flag_windows").rows) == 1
