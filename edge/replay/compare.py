"""Two plays of one day side by side: waits by hour of coming and by service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from edge.replay.model import Day, Leg, Waited
from edge.rules.model import Hall

HOUR_S = 3600.0
SAME_S = 0.001  # events carry their times to less


@dataclass(frozen=True, slots=True)
class Figures:
    """In seconds; None of nobody. `unserved`: who were never called."""

    n: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    longest_s: float | None
    unserved: int


@dataclass(frozen=True, slots=True)
class Row:
    """`hour` and `service` are None for all of them."""

    hour: int | None
    service: str | None
    before: Figures
    after: Figures


def figures(waited: Sequence[Waited]) -> Figures:
    waits = sorted(each.wait_s for each in waited if each.wait_s is not None)
    if not waits:
        return Figures(len(waited), None, None, None, None, len(waited))
    unserved = len(waited) - len(waits)
    return Figures(len(waited), fmean(waits), _rank(waits, 0.5), _rank(waits, 0.9), waits[-1], unserved)


def _rank(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    return ordered[max(1, int(-(-len(ordered) * share // 1))) - 1]


def rows(before: Sequence[Waited], after: Sequence[Waited], services: Iterable[str]) -> list[Row]:
    """Each service by the hour and whole, where anybody came, and the whole hall last."""

    def row(hour: int | None, service: str | None) -> Row:
        def among(waited: Sequence[Waited]) -> Figures:
            return figures([each for each in waited if _is_of(each, hour, service)])

        return Row(hour, service, among(before), among(after))

    hours = sorted({_hour(each) for each in (*before, *after)})
    found = [row(hour, service) for service in services for hour in (*hours, None)]
    return [each for each in found if each.before.n or each.after.n] + [row(None, None)]


def _is_of(each: Waited, hour: int | None, service: str | None) -> bool:
    return hour in (None, _hour(each)) and service in (None, each.person.service)


def _hour(each: Waited) -> int:
    return int(each.person.at_s // HOUR_S)


def differing(one: Sequence[Waited], other: Sequence[Waited]) -> int:
    """How many of the first waited otherwise in the second, or not at all in one."""
    waits = {each.person.session: each.wait_s for each in other}
    return sum(not _same(each.wait_s, waits.get(each.person.session)) for each in one)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_S


def usual_legs(day: Day, hall: Hall) -> dict[str, Leg]:
    """By service, the call of one of whom nothing is known: the mean of that day's, else the configured."""
    acts: dict[str, list[Leg]] = {service: [] for service in hall.services}
    for person in day.people:
        for leg in person.legs[:1]:
            if leg.ending == "finished" and person.service in acts:
                acts[person.service].append(leg)
    return {
        service: Leg(
            _mean(legs, lambda leg: leg.act_s, hall.services[service].usual_s),
            walk_s=_mean(legs, lambda leg: leg.walk_s, 0.0),
            turn_s=_mean([leg for leg in legs if leg.turn_s < HOUR_S], lambda leg: leg.turn_s, 0.0),
        )
        for service, legs in acts.items()
    }


def _mean(legs: Sequence[Leg], part: Callable[[Leg], float], without: float) -> float:
    return fmean(part(leg) for leg in legs) if legs else without
