"""The changes of devices, read from the record, and what follows from them for a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import Connection, select

from edge.console import tables
from edge.console.engine import EpochKey
from edge.console.pairing import Span
from edge.console.reports.devices import Availability, Change, Hours, Stretch, availability, histories
from edge.console.reports.lines import parsed
from edge.console.reports.missing import neighbour
from edge.console.reports.reading import DAY_S, epochs

BACK_S = 92 * DAY_S  # a state told earlier than a quarter before the period is not known any more
AHEAD_S = (
    10 * DAY_S
)  # a start after the period tells that the node had ended in it: over the longest holidays


@dataclass(frozen=True, slots=True, order=True)
class Device:
    hall: str
    node: str
    device: str


def watched(
    db: Connection, period: Span, is_open: Mapping[str, Iterable[Span]], hall: str = ""
) -> dict[Device, Availability]:
    """`is_open`: when each hall was open."""
    hours = {name: Hours(its) for name, its in is_open.items()}
    never = Hours(())
    stretches: dict[Device, list[Stretch]] = {}
    changes = _changes(db, period)
    for key in epochs(db, hall):
        its = changes.get(key, [])
        for device, told in _histories(db, key, its).items():
            stretches.setdefault(Device(*key[:2], device), []).extend(told)
    return {
        device: availability(sorted(its, key=lambda each: each.begin), period, hours.get(device.hall, never))
        for device, its in sorted(stretches.items())
        if any(each.end > period[0] and each.begin < period[1] for each in its)
    }


def _histories(db: Connection, key: EpochKey, changes: Sequence[Change]) -> dict[str, list[Stretch]]:
    newest = neighbour(db, key, 1 << 62, -1)
    if newest is None:
        return {}
    return histories(changes, lambda seq: neighbour(db, key, seq, -1), newest)


def _changes(db: Connection, period: Span) -> dict[EpochKey, list[Change]]:
    event = tables.event.c
    query = select(event.hall, event.node, event.epoch, event.seq, event.at, event.body)
    query = query.where(event.kind == "device.changed")
    query = query.where(event.at >= period[0] - BACK_S, event.at < period[1] + AHEAD_S)
    found: dict[EpochKey, list[Change]] = {}
    for hall, node, epoch, seq, at, body in db.execute(query):
        told = parsed(body)
        device, state = str(told.get("device", "")), str(told.get("state", ""))
        conditions = told.get("conditions")
        codes = tuple(map(str, conditions)) if isinstance(conditions, list) else ()
        change = Change(seq, at, device, state, codes)
        found.setdefault((hall, node, epoch), []).append(change)
    for its in found.values():
        its.sort(key=attrgetter("seq"))  # hardly anything to do, while SQLite would sort the bodies too
    return found
