"""What the pages ask of the sums. Each takes the connection first, for `Desk.read`; `hall` "" is all of them.

Days are the halls' own, as the nodes opened them. An event is counted a second or two after it was recorded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, and_, func, select

from edge.console import tables
from edge.console.sums.model import BODY, WINDOWS, DaySum, Desk, Flow

MAX_DAYS = 800  # that a question may span: two years, to be compared

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Total:
    """Of a hall, or of a hall's day. Times in seconds."""

    arrivals: int = 0
    called: int = 0
    served: int = 0
    no_show: int = 0
    wait_n: int = 0
    wait_s: float = 0.0
    wait_max_s: float = 0.0
    told_n: int = 0  # of the waits: was expected, and told
    told_err_s: float = 0.0
    good: int = 0  # ratings of level 5, 4, 3
    bad: int = 0
    missed: int = 0  # acts that nobody rated

    @property
    def mean_wait_s(self) -> float | None:
        return self.wait_s / self.wait_n if self.wait_n else None

    @property
    def mean_told_err_s(self) -> float | None:
        """By how much what was told of a wait was wrong."""
        return self.told_err_s / self.told_n if self.told_n else None

    @property
    def rated(self) -> int:
        return self.good + self.bad


_SUMS: list[ColumnElement[Any]] = [
    (func.max if name == "wait_max_s" else func.sum)(tables.day_sum.c[name])
    for name in Total.__dataclass_fields__
]


def today(db: Connection, day: date, hall: str = "") -> dict[str, Total]:
    """By hall; of those that have opened that day."""
    return {name: total for (name, _), total in days(db, hall, day, day).items()}


def days(db: Connection, hall: str, first: date, last: date) -> dict[tuple[str, date], Total]:
    """By hall and day, in order; of the days on which the hall has opened."""
    columns = tables.day_sum.c
    query = select(columns.hall, columns.day, *_SUMS).where(_between(hall, first, last))
    rows = db.execute(query.group_by(columns.hall, columns.day).order_by(columns.hall, columns.day))
    return {(row[0], date.fromisoformat(row[1])): Total(*row[2:]) for row in rows}


def waits_error(db: Connection, hall: str, first: date, last: date) -> dict[str, Total]:
    """By hall: over all the days together; `mean_told_err_s` says how far what was told was off."""
    columns = tables.day_sum.c
    query = select(columns.hall, *_SUMS).where(_between(hall, first, last)).group_by(columns.hall)
    return {row[0]: Total(*row[1:]) for row in db.execute(query.order_by(columns.hall))}


def one_day(db: Connection, hall: str, day: date) -> DaySum:
    """All there is of a day: by hour and service, by window; empty where the hall has not opened."""
    found = DaySum()
    for _, _, sum_ in _sums(db, hall, day, day):
        found.add(sum_)
    return found


def by_hour(sum_: DaySum, service: str = "") -> dict[int, Flow]:
    """All services together, or one; of the hours in which there was anything."""
    found: dict[int, Flow] = {}
    for hour, services in sorted(sum_.hours.items()):
        for name, flow in services.items():
            if not service or name == service:
                found.setdefault(hour, Flow()).add(flow)
    return found


@dataclass(frozen=True, slots=True)
class Weekly:
    """`flows` by (weekday, hour), Monday is 0; `days`: how many of each weekday there were, to divide by."""

    flows: dict[tuple[int, int], Flow]
    days: dict[int, int]


def hours_by_weekday(db: Connection, hall: str, first: date, last: date) -> Weekly:
    flows: dict[tuple[int, int], Flow] = {}
    opened: set[date] = set()
    for _, day, sum_ in _sums(db, hall, first, last):
        opened.add(day)
        for hour, services in sum_.hours.items():
            at = flows.setdefault((day.weekday(), hour), Flow())
            for flow in services.values():
                at.add(flow)
    weekdays = [day.weekday() for day in opened]
    return Weekly(dict(sorted(flows.items())), {each: weekdays.count(each) for each in sorted(set(weekdays))})


def ratings_between(
    db: Connection, first: date, last: date, hall: str = "", window: str = ""
) -> dict[tuple[str, str], Desk]:
    """By (hall, window): levels, reasons by "level/code", and why nobody rated."""
    found: dict[tuple[str, str], Desk] = {}
    for name, _, sum_ in _read(db, hall, first, last, WINDOWS):
        for its, desk in sum_.windows.items():
            if window and its != window:
                continue
            if sum_of := found.get((name, its)):
                sum_of.add(desk)
            else:
                found[name, its] = desk
    return dict(sorted(found.items()))


def opened_between(db: Connection, hall: str, first: date, last: date) -> list[tuple[float, float]]:
    """When anybody was logged in, in wall time; spans of several nodes may overlap."""
    return [span for _, _, sum_ in _sums(db, hall, first, last) for span in sum_.open]


def _sums(db: Connection, hall: str, first: date, last: date) -> Iterator[tuple[str, date, DaySum]]:
    return _read(db, hall, first, last, BODY)


def _read(
    db: Connection, hall: str, first: date, last: date, of: TypeAdapter[T]
) -> Iterator[tuple[str, date, T]]:
    """Hall, day and what is asked of its sum. One that somebody has damaged is left out, and told: `recount`
    makes it again."""
    columns = tables.day_sum.c
    query = select(columns.hall, columns.day, columns.node, columns.body).where(_between(hall, first, last))
    for name, day, node, body in db.execute(query.order_by(columns.day)):
        try:
            sum_ = of.validate_json(body)
        except ValueError as error:
            _tell(f"{name}/{node}: the sum of {day} cannot be read, run hall-console recount: {error}"[:300])
            continue
        yield name, date.fromisoformat(day), sum_


@lru_cache(maxsize=64)  # once each, however often a page asks
def _tell(words: str) -> None:
    log.error("%s", words)


def _between(hall: str, first: date, last: date) -> ColumnElement[bool]:
    columns = tables.day_sum.c
    first = max(first, last - timedelta(days=MAX_DAYS))
    within = and_(columns.day >= first.isoformat(), columns.day <= last.isoformat())
    return and_(within, columns.hall == hall) if hall else within
