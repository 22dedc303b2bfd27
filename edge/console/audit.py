"""Whether the record still is what the nodes told: its chains walked in the record itself, also beside a hub.

Read-only, a few thousand rows at a time: memory stays flat, and nobody waits for a long reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, func, literal, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.engine import EpochKey, RecordError, of_epoch, open_engine, reason_of, shown
from edge.console.settled import Settled, settled_of
from edge.wire import ACTS, Misfit, seal_of
from edge.wire.walk import Finding, Kept, Walk

CHUNK = 2000  # rows of one query: 1 MiB of memory


@dataclass(frozen=True, slots=True)
class Audited:
    """One chain, walked. `marked`: what did not fit had not fitted when it came, and was told then.
    `settled`: what somebody has said of those of `walk.settled`, in their order."""

    key: EpochKey
    walk: Walk
    marked: bool
    settled: tuple[Settled, ...] = ()


def audit(url: str, hall: str = "") -> Iterator[Audited]:
    """Every chain of the record, or of one hall, in order. Raises RecordError where it cannot be read."""
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as db:
            key: EpochKey | None = None
            while key := _next(db, key, hall):
                yield _audited(db, key)
    except SQLAlchemyError as error:
        raise RecordError(f"the record {shown(url)} cannot be read: {reason_of(error)}") from error
    finally:
        engine.dispose()


def _bound(key: EpochKey) -> Any:
    """The names as parameters of a query, also those that are no UTF-8."""
    return tuple(name if name == _shown(name) else cast(literal(_raw(name)), Text) for name in key)


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _shown(text: str) -> str:
    return _raw(text).decode("utf-8", "replace")


def _next(db: Connection, after: EpochKey | None, hall: str) -> EpochKey | None:
    """The first chain behind `after`, of which there are events or a cursor: also one that is not to be."""
    found: list[EpochKey] = []
    for table in (tables.event, tables.cursor):
        name = tuple_(table.c.hall, table.c.node, table.c.epoch)
        query = select(table.c.hall, table.c.node, table.c.epoch).order_by(*name).limit(1)
        query = query.where(name > tuple_(*_bound(after))) if after else query
        query = query.where(table.c.hall == hall) if hall else query
        if row := db.execute(query).first():
            found.append((row.hall, row.node, row.epoch))
    return min(found, default=None)


def _audited(db: Connection, read: EpochKey) -> Audited:
    key = _bound(read)
    hall, node, epoch = map(_shown, read)
    last_seq, link = _end(db, key)
    known = settled_of(db, key)
    walk = Walk(epoch, settled=known)
    for kept in _rows(db, key, last_seq):
        _skip(db, key, walk, kept.seq)
        walk.take(kept)
    _skip(db, key, walk, last_seq + 1)
    walk.end(last_seq, link)
    if beyond := _beyond(db, key):
        walk.add(beyond)
    seq = tables.unfit.c.seq
    marked = and_(of_epoch(tables.unfit, key), seq == (walk.first.seq if walk.first else 0))
    told = db.execute(select(seq).where(marked)).first() is not None
    return Audited((hall, node, epoch), walk, told, tuple(known[each.mark] for each in walk.settled))


def _end(db: Connection, key: EpochKey) -> tuple[int, str]:
    """What has been acknowledged to the node, and the link of the last act there: of one moment."""
    cursor = select(tables.cursor.c.last_seq).where(of_epoch(tables.cursor, key)).scalar_subquery()
    chain = select(tables.chain.c.link).where(of_epoch(tables.chain, key)).scalar_subquery()
    last_seq, link = db.execute(select(cursor, chain)).one()
    return last_seq or 0, link or ""


def _rows(db: Connection, key: EpochKey, last_seq: int) -> Iterator[Kept]:
    columns, seq = tables.event.c, 0
    query = select(columns.seq, columns.id, columns.kind, columns.at, columns.body).order_by(columns.seq)
    while True:
        there = and_(of_epoch(tables.event, key), columns.seq > seq, columns.seq <= last_seq)
        rows = db.execute(query.where(there).limit(CHUNK)).all()
        if not rows:
            return
        for row in rows:
            body = row.body  # bytes where somebody has put them there
            text = body if isinstance(body, bytes) else _raw(str(body))
            act = row.kind in ACTS or seal_of(text) is not None
            yield Kept(row.seq, row.id, row.kind, row.at, text, act)
        seq = rows[-1].seq


def _skip(db: Connection, key: EpochKey, walk: Walk, before: int) -> None:
    """What stands before the next row and is known to be lost, or could not be read when it came."""
    if walk.next_seq >= before:
        return
    missing, rejected = tables.missing.c, tables.rejected.c
    lost = select(missing.first_seq, missing.last_seq).where(
        of_epoch(tables.missing, key), missing.first_seq >= walk.next_seq, missing.last_seq < before
    )
    unread = select(rejected.seq, rejected.seq).where(
        of_epoch(tables.rejected, key), rejected.seq >= walk.next_seq, rejected.seq < before
    )
    for first, last in sorted({*map(tuple, db.execute(lost)), *map(tuple, db.execute(unread))}):
        walk.skip(first, last)


def _beyond(db: Connection, key: EpochKey) -> Finding | None:
    """The first event that stands behind all that was acknowledged: the hub never kept it."""
    columns = tables.event.c
    cursor = select(tables.cursor.c.last_seq).where(of_epoch(tables.cursor, key)).scalar_subquery()
    there = and_(of_epoch(tables.event, key), columns.seq > func.coalesce(cursor, 0))
    row = db.execute(select(columns.seq, columns.kind).where(there).order_by(columns.seq).limit(1)).first()
    return Finding(Misfit.ORDER, row.seq, row.kind) if row else None
