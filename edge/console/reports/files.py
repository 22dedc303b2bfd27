"""A report as files: JSON for pages, CSV for everybody, XLSX for the office. Each is written whole.

CSV begins with a byte order mark (U+FEFF in UTF-8): without it Excel takes the file for the system's own
code page, GBK in China, and shows rubbish; readers of UTF-8 pass over it (Unicode Standard 16.0, 23.8).
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from edge.console.reports.sheets import Column, Report, Sheet, Value

NOTHING = "—"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes it for a formula (OWASP, CSV Injection)


def write(report: Report, folder: Path) -> list[Path]:
    """`report.json`, `report.xlsx`, and a CSV for each table. Raises OSError."""
    from edge.console.reports.book import workbook  # noqa: PLC0415 openpyxl: 20 MB that the hub never needs

    folder.mkdir(parents=True, exist_ok=True)
    files: Mapping[str, bytes] = {
        "report.json": report.as_json().encode(),
        "report.xlsx": workbook(report),
        **{f"{sheet.key}.csv": as_csv(sheet) for sheet in report.sheets},
    }
    return [_put(folder / name, content) for name, content in files.items()]


def _put(path: Path, content: bytes) -> Path:
    """Nobody ever reads half of it, also after a power cut."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside.replace(path)


def as_csv(sheet: Sheet) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([f"{column.zh} {column.en}" for column in sheet.columns])
    for row in (*sheet.rows, *([sheet.totals] if sheet.totals else ())):
        writer.writerow([_cell(column, value) for column, value in zip(sheet.columns, row, strict=True)])
    return text.getvalue().encode("utf-8-sig")


def _cell(column: Column, value: Value) -> str:
    if value is None:
        return NOTHING
    if column.form == "share" and isinstance(value, int | float):
        return f"{100 * value:.2f}%"
    if column.form == "yuan" and isinstance(value, int | float):
        return f"{value:.2f}"
    return harmless(value) if isinstance(value, str) else str(value)


def harmless(text: str) -> str:
    """Names come from configurations and cards: none of them is to be calculated."""
    return f"'{text}" if text.startswith(_FORMULA) else text
