"""The rest of a day, once, by chance: when he is called who asks.

It shares with the estimate of `edge.rules.course` nothing but the ranks of those who wait. Left out is that
others than the one who asks may be overtaken to the bound.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf
from random import Random
from typing import NamedTuple

from edge.rules.lineup import Rank
from tests.sim_day.chances import Chances, Who
from tests.sim_day.day import CREDIT, LAST_S, PEAKS, PRINT_S, PRIORITY, REACT_S, rate
from tests.sim_day.staff import Turn

ASKS: Who = ("", "")
_TOP = max(busy for _, busy in PEAKS)
_STRICT, _OTHERS = 1, 2  # ranks

Row = tuple[Rank, Who]


def rank_of(priority: str, at_s: float, order: int) -> Rank:
    """Of one who comes at `at_s` of even time."""
    if priority == "soldier":
        return _STRICT, (at_s, order)
    return _OTHERS, (at_s - (CREDIT.credit_s if priority else 0.0), order)


@dataclass(slots=True)
class Seat:
    """A window: manned now or not, and when that changes."""

    services: tuple[str, ...]
    on: bool
    turns: list[Turn]
    free_s: float = 0.0  # of its act and the turn after it
    idle_s: float | None = None

    def is_on(self, at_s: float) -> bool:
        on = self.on
        for turn_s, after in self.turns:
            if turn_s > at_s:
                break
            on = after
        return on


class Moment(NamedTuple):
    """By the day's seconds, and by even time, which ranks go by."""

    now_s: float
    even_s: float


@dataclass(slots=True)
class _Coming:
    """Those who come later, one after the other."""

    chances: Chances
    even_s: float  # of the day's first second
    at_s: float
    count: int = 10**6  # after all who have come

    def next(self) -> tuple[float, str, Row]:
        """When he is in the queue, infinite for nobody; of which service; and his row."""
        dice, per_s = self.chances.dice, self.chances.world.per_s
        all_per_s = sum(per_s.values()) * _TOP
        while True:
            self.at_s += dice.expovariate(all_per_s)
            if self.at_s > LAST_S:
                return inf, "", ((_OTHERS, (inf, 0)), ASKS)
            if dice.random() < rate(self.at_s) / _TOP:
                break
        self.count += 1
        chance = dice.random()
        priority = "" if chance > PRIORITY else ("soldier" if chance < PRIORITY / 4 else "elder")
        service = dice.choices(list(per_s), list(per_s.values()))[0]
        return (
            self.at_s + PRINT_S,
            service,
            (rank_of(priority, self.even_s + self.at_s, self.count), (service, "")),
        )


def play(
    chances: Chances,
    at: Moment,
    rows: Mapping[str, Sequence[Row]],
    seats: Sequence[Seat],
    own: tuple[str, Row],
) -> float:
    """The wait in seconds of who takes a ticket for the service `own` names, at the rank it has."""
    queues = {service: list(waiting) for service, waiting in rows.items()}
    dice, hall, now_s = chances.dice, chances.world.hall, at.now_s
    coming = _Coming(chances, at.even_s - now_s, now_s)
    joins = (now_s + PRINT_S, *own)
    bound = _Bound(own, hall.overtake_most, hall.overtake_most_s)
    calls = [(seat.free_s, n) for n, seat in enumerate(seats) if seat.idle_s is None]
    calls += [(turn_s, n) for n, seat in enumerate(seats) for turn_s, on in seat.turns if on]
    heapify(calls)
    while True:
        if not calls and joins[0] == inf:
            return inf
        if not calls or joins[0] <= calls[0][0]:
            at_s, service, row = joins
            insort(queues[service], row)
            _wake(seats, service, at_s, calls, dice)
            joins = coming.next()
            continue
        at_s, place = heappop(calls)
        seat = seats[place]
        if at_s < seat.free_s or not seat.is_on(at_s):
            continue
        who = bound.first(queues, seat, at_s)
        if who is None:
            seat.idle_s = at_s if seat.idle_s is None else seat.idle_s
            continue
        if who is ASKS:
            return at_s - now_s
        seat.idle_s, seat.free_s = None, at_s + chances.act_s(who)
        heappush(calls, (seat.free_s, place))


def _wake(
    seats: Sequence[Seat], service: str, at_s: float, calls: list[tuple[float, int]], dice: Random
) -> None:
    """The window that has been idle longest, of those that may call him."""
    able = [
        (seat.idle_s, place)
        for place, seat in enumerate(seats)
        if seat.idle_s is not None and service in seat.services and seat.is_on(at_s)
    ]
    if able:
        place = min(able)[1]
        seats[place].idle_s = None
        seats[place].free_s = at_s + dice.uniform(*REACT_S)
        heappush(calls, (seats[place].free_s, place))


@dataclass(slots=True)
class _Bound:
    """How often he who asks has been overtaken, and since when."""

    own: tuple[str, Row]
    most: int
    most_s: float
    times: int = 0
    since_s: float = inf

    def first(self, queues: Mapping[str, list[Row]], seat: Seat, at_s: float) -> Who | None:
        """Takes whoever is next from his queue."""
        service, row = self.own
        queue = min((queues[each] for each in seat.services if queues[each]), default=None)
        if queue is None:
            return None
        if service in seat.services and row in queues[service] and queue[0][0][1][1] > row[0][1][1]:
            if self.times >= self.most or at_s - self.since_s >= self.most_s:
                return ASKS
            self.times += 1
            self.since_s = min(self.since_s, at_s)
        return queue.pop(0)[1]
