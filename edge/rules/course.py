"""How a hall's day goes on from now, with nobody coming any more.

Whoever is free first calls whom the priorities say, window by window, over lunch and closing, each act for
its mean time; a newcomer's turn is when he would be called. An act under way has m·(v + (1 − v)·exp(−e/m))
left after e seconds, of the mean m and the relative variance v: the mean at first, and at last what a gamma
distribution of that variance has left. Of several at windows of one queue some end sooner and some later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import exp, inf

from edge.rules.coming import coming
from edge.rules.items import Kind
from edge.rules.lineup import NOBODY, NOTHING, Ask, Clock, Queue, later, lineup, only
from edge.rules.model import Hall, State, Window
from edge.rules.presence import presence
from edge.rules.speed import Speed, speed

TINY_PER_S = 1e-9  # what rounding may leave of a sum of rates
_Act = tuple[float, float]  # seconds on the mean, and their variance


@dataclass(slots=True, eq=False, repr=False)  # which cost memory that a node does not have
class _Counter:
    """A window: when it calls of which queues, and how long its act under way has left."""

    window: Window
    hours: list[tuple[float, float, list[Queue]]]
    closes_s: float
    left_s: float | None
    left_kind: Kind = NOTHING
    act: _Act | None = None  # under way, in this play
    work_s: float = 0.0  # of the acts that have ended in it
    variance: float = 0.0  # of that


class Course:
    """What has to be known of `state` for these asks; it may be played as often as one likes."""

    def __init__(self, state: State, hall: Hall, asks: Sequence[Ask], at: Clock) -> None:
        self.speed: Speed = speed(state, hall)
        self._asks = asks
        self._services, windows = _together(hall, {ask.service for ask in asks})
        steps = coming(state, hall, self.speed, at.now_s)
        self._queues = lineup(state, hall, self._services, asks, at, steps=steps)
        kinds = Counter(
            who for queue in self._queues.values() for _, who, _ in queue.rows if isinstance(who, tuple)
        )
        del kinds[NOTHING]
        self._acts = {kind: self._act(kind, self.speed.taken_s(*kind), n) for kind, n in kinds.items()}
        counters = (self._counter(state, hall, window, at) for window in windows)
        self._counters = [counter for counter in counters if counter.hours]
        busy = [counter for counter in self._counters if counter.left_s]
        for service in dict.fromkeys(ask.service for ask in asks):
            _stagger([each for each in busy if service in each.window.services])
            busy = [each for each in busy if service not in each.window.services]

    def closes_s(self, ask: Ask) -> float:
        """When the last window that serves it closes."""
        return max(
            (each.closes_s for each in self._counters if ask.service in each.window.services), default=0.0
        )

    def play(self, stretch: float) -> list[tuple[float, float] | None]:
        """For each ask when its turn is, and the relative variance of the work that ends before it at windows
        that serve it.

        All work takes `stretch` times as long as on the mean."""
        found: list[tuple[float, float] | None] = [None] * len(self._asks)
        missing = len(self._asks)
        free = self._begin(stretch)
        while free and missing:
            at_s, place = heappop(free)
            counter = self._counters[place]
            if counter.act:
                counter.work_s += counter.act[0]
                counter.variance += counter.act[1]
                counter.act = None
            begins_s, queues = _next_hours(counter, at_s)
            if begins_s > at_s:
                heappush(free, (begins_s, place))
                continue
            while (who := _next(queues, at_s)) is not None:
                if isinstance(who, tuple):
                    counter.act = self._acts[who]
                    heappush(free, (at_s + stretch * counter.act[0], place))
                    break
                found[who] = at_s, self._variance(self._asks[who])
                missing -= 1
        return found

    def _begin(self, stretch: float) -> list[tuple[float, int]]:
        """When each counter is free, as a heap."""
        for queue in self._queues.values():
            queue.head = 0
        for counter in self._counters:
            counter.work_s = counter.variance = 0.0
            counter.act = None if counter.left_s is None else self._act(counter.left_kind, counter.left_s)
        turn_s, react_s = self.speed.turn_s, self.speed.react_s
        free = [
            (stretch * (react_s if each.left_s is None else each.left_s + turn_s), place)
            for place, each in enumerate(self._counters)
        ]
        heapify(free)
        return free

    def _act(self, kind: Kind, mean_s: float, among: int = 1) -> _Act:
        return mean_s, self.speed.varies(kind, among) * mean_s**2

    def _variance(self, ask: Ask) -> float:
        serving = [each for each in self._counters if ask.service in each.window.services]
        work_s = sum(each.work_s for each in serving)
        return sum(each.variance for each in serving) / work_s**2 if work_s else self.speed.spread

    def _counter(self, state: State, hall: Hall, window: Window, at: Clock) -> _Counter:
        there = presence(state, hall, window, at.when, at.late_s)
        hours = [(span.begin_s, span.end_s, self._called_by(window, span.services)) for span in there.spans]
        busy = state.pace.busy.get(window.id)
        left_s, kind = None, NOTHING
        if busy and busy.kind[0] in hall.services:
            kind = busy.kind
            left_s = _left(self.speed, kind, at.now_s - busy.since_s)
        return _Counter(window, hours, there.closes_s, left_s, kind)

    def _called_by(self, window: Window, services: Sequence[str]) -> list[Queue]:
        names = (*services, *map(later, services), only(window.id))
        return [self._queues[name] for name in names if name in self._queues]


def _next_hours(counter: _Counter, at_s: float) -> tuple[float, list[Queue]]:
    for begin_s, end_s, queues in counter.hours:
        if at_s < end_s:
            return max(at_s, begin_s), queues
    return inf, []


def _next(queues: Sequence[Queue], at_s: float) -> Kind | int | None:
    """Takes whoever goes before the others from his queue; None where there is nobody, or not yet."""
    best, first = NOBODY, None
    for queue in queues:
        rank, _, from_s = queue.rows[queue.head]
        if rank < best and from_s <= at_s:
            best, first = rank, queue
    if first is None:
        return None
    first.head += 1
    return first.rows[first.head - 1][1]


def _stagger(busy: list[_Counter]) -> None:
    """Of acts under way that keep windows from one queue, the first is over before any of them on the mean:
    as though what is left of each were exponential, the shortest first."""
    left_s = sorted((counter.left_s or 0.0, place) for place, counter in enumerate(busy))
    per_s, at_s = sum(1 / mean_s for mean_s, _ in left_s), 0.0
    for mean_s, place in left_s:
        at_s += 1 / per_s
        per_s = max(TINY_PER_S, per_s - 1 / mean_s)
        busy[place].left_s = at_s


def _left(speed: Speed, kind: Kind, elapsed_s: float) -> float:
    mean_s = speed.of(kind)
    v = min(1.0, speed.spread)
    return mean_s * (v + (1 - v) * exp(-elapsed_s / mean_s))


def _together(hall: Hall, services: set[str]) -> tuple[set[str], list[Window]]:
    """These, with all services and windows that make any difference to them: what shares a window."""
    found, windows = set(services), dict[str, Window]()
    while more := {
        window.id: window
        for window in hall.windows.values()
        if window.id not in windows and not found.isdisjoint(window.services)
    }:
        windows |= more
        found.update(service for window in more.values() for service in window.services)
    return found, list(windows.values())
