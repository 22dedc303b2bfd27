"""The day that is played: its date, the hall's hours, when people come, and how long what they do takes.

A weekday of 08:30 to 12:00 and 13:30 to 17:00, as the reference hall keeps it. The curve of arrivals is
assumed: the morning's peak is stronger than the windows, the afternoon's is as strong, and before lunch and
before closing it ebbs.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.workdays import is_workday

BEGINS = "08:20"
MORNING, AFTERNOON = (8 * 60 + 30, 12 * 60), (13 * 60 + 30, 17 * 60)  # minutes of the day
EARLY_MIN = 3  # before its hours the window's clerk is there
DUTY_EVERY = 6  # windows: the last of each six stays open over lunch
LATE_WINDOW, LATE_MIN = "2", 40  # the clerk who is late after lunch, and by how much

# Arrivals as a share of what the windows can serve, from a minute of the day on.
CURVE: tuple[tuple[int, float], ...] = (
    (510, 1.3),
    (600, 0.9),
    (645, 0.6),
    (690, 0.3),
    (720, 0.0),
)
CURVE += ((810, 1.3), (840, 1.15), (930, 0.7), (990, 0.3), (1005, 0.0))
LUNCH_SHARE = 0.5  # of what the windows can serve that are open then
TOP = max(share for _, share in CURVE)
ACT_MIN = 9.5  # of a window, from one call to the next
SLIP_S = 0.8  # the machine's time: the panel and the printer take so long for each, however fast the day is

Hours = Mapping[str, Sequence[tuple[int, int]]]  # of each window


@dataclass(frozen=True, slots=True)
class Habits:
    """How long people take, in seconds of the hall's own time."""

    step_up_s: float  # until the next one stands at the panel, by the machine's time
    walk_s: tuple[float, float]  # to the window
    serve_s: tuple[float, float]
    think_s: tuple[float, float]  # before rating
    fetch_s: tuple[float, float]
    miss_s: float  # that a clerk waits for who was called, and again after a second call
    back_s: tuple[float, float]  # until who missed his call is there again
    long_s: float  # of one act that takes far too long, and then has a bad rating
    look_again_s: float  # between two looks into the hall


IN_A_MINUTE = Habits(1.0, (0.5, 1.5), (3.0, 8.0), (0.5, 2.0), (2.0, 5.0), 1.5, (3.0, 6.0), 24.0, 0.5)
OF_A_DAY = Habits(
    0.1, (15.0, 45.0), (180.0, 780.0), (10.0, 40.0), (180.0, 420.0), 60.0, (300.0, 900.0), 1620.0, 20.0
)


def working_day(today: date) -> date:
    """The last one up to `today`: what the hub does by its own date then fits to it."""
    day = today
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def hours_of(windows: Sequence[str]) -> Hours:
    duty = set(windows[DUTY_EVERY - 1 :: DUTY_EVERY])
    return {
        window: [(MORNING[0], AFTERNOON[1])] if window in duty else [MORNING, AFTERNOON] for window in windows
    }


@dataclass(slots=True)
class PlayedDay:
    """One hall's: where its time stands, once its daemon has said so."""

    date: date
    speed: float
    zone: ZoneInfo
    hours: Hours
    _ahead_s: float = field(default=0.0)  # hall's wall seconds at the loop's second 0
    _loop: asyncio.AbstractEventLoop | None = None  # the live table asks in a thread, where none runs

    def set(self, wall_s: float) -> None:
        """It is `wall_s` in the hall now."""
        self._loop = asyncio.get_running_loop()
        self._ahead_s = wall_s - self._loop_s() * self.speed

    def local(self) -> datetime:
        return datetime.fromtimestamp(self._ahead_s + self._loop_s() * self.speed, self.zone)

    def minute(self) -> float:
        """Of the day."""
        now = self.local()
        return now.hour * 60 + now.minute + now.second / 60

    def left_s(self, minute: float) -> float:
        """The machine's seconds until this minute of the day, 0 where it is past."""
        midnight = datetime.combine(self.date, datetime.min.time(), self.zone).timestamp()
        wall_s = self._ahead_s + self._loop_s() * self.speed
        return max(0.0, (midnight + 60 * minute - wall_s) / self.speed)

    def open_windows(self) -> list[str]:
        minute = self.minute()
        return [id_ for id_, spans in self.hours.items() if any(a <= minute < b for a, b in spans)]

    def shifts(self, window: str) -> list[tuple[float, float]]:
        """When the window's clerk comes and goes, in minutes of the day."""
        spans = [(float(begin - EARLY_MIN), float(end)) for begin, end in self.hours[window]]
        if window == LATE_WINDOW and len(spans) > 1:
            spans[1] = (self.hours[window][1][0] + float(LATE_MIN), spans[1][1])
        return spans

    def top_per_min(self) -> float:
        """Arrivals at the day's strongest, a minute of the hall's. One panel gives out no more slips."""
        return min(TOP * len(self.hours) / ACT_MIN, self._slips_per_min())

    def is_slack(self) -> bool:
        """Whether the panel gives out fewer slips than the windows can serve: then hardly anybody waits."""
        return self._slips_per_min() < len(self.hours) / ACT_MIN

    def _slips_per_min(self) -> float:
        return 60.0 / SLIP_S / self.speed

    def share(self) -> float:
        """Of `top_per_min`, who come now."""
        minute = self.minute()
        if MORNING[1] <= minute < AFTERNOON[0]:
            return LUNCH_SHARE * len(self.open_windows()) / len(self.hours) / TOP
        return share_at(minute) / TOP

    def _loop_s(self) -> float:
        return (self._loop or asyncio.get_running_loop()).time()


def share_at(minute: float) -> float:
    """Of the curve; nobody comes before it begins."""
    at = bisect_right([begin for begin, _ in CURVE], minute)
    return CURVE[at - 1][1] if at else 0.0
