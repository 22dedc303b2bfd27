"""What a device shows, says or prints for a person who stands there and looks whether all of it comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.messages import (
    Announce,
    AskRating,
    Beep,
    Order,
    ShowDigits,
    ShowLines,
    ShowText,
)
from edge.wire import Pattern

SEEN_S = 4.0  # of a check: to look up, and read it
SHOWN_S = 10.0  # of a pattern: to go over a board with one's eyes
LIT = "■"  # fills its place but for an edge; fonts of GB 2312 have no fuller block
ROWS = 4  # of a board's calls, as many as it shows
AREAS = ("calls", "notice")
_DIGITS = "1234567890"
_LIT_DIGITS, _COUNTED = "8888", "1234"  # every caller has room for a ticket's four digits
_COLORS: tuple[ShowText, ...] = (
    ShowText("红色", "red"),
    ShowText("绿色", "green"),
    ShowText("黄色", "yellow"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """Ordered at once, and left standing for `hold_s`."""

    orders: tuple[Order, ...]
    hold_s: float = 0.0


def of_check(seen: type, slip: Order) -> list[Step]:
    """Of the external check. `slip`: what a printer prints."""
    steps: dict[type, Step] = {
        ShowText: Step((ShowText("测试 88", "green"),), SEEN_S),
        ShowLines: Step(_board((ShowText("测试 88", "green"),)), SEEN_S),
        ShowDigits: Step((ShowDigits(_LIT_DIGITS), Beep()), SEEN_S),
        AskRating: Step((AskRating(),)),
        # Of the words that every hall has recorded: one that is missing would leave all unsaid.
        Announce: Step((Announce(("1", "2", "3")),)),
    }
    return [steps.get(seen, Step((slip,)))]


def of_pattern(seen: type, pattern: Pattern, columns: int) -> list[Step]:
    """`columns`: of the strip, or of a board's lines; a Chinese character takes two."""
    if seen is ShowDigits:
        return [Step((ShowDigits(_LIT_DIGITS if pattern == "all" else _COUNTED),), SHOWN_S)]
    if seen is ShowLines:
        return [Step(_board(tuple(_lines(pattern, columns))), SHOWN_S)]
    lines = list(dict.fromkeys(_lines(pattern, columns)))
    return [Step((line,), SHOWN_S / len(lines)) for line in lines]


def _lines(pattern: Pattern, columns: int) -> Iterator[ShowText]:
    if pattern == "colors":
        yield from _COLORS
        return
    text = LIT * (columns // 2) if pattern == "all" else (_DIGITS * columns)[:columns]
    for _ in range(ROWS):
        yield ShowText(text)


def _board(lines: tuple[ShowText, ...]) -> tuple[Order, ...]:
    """On all of its areas; the notice's may be one line high."""
    return tuple(ShowLines(area, lines) for area in AREAS)
