"""What the store's tests share: drafts, and a look at a database from outside the program."""

from __future__ import annotations

import itertools
import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

from edge.store import Draft, Limits, Row, Store
from edge.wire import DayOpened, DeviceChanged, Fact, TicketCalled

_ticks = itertools.count(1)
ALL = 1_000_000_000
SMALL = Limits(max_bytes=2 * 1024 * 1024, wal_bytes=256 * 1024, min_free_bytes=0)


def draft(fact: Fact | None = None, **changes: Any) -> Draft:
    tick = next(_ticks)
    fields: dict[str, Any] = {
        "fact": fact or act(tick),
        "id": uuid.uuid4().hex,
        "at": 1_700_000_000.0 + tick,
        "mono": float(tick),
        "clock_ok": True,
        "by": "node",
    }
    return Draft(**(fields | changes))


def act(number: int) -> TicketCalled:
    return TicketCalled(ticket=f"A{number:03d}", window="3", staff="1001", times=1)


def telemetry(number: int = 0) -> DeviceChanged:
    return DeviceChanged(device="printer-1", state="online", conditions=("paper_low", f"n{number}"))


def day(number: int) -> DayOpened:
    return DayOpened(day=f"2025-03-{number:02d}")


async def told(store: Store, after: int = 0) -> list[Row]:
    """Everything from `after` on, as the outbox would read it."""
    rows: list[Row] = []
    while more := await store.after(rows[-1].seq if rows else after, 500, ALL):
        rows += more
    return rows


def flat(row: Row) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(row.text)
    return value


def seqs(rows: list[Row]) -> list[int]:
    return [row.seq for row in rows]


def bytes_on_disk(path: Path) -> int:
    return sum(p.stat().st_size for p in (path, path.with_name(path.name + "-wal")) if p.exists())


def outside(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """A query by Python's own sqlite3, with none of our code between; a write is committed."""
    conn = sqlite3.connect(path)
    try:
        with conn:
            return conn.execute(sql).fetchall()
    finally:
        conn.close()
