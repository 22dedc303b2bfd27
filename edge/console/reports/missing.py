"""What a report lacks, named: silent halls, days without a record, gaps, records that do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, bindparam, func, select

from edge.console import tables
from edge.console.engine import EpochKey
from edge.console.pairing import Span
from edge.console.reports.acts import Node

MAX_ROWS = 1_000  # of each kind: whoever has more has one cause to look for, and not a thousand
WORDS = {
    "hall_silent": ("整厅缺报", "the hall has sent nothing"),
    "node_silent": ("节点缺报", "the node has sent nothing"),
    "days": ("工作日无记录", "working days without a record"),
    "gap": ("记录缺失，节点上也已没有", "events are gone, also from the node"),
    "rejected": ("记录无法读取", "events that could not be read"),
    "unfit": ("记录对不上链，可能被改动", "acts that do not fit into their chain, perhaps altered"),
    "conflict": ("同一序号有不同的记录", "another event came under a place that was taken"),
    "dropped": ("设备状态因空间不足被丢弃", "changes of devices made room for acts"),
    "more": ("还有更多，未逐条列出", "there are more, not named here"),
}


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    hall: str
    node: str
    what: str  # of WORDS
    count: int
    detail: str = ""


def silent(nodes: Iterable[Node], expected: Mapping[str, str], workdays: Sequence[date]) -> Iterator[Lack]:
    """`expected`: halls that are to report, by id, with their names. Nothing lacks before a day is over."""
    if not workdays:
        return
    halls: dict[str, list[Node]] = {hall: [] for hall in expected}
    for node in nodes:
        halls.setdefault(node.hall, []).append(node)
    for hall, its in halls.items():
        days = set().union(*(node.days for node in its))
        if not days:
            yield Lack(hall, "", "hall_silent", len(workdays), expected.get(hall, ""))
            continue
        for node in its:
            if not node.days:
                yield Lack(hall, node.node, "node_silent", len(workdays))
        without = [day for day in workdays if day.isoformat() not in days]
        if without:
            yield Lack(hall, "", "days", len(without), ", ".join(_runs(without)))


def _runs(days: Sequence[date]) -> Iterator[str]:
    """Days one after the other as `first…last`."""
    first = last = days[0]
    for day in (*days[1:], None):
        if day is not None and day - last == timedelta(days=1):
            last = day
            continue
        yield f"{first}" if first == last else f"{first}…{last}"
        if day is not None:
            first = last = day


def damaged(db: Connection, span: Span, keys: Sequence[EpochKey]) -> Iterator[Lack]:
    """What is missing from the record, or stands in it and does not fit, of a span of wall time."""
    event = tables.event.c
    for table, what in ((tables.unfit, "unfit"), (tables.conflict, "conflict")):
        same = and_(*(table.c[name] == event[name] for name in ("hall", "node", "epoch", "seq")))
        query = select(table.c.hall, table.c.node, func.count()).join(tables.event, same)
        query = query.where(event.at >= span[0], event.at < span[1]).group_by(table.c.hall, table.c.node)
        for hall, node, count in db.execute(query):
            yield Lack(hall, node, what, count)
    query = select(event.hall, event.node, func.count()).where(event.kind == "dropped")
    query = query.where(event.at >= span[0], event.at < span[1]).group_by(event.hall, event.node)
    for hall, node, count in db.execute(query):
        yield Lack(hall, node, "dropped", count)
    wanted = set(keys)
    yield from _holes(db, span, wanted, tables.missing, "gap")
    yield from _holes(db, span, wanted, tables.rejected, "rejected")


def _holes(db: Connection, span: Span, keys: set[EpochKey], table: Table, what: str) -> Iterator[Lack]:
    """Places without an event, of which only the neighbours tell the time."""
    last = table.c.last_seq if "last_seq" in table.c else table.c.seq
    first = table.c.first_seq if "first_seq" in table.c else table.c.seq
    query = select(table.c.hall, table.c.node, table.c.epoch, first, last).where(last > 0)
    rows = db.execute(query.order_by(table.c.hall, table.c.node, first).limit(MAX_ROWS + 1)).all()
    for hall, node, epoch, begin, end in rows[:MAX_ROWS]:
        key = (hall, node, epoch)
        if key in keys and _is_within(db, key, begin, end, span):
            yield Lack(
                hall, node, what, end - begin + 1, f"seq {begin}…{end}" if end > begin else f"seq {begin}"
            )
    if len(rows) > MAX_ROWS:
        yield Lack("", "", "more", len(rows) - MAX_ROWS, what)


def _is_within(db: Connection, key: EpochKey, begin: int, end: int, span: Span) -> bool:
    """Whether the events that were at these places may have happened in the span."""
    before, after = neighbour(db, key, begin, -1), neighbour(db, key, end, +1)
    return (before is None or before < span[1]) and (after is None or after >= span[0])


def neighbour(db: Connection, key: EpochKey, seq: int, way: int) -> float | None:
    """The wall time of the next event before (-1) or after (+1) a place; None where there is none."""
    place = dict(zip(("hall", "node", "epoch", "seq"), (*key, seq), strict=True))
    return db.execute(_NEXT[way], place).scalar_one_or_none()


def _next(way: int) -> Select[float]:
    """Made once: a year's report asks five thousand times, and SQL takes longer to be made than to run."""
    event = tables.event.c
    same = and_(*(event[name] == bindparam(name) for name in ("hall", "node", "epoch")))
    seq: Any = event.seq
    there, order = (seq < bindparam("seq"), seq.desc()) if way < 0 else (seq > bindparam("seq"), seq)
    return select(event.at).where(same, there).order_by(order).limit(1)


_NEXT = {way: _next(way) for way in (-1, +1)}
