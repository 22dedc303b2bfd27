"""Which windows are to be open when, for which services, and what a citizen may take a ticket of now.

A row of the roster names windows, days and hours; without windows it is of all, without services it is of all
that each window has. A row that names a date stands, on that date, in the place of all others of its windows:
so a duty day in the holidays, or with no hours a day off. A window that no row names has no hours of its own,
and is open whenever somebody is there.

A clock that has not been set closes nothing: a ticket too many is better than a citizen sent away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from edge.rules.model import Hall, Now, Shift

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS, RESTDAYS = "workdays", "restdays"
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class When:
    """A moment of the hall's local time. `workday`: by the calendar of its country."""

    day: date
    minute: int
    workday: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """`opens`: minute of the day at which it is open next today, None where it is not, or is open."""

    is_open: bool
    opens: int | None = None


OPEN = Offer(is_open=True)


def when(now: Now, hall: Hall) -> When | None:
    """None where nobody knows the time."""
    if not now.instant.clock_ok:
        return None
    local = datetime.fromtimestamp(now.instant.wall_s, hall.zone)
    return When(local.date(), local.hour * 60 + local.minute, now.workday)


def offer(hall: Hall, service: str, moment: When | None) -> Offer:
    """Whether a ticket of `service` may be taken."""
    windows = [window.id for window in hall.windows.values() if service in window.services]
    spans: list[tuple[int, int]] = []
    for window in windows:
        hours = _hours(hall, window, moment, service)
        if hours is None:
            return OPEN
        spans += hours
    return _offer(spans, moment) if windows and moment else OPEN


def window_hours(hall: Hall, window: str, moment: When | None, service: str = "") -> Offer:
    """Whether a window is to be open, be it for one service."""
    hours = _hours(hall, window, moment, service)
    return OPEN if hours is None or moment is None else _offer(hours, moment)


def shifts(hall: Hall, window: str, moment: When | None) -> list[Shift] | None:
    """Its rows of that day, all of it; None where it has no hours of its own."""
    rows = [shift for shift in hall.roster if not shift.windows or window in shift.windows]
    if not rows or moment is None:
        return None
    dated = [shift for shift in rows if moment.day.isoformat() in shift.days]
    return dated or [shift for shift in rows if _is_of(shift, moment)]


def open_windows(hall: Hall, service: str, moment: When | None) -> list[str]:
    """Those that are to be open for `service`."""
    able = [window.id for window in hall.windows.values() if service in window.services]
    hours = {window: _hours(hall, window, moment, service) for window in able}
    return [id_ for id_, each in hours.items() if each is None or moment is None or _is_in(each, moment)]


def clock(minute: int) -> str:
    """13:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(time: str) -> int:
    """Of the day, of "13:30"."""
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


def _offer(spans: list[tuple[int, int]], moment: When) -> Offer:
    if _is_in(spans, moment):
        return OPEN
    later = [begin for begin, _ in spans if begin > moment.minute]
    return Offer(is_open=False, opens=min(later, default=None))


def _is_in(spans: list[tuple[int, int]], moment: When) -> bool:
    return any(begin <= moment.minute < end for begin, end in spans)


def _hours(hall: Hall, window: str, moment: When | None, service: str = "") -> list[tuple[int, int]] | None:
    """Of this window today, for the service; None where it has none of its own."""
    today = shifts(hall, window, moment)
    if today is None:
        return None
    return [
        span
        for shift in today
        if not service or not shift.services or service in shift.services
        for span in shift.hours
    ]


def _is_of(shift: Shift, moment: When) -> bool:
    kind = WORKDAYS if moment.workday else RESTDAYS
    return kind in shift.days or WEEKDAYS[moment.day.weekday()] in shift.days
