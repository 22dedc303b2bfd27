"""What a chart is: a drawing, the sentence that it shows, and the table of the values that it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

from markupsafe import Markup

# The words of whom it is for, by their key and values: those of the page that shows the chart.
Say: TypeAlias = Callable[..., str]
Value: TypeAlias = float | None  # None: nothing is known

NOTHING = "—"
NOT_DRAWN = Markup()


@dataclass(frozen=True, slots=True)
class Chart:
    """`svg` is empty where there is nothing to draw; `said` then says so. `notes`: what the drawing leaves
    out or cuts, of which a reader must know. The first of each row is its name."""

    title: str
    said: str
    svg: Markup = NOT_DRAWN
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def is_usable(value: Value) -> bool:
    return value is not None and isfinite(value) and value >= 0


def usable(values: Sequence[Value]) -> tuple[Value, ...]:
    """What can be drawn; in place of others nothing."""
    return tuple(value if is_usable(value) else None for value in values)


def wrong(values: Iterable[Value]) -> int:
    """How many are there and cannot be drawn: no number, without end, or below zero."""
    return sum(value is not None and not is_usable(value) for value in values)


def number(value: float) -> str:
    """With one digit after the point where it is no whole number."""
    return f"{value:,.1f}".removesuffix(".0")


def cell(say: Say, value: Value) -> str:
    """Of a table."""
    if value is None:
        return NOTHING
    return number(value) if is_usable(value) else say("chart.wrong")


def titled(say: Say, name: str, unit: str) -> str:
    """What is drawn, and in what it is told."""
    return say("chart.titled", name=name, unit=unit)


def percent(part: float, whole: float) -> str:
    """Never "100 %" where something is missing, nor "0 %" where something is there."""
    if not whole:
        return NOTHING
    share = 100 * part / whole
    if 0 < part < whole:
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f}".removesuffix(".0") + " %"


def notes(say: Say, refused: int, clipped: int, most: float) -> tuple[str, ...]:
    said = [say("chart.refused", n=refused)] if refused else []
    return (*said, say("chart.clipped", n=clipped, most=number(most))) if clipped else tuple(said)
