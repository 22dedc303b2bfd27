"""How good told waits were, beside the mean of the last five waits, on the same people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.replay.engine import Engine
from edge.replay.model import Waited
from edge.rules.model import State
from tests.sim_day.day import Kind, Known, before, generated, made
from tests.sim_day.oracle import Floors, Oracle

LAST = 5
MAE_MOST, COVERED = 0.25, (0.85, 0.95)  # of the mean wait; share within P90


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

    @property
    def is_met(self) -> bool:
        return self.relative <= MAE_MOST and COVERED[0] <= self.coverage <= COVERED[1]


def played(kind: Kind, seeds: Iterable[int], known: Known = "items", earlier: int = 0) -> list[list[Waited]]:
    return [a_day(kind, seed, known, earlier) for seed in seeds]


def a_day(kind: Kind, seed: int, known: Known = "items", earlier: int = 0) -> list[Waited]:
    """The same people, whatever is known of their items, and from `earlier` days that the hall has lived."""
    hall, day = generated(kind, seed, known)
    state = State()
    for each in before(kind, seed, hall, known, earlier):
        engine = Engine(each, hall, state=state)
        engine.run()
        state = engine.state
    return Engine(day, hall, tells_waits=True, state=state).run()


def floors(kind: Kind, seed: int, every: int) -> Floors:
    oracle = Oracle(made(kind, seed), seed, every)
    oracle.run()
    return oracle.floors


def floor(days: Sequence[Sequence[Waited]], known: Sequence[Mapping[str, float]]) -> float:
    """The error of who knows all but the draws, beside that of what was told to the same people."""
    told_s = best_s = 0.0
    for day, best in zip(days, known, strict=True):
        for each in day:
            if each.person.session in best and each.wait_s is not None and each.told_p50_s is not None:
                told_s += abs(each.wait_s - each.told_p50_s)
                best_s += abs(each.wait_s - best[each.person.session])
    return best_s / told_s


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
