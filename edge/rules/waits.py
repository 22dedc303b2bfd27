"""How long one who takes a ticket now will wait: a range that one in two, and nine in ten, will not exceed.

`edge.rules.course` plays the hall's calling forward, with the mean time of each act. How far the truth may
lie from that is a gamma distribution of the work before him, whose relative variance is

    Σ m²·(spread + the doubt about the item's mean) / (Σ m)²  +  the doubt about the service's  +  UNFORESEEN

over the acts of mean m that end before him at the windows that serve him; its quantiles by Wilson and
Hilferty (1931, PNAS 17:684). The play is done again with all work so much longer or shorter, so that a wait
which reaches into lunch is longer by lunch.

Where no window will serve him, or not before it closes, nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from edge.rules.course import Course
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Hall, State

UNFORESEEN = 0.02  # a window that closes, staff that are quick today, classes that come later and go before
P90 = 1.2816  # of the standard normal distribution
MAX_PLAYS = 2  # beside that of the means: one ask needs no more; for more of them it is lines between three


class Wait(NamedTuple):
    """Seconds from now until the call."""

    p50_s: float
    p90_s: float


def waits(state: State, hall: Hall, asks: Sequence[Ask], at: Clock) -> list[Wait | None]:
    """In the order of `asks`; None where nothing can be known."""
    course = Course(state, hall, asks, at)
    means = course.play(1.0)
    spreads = [found and _variance(course, ask, found[1]) for ask, found in zip(asks, means, strict=True)]
    stretches = _stretches([spread for spread in spreads if spread is not None])
    curves: list[list[tuple[float, float]]] = [[] for _ in asks]  # (stretch, wait) in order
    for stretch in sorted(stretches | {1.0}):
        for curve, found in zip(curves, means if stretch == 1.0 else course.play(stretch), strict=True):
            if found:
                curve.append((stretch, found[0]))
    return [
        None if spread is None else _wait(curve, spread, course.closes_s(ask))
        for ask, curve, spread in zip(asks, curves, spreads, strict=True)
    ]


def _variance(course: Course, ask: Ask, of_work: float) -> float:
    return of_work + course.speed.doubt[ask.service] + UNFORESEEN


def _stretches(spreads: Sequence[float]) -> set[float]:
    """Those at which the play is to be done."""
    exact = {_gamma(spread, z) for spread in spreads for z in (0.0, P90)}
    if len(exact) <= MAX_PLAYS:
        return exact
    low, high = min(exact), max(exact)
    return {low, sqrt(high), high}


def _wait(curve: Sequence[tuple[float, float]], spread: float, closes_s: float) -> Wait | None:
    p50_s = _at(curve, _gamma(spread, 0.0))
    return Wait(p50_s, max(p50_s, _at(curve, _gamma(spread, P90)))) if p50_s <= closes_s else None


def _gamma(variance: float, z: float) -> float:
    """Quantile of a gamma distribution of mean 1: at z of the standard normal one."""
    ninth = variance / 9
    return max(0.05, (1 - ninth + z * sqrt(ninth)) ** 3)  # of a variance beyond reason it would pass below 0


def _at(curve: Sequence[tuple[float, float]], stretch: float) -> float:
    """Straight lines through the points, and on beyond the ends as at the ends."""
    before = curve[0]
    for point in curve[1:]:
        if stretch <= point[0]:
            share = (stretch - before[0]) / (point[0] - before[0])
            return before[1] + share * (point[1] - before[1])
        before = point
    return before[1]
