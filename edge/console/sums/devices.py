"""What the pages ask about devices: what became of one, and how long each was there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from edge.console import tables
from edge.console.pairing import Span
from edge.console.reports.devices import Availability, Change, Hours, Stretch, histories
from edge.console.reports.devices import availability as availability_of
from edge.console.reports.watched import Device
from edge.console.sums.asking import opened_between

MAX_CHANGES = 500  # of a device's history: a page of it
BACK_S = (
    10 * 86_400.0
)  # a node that was started before that, over the longest holidays, has told its devices anew


@dataclass(frozen=True, slots=True)
class Told:
    """A change of a device as its node told it. `at` is the node's wall time."""

    at: float
    state: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A device within a period. `stretches` lie in order within it; between them nothing is known."""

    device: Device
    found: Availability
    stretches: tuple[Stretch, ...]


def device_history(db: Connection, device: Device, period: Span) -> list[Told]:
    """Newest first, at most MAX_CHANGES."""
    columns = tables.device_change.c
    query = select(columns.at, columns.state, columns.conditions).where(columns.hall == device.hall)
    query = query.where(columns.node == device.node, columns.device == device.device)
    query = query.where(columns.at >= period[0], columns.at < period[1])
    rows = db.execute(query.order_by(columns.at.desc(), columns.seq.desc()).limit(MAX_CHANGES))
    return [Told(row.at, row.state, _codes(row.conditions)) for row in rows]


def period_of(first: date, last: date, zone: tzinfo, now_s: float) -> Span:
    """From the first day's begin to the last one's end or now, in wall time."""
    begin, end = (
        datetime.combine(day, time(), zone).timestamp() for day in (first, last + timedelta(days=1))
    )
    return begin, max(begin, min(end, now_s))


def availability(db: Connection, hall: str, first: date, last: date, period: Span) -> list[Watched]:
    """Every device of a hall that was told within `period`, which is that of the days (`period_of`)."""
    hours = Hours(opened_between(db, hall, first, last))
    newest = _newest(db, hall)
    found: dict[tuple[str, str], list[Stretch]] = {}
    for (node, epoch), rows in groupby(rows_of(db, hall, period), lambda row: (row.node, row.epoch)):
        its = list(rows)
        before = {row.seq: row.before_at for row in its}
        for device, told in histories(_changes(its), before.get, newest.get((node, epoch), 0.0)).items():
            found.setdefault((node, device), []).extend(told)
    return [
        Watched(Device(hall, node, device), availability_of(its, period, hours), _clipped(its, period))
        for (node, device), stretches in sorted(found.items())
        if (its := sorted(stretches, key=lambda each: each.begin))
        and any(each.end > period[0] and each.begin < period[1] for each in its)
    ]


def rows_of(db: Connection, hall: str, period: Span) -> Sequence[Any]:
    """By node and epoch, in order: also those just before, and before these the last one of each device."""
    columns, since_s = tables.device_change.c, period[0] - BACK_S
    wanted = (columns.node, columns.epoch, columns.seq, columns.device, columns.at, columns.before_at)
    rows = select(*wanted, columns.state, columns.conditions).where(columns.hall == hall)
    recent = db.execute(rows.where(columns.at >= since_s, columns.at < period[1])).all()
    last = _last(hall, since_s)
    same = and_(columns.node == last.c.node, columns.epoch == last.c.epoch, columns.seq == last.c.seq)
    standing = db.execute(rows.join_from(last, tables.device_change, same)).all()
    return sorted((*recent, *standing), key=lambda row: (row.node, row.epoch, row.seq))


def _last(hall: str, before_s: float) -> Subquery:
    """Node, epoch and seq of the newest change of each device before that. By the index from one device to
    the next, and to its newest: a hall's year has 90,000 changes, of which 350 are looked for."""
    change, cursor = tables.device_change.alias(), tables.cursor.c

    def its(of: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
        return and_(change.c.hall == hall, change.c.node == of.node, change.c.epoch == of.epoch)

    first = select(func.min(change.c.device)).where(its(cursor)).scalar_subquery()
    known = select(cursor.node, cursor.epoch, first.label("device")).where(cursor.hall == hall)
    device = known.cte("device", recursive=True)
    after = select(func.min(change.c.device)).where(its(device.c), change.c.device > device.c.device)
    others = select(device.c.node, device.c.epoch, after.scalar_subquery())
    device = device.union_all(others.where(device.c.device.is_not(None)))
    older = and_(its(device.c), change.c.device == device.c.device, change.c.at < before_s)
    newest = select(change.c.seq).where(older).order_by(change.c.seq.desc()).limit(1).scalar_subquery()
    return select(device.c.node, device.c.epoch, newest.label("seq")).subquery("last")


def _newest(db: Connection, hall: str) -> dict[tuple[str, str], float]:
    """Until when each epoch's last states hold: its newest event."""
    columns = tables.sum_cursor.c
    query = select(columns.node, columns.epoch, columns.last_at).where(columns.hall == hall)
    return {(row.node, row.epoch): row.last_at for row in db.execute(query)}


def _changes(rows: Iterable[Any]) -> list[Change]:
    return [Change(row.seq, row.at, row.device, row.state, _codes(row.conditions)) for row in rows]


def _clipped(stretches: Sequence[Stretch], period: Span) -> tuple[Stretch, ...]:
    within = (Stretch(max(each.begin, period[0]), min(each.end, period[1]), each.state) for each in stretches)
    return tuple(each for each in within if each.end > each.begin)


@lru_cache(maxsize=256)  # most are none, or the few that a make has
def _codes(text: str) -> tuple[str, ...]:
    try:
        codes = from_json(text)
    except ValueError:
        return ()  # somebody has damaged it
    return tuple(map(str, codes)) if isinstance(codes, list) else ()
