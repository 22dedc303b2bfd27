"""A measure through the day by the hour: today against other days, as lines told apart without colour.

An hour's value stands in its middle. The hour that is running is not complete: its point is hollow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from edge.console.charts import svg
from edge.console.charts.chart import Chart, Say, Value, cell, notes, number, titled, usable, wrong
from edge.console.charts.scale import apart, every, ticks
from edge.console.charts.svg import Layout, join, line, tag, text

STYLES = ("today", "second", "third")  # classes: solid, dashed, dotted
MOST = 100_000.0  # no hall has more of anything in an hour
GRID = 4  # steps of the scale
TOP, BOTTOM = 26.0, 24.0
SIDE = 24.0  # at least, at both sides: half of a label of the axis
NAMES = 0.35  # of the width, at most
HEIGHT = {"wide": 250.0, "narrow": 230.0}
LABEL_GAP = 16.0
DOT = 3.5


@dataclass(frozen=True, slots=True)
class Line:
    """A day: what it is called, and its value in each hour from the first."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Those of the hall on x, and where in them it is now, as 10.5 for half past ten."""

    first: int
    last: int  # the one that ends the day: 17 for a hall that closes at five
    now: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last <= 24:  # noqa: PLR2004 hours of a day
            raise ValueError(f"{self.first} to {self.last} are no hours of a day")

    @property
    def count(self) -> int:
        return self.last - self.first

    @property
    def running(self) -> int | None:
        """The number of the hour that is not over."""
        now = self.now
        return int(now) - self.first if now is not None and self.first <= now < self.last else None

    def name(self, n: int) -> str:
        return f"{self.first + n}–{self.first + n + 1}"


def day_lines(
    say: Say, title: str, unit: str, lines: Sequence[Line], hours: Hours, *, most: float = MOST
) -> Chart:
    """The first of `lines` is what it is about. What is above `most` is drawn at the top, and said."""
    if not 0 < len(lines) <= len(STYLES):
        raise ValueError(f"{len(lines)} lines: one to {len(STYLES)} can be told apart")
    values = [value for each in lines for value in each.values]
    shown = [Line(each.name, usable(each.values)[: hours.count]) for each in lines]
    known = [value for each in shown for value in each.values if value is not None]
    refused = notes(say, wrong(values), sum(value > most for value in known), most)
    title = titled(say, title, unit)
    if not known:
        return Chart(title, say("chart.none"), notes=refused)
    said = _said(say, unit, shown, hours)
    plot = _Plot(say, shown, hours, ticks(min(max(known), most), GRID))
    head = (say("chart.hour"), *(titled(say, each.name, unit) for each in lines))
    drawn = svg.svg(title, said, plot.draw)
    return Chart(title, said, drawn, head, _rows(say, lines, hours), refused)


def _rows(say: Say, lines: Sequence[Line], hours: Hours) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            hours.name(n) + (say("chart.running") if n == hours.running else ""),
            *(cell(say, each.values[n] if n < len(each.values) else None) for each in lines),
        )
        for n in range(hours.count)
    )


def _said(say: Say, unit: str, lines: Sequence[Line], hours: Hours) -> str:
    """When the first line that has values is highest, and what the others were then."""
    about = next(each for each in lines if any(value is not None for value in each.values))
    n, highest = max(
        ((n, value) for n, value in enumerate(about.values) if value is not None), key=lambda at: at[1]
    )
    said = say("chart.peak", name=about.name, hours=hours.name(n), value=number(highest), unit=unit)
    for other in lines:
        then = other.values[n] if n < len(other.values) else None
        if other is not about and then is not None:
            said += say("chart.peak_then", name=other.name, value=number(then), unit=unit)
    return said + say("chart.stop")


@dataclass(frozen=True, slots=True)
class _Plot:
    say: Say
    lines: Sequence[Line]
    hours: Hours
    grid: tuple[float, ...]

    def draw(self, layout: Layout) -> tuple[float, Markup]:
        names = [svg.fitting(each.name, NAMES * layout.width) for each in self.lines]
        left = max(SIDE, max(svg.wide(number(value)) for value in self.grid) + 8)
        right = max(SIDE, max(map(svg.wide, names)) + 2 * DOT + 4)
        bottom = HEIGHT[layout.name] - BOTTOM
        area = _Area(left, layout.width - right, TOP, bottom, self.hours, self.grid[-1])
        back = (self._grid(area), self._axis(area), self._now(area))
        points = [area.points(each) for each in self.lines]
        drawn = list(zip(STYLES, names, points, strict=False))
        lines = [self._line(style, each) for style, _, each in reversed(drawn)]  # the first on top
        return HEIGHT[layout.name], join(*back, *lines, self._names(area, drawn))

    def _grid(self, area: _Area) -> Markup:
        def one(value: float) -> Markup:
            y = area.y(value)
            kind = "base" if value == 0 else "grid"
            return line(area.left, y, area.right, y, kind) + text(
                area.left - 6, y + 5, number(value), "soft end"
            )

        return join(*map(one, self.grid))

    def _axis(self, area: _Area) -> Markup:
        step = every(self.hours.count, area.right - area.left, svg.wide("10:00") + 4)
        return join(
            *(
                text(area.x(n), area.bottom + 18, f"{self.hours.first + n}:00", "soft mid")
                for n in range(0, self.hours.count + 1, step)
            )
        )

    def _now(self, area: _Area) -> Markup:
        if self.hours.running is None or self.hours.now is None:
            return Markup()
        x = area.x(self.hours.now - self.hours.first)
        where = "mid" if x > area.left + svg.TEXT else ""
        return line(x, area.top - 6, x, area.bottom, "now") + text(
            x, area.top - 10, self.say("chart.now"), f"soft {where}".rstrip()
        )

    def _line(self, style: str, points: Sequence[_Point]) -> Markup:
        """In pieces, where hours between are unknown; what is not complete is drawn apart."""
        running = self.hours.running if style == STYLES[0] else None
        pieces = [
            tag("polyline", class_=f"line {style}", points=_joined(each))
            for each in _runs(point for point in points if point.n != running)
            if len(each) > 1
        ]
        last = [
            line(before.x, before.y, after.x, after.y, f"line {style} running")
            for before, after in pairwise(points)
            if after.n == running and before.n == running - 1
        ]
        dots = [
            tag(
                "circle",
                class_=f"dot {style}{' running' if point.n == running else ''}",
                cx=point.x,
                cy=point.y,
                r=DOT,
            )
            for point in points
        ]
        return join(*pieces, *last, *dots) + join(*(_beyond(point) for point in points if point.is_cut))

    def _names(self, area: _Area, drawn: Sequence[tuple[str, str, list[_Point]]]) -> Markup:
        """Beside the plot, each at the height at which its line ends; that of a running day at its end."""
        ends = [(style, name, points[-1]) for style, name, points in drawn if points]
        inside = [
            text(point.x + 2 * DOT, max(point.y - 8, area.top + 2), name, f"name {style} halo")
            for style, name, point in ends
            if style == STYLES[0] and point.n < self.hours.count - 1
        ]
        beside = ends[len(inside) :]
        ys = apart([point.y for _, _, point in beside], LABEL_GAP, area.top, area.bottom - 8)
        return join(
            *inside,
            *(
                text(area.right + 2 * DOT, y + 5, name, f"name {style}")
                for (style, name, _), y in zip(beside, ys, strict=True)
            ),
        )


@dataclass(frozen=True, slots=True)
class _Point:
    n: int  # the number of its hour
    x: float
    y: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    right: float
    top: float
    bottom: float
    hours: Hours
    most: float

    def x(self, hour: float) -> float:
        return self.left + (self.right - self.left) * hour / self.hours.count

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * min(value / self.most, 1.0)

    def points(self, of: Line) -> list[_Point]:
        return [
            _Point(n, self.x(n + 0.5), self.y(value), value > self.most)
            for n, value in enumerate(of.values)
            if value is not None
        ]


def _runs(points: Iterator[_Point]) -> Iterator[list[_Point]]:
    """Of hours that follow each other."""
    run: list[_Point] = []
    for point in points:
        if run and point.n != run[-1].n + 1:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _joined(points: Sequence[_Point]) -> str:
    return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)


def _beyond(point: _Point) -> Markup:
    """A sign that the line goes on above."""
    x, y = point.x, point.y - DOT - 2
    return tag("path", class_="beyond", d=f"M{x - 5:.1f} {y:.1f}L{x:.1f} {y - 7:.1f}L{x + 5:.1f} {y:.1f}Z")
