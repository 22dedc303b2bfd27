"""What is counted of a node's day, by hour, service and window, and how such counts add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from pydantic import TypeAdapter

from edge.console.pairing import Span

UNKNOWN_HOUR = 24  # of what the node's clock puts on another day than it told
MAX_NAMES = 400  # services, windows, reasons of a day: the largest centre has 52 windows and 100 services
MAX_NAME = 64  # characters: ids have no more
OTHERS = "…"  # what is beyond them

K = TypeVar("K")


@dataclass(slots=True)
class Flow:
    """Of a service within an hour. A wait belongs to the hour of its call, in which it is known."""

    printed: int = 0
    shown: int = 0
    assumed: int = 0
    called: int = 0  # for the first time
    served: int = 0
    no_show: int = 0
    wait_n: int = 0
    wait_s: float = 0.0
    wait_max_s: float = 0.0
    told_n: int = 0  # of the waits: was expected, and told, when the number was taken
    told_err_s: float = 0.0  # sum of |as expected (P50) − as it came|

    @property
    def arrivals(self) -> int:
        return self.printed + self.shown + self.assumed

    @property
    def mean_wait_s(self) -> float | None:
        return self.wait_s / self.wait_n if self.wait_n else None

    @property
    def mean_told_err_s(self) -> float | None:
        return self.told_err_s / self.told_n if self.told_n else None

    def add(self, other: Flow) -> None:
        longest = max(self.wait_max_s, other.wait_max_s)
        for each in _FLOW:
            setattr(self, each, getattr(self, each) + getattr(other, each))
        self.wait_max_s = longest


_FLOW = tuple(each.name for each in fields(Flow))


@dataclass(slots=True)
class Desk:
    """Of a window. `reasons` by "level/code", `missed` by the reason why nobody rated."""

    called: int = 0
    served: int = 0
    no_show: int = 0
    staffed_s: float = 0.0
    levels: dict[int, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)

    @property
    def rated(self) -> int:
        return sum(self.levels.values())

    def add(self, other: Desk) -> None:
        self.called += other.called
        self.served += other.served
        self.no_show += other.no_show
        self.staffed_s += other.staffed_s
        _add(self.levels, other.levels)
        _add(self.reasons, other.reasons)
        _add(self.missed, other.missed)


def _add(to: dict[K, int], other: Mapping[K, int]) -> None:
    for key, count in other.items():
        to[key] = to.get(key, 0) + count


@dataclass(slots=True)
class DaySum:
    """`hours`: by hour of the hall's day, 0–23 or UNKNOWN_HOUR, and service. `open`: when anybody was at a
    window."""

    hours: dict[int, dict[str, Flow]] = field(default_factory=dict)
    windows: dict[str, Desk] = field(default_factory=dict)
    open: list[Span] = field(default_factory=list)

    def flow(self, hour: int, service: str) -> Flow:
        services = self.hours.setdefault(hour, {})
        return services.setdefault(within(services, service), Flow())

    def desk(self, window: str) -> Desk:
        return self.windows.setdefault(within(self.windows, window), Desk())

    def add(self, other: DaySum) -> None:
        for hour, services in other.hours.items():
            for service, flow in services.items():
                self.flow(hour, service).add(flow)
        for window, desk in other.windows.items():
            self.desk(window).add(desk)
        self.open += other.open

    def total(self) -> Flow:
        total = Flow()
        for services in self.hours.values():
            for flow in services.values():
                total.add(flow)
        return total


def within(names: Mapping[str, object], name: str) -> str:
    """As it is counted among `names`, which stay bounded, whatever a node tells."""
    name = name[:MAX_NAME]
    return name if name in names or len(names) < MAX_NAMES else OTHERS


@dataclass(slots=True)
class Windows:
    """Of a day's sum, for who asks of many days: half the time of reading all of it."""

    windows: dict[str, Desk] = field(default_factory=dict)


BODY: TypeAdapter[DaySum] = TypeAdapter(DaySum)
WINDOWS: TypeAdapter[Windows] = TypeAdapter(Windows)
