"""A report as files: headings and totals read back, in Excel's own format and as text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from edge.console.reports.files import as_csv, harmless, write
from edge.console.reports.sheets import Column, Report, Sheet
from tests.report_kit import keep
from tests.unit.test_reports_month import a_dozen, made


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return made(keep(tmp_path / "r.db", a_dozen()))


def page(path: Path, title: str) -> Worksheet:
    found = load_workbook(path)[title]
    assert isinstance(found, Worksheet)
    return found


def column(sheet: Worksheet, english: str) -> list[Any]:
    """The cells below the heading."""
    heads = [cell.value for cell in sheet[2]]
    return [row[heads.index(english)] for row in sheet.iter_rows(min_row=3)]


def test_the_workbook_reads_back_with_both_headings_and_its_totals(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "out")
    sheet = page(tmp_path / "out/report.xlsx", "窗口")
    assert [cell.value for cell in sheet[1]][:6] == ["厅", "节点", "单位", "窗口", "办件量", "评价数"]
    assert [cell.value for cell in sheet[2]][:6] == ["Hall", "Node", "Unit", "Window", "Acts", "Ratings"]
    assert sheet.freeze_panes == "E3"
    acts = [cell.value for cell in column(sheet, "Acts")]
    assert acts == [0, 1, 5, 2, 8]  # window 4 of no unit, 3 of one, 1 and 2 of the other, and the total
    assert column(sheet, "Acts")[-1].data_type == "n"  # a value: no formula
    assert column(sheet, "Good")[-1].value == 0.6
    assert {cell.number_format for cell in column(sheet, "Good")} == {"0.0%"}
    assert column(sheet, "Good")[0].value == "—"  # 0 of 0 is no rate
    assert [cell.value for cell in column(sheet, "Window")][:-1] == ["4", "3", "1", "2"]


def test_the_workbook_is_read_and_printed_without_anything_cut_off(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "out")
    for title in load_workbook(tmp_path / "out/report.xlsx").sheetnames:
        sheet = page(tmp_path / "out/report.xlsx", title)
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
        setup = sheet.sheet_properties.pageSetUpPr
        assert setup is not None
        assert setup.fitToPage
    sheet = page(tmp_path / "out/report.xlsx", "窗口")
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.column_dimensions["G"].width > len("Participation"), "a word is not broken"
    assert sheet.row_dimensions[2].height >= 2 * 15, "Withdrawn on appeal is"


def test_the_first_sheet_says_what_it_is_and_how_it_is_counted(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "out")
    sheet = page(tmp_path / "out/report.xlsx", "说明")
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert cells[:2] == ["2026-10 月报", "Monthly report 2026-10"]
    assert report.digest in cells
    assert any("0 ÷ 0 is “—”" in str(cell) for cell in cells)


def test_csv_opens_in_excel_and_reads_back(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "out")
    raw = (tmp_path / "out/windows.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["办件量 Acts"] for row in rows] == ["0", "1", "5", "2", "8"]
    assert (rows[2]["好评率 Good"], rows[0]["好评率 Good"]) == ("75.00%", "—")


def test_json_csv_and_workbook_say_the_same(report: Report, tmp_path: Path) -> None:
    paths = write(report, tmp_path / "out")
    assert Report.from_json((tmp_path / "out/report.json").read_text()) == report
    assert {path.stem for path in paths if path.suffix == ".csv"} == {sheet.key for sheet in report.sheets}
    titles = load_workbook(tmp_path / "out/report.xlsx").sheetnames
    assert titles == ["说明", *(sheet.zh for sheet in report.sheets)]
    assert json.loads((tmp_path / "out/report.json").read_text())["final"] is True


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_name_is_never_calculated(text: str, tmp_path: Path) -> None:
    assert harmless(text) == f"'{text}"
    sheet = Sheet("windows", "窗口", "Windows", (Column("单位", "Unit", "text"),), ((text,), ("a\x00b",)))
    assert csv.reader(io.StringIO(as_csv(sheet).decode("utf-8-sig"))).__next__() == ["单位 Unit"]
    write(Report("month", "2026-10", "", True, "2026-10-31", (sheet,), ()), tmp_path)
    first, second = column(page(tmp_path / "report.xlsx", "窗口"), "Unit")
    assert first.data_type == "s"
    assert second.value == "a?b"  # XML has no such character


def test_a_file_that_stood_there_is_replaced_whole(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    write(report, tmp_path)
    assert Report.from_json((tmp_path / "report.json").read_text()) == report
    assert not list(tmp_path.glob("*.new"))
