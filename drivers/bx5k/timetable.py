"""What holds from a time of day on until the next one, day after day, in the hall's own zone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def time_of_day(text: str) -> time:
    """ "07:30". Raises ValueError."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f'{text!r} must be a time of day such as "07:30"')
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    since: datetime  # its beginning, which names it
    value: T


class Timetable(Generic[T]):
    """Raises ValueError for times that are none, or that stand there twice."""

    def __init__(self, steps: Iterable[tuple[str, T]], zone: ZoneInfo) -> None:
        self._steps = sorted(((time_of_day(at), value) for at, value in steps), key=lambda step: step[0])
        self._zone = zone
        if len({at for at, _ in self._steps}) < len(self._steps):
            raise ValueError("a time of day stands in a timetable twice")

    def __bool__(self) -> bool:
        return bool(self._steps)

    def at(self, wall_s: float) -> Period[T] | None:
        """What holds at this moment; None where the timetable is empty."""
        past = [period for period in self._around(wall_s) if period.since.timestamp() <= wall_s]
        return past[-1] if past else None

    def next_s(self, wall_s: float) -> float | None:
        """Seconds until the next step."""
        coming = (period.since.timestamp() - wall_s for period in self._around(wall_s))
        return next((after_s for after_s in coming if after_s > 0), None)

    def _around(self, wall_s: float) -> list[Period[T]]:
        """The steps of yesterday, today and tomorrow, in order."""
        today = datetime.fromtimestamp(wall_s, self._zone).date()
        days = (today + timedelta(days=offset) for offset in (-1, 0, 1))
        return [
            Period(datetime.combine(day, at, self._zone), value) for day in days for at, value in self._steps
        ]
