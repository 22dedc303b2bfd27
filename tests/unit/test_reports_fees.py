"""Fees in the month's report: by window and unit, each receipt once, in yuan to the fen."""

from __future__ import annotations

from pathlib import Path

from edge.console.reports.files import as_csv
from edge.console.reports.making import make
from edge.console.reports.period import Period
from edge.console.reports.reading import reading
from edge.console.reports.settings import ReportSettings
from edge.console.reports.sheets import Report
from tests.report_kit import Node, keep, wall


def month(url: str) -> Report:
    with reading(url) as db:
        return make(db, Period.parse("month", "2026-10"), ReportSettings(), wall("2026-11-01 02:00"))


def charge(
    node: Node,
    receipt: str,
    amount_fen: int,
    window: str = "1",
    *,
    unit: str = "税务",
    act: str = "a",
    fee_fen: int | None = 500,
) -> None:
    by = {"window": window, "staff": "1001", "unit": unit}
    item = {"act": act, "item": "0601", "fee_fen": fee_fen}
    node.tell("fee.charged", 10, receipt=receipt, amount_fen=amount_fen, **by, **item)


def refund(node: Node, receipt: str, amount_fen: int, window: str = "1", unit: str = "税务") -> None:
    by = {"window": window, "staff": "1001", "unit": unit}
    node.tell("fee.refunded", 10, receipt=receipt, amount_fen=amount_fen, **by)


def test_fees_by_window_and_unit(tmp_path: Path) -> None:
    node, town = Node(), Node("town", "desk", "f")
    node.day("2026-10-08")
    charge(node, "R1", 500)
    charge(node, "R1", 500)  # the same receipt
    charge(node, "R2", 1_005)
    refund(node, "R2", 505)
    charge(node, "R3", 10, "2", fee_fen=None)
    charge(node, "R4", 20, "3", unit="户籍", act="", fee_fen=0)
    node.day("2026-10-09")
    charge(node, "R1", 500)  # of another day
    town.day("2026-10-08")
    charge(town, "R1", 100_000_000, unit="一镇")
    report = month(keep(tmp_path / "r.db", node, town))

    windows = report.sheet("fee_windows")
    assert windows.rows == (
        ("county", "desk", "户籍", "3", 1, 0.2, 0, 0.0, 0.2, 1, 1),
        ("county", "desk", "税务", "1", 3, 20.05, 1, 5.05, 15.0, 1, 0),
        ("county", "desk", "税务", "2", 1, 0.1, 0, 0.0, 0.1, 0, 0),
        ("town", "desk", "一镇", "1", 1, 1_000_000.0, 0, 0.0, 1_000_000.0, 1, 0),
    )
    units = report.sheet("fee_units")
    assert [row[:4] for row in units.rows] == [
        ("county", "户籍", 1, 0.2),
        ("county", "税务", 4, 20.15),
        ("town", "一镇", 1, 1_000_000.0),
    ]
    assert units.totals
    assert windows.totals
    assert units.totals[2:] == windows.totals[4:] == (6, 1_000_020.35, 1, 5.05, 1_000_015.3, 3, 1)


def test_a_csv_has_fen_as_two_digits_and_both_languages(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    charge(node, "R1", 510)
    text = as_csv(month(keep(tmp_path / "r.db", node)).sheet("fee_units")).decode("utf-8-sig")
    head, row, _ = text.splitlines()
    assert "收费（元） Charged, yuan" in head
    assert row == "county,税务,1,5.10,0,0.00,5.10,1,0"


def test_what_is_no_amount_counts_nothing(tmp_path: Path) -> None:
    node = Node()
    node.day("2026-10-08")
    for number, amount in enumerate((None, "many", -5, 1.5)):
        item = {"act": "", "item": "", "fee_fen": None}
        told = {"receipt": f"R{number}", "amount_fen": amount, "window": "1", "staff": "", "unit": ""}
        node.tell("fee.charged", 1, **told, **item)
    (row,) = month(keep(tmp_path / "r.db", node)).sheet("fee_windows").rows
    assert row[4:6] == (4, 0.0)
