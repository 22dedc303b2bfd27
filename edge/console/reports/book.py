"""A report as an XLSX workbook: a sheet for each table, with Chinese headings above English ones."""

from __future__ import annotations

import io
import textwrap

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from edge.console.reports.sheets import Column, Form, Report, Sheet, Value

FORMATS: dict[Form, str] = {
    "text": "@",
    "count": "#,##0",
    "share": "0.0%",
    "minutes": "0.0",
    "hours": "0.0",
    "score": "0.00##",
    "yuan": "#,##0.00",
}
HEAD_ROWS = 2
CJK = 0x2E80  # Unicode: where the blocks of Chinese characters begin
LINE_PT = 15.0  # of a row's height
BOLD = 1.3  # of a character's width, where a program has not the font and takes a wider one
ABOUT_WIDTH = 70
WIDEST = 28  # characters; what is longer can be seen by a click
_BOLD = Font(bold=True)
_NOTHING = "—"


def workbook(report: Report) -> bytes:
    """Totals are values and no formulas: what is signed is what was counted."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # a new workbook has one
    _about(first, report)
    for sheet in report.sheets:
        _fill(book.create_sheet(sheet.zh), sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _about(page: Worksheet, report: Report) -> None:
    page.title = "说明"
    rows = [report.title, ("厅 Hall", report.hall or "全部 all"), ("SHA-256", report.digest), ("", "")]
    for row in (*rows, *report.notes):
        page.append([_text(value) for value in row])
    page["A1"].font = page["B1"].font = _BOLD
    page.column_dimensions["A"].width = page.column_dimensions["B"].width = ABOUT_WIDTH
    for number, row_of_cells in enumerate(page.iter_rows(), 1):
        for cell in row_of_cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = max(_lines(str(cell.value or ""), ABOUT_WIDTH) for cell in row_of_cells)
        page.row_dimensions[number].height = LINE_PT * lines
    _to_print(page)


def _fill(page: Worksheet, sheet: Sheet) -> None:
    page.append([column.zh for column in sheet.columns])
    page.append([column.en for column in sheet.columns])
    for row in (*sheet.rows, *([sheet.totals] if sheet.totals else ())):
        page.append([_text(value) if isinstance(value, str) else value for value in map(_shown, row)])
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = _width(column, sheet, number - 1)
        for (cell,) in page.iter_rows(min_row=1, min_col=number, max_col=number):
            if cell.row is not None and cell.row <= HEAD_ROWS:
                cell.font, cell.alignment = _BOLD, Alignment(wrap_text=True, vertical="top")
            else:
                cell.number_format = FORMATS[column.form]
    if sheet.totals:
        for cell in page[page.max_row]:
            cell.font = _BOLD
    names = sum(column.form == "text" for column in sheet.columns[:4])
    page.freeze_panes = f"{get_column_letter(names + 1)}{HEAD_ROWS + 1}"
    widths = [page.column_dimensions[get_column_letter(n)].width for n in range(1, len(sheet.columns) + 1)]
    heads = zip(sheet.columns, widths, strict=True)
    page.row_dimensions[HEAD_ROWS].height = LINE_PT * max(_lines(each.en, width) for each, width in heads)
    page.print_title_rows = f"1:{HEAD_ROWS}"
    _to_print(page)


def _to_print(page: Worksheet) -> None:
    """All columns side by side on A4 across, however many rows."""
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.orientation, page.page_setup.paperSize = page.ORIENTATION_LANDSCAPE, page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0


def _lines(text: str, width: float) -> int:
    """Of a cell so many characters wide, whose bold ones are wider; not every program reckons it itself."""
    wide = "".join(character * (1 + (ord(character) >= CJK)) for character in text)
    return max(1, len(textwrap.wrap(wide, max(1, int(width / BOLD)))))


def _shown(value: Value) -> Value:
    return _NOTHING if value is None else value


def _text(text: str) -> str:
    """Without what XML 1.0 cannot carry (2.2); a text that looks like a formula stays a text."""
    clean = ILLEGAL_CHARACTERS_RE.sub("?", text)
    return f"'{clean}" if clean.startswith("=") else clean


def _width(column: Column, sheet: Sheet, index: int) -> float:
    """A Chinese character takes two. No word of a heading is broken."""
    texts = [column.zh, *(str(row[index]) for row in sheet.rows[:200] if row[index] is not None)]
    longest = max(sum(1 + (ord(character) >= CJK) for character in text) for text in texts)
    word = max(map(len, column.en.split()), default=0)
    return min(WIDEST, max(8, longest + 2, round(word * BOLD) + 1))
