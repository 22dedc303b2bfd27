"""The sums in their tables: how far they go, and a piece of a node's record put there, once, as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from edge.console import tables
from edge.console.engine import EpochKey, of_epoch
from edge.console.sums.model import BODY, DaySum
from edge.rules.rates import BAD

NAMES = ("hall", "node", "epoch")


class Overtaken(Exception):
    """Somebody else has counted here meanwhile. Next: begin again where the record says."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How far the sums of a node's epoch go; of its running day the place of `day.opened`, 0 without one."""

    last_seq: int = 0
    last_at: float = 0.0
    day_seq: int = 0


@dataclass(frozen=True, slots=True)
class Behind:
    """An epoch of which more is recorded than counted: up to `recorded`."""

    key: EpochKey
    kept: Kept
    recorded: int


@dataclass(frozen=True, slots=True)
class Change:
    """A device's, as `device.changed` tells it. `conditions`: JSON."""

    seq: int
    at: float
    before_at: float
    device: str
    state: str
    conditions: str


def behind(db: Connection) -> list[Behind]:
    cursor, kept = tables.cursor, tables.sum_cursor
    same = and_(*(cursor.c[name] == kept.c[name] for name in NAMES))
    key = (cursor.c.hall, cursor.c.node, cursor.c.epoch)
    query = select(*key, cursor.c.last_seq, kept.c.last_seq, kept.c.last_at, kept.c.day_seq)
    query = query.outerjoin_from(cursor, kept, same)
    query = query.where(cursor.c.last_seq > func.coalesce(kept.c.last_seq, 0))
    return [
        Behind((row[0], row[1], row[2]), Kept(row[4] or 0, row[5] or 0.0, row[6] or 0), row[3])
        for row in db.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Counted:
    """From `before` to `after`. `days`: ISO date and sum by the place of `day.opened`."""

    before: Kept
    after: Kept
    days: Mapping[int, tuple[str, DaySum]]
    changes: Sequence[Change]


def keep(db: Connection, key: EpochKey, counted: Counted) -> None:
    """Instead of what stands there. Raises Overtaken: nothing is kept then."""
    before, after, days, changes = counted.before, counted.after, counted.days, counted.changes
    _move(db, key, before, after)
    place = dict(zip(NAMES, key, strict=True))
    seq = tables.day_sum.c.seq
    _clear(db, tables.day_sum, key, or_(_is_new(seq, before, after), seq.in_(list(days))))
    if days:
        rows = [place | _row(seq, day, sum_) for seq, (day, sum_) in days.items()]
        db.execute(insert(tables.day_sum), rows)
    _clear(db, tables.device_change, key, _is_new(tables.device_change.c.seq, before, after))
    if changes:
        db.execute(insert(tables.device_change), [place | _changed(change) for change in changes])


def forget(db: Connection, hall: str = "") -> None:
    """All is counted anew by whoever follows; until then what stands there stays."""
    query = delete(tables.sum_cursor)
    db.execute(query.where(tables.sum_cursor.c.hall == hall) if hall else query)


def prune(db: Connection, before_s: float, most: int) -> int:
    """Changes of devices told before that; how many."""
    table = tables.device_change
    key = tuple_(*table.primary_key)
    old = db.execute(select(*table.primary_key).where(table.c.at < before_s).limit(most)).all()
    if old:
        db.execute(delete(table).where(key.in_([tuple(row) for row in old])))
    return len(old)


def _move(db: Connection, key: EpochKey, before: Kept, after: Kept) -> None:
    """The cursor, compared and set: two who count at once do not both get through."""
    table = tables.sum_cursor
    values = {"last_seq": after.last_seq, "last_at": after.last_at, "day_seq": after.day_seq}
    there = and_(of_epoch(table, key), table.c.last_seq == before.last_seq)
    if db.execute(update(table).where(there).values(values)).rowcount:
        return
    if before.last_seq:
        raise Overtaken
    try:
        db.execute(insert(table), dict(zip(NAMES, key, strict=True)) | values)
    except IntegrityError:
        raise Overtaken from None


def _is_new(seq: ColumnElement[int], before: Kept, after: Kept) -> ColumnElement[bool]:
    return and_(seq > before.last_seq, seq <= after.last_seq)


def _clear(db: Connection, table: Table, key: EpochKey, which: ColumnElement[bool]) -> None:
    db.execute(delete(table).where(of_epoch(table, key), which))


def _row(seq: int, day: str, sum_: DaySum) -> dict[str, Any]:
    total = sum_.total()
    levels = [(level, count) for desk in sum_.windows.values() for level, count in desk.levels.items()]
    bad = sum(count for level, count in levels if level in BAD)
    return {
        "seq": seq,
        "day": day,
        "arrivals": total.arrivals,
        "called": total.called,
        "served": total.served,
        "no_show": total.no_show,
        "wait_n": total.wait_n,
        "wait_s": total.wait_s,
        "wait_max_s": total.wait_max_s,
        "told_n": total.told_n,
        "told_err_s": total.told_err_s,
        "good": sum(count for _, count in levels) - bad,
        "bad": bad,
        "missed": sum(sum(desk.missed.values()) for desk in sum_.windows.values()),
        "body": BODY.dump_json(sum_).decode(),
    }


def _changed(change: Change) -> dict[str, Any]:
    return {
        "seq": change.seq,
        "device": change.device,
        "at": change.at,
        "before_at": change.before_at,
        "state": change.state,
        "conditions": change.conditions,
    }
