"""A report as tables of values, which every output draws: pages, CSV and XLSX cannot differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, TypeAlias

Form: TypeAlias = Literal["text", "count", "share", "minutes", "hours", "score", "yuan"]
Value: TypeAlias = str | int | float | None  # None: there is nothing to tell, written "—"
Row: TypeAlias = tuple[Value, ...]
TOTAL, REPORTED, SILENT = "合计 Total", "已报 yes", "缺报 missing"
BOTH = frozenset({TOTAL, REPORTED, SILENT})  # values in both languages, of which a page shows one
DIGITS: Mapping[Form, int] = {"share": 6, "minutes": 2, "hours": 2, "score": 4, "yuan": 2}


@dataclass(frozen=True, slots=True)
class Column:
    zh: str
    en: str
    form: Form = "count"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Totals, where there are any, have a value for every column, the first ones empty texts."""

    key: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: Row | None = None

    @classmethod
    def of(cls, key: str, names: tuple[str, str], columns: tuple[Column, ...], rows: list[Row]) -> Self:
        return cls(key, *names, columns, tuple(rounded(columns, row) for row in rows))


def rounded(columns: tuple[Column, ...], row: Row) -> Row:
    """As far as anybody can read them, so that the same record gives the same report on any machine."""
    pairs = zip(columns, row, strict=True)
    return tuple(
        round(value, DIGITS[c.form]) if isinstance(value, float) and c.form in DIGITS else value
        for c, value in pairs
    )


@dataclass(frozen=True, slots=True)
class Report:
    """`final`: its period was over when it was made. `notes`: how it is counted, in both languages."""

    kind: str
    period: str
    hall: str  # "" is all of the record
    final: bool
    until: str  # the last day in it, or "" where none is over yet
    sheets: tuple[Sheet, ...]
    notes: tuple[tuple[str, str], ...]

    def sheet(self, key: str) -> Sheet:
        """Raises StopIteration for one that it has not."""
        return next(sheet for sheet in self.sheets if sheet.key == key)

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Report:
        """What `as_json` made. Raises ValueError, KeyError or TypeError for anything else."""
        raw: dict[str, Any] = json.loads(text)
        sheets = tuple(
            Sheet(
                sheet["key"],
                sheet["zh"],
                sheet["en"],
                tuple(Column(**column) for column in sheet["columns"]),
                tuple(tuple(row) for row in sheet["rows"]),
                tuple(sheet["totals"]) if sheet["totals"] is not None else None,
            )
            for sheet in raw.pop("sheets")
        )
        notes = tuple((zh, en) for zh, en in raw.pop("notes"))
        return cls(**raw, sheets=sheets, notes=notes)

    @property
    def digest(self) -> str:
        """SHA-256 of what it says: equal where two say the same."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    @property
    def title(self) -> tuple[str, str]:
        zh, en = {"month": ("月报", "Monthly report"), "quarter": ("季度评比", "Quarterly honours")}.get(
            self.kind, ("年报", "Yearly report")
        )
        if self.final:
            return f"{self.period} {zh}", f"{en} {self.period}"
        return (
            f"{self.period} {zh}（未完，截至 {self.until or '—'}）",
            f"{en} {self.period}, preliminary, until {self.until or '—'}",
        )
