"""What is counted of acts, and how it adds up: a window's, a unit's, a hall's."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edge.rules.rates import LEVELS, Share, Tally


def _none() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Counts:
    """Times in seconds. `waits`: of those called for the first time, from joining the queue to that call.
    `served`: of acts that were ended at the window."""

    acts: int = 0
    cut: int = 0  # of the acts: ended by the end of the day, so that nobody was asked for a rating
    no_shows: int = 0
    transfers: int = 0  # sent on to another window; the act is counted where it ends
    promised: int = 0  # acts whose service has a promise and whose time is known
    on_time: int = 0  # of these, within it
    withdrawn: int = 0  # of the bad ratings: an appeal against them was granted
    levels: list[int] = field(default_factory=lambda: [0] * 6)  # by level; 0 is not used
    waits: array[float] = field(default_factory=_none)
    served: array[float] = field(default_factory=_none)

    def add(self, other: Counts) -> None:
        self.acts += other.acts
        self.cut += other.cut
        self.no_shows += other.no_shows
        self.transfers += other.transfers
        self.promised += other.promised
        self.on_time += other.on_time
        self.withdrawn += other.withdrawn
        self.levels = [mine + its for mine, its in zip(self.levels, other.levels, strict=True)]
        self.waits.extend(other.waits)
        self.served.extend(other.served)

    def settle(self) -> None:
        """Times in order: what is put together of such parts is sorted in a tenth of the time."""
        self.waits, self.served = array("d", sorted(self.waits)), array("d", sorted(self.served))

    @property
    def tally(self) -> Tally:
        return Tally(self.acts, {level: self.levels[level] for level in LEVELS})

    @property
    def timely(self) -> Share:
        return Share(self.on_time, self.promised)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The smallest part that is counted by itself."""

    hall: str
    node: str
    unit: str
    window: str
    staff: str
    service: str


@dataclass(frozen=True, slots=True)
class Times:
    """Of `n`; None where n is 0."""

    n: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        if not seconds:
            return cls(0, None, None, None)
        ordered = sorted(seconds)
        return cls(len(ordered), sum(ordered) / len(ordered), at_share(ordered, 50), at_share(ordered, 90))


def at_share(ordered: Sequence[float], per_cent: int) -> float:
    """The percentile by nearest rank: the least value that so many of all do not exceed."""
    return ordered[max(1, -(-len(ordered) * per_cent // 100)) - 1]


def total(parts: Iterable[Counts]) -> Counts:
    together = Counts()
    for part in parts:
        together.add(part)
    return together
