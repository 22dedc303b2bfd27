"""Scales that begin at zero and have round steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

ROUND = (1, 2, 5, 10)


def ticks(most: float, parts: int, steps: Sequence[int] = ROUND) -> tuple[float, ...]:
    """From 0 to `most` or a little above it, in at most `parts` equal and round steps, none below 1.
    `steps`: what is round, from 1 to 10."""
    if most <= 0:
        return (0.0, 1.0)
    size = 10.0 ** floor(log10(max(1.0, most / parts)))
    step = next(each * size for each in steps if each * size * parts >= most)
    return tuple(step * n for n in range(ceil(most / step) + 1))


def every(count: int, room: float, needed: float) -> int:
    """Of so many labels beside each other, each how manieth has the room that it needs."""
    return next((n for n in (1, 2, 3, 4, 6, 12) if room / count * n >= needed), 24) if count else 1


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels near those wanted, in the same order, `gap` from each other as long as all have room
    between `low` and `high`."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed = [0.0] * len(wanted)
    last = low - gap
    for n in order:
        last = placed[n] = max(wanted[n], last + gap)
    above = high + gap
    for n in reversed(order):
        above = placed[n] = max(low, min(placed[n], above - gap))
    return placed
