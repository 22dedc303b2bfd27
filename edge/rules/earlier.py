"""What earlier days have shown of how long acts take: sums by service and item, that a day begins with.

When the day turns, what it has shown is added to what it began with, which weighs half as much for every
`HALF_LIFE_DAYS` that have passed. So nothing of a single act, ticket or person lasts; and what nobody has
come for in a long time is forgotten.

The sums are of seconds, with the usual time that was configured for them. Where that has been changed since,
somebody has said that it takes another time now, or that it had been wrong, and nobody can tell which: what
was learnt before it is forgotten, and the new one stands as on the first day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING, Any

from edge.rules.items import Kind, usual_s
from edge.rules.pace import Tally, Taught
from edge.wire import DurationSums, Fact, KindSums, PaceCarried

if TYPE_CHECKING:
    from edge.rules.model import Hall, State

HALF_LIFE_DAYS = 28.0  # staff, forms and counters change within months
MAX_KINDS = 512  # a county's 398 items and its services; those that come most
LEAST = 0.05  # acts: less than that says nothing
CARRIED = 60  # kinds in one fact, which stays below 16 KiB with the longest names


@dataclass(slots=True)
class Earlier(Taught):
    """`days`: how many, each as it weighs."""

    days: float = 0.0
    usual_s: dict[Kind, float] = field(default_factory=dict)  # as configured when they were learnt
    # What follows from it in one hall, which asks for it again with every ticket
    known: tuple[Hall, Any] | None = field(default=None, compare=False, repr=False)


def carry_over(state: State, day: str, hall: Hall) -> tuple[Fact, ...]:
    """A new day begins with an empty state: what is to last is said again."""
    earlier, today = state.earlier, state.pace
    if not (earlier.acts or today.acts):
        return ()
    weight = 0.5 ** ((date.fromisoformat(day) - date.fromisoformat(state.day)).days / HALF_LIFE_DAYS)
    kinds = [
        known
        for kind in earlier.acts | today.acts
        if kind[0] in hall.services and (known := _kind(state, kind, hall, weight)).n >= LEAST
    ]
    lasting, facts = iter(nlargest(MAX_KINDS, kinds, key=lambda known: known.n)), tuple[Fact, ...]()
    while some := tuple(islice(lasting, CARRIED)):
        facts += (
            PaceCarried(
                days=round(weight * (earlier.days + bool(today.acts)), 3),
                acts=some,
                missed=_sums(earlier.missed, today.missed, weight),
                turns=_sums(earlier.turns, today.turns, weight),
                reacts=_sums(earlier.reacts, today.reacts, weight),
            ),
        )
    return facts


def carried(earlier: Earlier, fact: PaceCarried) -> Earlier:
    """With what the fact says besides."""
    found = Earlier(
        dict(earlier.acts),
        _tally(fact.missed),
        _tally(fact.turns),
        _tally(fact.reacts),
        fact.days,
        dict(earlier.usual_s),
    )
    for each in fact.acts:
        kind = each.service, each.item
        found.acts[kind], found.usual_s[kind] = _tally(each), each.usual_s
    return found


def _kind(state: State, kind: Kind, hall: Hall, weight: float) -> KindSums:
    earlier, now_s = state.earlier, usual_s(hall, kind)
    before = earlier.acts.get(kind) if earlier.usual_s.get(kind) == now_s else None
    sums = _sums(before or Tally(), state.pace.acts.get(kind) or Tally(), weight)
    return KindSums(service=kind[0], item=kind[1], usual_s=now_s, **sums.model_dump())


def _sums(before: Tally, today: Tally, weight: float) -> DurationSums:
    """Rounded to what a reader can do anything with."""
    return DurationSums(
        n=round(weight * (before.n + today.n), 3),
        total_s=round(weight * (before.total_s + today.total_s), 1),
        squares=round(weight * (before.squares + today.squares), 1),
    )


def _tally(sums: DurationSums) -> Tally:
    return Tally(sums.n, sums.total_s, sums.squares)
