"""The record, read for a report: every node's days of a period, in the order in which they happened.

Read-only and beside the hub, which SQLite's write-ahead log lets go on. A node's events are one stretch of
the table, so a period is read as it lies there, from its first day's opening to the first that is later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, and_, select

from edge.console import tables
from edge.console.engine import (
    EpochKey,
    RecordError,
    errors_of,
    of_epoch,
    open_engine,
    read_strictly,
    reason_of,
    shown,
    streamed,
)
from edge.console.reports.acts import Node
from edge.console.reports.lines import plainly
from edge.console.reports.period import Period
from edge.console.reports.withdrawn import withdrawn

DAY_S = 86_400.0
SLACK_S = 3 * DAY_S  # a node's clock may be wrong by so much, and its days still be found
_DAY = "day.opened"


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Raises RecordError, also for what goes wrong within."""
    engine = open_engine(url, read_only=True)
    try:
        with engine.connect() as db:
            read_strictly(db)
            yield db
    except errors_of(engine) as error:
        raise RecordError(f"the record {shown(url)} cannot be read: {reason_of(error)}") from error
    finally:
        engine.dispose()


def epochs(db: Connection, hall: str = "") -> list[EpochKey]:
    """Every node's databases, of all halls or one."""
    columns = tables.cursor.c
    query = select(columns.hall, columns.node, columns.epoch).order_by(columns.hall, columns.node)
    rows = db.execute(query.where(columns.hall == hall) if hall else query)
    return [(row.hall, row.node, row.epoch) for row in rows]


def read(db: Connection, period: Period, begin_s: float, end_s: float, hall: str = "") -> list[Node]:
    """All nodes of the record, also those with nothing in the period. The wall times only help to find it."""
    nodes: dict[tuple[str, str], Node] = {}
    appealed = withdrawn(db, hall)
    starts = _starts(db, period, begin_s - SLACK_S, end_s + SLACK_S)
    for key in epochs(db, hall):
        node = nodes.setdefault(key[:2], Node(*key[:2], withdrawn=appealed))
        for first in starts.get(key, [])[:1]:
            _fold(db, key, first, period, node)
    return list(nodes.values())


def _starts(db: Connection, period: Period, since: float, until: float) -> dict[EpochKey, list[int]]:
    """The seqs of the days that opened in the period, of each node."""
    columns = tables.event.c
    query = select(columns.hall, columns.node, columns.epoch, columns.seq, columns.body)
    query = query.where(columns.kind == _DAY, columns.at >= since, columns.at < until)
    found: dict[EpochKey, list[int]] = {}
    for hall, node, epoch, seq, body in db.execute(query.order_by(columns.seq)):
        if period.first.isoformat() <= _day_of(body) <= period.last.isoformat():
            found.setdefault((hall, node, epoch), []).append(seq)
    return found


def _fold(db: Connection, key: EpochKey, first: int, period: Period, node: Node) -> None:
    begin, end = period.first.isoformat(), period.end.isoformat()
    within = True
    for kind, at, body in rows(db, key, first):
        if kind == _DAY:
            day = _day_of(body)
            if day >= end:
                break
            within = day >= begin
            if within:
                node.open_day(day, at)
        elif within:
            node.take(kind, at, body)
    node.end()


def rows(db: Connection, key: EpochKey, first: int) -> Iterator[tuple[str, float, str]]:
    columns = tables.event.c
    query = select(columns.kind, columns.at, columns.body).order_by(columns.seq)
    return streamed(db, query.where(and_(of_epoch(tables.event, key), columns.seq >= first)))


def _day_of(body: str) -> str:
    return plainly(("day",), body)[0]
