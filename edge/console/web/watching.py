"""How devices were, from the sums to their strips: of one on its page, of all on their hall's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection

from edge.console.charts.strip import Span, State, Strip
from edge.console.reports.watched import Device
from edge.console.sums.devices import Watched, availability, period_of

STATES: Mapping[str, State] = {"up": State.ONLINE, "degraded": State.DEGRADED, "down": State.AWAY}


@dataclass(frozen=True, slots=True)
class Past:
    """All devices of a hall in `period`, which is of wall time."""

    watched: list[Watched]
    period: tuple[float, float]


def of_days(db: Connection, hall: str, days: int, zone: tzinfo, now_s: float) -> Past:
    """The last days, of which today is one."""
    last = datetime.fromtimestamp(now_s, zone).date()
    first = last - timedelta(days=days - 1)
    period = period_of(first, last, zone, now_s)
    return Past(availability(db, hall, first, last, period), period)


def strip_of(name: str, of: Watched | None) -> Strip:
    stretches = of.stretches if of else ()
    return Strip(
        name, tuple(Span(each.begin, each.end, STATES.get(each.state, State.UNKNOWN)) for each in stretches)
    )


def worst_first(all_: Iterable[Watched]) -> list[Strip]:
    """Who was away longest is drawn first. A device is told by its node too where there are several."""
    found = sorted(all_, key=lambda each: (-_away_s(each), each.device))
    nodes = {each.device.node for each in found}
    return [strip_of(each.device.device if len(nodes) == 1 else _both(each.device), each) for each in found]


def _both(device: Device) -> str:
    return f"{device.node}/{device.device}"


def _away_s(of: Watched) -> float:
    return sum(each.end - each.begin for each in of.stretches if STATES.get(each.state) is State.AWAY)
