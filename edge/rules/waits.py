"""How long one who takes a ticket now will wait: a range that one in two, and nine in ten, will not exceed.

The hall's own calling is played forward with the mean time of each act: whoever is free first calls whom the
priorities say, window by window, over lunch and closing, and the newcomer's turn is when he is called. How
far the truth may lie from that is a gamma distribution of the work before him, whose relative variance is

    spread / n  +  the doubt about the service's mean  +  UNFORESEEN

with n the acts that end before him at the windows that serve him; its quantiles by Wilson and Hilferty (1931,
PNAS 17:684). The play is done again with all work so much longer or shorter, so that a wait which reaches
into lunch is longer by lunch. An act under way has m·(v + (1 − v)·exp(−e/m)) left after e seconds: the mean
at first, and at last what a gamma distribution of that variance has left.

Where no window will serve him, or not before it closes, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil, exp, inf, sqrt

from edge.rules.model import Hall, State, Ticket
from edge.rules.presence import Presence, presence
from edge.rules.priority import is_due, rank
from edge.rules.roster import When
from edge.rules.speed import Speed, speed

UNFORESEEN = 0.02  # a window that closes, staff that are quick today, classes that come later and go before
P90 = 1.2816  # of the standard normal distribution
STEP_MIN = 5  # what citizens are told is rounded up to these
NOBODY = (2, inf, 0)  # the rank after all others


@dataclass(frozen=True, slots=True)
class Ask:
    """Who would take a ticket of `service`; `priority` "" is ordinary."""

    service: str
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds from now until the call."""

    p50_s: float
    p90_s: float


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of an estimate: even time, and the hall's local time with what has passed of its minute."""

    now_s: float
    when: When | None = None
    late_s: float = 0.0


def told_min(p50_s: float, p90_s: float) -> tuple[int, int]:
    """The minutes from and to that a citizen is told."""
    low, high = (STEP_MIN * ceil(wait_s / 60 / STEP_MIN) for wait_s in (p50_s, p90_s))
    return low, max(low, high)


def waits(state: State, hall: Hall, asks: Sequence[Ask], at: Clock) -> list[Wait | None]:
    """In the order of `asks`; None where nothing can be known."""
    course = _Course(state, hall, asks, at)
    means = course.play(1.0)
    spreads = [found and course.variance(ask, found[1]) for ask, found in zip(asks, means, strict=True)]
    known = [spread for spread in spreads if spread is not None]
    if not known:
        return [None] * len(asks)
    lowest = min(_gamma(spread, 0.0) for spread in known)
    highest = max(_gamma(spread, P90) for spread in known)
    points: list[list[tuple[float, float]]] = [[] for _ in asks]
    for stretch in sorted({lowest, 1.0, sqrt(highest), highest}):
        for place, found in enumerate(means if stretch == 1.0 else course.play(stretch)):
            if found:
                points[place].append((stretch, found[0]))
    return [course.wait(ask, curve, spread) for ask, curve, spread in zip(asks, points, spreads, strict=True)]


Rank = tuple[int, float, int]


@dataclass(slots=True)
class _Queue:
    """Who waits, in turn. `who`: the service of a ticket, or the place of an ask."""

    ranks: list[Rank]
    who: list[str | int]


class _Course:
    """The day as it will go on, with nobody coming any more."""

    def __init__(self, state: State, hall: Hall, asks: Sequence[Ask], at: Clock) -> None:
        self._hall, self._asks = hall, asks
        self._speed: Speed = speed(state, hall)
        self._queues = _queues(state, hall, asks, at.now_s)
        self._presence: dict[str, Presence] = {}
        self._left: dict[str, float] = {}  # of the act under way, by window
        for window in hall.windows.values():
            there = presence(state, hall, window, at.when, at.late_s)
            if there.spans:
                self._presence[window.id] = there
            busy = state.pace.busy.get(window.id)
            if busy and busy.service in hall.services:
                self._left[window.id] = _left(self._speed, busy.service, at.now_s - busy.since_s)

    def variance(self, ask: Ask, ended: int) -> float:
        return self._speed.spread / max(1, ended) + self._speed.doubt[ask.service] + UNFORESEEN

    def wait(self, ask: Ask, curve: Sequence[tuple[float, float]], spread: float | None) -> Wait | None:
        """`curve`: (stretch, wait) in order."""
        if spread is None:
            return None
        closes = [there.closes_s for id_, there in self._presence.items() if _serves(self._hall, id_, ask)]
        p50_s = _at(curve, _gamma(spread, 0.0))
        if p50_s > max(closes, default=0.0):
            return None
        return Wait(p50_s, max(p50_s, _at(curve, _gamma(spread, P90))))

    def play(self, stretch: float) -> list[tuple[float, int] | None]:
        """For each ask when its turn is, and how many acts have ended before at windows that serve it."""
        found: list[tuple[float, int] | None] = [None] * len(self._asks)
        missing = len(self._asks)
        heads = dict.fromkeys(self._queues, 0)
        ended = dict.fromkeys(self._presence, 0)
        taken_s = {each: stretch * self._speed.taken_s(each) for each in self._hall.services}
        turn_s = stretch * self._speed.turn_s
        free = [
            (stretch * self._left[id_] + turn_s if id_ in self._left else turn_s, id_)
            for id_ in self._presence
        ]
        heapify(free)
        while free and missing:
            at_s, window = heappop(free)
            begins_s, services = _next_hours(self._presence[window], at_s)
            if begins_s > at_s:
                heappush(free, (begins_s, window))
                continue
            if window in self._left or ended[window]:
                ended[window] += 1
            while (name := self._first(services, window, heads)) is not None:
                who = self._queues[name].who[heads[name]]
                heads[name] += 1
                if isinstance(who, str):
                    heappush(free, (at_s + taken_s[who], window))
                    ended[window] = max(1, ended[window])
                    break
                ask = self._asks[who]
                before = sum(n for id_, n in ended.items() if _serves(self._hall, id_, ask))
                found[who] = at_s, before
                missing -= 1
        return found

    def _first(self, services: Iterable[str], window: str, heads: Mapping[str, int]) -> str | None:
        """The queue whose first goes before the others'."""
        best, name = NOBODY, None
        for queue in (*services, _only(window)):
            known = self._queues.get(queue)
            if known and heads[queue] < len(known.ranks) and known.ranks[heads[queue]] < best:
                best, name = known.ranks[heads[queue]], queue
        return name


def _serves(hall: Hall, window: str, ask: Ask) -> bool:
    return ask.service in hall.windows[window].services


def _only(window: str) -> str:
    """The queue of those who were sent to this window: no service has such a name."""
    return f"@{window}"


def _next_hours(there: Presence, at_s: float) -> tuple[float, tuple[str, ...]]:
    for span in there.spans:
        if at_s < span.end_s:
            return max(at_s, span.begin_s), span.services
    return inf, ()


def _left(speed: Speed, service: str, elapsed_s: float) -> float:
    mean_s = speed.act_s[service]
    v = min(1.0, speed.spread)
    return mean_s * (v + (1 - v) * exp(-elapsed_s / mean_s))


def _queues(state: State, hall: Hall, asks: Sequence[Ask], now_s: float) -> dict[str, _Queue]:
    rows: dict[str, list[tuple[Rank, str | int]]] = {}
    waiting = [state.tickets[id_] for queue in state.waiting.values() for _, id_ in queue]
    for ticket in (*waiting, *(state.tickets[id_] for id_ in state.held)):
        if ticket.service in hall.services and not ticket.after:
            queue = _only(ticket.only) if ticket.only in hall.windows else ticket.service
            rows.setdefault(queue, []).append((_rank(ticket, hall, now_s), ticket.service))
    for place, ask in enumerate(asks):
        rows.setdefault(ask.service, []).append((_newcomer(ask, hall, state, now_s), place))
    back = [ticket for ticket in waiting if ticket.after]
    for service in hall.services:
        queue_rows = rows.setdefault(service, [])
        queue_rows.sort(key=lambda row: row[0])
        _let_back_in(queue_rows, [ticket for ticket in back if ticket.service == service])
    return {
        name: _Queue([rank_ for rank_, _ in queue], [who for _, who in queue]) for name, queue in rows.items()
    }


def _let_back_in(rows: list[tuple[Rank, str | int]], back: Sequence[Ticket]) -> None:
    """Who came back has his turn once so many of his service have been called."""
    for ticket in sorted(back, key=lambda each: each.after):
        rows.insert(min(ticket.after, len(rows)), ((-1, 0.0, ticket.order), ticket.service))


def _rank(ticket: Ticket, hall: Hall, now_s: float) -> Rank:
    """Who may not be overtaken any more goes first; who is put by resumes before all."""
    if ticket.phase == "held":
        return (-1, 0.0, ticket.order)
    return (-1, 0.0, ticket.order) if is_due(ticket, hall, now_s) else rank(ticket, hall)


def _newcomer(ask: Ask, hall: Hall, state: State, now_s: float) -> Rank:
    fresh = Ticket("", state.day, ask.service, 0, "", can_show=False, reserved_at=0.0, priority=ask.priority)
    fresh.order, fresh.joined_s = state.joined + 1, now_s
    return rank(fresh, hall)


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
