"""The newest events are told from memory: what is told is what the database has."""

from __future__ import annotations

import asyncio
from pathlib import Path

from edge.store import Duplicate, Row, Store
from edge.store.store import RECENT_BYTES, RECENT_ROWS
from edge.wire import TicketVoided
from tests.store_kit import ALL, draft, outside, seqs


def kept(path: Path, after: int) -> list[Row]:
    sql = f"SELECT seq, text FROM event WHERE seq > {after} ORDER BY seq"
    return [Row(seq, text.encode()) for seq, text in outside(path, sql)]


async def reopened_copy(store: Store, path: Path) -> Store:
    """The same database in a store that has appended nothing, so has all from queries."""
    outside(store.path, f"VACUUM INTO '{path}'")
    return await Store.open(path)


async def test_each_tail_is_that_of_the_database(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    for _ in range(RECENT_ROWS // 2):
        await store.append([draft(), draft(), draft()])
    for seq in range(store.last_seq + 1):
        assert await store.after(seq, 1000, ALL) == kept(store.path, seq)
    await store.close()


async def test_what_was_rolled_back_is_not_told(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    first = draft()
    results = await asyncio.gather(
        *(store.append(drafts) for drafts in ([first], [draft(), first], [draft()])), return_exceptions=True
    )
    assert isinstance(results[1], Duplicate)
    assert await store.after(0, 1000, ALL) == kept(store.path, 0)
    assert seqs(kept(store.path, 0)) == [1, 2]
    await store.close()


async def test_memory_is_bounded_in_bytes(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    for _ in range(20):
        await store.append([draft(TicketVoided(ticket="A001", reason="字" * 4000))])
    assert sum(len(row.text) for row in store._recent) <= RECENT_BYTES
    assert await store.after(0, 1000, ALL) == kept(store.path, 0)
    await store.close()


async def test_limits_hold_as_in_the_query(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft(TicketVoided(ticket="A001", reason="x" * 100 * n)) for n in range(1, 30)])
    again = await reopened_copy(store, tmp_path / "copy.db")
    for seq in (0, 7, 28):
        for limit_rows in (1, 3, 100):
            for limit_bytes in (1, 2_000, 9_000):
                told = await store.after(seq, limit_rows, limit_bytes)
                assert told == await again.after(seq, limit_rows, limit_bytes)
                assert told
    await store.close()
    await again.close()
