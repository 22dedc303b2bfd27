"""Counts as bars: levels of ratings as parts of one, reasons below each other, the frequent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from edge.console.charts import svg
from edge.console.charts.chart import Chart, Say, percent
from edge.console.charts.svg import Layout, join, rect, tag, text

LEVELS = (5, 4, 3, 2, 1)  # classes level-5 … level-1
BAR = 34.0
ROW = 24.0
THICK = 18.0
MOST_BARS = 12  # the others are one bar together
NAME_WIDTH = 210.0
MOST = 10**9  # counts above it are wrong


def levels(say: Say, title: str, counts: Mapping[int, int]) -> Chart:
    """How often each level was given. Raises ValueError for a level that there is not, or a count below 0."""
    if counts.keys() - set(LEVELS) or not _are_counts(counts):
        raise ValueError(f"no counts of levels: {dict(counts)}")
    of = [counts.get(level, 0) for level in LEVELS]
    total = sum(of)
    if not total:
        return Chart(title, say("chart.none"))
    names = [say(f"chart.level.{level}") for level in LEVELS]
    said = say("chart.levels", n=total, good=percent(sum(of[:3]), total), bad=sum(of[3:]))
    plot = _Levels(names, of, total)
    head = (say("chart.level"), say("chart.count"), say("chart.share"))
    rows = tuple((name, str(count), percent(count, total)) for name, count in zip(names, of, strict=True))
    return Chart(title, said, svg.svg(title, said, plot.draw), head, rows)


@dataclass(frozen=True, slots=True)
class _Levels:
    names: Sequence[str]
    counts: Sequence[int]
    total: int

    def draw(self, layout: Layout) -> tuple[float, Markup]:
        """The bar, its parts numbered, and what each is below it."""
        parts, x = [], 0.0
        for level, count in zip(LEVELS, self.counts, strict=True):
            width = layout.width * count / self.total
            shown = rect(x, 0, width, BAR, "part")
            if width >= svg.TEXT:
                shown += text(x + width / 2, BAR / 2 + 5, str(level), "mid")
            parts.append(tag("g", shown, class_=f"level-{level}"))
            x += width
        rows = [self._row(layout, n, BAR + 10 + n * ROW) for n in range(len(LEVELS))]
        return BAR + 10 + len(LEVELS) * ROW, join(*parts, *rows)

    def _row(self, layout: Layout, n: int, top: float) -> Markup:
        level, base = LEVELS[n], top + 17
        sign = tag(
            "g",
            rect(0, top + 3, THICK, THICK, "part"),
            text(THICK / 2, base, str(level), "mid"),
            class_=f"level-{level}",
        )
        width = min(layout.width, 420.0)
        return join(
            sign,
            text(THICK + 10, base, self.names[n]),
            text(width - 70, base, str(self.counts[n]), "end"),
            text(width, base, percent(self.counts[n], self.total), "soft end"),
        )


def _are_counts(counts: Mapping[int, int] | Mapping[str, int]) -> bool:
    return all(0 <= count <= MOST for count in counts.values())


def bars(say: Say, title: str, counts: Mapping[str, int]) -> Chart:
    """By name. Raises ValueError for a count below 0."""
    if not _are_counts(counts):
        raise ValueError(f"no counts: {dict(counts)}")
    order = sorted(
        ((name, count) for name, count in counts.items() if count), key=lambda each: (-each[1], each[0])
    )
    total = sum(count for _, count in order)
    if not order:
        return Chart(title, say("chart.none"))
    first, others = order[:MOST_BARS], order[MOST_BARS:]
    if others:
        first.append((say("chart.others", n=len(others)), sum(count for _, count in others)))
    said = say("chart.bars", name=order[0][0], n=order[0][1], share=percent(order[0][1], total))
    plot = _Bars(first, max(count for _, count in first), total)
    head = (say("chart.name"), say("chart.count"), say("chart.share"))
    rows = tuple((name, str(count), percent(count, total)) for name, count in order)
    return Chart(title, said, svg.svg(title, said, plot.draw), head, rows)


@dataclass(frozen=True, slots=True)
class _Bars:
    counts: Sequence[tuple[str, int]]
    most: int
    total: int

    def draw(self, layout: Layout) -> tuple[float, Markup]:
        """Wide, a name is before its bar; narrow, above it."""
        left, row = (0.0, ROW + svg.TEXT + 6) if layout.is_narrow else (NAME_WIDTH, ROW + 4)
        shares = [f"{count} · {percent(count, self.total)}" for _, count in self.counts]
        room = layout.width - left - 8 - max(map(svg.wide, shares))
        drawn = []
        for n, (name, count) in enumerate(self.counts):
            base = n * row + (svg.TEXT + 6 if layout.is_narrow else 0)
            words = svg.fitting(name, layout.width if layout.is_narrow else left - 10)
            drawn.append(
                text(0, base - 4, words) if layout.is_narrow else text(left - 10, base + 15, words, "end")
            )
            width = max(1.0, room * count / self.most)
            drawn.append(rect(left, base + 1, width, THICK, "bar", tag("title", name)))
            drawn.append(text(left + width + 8, base + 15, shares[n], "soft"))
        return len(self.counts) * row + 4, join(*drawn)
