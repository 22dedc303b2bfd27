"""Waits over the day, as it was and with other staffing: one SVG file, drawn by hand.

Each point is the mean of those who came within half an hour; the thin line is what nine in ten did not
exceed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from edge.replay.compare import figures
from edge.replay.model import Waited

WIDTH, HEIGHT = 960, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 96, 64
SLOT_S = 1800
DASHES = ' stroke-dasharray="7 4"', ""
COLOURS = "#9a3412", "#1d4ed8"  # told apart by lightness and dashes too, not by colour alone
FONT = "Noto Sans CJK SC, Noto Sans SC, sans-serif"
STEPS_MIN = 5, 10, 15, 30, 60, 120  # of the scale
LINES = 8  # of it at most
WIDE = 0x2E80  # characters from here on take two columns: the CJK blocks of Unicode


def chart(title: str, days: Mapping[str, Sequence[Waited]]) -> str:
    """`days`: by name, at most two."""
    slots = sorted({_slot(each) for day in days.values() for each in day}) or [0]
    first, last = slots[0], slots[-1] + 1
    lines = [_points(day, first, last) for day in days.values()]
    top_min = max([5.0, *(high for line in lines for _, _, high in line)])
    step = next((each for each in STEPS_MIN if top_min / each <= LINES), STEPS_MIN[-1])
    frame = _Frame(first, last, step * -(-top_min // step))
    parts = [*_axes(frame, step), *_legend(title, list(days))]
    for line, colour, dashes in zip(lines, COLOURS, DASHES, strict=False):  # there may be one only
        parts += _curves(frame, line, colour, dashes)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


Point = tuple[float, float, float]  # middle of the slot, mean and P90 in minutes


class _Frame:
    """From slots and minutes to places on the paper."""

    def __init__(self, first: int, last: int, top_min: float) -> None:
        self.first, self.last, self.top_min = first, last, top_min

    def x(self, slot: float) -> float:
        return round(LEFT + (slot - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, minutes: float) -> float:
        return round(HEIGHT - BOTTOM - minutes / self.top_min * (HEIGHT - TOP - BOTTOM), 1)


def _slot(each: Waited) -> int:
    return int(each.person.at_s // SLOT_S)


def _points(day: Sequence[Waited], first: int, last: int) -> list[Point]:
    """Where anybody was called who came then."""
    points: list[Point] = []
    for slot in range(first, last):
        found = figures([each for each in day if _slot(each) == slot])
        if found.mean_s is not None and found.p90_s is not None:
            points.append((slot + 0.5, found.mean_s / 60, found.p90_s / 60))
    return points


def _curves(frame: _Frame, line: Sequence[Point], colour: str, dashes: str) -> Iterator[str]:
    for run in _runs(line):
        for place, width, opacity in ((1, 3, 1.0), (2, 1.2, 0.75)):
            points = " ".join(f"{frame.x(point[0])},{frame.y(point[place])}" for point in run)
            style = f'stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"{dashes}'
            yield f'<polyline points="{points}" fill="none" {style}/>'
    for x, mean, _ in line:
        yield f'<circle cx="{frame.x(x)}" cy="{frame.y(mean)}" r="4" fill="{colour}"/>'


def _runs(line: Sequence[Point]) -> Iterator[list[Point]]:
    """Without a line over hours in which nobody came."""
    run: list[Point] = []
    for point in line:
        if run and point[0] - run[-1][0] > 1:
            yield run
            run = []
        run.append(point)
    yield run


def _axes(frame: _Frame, step: int) -> Iterator[str]:
    for minutes in range(0, int(frame.top_min) + 1, step):
        y = frame.y(minutes)
        yield _line(LEFT, WIDTH - RIGHT, y, y, 'stroke="#d4d4d4"')
        yield _text(LEFT - 10, y + 5, str(minutes), "end")
    for slot in range(frame.first, frame.last + 1):
        if slot % 2 == 0:
            x = frame.x(slot)
            yield _line(x, x, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 6, 'stroke="#525252"')
            yield _text(x, HEIGHT - BOTTOM + 24, f"{slot // 2}:00", "middle")
    yield _text(WIDTH / 2, HEIGHT - 12, "取号时间 · taken at", "middle")
    yield _text(LEFT - 10, TOP - 14, "分钟 · min", "middle")


def _legend(title: str, names: Sequence[str]) -> Iterator[str]:
    yield _text(LEFT, 30, title, "start", 19)
    x = float(LEFT)
    for number, name in enumerate(names):
        yield _line(x, x + 34, 55, 55, f'stroke="{COLOURS[number]}" stroke-width="3"{DASHES[number]}')
        yield _text(x + 42, 60, name, "start")
        x += 62 + 8 * sum(2 if ord(char) > WIDE else 1 for char in name)
    yield _text(WIDTH - RIGHT, 30, "粗：平均 mean · 细：九成人不超过 P90", "end")


def _line(x1: float, x2: float, y1: float, y2: float, style: str) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" {style}/>'


def _text(x: float, y: float, text: str, anchor: str, size: int = 15) -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="#262626"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'
