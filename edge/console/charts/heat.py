"""A measure by weekday and hour, as a field of cells that are the darker the more there is.

Wide, the hours go to the right; narrow, they go down, and each cell still has room for its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from edge.console.charts import svg
from edge.console.charts.chart import Chart, Say, Value, cell, notes, number, titled, usable, wrong
from edge.console.charts.lines import MOST, Hours
from edge.console.charts.scale import ticks
from edge.console.charts.svg import Layout, join, rect, tag, text

STEPS = 6  # shades that can still be told apart; classes heat-0 … heat-5, and heat-zero for nothing at all
WEEK = 7
GAP = 2.0
KEY_HEIGHT, KEY_WIDTH, KEY_TOP = 12.0, 42.0, 14.0
HEAD = 22.0  # above the cells
CELL_HEIGHT = {"wide": 30.0, "narrow": 28.0}
LARGEST = 72.0  # width of a cell
WHOLE = 10.0  # from here on a cell leaves out tenths


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell: its weekday and hour by number, its value, and the shade of it."""

    day: int
    n: int
    value: Value


def heat(
    say: Say, title: str, unit: str, days: Sequence[Sequence[Value]], hours: Hours, *, most: float = MOST
) -> Chart:
    """`days`: from Monday, of each its value by the hour from the first. What is above `most` has the darkest
    shade, as has all above the scale."""
    if len(days) != WEEK:
        raise ValueError(f"{len(days)} days are no week")
    values = [value for day in days for value in day]
    places = [
        _Place(at, n, value)
        for at, day in enumerate(days)
        for n, value in enumerate(usable(day)[: hours.count])
    ]
    known = [(place.value, place) for place in places if place.value is not None]
    refused = notes(say, wrong(values), sum(value > most for value, _ in known), most)
    title = titled(say, title, unit)
    if not known:
        return Chart(title, say("chart.none"), notes=refused)
    highest, where = max(known, key=lambda each: each[0])
    names = [say(f"chart.weekday.{n}") for n in range(WEEK)]
    said = say(
        "chart.heat", day=names[where.day], hours=hours.name(where.n), value=number(highest), unit=unit
    )
    plot = _Plot(names, unit, places, hours, bounds(min(highest, most)))
    head = (say("chart.hour"), *(titled(say, name, unit) for name in names))
    rows = tuple(
        (hours.name(n), *(cell(say, day[n] if n < len(day) else None) for day in days))
        for n in range(hours.count)
    )
    return Chart(title, said, svg.svg(title, said, plot.draw), head, rows, refused)


def bounds(most: float) -> tuple[float, ...]:
    """Of the shades: STEPS + 1 round numbers from 0, or fewer where there is less to tell apart."""
    return ticks(most, STEPS, range(1, 11))


def shade(value: float, edges: Sequence[float]) -> int:
    """The number of its shade; the darkest is used also where there are few. A bound belongs to the shade
    below it, so that the highest value has one too."""
    below = sum(value > edge for edge in edges[1:-1])
    return STEPS - 1 - (len(edges) - 2 - below)


@dataclass(frozen=True, slots=True)
class _Plot:
    names: Sequence[str]
    unit: str
    places: Sequence[_Place]
    hours: Hours
    edges: tuple[float, ...]

    def draw(self, layout: Layout) -> tuple[float, Markup]:
        across, down = self.hours.count, len(self.names)
        starts = [str(self.hours.first + n) for n in range(across)]
        tops, sides = (self.names, starts) if layout.is_narrow else (starts, self.names)
        if layout.is_narrow:
            across, down = down, across
        left = max(map(svg.wide, sides)) + 8
        width = min((layout.width - left) / across, LARGEST)
        height = CELL_HEIGHT[layout.name]
        heads = [
            text(left + (n + 0.5) * width, 14, svg.fitting(name, width), "soft mid")
            for n, name in enumerate(tops)
        ]
        sided = [
            text(left - 8, HEAD + (n + 0.5) * height + 5, name, "soft end") for n, name in enumerate(sides)
        ]
        cells = []
        for place in self.places:
            x, y = (place.day, place.n) if layout.is_narrow else (place.n, place.day)
            cells.append(self._cell(place, left + x * width, HEAD + y * height, width, height))
        bottom = HEAD + down * height
        return bottom + KEY_TOP + KEY_HEIGHT + 20, join(
            *heads, *sided, *cells, self._key(left, bottom + KEY_TOP, layout.width)
        )

    def _cell(self, place: _Place, x: float, y: float, width: float, height: float) -> Markup:
        value, inner = place.value, (x + GAP / 2, y + GAP / 2, width - GAP, height - GAP)
        if value is None:
            return rect(*inner, "unknown")
        name = f"{self.names[place.day]} {self.hours.name(place.n)}: {number(value)} {self.unit}"
        words = number(round(value) if value >= WHOLE else value)
        shown = rect(*inner, "cell", tag("title", name))
        if svg.wide(words) <= width - GAP:
            shown += text(x + width / 2, y + height / 2 + 5, words, "mid")
        return tag("g", shown, class_=f"heat-{shade(value, self.edges) if value else 'zero'}")

    def _key(self, left: float, top: float, right: float) -> Markup:
        """The shades with the numbers between them."""
        base, drawn = top + KEY_HEIGHT + 16, [text(left, top + KEY_HEIGHT + 16, number(0), "soft")]
        for n, edge in enumerate(self.edges[1:]):
            x = left + n * KEY_WIDTH
            swatch = rect(x, top, KEY_WIDTH, KEY_HEIGHT, "cell")
            drawn.append(tag("g", swatch, class_=f"heat-{shade(edge, self.edges)}"))
            if edge < self.edges[-1]:
                drawn.append(text(x + KEY_WIDTH, base, number(edge), "soft mid"))
            else:
                x += KEY_WIDTH - svg.wide(number(edge)) / 2
                drawn.append(text(x, base, svg.fitting(f"{number(edge)} {self.unit}", right - x), "soft"))
        return join(*drawn)
