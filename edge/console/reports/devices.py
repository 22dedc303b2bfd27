"""How long devices were there: from the changes of their states that nodes tell, `device.changed`.

A node tells a change once, and after its own start the state of every device anew: a state that is told twice
is a start of the node. When the node had ended nobody can tell, after a power cut not even itself; a sign of
life that is kept would be 50,000 events a year and node. So from its last event before such a start until
a device is told again nothing is known of it, and that time is shown as unknown: neither up nor down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import inf
from typing import Literal, TypeAlias

from edge.console.pairing import Span

State: TypeAlias = Literal["up", "degraded", "down", "unknown"]
_STATES: dict[str, State] = {
    "online": "up",
    "degraded": "degraded",
    "backoff": "down",
    "faulted": "down",
    "misconfigured": "down",
}
BURST_S = 120.0  # after its start a node tells its devices as they are reached: most within a minute

Before: TypeAlias = Callable[[int], float | None]  # wall time of the event before a seq


@dataclass(frozen=True, slots=True)
class Change:
    """Of one device, in the order of `seq`."""

    seq: int
    at: float
    device: str
    state: str
    conditions: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, tuple[str, ...]]:
        return self.state, self.conditions


@dataclass(frozen=True, slots=True)
class Stretch:
    begin: float
    end: float
    state: State


@dataclass(slots=True)
class Availability:
    """Of one device in a period, in seconds. `repaired`: outages whose end is known, within the period."""

    up_s: float = 0.0
    degraded_s: float = 0.0  # of `up_s`
    down_s: float = 0.0
    unknown_s: float = 0.0
    open_up_s: float = 0.0  # while the hall was open
    open_down_s: float = 0.0
    outages: int = 0
    longest_s: float = 0.0
    repaired: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        return _rate(self.up_s, self.down_s)

    @property
    def open_rate(self) -> float | None:
        return _rate(self.open_up_s, self.open_down_s)

    @property
    def mttr_s(self) -> float | None:
        return sum(self.repaired) / len(self.repaired) if self.repaired else None


def _rate(up: float, down: float) -> float | None:
    return up / (up + down) if up + down > 0 else None


def starts(changes: Sequence[Change]) -> set[int]:
    """Indices of the changes with which the node began to tell anew: the first, and where a state is
    told twice, with what was told just before that."""
    found: set[int] = set()
    told: dict[str, int] = {}  # since the last start: the index of each device's newest
    newest = 0
    for index, change in enumerate(changes):
        before = told.get(change.device)
        if not found or (before is not None and changes[before].told == change.told):
            newest = _burst(changes, index, newest)
            found.add(newest)
            told = {device: at for device, at in told.items() if at >= newest}
        told[change.device] = index
    return found


def _burst(changes: Sequence[Change], index: int, after: int) -> int:
    """The first of those that were told shortly before `index`, but after `after`."""
    while index - 1 > after and changes[index].at - changes[index - 1].at <= BURST_S:
        index -= 1
    return index


def histories(changes: Sequence[Change], before: Before, last_at: float) -> dict[str, list[Stretch]]:
    """Of one database of a node. Until `last_at`, its newest event, what was told last holds."""
    begun = starts(changes)
    stretches: dict[str, list[Stretch]] = {}
    standing: dict[str, Change] = {}
    for index, change in enumerate(changes):
        if index in begun:
            ended = before(change.seq)
            for device, old in standing.items():
                _add(stretches, device, old, min(change.at, ended if ended is not None else old.at))
            standing.clear()
        if old_one := standing.get(change.device):
            _add(stretches, change.device, old_one, change.at)
        standing[change.device] = change
    for device, old in standing.items():
        _add(stretches, device, old, last_at)
    return stretches


def _add(stretches: dict[str, list[Stretch]], device: str, change: Change, end: float) -> None:
    state = _STATES.get(change.state, "unknown")
    its = stretches.setdefault(device, [])
    if end <= change.at:
        return
    if its and its[-1].end == change.at and its[-1].state == state:
        its[-1] = Stretch(its[-1].begin, end, state)
    else:
        its.append(Stretch(change.at, end, state))


class Hours:
    """When a hall was open, of spans that may overlap."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = united(spans)
        self._before = list(accumulate((end - begin for begin, end in self._spans), initial=0.0))

    def within(self, begin: float, end: float) -> float:
        """How long it was open from `begin` to `end`."""
        return max(0.0, self._until(end) - self._until(begin))

    def _until(self, at: float) -> float:
        """How long before that. By bisection: a year has 250 spans, a hall's devices 100,000 stretches."""
        index = bisect_right(self._spans, (at, inf))
        if not index:
            return 0.0
        begin, end = self._spans[index - 1]
        return self._before[index - 1] + min(at, end) - begin


def availability(stretches: Sequence[Stretch], period: Span, hours: Hours) -> Availability:
    """What no stretch covers is unknown."""
    found = Availability()
    for stretch in stretches:
        begin, end = max(stretch.begin, period[0]), min(stretch.end, period[1])
        if end <= begin or stretch.state == "unknown":
            continue
        within, while_open = end - begin, hours.within(begin, end)
        if stretch.state == "down":
            found.down_s += within
            found.open_down_s += while_open
            found.outages += 1
            found.longest_s = max(found.longest_s, within)
        else:
            found.up_s += within
            found.open_up_s += while_open
            found.degraded_s += within if stretch.state == "degraded" else 0.0
    found.repaired = list(_repaired(stretches, period))
    found.unknown_s = max(0.0, period[1] - period[0] - found.up_s - found.down_s)
    return found


def _repaired(stretches: Sequence[Stretch], period: Span) -> Iterable[float]:
    for one, after in pairwise(stretches):
        ended_here = one.state == "down" and after.begin == one.end and after.state in ("up", "degraded")
        if ended_here and period[0] <= one.end < period[1]:
            yield one.end - one.begin


def united(spans: Iterable[Span]) -> list[Span]:
    """Without overlaps, in order."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found
