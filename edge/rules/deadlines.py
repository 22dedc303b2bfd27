"""Deadlines in working days, by whatever calendar says which days are worked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_MOST_REST_DAYS = 40  # beside weekends, within any deadline: all public holidays of a year are some 13 days


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. Of a year that is not known, the answer is a guess."""

    is_workday: Callable[[date], bool]
    knows: Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Deadline:
    """`unknown`: years within it whose holidays have not been decreed, or are not known here."""

    day: date
    unknown: tuple[int, ...] = ()


def workdays_after(day: date, count: int, calendar: Calendar) -> Deadline:
    """The `count`th working day after `day`; with 0, `day` itself or the first working day from it on."""
    last, left = day, count
    if not count and not calendar.is_workday(day):
        left = 1
    for _ in range(2 * count + _MOST_REST_DAYS):
        if not left:
            years = range(day.year, last.year + 1)
            return Deadline(last, tuple(year for year in years if not calendar.knows(year)))
        last += _DAY
        left -= calendar.is_workday(last)
    raise ValueError(f"no {count} working days follow {day}: the calendar has too few")
