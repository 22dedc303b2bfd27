"""The rows of one CSV file, each with its line; whatever is wrong with the file or a cell is a `Problem`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drivers.checking.problems import Problem, Wrong, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import NOTHING, Text
from edge.catalogue.columns import MAX_FILE_BYTES, MAX_ROWS, Column

_MISSING = Text("缺少内容", "is missing")
_SAVE = Text("用“CSV UTF-8”格式另存", "save it as “CSV UTF-8”")


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` has every column; where `whole` is False, some of them are None."""

    file: str
    line: int
    cells: dict[str, Any]
    whole: bool

    def problem(self, column: str, value: object, reason: Text, hint: Text = NOTHING) -> Problem:
        shown = show(value) if value not in ("", None) else ""
        return Problem(f"{self.file}:{self.line} {column}", shown, reason, hint)


def rows(path: Path, columns: Sequence[Column], problems: list[Problem]) -> Iterator[Row]:
    """Every row that stands there, right or not. Blank lines are none."""
    text = _text(path, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = next(reader, [])
        if not _head(path.name, head, columns, problems):
            return
        before = reader.line_num
        for count, cells in enumerate(reader, 1):
            line, before = before + 1, reader.line_num
            if count > MAX_ROWS:
                problems.append(_of(path.name, line, Text("行数太多", "are too many rows"), f"{MAX_ROWS}"))
                return
            if any(cell.strip() for cell in cells):
                yield _row(Row(path.name, line, {}, True), head, cells, columns, problems)
    except csv.Error as error:
        hint = Text("检查引号是否成对", "check that quotes are in pairs")
        reason = Text(f"不是 CSV：{error}", f"is no CSV: {error}")
        problems.append(Problem(f"{path.name}:{reader.line_num}", "", reason, hint))


def _text(path: Path, problems: list[Problem]) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = Text(f"读不了：{error.strerror}", f"cannot be read: {error.strerror}")
        problems.append(Problem(path.name, "", reason, Text.same(str(path.parent))))
        return None
    if len(data) > MAX_FILE_BYTES:
        most = f"{MAX_FILE_BYTES >> 20} MB"
        problems.append(
            Problem(path.name, "", Text("文件太大", "is too large"), Text(f"至多 {most}", f"at most {most}"))
        )
        return None
    try:
        return data.decode("utf-8-sig")  # as Excel begins such a file
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(f"{path.name}:{line}", "", Text("不是 UTF-8 文字", "is not UTF-8"), _SAVE))
        return None


def _of(file: str, line: int, reason: Text, most: str) -> Problem:
    return Problem(f"{file}:{line}", "", reason, Text(f"至多 {most}", f"at most {most}"))


def _head(file: str, head: Sequence[str], columns: Sequence[Column], problems: list[Problem]) -> bool:
    """False where the rows cannot be read by it."""
    known = [column.name for column in columns]
    found = len(problems)
    for place, name in enumerate(head):
        if name not in known:
            reason = Text("没有这一列", "there is no such column")
            problems.append(Problem(f"{file}:1", show(name), reason, did_you_mean(name, known)))
        elif name in head[:place]:
            problems.append(Problem(f"{file}:1", show(name), Text("写了两次", "stands here twice")))
    for column in columns:
        if column.name not in head and not column.optional:
            problems.append(Problem(f"{file}:1 {column.name}", "", Text("缺少这一列", "is a missing column")))
    return len(problems) == found


def _row(
    row: Row, head: Sequence[str], cells: Sequence[str], columns: Sequence[Column], problems: list[Problem]
) -> Row:
    """`row` with its cells."""
    given = dict(zip(head, (cell.strip() for cell in cells), strict=False))
    found = len(problems)
    if len(cells) > len(head):
        reason = Text("这一行的格数比表头多", "is more than the head has columns for")
        problems.append(row.problem(f"[{len(head)}]", cells[len(head)], reason))
    for column in columns:
        text = given.get(column.name, "")
        row.cells[column.name] = None
        try:
            if text:
                row.cells[column.name] = column.parse(text)
            elif column.optional:
                row.cells[column.name] = column.empty
            else:
                problems.append(row.problem(column.name, "", _MISSING))
        except Wrong as wrong:
            problems.append(row.problem(column.name, text, wrong.reason, wrong.hint))
    return replace(row, whole=len(problems) == found)
