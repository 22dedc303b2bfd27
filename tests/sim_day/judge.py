"""How good told waits were, beside the mean of the last five waits, on the same people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.replay.engine import Engine
from edge.replay.model import Waited
from tests.sim_day.day import Kind, Known, generated

LAST = 5


@dataclass(frozen=True, slots=True)
class Score:
    """Over everybody who was told something, was called, and had five before him in his service."""

    n: int
    mean_s: float
    mae_s: float
    last_five_s: float  # the MAE of the mean of the last five
    coverage: float  # share within P90
    silent: int  # told nothing
    unserved: int

    @property
    def relative(self) -> float:
        return self.mae_s / self.mean_s


def played(kind: Kind, seeds: Iterable[int], known: Known = "items") -> list[list[Waited]]:
    return [
        Engine(day, hall, tells_waits=True).run()
        for hall, day in (generated(kind, seed, known) for seed in seeds)
    ]


def score(days: Sequence[Sequence[Waited]]) -> Score:
    pairs: list[tuple[float, float, float, float]] = []  # wait, P50, P90, last five
    for day in days:
        pairs += _pairs(day)
    n = len(pairs)
    return Score(
        n,
        sum(wait for wait, *_ in pairs) / n,
        sum(abs(wait - p50) for wait, p50, *_ in pairs) / n,
        sum(abs(wait - last) for wait, *_, last in pairs) / n,
        sum(wait <= p90 for wait, _, p90, _ in pairs) / n,
        sum(each.told_p50_s is None for day in days for each in day),
        sum(each.wait_s is None for day in days for each in day),
    )


def _pairs(day: Sequence[Waited]) -> list[tuple[float, float, float, float]]:
    """The last five are those called last before he came."""
    calls = sorted(
        (each.person.at_s + each.wait_s, each.person.service, each.wait_s)
        for each in day
        if each.wait_s is not None
    )
    found: list[tuple[float, float, float, float]] = []
    for each in day:
        before = [
            w for at_s, service, w in calls if service == each.person.service and at_s < each.person.at_s
        ]
        if each.wait_s is None or each.told_p50_s is None or each.told_p90_s is None or len(before) < LAST:
            continue
        found.append((each.wait_s, each.told_p50_s, each.told_p90_s, sum(before[-LAST:]) / LAST))
    return found
