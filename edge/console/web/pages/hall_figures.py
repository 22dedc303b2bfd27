"""A hall's day in figures and charts, from the sums of the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from edge.console.charts.bars import levels
from edge.console.charts.chart import Chart, Value
from edge.console.charts.heat import heat
from edge.console.charts.lines import Hours, Line, day_lines
from edge.console.charts.strip import strips
from edge.console.sums.asking import Weekly, by_hour, hours_by_weekday, one_day
from edge.console.sums.model import DaySum, Flow
from edge.console.web.visit import Visit
from edge.console.web.watching import Past, of_days, worst_first

WEEKS = 8  # that make a usual week: two months, so that one odd day does not
WATCHED = 7  # days of all devices: what comes back is seen in a week; a device's own page has a month
FIRST, LAST = 8, 18  # hours that are drawn at least
MIDNIGHT = 24
WEEKDAYS = 7
BEFORE = (("hall.today", 0), ("hall.yesterday", 1), ("hall.last_week", 7))  # days that are drawn together


@dataclass(frozen=True, slots=True)
class Figures:
    """`days`: of BEFORE. `now`: in the centre's time."""

    now: datetime
    days: tuple[DaySum, ...]
    weekly: Weekly
    past: Past

    def charts(self, visit: Visit) -> dict[str, Any]:
        """By the name that the templates use."""
        today = self.days[0]
        given: Counter[int] = Counter()
        for desk in today.windows.values():
            given.update(desk.levels)
        return {
            "total": today.total(),
            "ratings_chart": levels(visit.t, visit.t("hall.ratings"), given),
            "waits_chart": self._lines(visit, "hall.waits", visit.t("unit.minute"), _wait_min),
            "arrivals_chart": self._lines(visit, "hall.arrivals", visit.t("unit.person"), _arrivals),
            "heat_chart": self._heat(visit),
            "devices_chart": self._devices(visit),
        }

    def _devices(self, visit: Visit) -> Chart:
        title, each = visit.t("hall.availability", days=WATCHED), worst_first(self.past.watched)
        begin_s, end_s = self.past.period
        return strips(visit.t, title, each, begin_s=begin_s, end_s=end_s, zone=self.now.tzinfo or UTC)

    def _lines(self, visit: Visit, title: str, unit: str, value: Callable[[Flow | None], Value]) -> Chart:
        hours = self._hours({hour for day in self.days for hour in day.hours})
        flows = [by_hour(day) for day in self.days]
        lines = [
            Line(visit.t(key), tuple(value(flow.get(hour)) for hour in range(hours.first, hours.last)))
            for (key, _), flow in zip(BEFORE, flows, strict=True)
        ]
        return day_lines(visit.t, visit.t(title), unit, lines, hours)

    def _heat(self, visit: Visit) -> Chart:
        hours = self._hours({hour for _, hour in self.weekly.flows})
        days = [
            tuple(self._usual(weekday, hour) for hour in range(hours.first, hours.last))
            for weekday in range(WEEKDAYS)
        ]
        return heat(visit.t, visit.t("hall.heat"), visit.t("unit.person"), days, hours)

    def _usual(self, weekday: int, hour: int) -> Value:
        """Arrivals in that hour of such a day, on average of those on which the hall opened."""
        days = self.weekly.days.get(weekday, 0)
        flow = self.weekly.flows.get((weekday, hour))
        return (flow.arrivals if flow else 0) / days if days else None

    def _hours(self, seen: set[int]) -> Hours:
        real = {hour for hour in seen if hour < MIDNIGHT}
        first, last = min({FIRST, *real}), max({LAST, *(hour + 1 for hour in real)})
        now = self.now.hour + self.now.minute / 60
        return Hours(first, last, now if first <= now <= last else None)


def figures_of(db: Connection, hall: str, now: datetime) -> Figures:
    today = now.date()
    days = tuple(one_day(db, hall, today - timedelta(days=back)) for _, back in BEFORE)
    since = today - timedelta(weeks=WEEKS)
    weekly = hours_by_weekday(db, hall, since, today - timedelta(days=1))
    return Figures(now, days, weekly, of_days(db, hall, WATCHED, now.tzinfo or UTC, now.timestamp()))


def _wait_min(flow: Flow | None) -> Value:
    return flow.mean_wait_s / 60 if flow and flow.mean_wait_s is not None else None


def _arrivals(flow: Flow | None) -> Value:
    return flow.arrivals if flow else None
