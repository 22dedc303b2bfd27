"""The months, quarters and years that reports are about: in days of the hall, which are its local days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

Kind = Literal["month", "quarter", "year"]
MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "year": 12}
DUE_DAY = 5  # of the month after: by then the centre has every month's report
_FORMS: dict[Kind, tuple[str, str]] = {
    "month": (r"(\d{4})-(\d{2})", "2026-10"),
    "quarter": (r"(\d{4})-?Q([1-4])", "2026Q4"),
    "year": (r"(\d{4})()", "2026"),
}
_NAMES: dict[Kind, tuple[str, str]] = {
    "month": ("月报", "monthly report"),
    "quarter": ("季度评比", "quarterly honours"),
    "year": ("年报", "yearly report"),
}


class NoPeriod(ValueError):
    """What was asked for is no period. Its text is for people, in both languages."""


class NotBegun(NoPeriod):
    """It is all in the future."""


@dataclass(frozen=True, slots=True)
class Period:
    """Of whole months. `first` and `last` are days in it."""

    kind: Kind
    first: date

    @classmethod
    def parse(cls, kind: Kind, text: str) -> Period:
        """Raises NoPeriod."""
        pattern, example = _FORMS[kind]
        found = re.fullmatch(pattern, text, re.ASCII | re.IGNORECASE)
        year, part = (int(found[1]), int(found[2] or 1)) if found else (0, 0)
        month = 3 * part - 2 if kind == "quarter" else part
        if not (1970 <= year <= 9998 and 1 <= month <= 12):  # noqa: PLR2004 what dates and clocks can say
            zh, en = _NAMES[kind]
            raise NoPeriod(
                f"{text!r} 不是{zh}的期间，写成 {example} · {text!r} is no period of a {en}: write {example}"
            )
        return cls(kind, date(year, month, 1))

    @classmethod
    def asked(cls, kind: str, text: str) -> Period:
        """The same, of a kind as somebody has typed it."""
        known: Kind | None = next((each for each in MONTHS if each == kind), None)
        if known is None:
            zh = "、".join(f"{each}（{_NAMES[each][0]}，如 {_FORMS[each][1]}）" for each in MONTHS)
            en = ", ".join(f"{each} (as {_FORMS[each][1]})" for each in MONTHS)
            raise NoPeriod(f"没有 {kind!r} 这种报表，只有 {zh} · there is no report {kind!r}, only {en}")
        return cls.parse(known, text)

    @classmethod
    def before(cls, kind: Kind, day: date) -> Period:
        """The last one that is over on `day`."""
        return cls.holding(kind, day).previous

    @classmethod
    def holding(cls, kind: Kind, day: date) -> Period:
        months = MONTHS[kind]
        return cls(kind, date(day.year, (day.month - 1) // months * months + 1, 1))

    @property
    def previous(self) -> Period:
        return Period.holding(self.kind, self.first - timedelta(days=1))

    @property
    def end(self) -> date:
        """The first day after it."""
        month = self.first.month + MONTHS[self.kind]
        return date(self.first.year + (month > 12), (month - 1) % 12 + 1, 1)  # noqa: PLR2004 months

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def due(self) -> date:
        return self.end.replace(day=DUE_DAY)

    @property
    def text(self) -> str:
        """As it is asked for."""
        if self.kind == "quarter":
            return f"{self.first.year}Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}" if self.kind == "month" else f"{self.first.year}"

    @property
    def names(self) -> tuple[str, str]:
        return _NAMES[self.kind]

    def begun(self, today: date) -> Period:
        """Itself. Raises NotBegun."""
        if today < self.first:
            raise NotBegun(
                f"{self.text} 还没有开始，今天是 {today} · {self.text} has not begun: today is {today}"
            )
        return self

    def is_over(self, today: date) -> bool:
        return today >= self.end

    def days(self, today: date) -> Iterator[date]:
        """Those that are over."""
        end = min(self.end, today)
        return (self.first + timedelta(days=n) for n in range((end - self.first).days))

    def seconds(self, zone: tzinfo, now: float) -> tuple[float, float]:
        """From when until when it lasts, or has lasted, in wall time."""
        begin, end = (datetime.combine(day, time(), zone).timestamp() for day in (self.first, self.end))
        return begin, max(begin, min(end, now))
