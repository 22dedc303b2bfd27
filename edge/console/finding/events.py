"""Events, newest first, a page at a time: each page costs the same, however far back it lies.

Each question becomes streams that an index gives in order, of a hall, a kind or both, merged here. What no
index knows is looked for in the events themselves, LOOKED at most: the answer says how many it were, and
whether that was all.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, select, tuple_

from edge.console import tables
from edge.console.finding.wanted import MAX_KINDS, Cursor, Sieve, Wanted, told_in

MAX_ROWS = 200  # of a page
LOOKED = 10_000  # events of one question: a centre's busy day, in a tenth of a second
FIRST, MOST = 64, 1_000  # rows of a stream's first query, and of a later one
MAX_EPOCHS = 50  # databases that a node has had: one a year, or one a fault

_E = tables.event.c
_COLUMNS = (_E.at, _E.hall, _E.node, _E.epoch, _E.seq, _E.kind, _E.id, _E.body)
_KEY = (_E.at, _E.hall, _E.node, _E.epoch, _E.seq)
_Row: TypeAlias = Any  # as _COLUMNS says


@dataclass(frozen=True, slots=True)
class Event:
    """`body`: the event as its node told it, JSON; what was no UTF-8 any more is marked as such."""

    hall: str
    node: str
    epoch: str
    seq: int
    id: str
    kind: str
    at: float
    body: str

    @property
    def told(self) -> dict[str, Any]:
        return told_in(self.body)


@dataclass(frozen=True, slots=True)
class Found:
    """`complete`: nothing that is wanted was passed over. False: LOOKED have been looked at, and `more` is
    where to look on. `more` None: there are no older ones."""

    events: tuple[Event, ...]
    looked: int
    complete: bool
    more: Cursor | None


def find(db: Connection, wanted: Wanted, limit: int = 100) -> Found:
    """A page of at most `limit`, which is at most MAX_ROWS."""
    limit = max(1, min(limit, MAX_ROWS))
    sieve = Sieve(wanted)
    rows = _in_order(db, wanted) if wanted.in_order else _by_time(db, wanted)
    events: list[Event] = []
    looked, row = 0, None
    for row in rows:
        looked += 1
        if (not wanted.node or row.node == wanted.node) and (sieve.is_open or sieve.passes(_text(row.body))):
            events.append(_event(row))
        if len(events) == limit:
            return Found(tuple(events), looked, complete=True, more=_cursor(row))
        if looked >= LOOKED:
            return Found(tuple(events), looked, complete=False, more=_cursor(row))
    return Found(tuple(events), looked, complete=True, more=None)


def _by_time(db: Connection, wanted: Wanted) -> Iterator[_Row]:
    streams = [_stream(db, wanted, which) for which in _prefixes(db, wanted)]
    if len(streams) == 1:
        return streams[0]
    return heapq.merge(*streams, key=itemgetter(0, 1, 2, 3, 4), reverse=True)


def _prefixes(db: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What leads an index, of each stream."""
    kinds = [_E.kind == kind for kind in dict.fromkeys(wanted.kinds[:MAX_KINDS])]
    if wanted.hall:
        hall = _E.hall == wanted.hall
        return [and_(hall, kind) for kind in kinds] or [hall]
    halls = db.execute(select(tables.cursor.c.hall).distinct()).scalars() if not kinds else ()
    return kinds or [_E.hall == hall for hall in halls]


def _stream(db: Connection, wanted: Wanted, which: ColumnElement[bool]) -> Iterator[_Row]:
    query = select(*_COLUMNS).where(which).order_by(*(column.desc() for column in _KEY))
    if wanted.since_s is not None:
        query = query.where(_E.at >= wanted.since_s)
    if wanted.until_s is not None:
        query = query.where(_E.at < wanted.until_s)
    before, size = wanted.before, FIRST
    while True:
        rows = db.execute(_older(query, before).limit(size)).all()
        yield from rows
        if len(rows) < size:
            return
        before, size = _cursor(rows[-1]), MOST


def _older(query: Select[Any], before: Cursor | None) -> Select[Any]:
    if before is None:
        return query
    key = (before.at, before.hall, before.node, before.epoch, before.seq)
    return query.where(_E.at <= before.at, tuple_(*_KEY) < tuple_(*key))  # the first is for the index


def _in_order(db: Connection, wanted: Wanted) -> Iterator[_Row]:
    """Of one node, by its own counting; its databases by the time of their newest event."""
    of_node = and_(_E.hall == wanted.hall, _E.node == wanted.node)
    epochs, before = _epochs(db, wanted), wanted.before
    if before and before.epoch in epochs:
        epochs = epochs[epochs.index(before.epoch) :]
    for epoch in epochs:
        query = select(*_COLUMNS).where(of_node, _E.epoch == epoch).order_by(_E.seq.desc())
        seq, size = (before.seq if before and before.epoch == epoch else 1 << 62), FIRST
        while rows := db.execute(query.where(_E.seq < seq).limit(size)).all():
            yield from rows
            seq, size = rows[-1].seq, MOST


def _epochs(db: Connection, wanted: Wanted) -> list[str]:
    cursor = tables.cursor.c
    theirs = select(cursor.epoch).where(cursor.hall == wanted.hall, cursor.node == wanted.node)
    newest: list[tuple[float, str]] = []
    for epoch in db.execute(theirs.limit(MAX_EPOCHS)).scalars().all():
        there = and_(_E.hall == wanted.hall, _E.node == wanted.node, _E.epoch == epoch)
        at = db.execute(select(_E.at).where(there).order_by(_E.seq.desc()).limit(1)).scalar_one_or_none()
        newest.append((at or 0.0, epoch))
    return [epoch for _, epoch in sorted(newest, reverse=True)]


def _event(row: _Row) -> Event:
    text = _text(row.body).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Event(row.hall, row.node, row.epoch, row.seq, row.id, row.kind, row.at, text)


def _text(body: object) -> str:
    """Bytes where somebody has put them there."""
    return body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else str(body)


def _cursor(row: _Row) -> Cursor:
    return Cursor(row.at, row.hall, row.node, row.epoch, row.seq)
