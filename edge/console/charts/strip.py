"""How devices have been over many days: a strip for each, all on one line of time.

What is worse is higher, so that it is told without colour: online is low, degraded half as high as away.
A strip has no room for minutes: each of its places shows the worst of the time that it stands for, and an
outage of a minute is seen. The shares beside it and in the table are reckoned from the times themselves:
beside it, online of all that is known; in the table, each state of all the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import groupby

from markupsafe import Markup

from edge.console.charts import svg
from edge.console.charts.chart import Chart, Say, percent
from edge.console.charts.scale import every
from edge.console.charts.svg import Layout, join, line, rect, tag, text


class State(StrEnum):
    ONLINE = "online"
    DEGRADED = "degraded"
    AWAY = "away"
    UNKNOWN = "unknown"  # nobody was there to tell


WORST = (State.AWAY, State.DEGRADED, State.ONLINE, State.UNKNOWN)
TALL: Mapping[State, float] = {State.ONLINE: 5.0, State.DEGRADED: 11.0, State.AWAY: 18.0, State.UNKNOWN: 2.0}
ROW = 30.0
MOST_ROWS = 24  # that are drawn: a screen; the table has all
NAME_WIDTH, SHARE_WIDTH = 150.0, 60.0
PLACE = 2.0  # width of the shortest thing that is seen
KEY_TOP, AXIS = 8.0, 24.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Span:
    begin_s: float
    end_s: float
    state: State


@dataclass(frozen=True, slots=True)
class Strip:
    """A device: its name, and what it was when. Between its spans nothing is known."""

    name: str
    spans: tuple[Span, ...]


def strips(
    say: Say, title: str, devices: Sequence[Strip], *, begin_s: float, end_s: float, zone: tzinfo
) -> Chart:
    """From `begin_s` to `end_s` of wall time; the first MOST_ROWS are drawn.

    Raises ValueError where these are no time.
    """
    if not 0 <= begin_s < end_s <= begin_s + 400 * DAY_S:
        raise ValueError(f"{begin_s} to {end_s} is no time to look at")
    shown = [_within(each, begin_s, end_s) for each in devices]
    if not any(each.spans for each in shown):
        return Chart(title, say("chart.none"))
    left_out = max(0, len(devices) - MOST_ROWS)
    noted = (say("chart.more", n=left_out),) if left_out else ()
    sums = [_sums(each, begin_s, end_s) for each in shown]
    plot = _Plot(say, shown[:MOST_ROWS], sums[:MOST_ROWS], begin_s, end_s, zone)
    head = (say("chart.device"), *(say(f"chart.state.{state}") for state in State), say("chart.outages"))
    rows = tuple(
        (each.name, *(percent(of[state], end_s - begin_s) for state in State), str(outages(each)))
        for each, of in zip(shown, sums, strict=True)
    )
    said = _said(say, shown, sums)
    return Chart(title, said, svg.svg(title, said, plot.draw), head, rows, noted)


def _within(device: Strip, begin_s: float, end_s: float) -> Strip:
    """Its spans that are in that time, in their order, none over another."""
    spans, at = [], begin_s
    for each in sorted(device.spans, key=lambda span: span.begin_s):
        begin, end = max(each.begin_s, at), min(each.end_s, end_s)
        if begin < end:
            spans.append(Span(begin, end, each.state))
            at = end
    return Strip(device.name, tuple(spans))


def _sums(device: Strip, begin_s: float, end_s: float) -> dict[State, float]:
    sums = {
        state: sum(each.end_s - each.begin_s for each in device.spans if each.state is state)
        for state in State
    }
    told = sum(each.end_s - each.begin_s for each in device.spans)
    sums[State.UNKNOWN] += end_s - begin_s - told
    return sums


def outages(device: Strip) -> int:
    """How often it went away, and not how often that was told."""
    return sum(1 for state, _ in groupby(each.state for each in device.spans) if state is State.AWAY)


def _said(say: Say, devices: Sequence[Strip], sums: Sequence[Mapping[State, float]]) -> str:
    """Which was away longest."""
    away, worst = max(zip((of[State.AWAY] for of in sums), devices, strict=True), key=lambda each: each[0])
    if not away:
        return say("chart.strip.none", n=len(devices))
    return say("chart.strip", name=worst.name, hours=f"{away / 3600:.1f}", n=outages(worst))


@dataclass(frozen=True, slots=True)
class _Plot:
    say: Say
    devices: Sequence[Strip]
    sums: Sequence[Mapping[State, float]]
    begin_s: float
    end_s: float
    zone: tzinfo

    def draw(self, layout: Layout) -> tuple[float, Markup]:
        """Wide, a device's name is before its strip; narrow, above it."""
        left = 0.0 if layout.is_narrow else NAME_WIDTH
        width = layout.width - left - (0 if layout.is_narrow else SHARE_WIDTH)
        key, top = self._key(layout)
        row = ROW + (svg.TEXT + 2 if layout.is_narrow else 0)
        rows = [self._row(layout, n, top + n * row, left, width) for n in range(len(self.devices))]
        bottom = top + len(self.devices) * row + 4
        return bottom + AXIS, join(*key, *self._axis(left, width, top, bottom), *rows)

    def _row(self, layout: Layout, n: int, top: float, left: float, width: float) -> Markup:
        device, of = self.devices[n], self.sums[n]
        known_s = self.end_s - self.begin_s - of[State.UNKNOWN]
        share = percent(of[State.ONLINE], known_s)
        base = top + ROW - 6
        if layout.is_narrow:
            name = svg.fitting(device.name, layout.width - SHARE_WIDTH)
            words, base = (text(0, top + 14, name) + text(width, top + 14, share, "end")), base + svg.TEXT + 2
        else:
            name = svg.fitting(device.name, left - 10)
            words = text(left - 10, base, name, "end") + text(layout.width, base, share, "end")
        marks = [
            rect(left + first * PLACE, base - TALL[state], count * PLACE, TALL[state], f"was {state}")
            for first, count, state in self._places(device, int(width / PLACE))
        ]
        return tag("g", tag("title", f"{device.name}: {share}"), words, *marks)

    def _places(self, device: Strip, count: int) -> Iterator[tuple[int, int, State]]:
        """Runs of places: the first, how many, and the worst in them."""
        size = (self.end_s - self.begin_s) / count
        found = [State.UNKNOWN] * count
        for each in device.spans:
            first = int((each.begin_s - self.begin_s) / size)
            last = min(count - 1, int((each.end_s - self.begin_s) / size - 1e-9))  # its end is not in it
            for n in range(first, last + 1):
                found[n] = min(found[n], each.state, key=WORST.index)
        at = 0
        for state, run in groupby(found):
            length = len(list(run))
            yield at, length, state
            at += length

    def _axis(self, left: float, width: float, top: float, bottom: float) -> Iterator[Markup]:
        """Midnights, as days that begin there."""
        day = datetime.fromtimestamp(self.begin_s, self.zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        if day.timestamp() < self.begin_s:
            day += timedelta(days=1)
        days = []
        while day.timestamp() < self.end_s:
            days.append(day)
            day += timedelta(days=1)
        label = svg.wide("12-31")
        for each in days[:: every(len(days), width, label + 12)]:
            x = left + width * (each.timestamp() - self.begin_s) / (self.end_s - self.begin_s)
            yield line(x, top, x, bottom, "grid")
            if x + 3 + label <= left + width:
                yield text(x + 3, bottom + 16, f"{each:%m-%d}", "soft")

    def _key(self, layout: Layout) -> tuple[list[Markup], float]:
        """What each height is, and where the strips begin below."""
        x, y, marks = 0.0, KEY_TOP + 14, []
        for state in State:
            name = self.say(f"chart.state.{state}")
            if x and x + 24 + svg.wide(name) > layout.width:
                x, y = 0.0, y + 22
            marks.append(rect(x, y - TALL[state], 18, TALL[state], f"was {state}"))
            marks.append(text(x + 24, y, name, "soft"))
            x += 24 + svg.wide(name) + 18
        return marks, y + 10
