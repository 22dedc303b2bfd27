"""Whatever is appended, in whatever crowd: seq is gapless, and what failed left nothing."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.store import Draft, Duplicate, Limits, Store
from tests.store_kit import draft, flat, seqs, told

# A crowd of appends; each is a list of ids, and small numbers repeat, so that some are duplicates.
APPENDS = st.lists(st.lists(st.integers(0, 12), max_size=4), max_size=12)


def drafts(ids: list[int]) -> list[Draft]:
    return [draft(id=f"{n:032x}") for n in ids]


def expected(crowds: list[list[list[int]]]) -> list[int]:
    """One after the other, each whole or not at all."""
    kept: list[int] = []
    for append in (append for crowd in crowds for append in crowd):
        if len(set(append)) == len(append) and not set(append) & set(kept):
            kept += append
    return kept


async def run(crowds: list[list[list[int]]], group_rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "hall.db"
        told_of: list[tuple[int, int]] = []
        for crowd in crowds:
            store = await Store.open(path, Limits(min_free_bytes=0, group_rows=group_rows))
            results = await asyncio.gather(
                *(store.append(drafts(ids)) for ids in crowd), return_exceptions=True
            )
            for result in results:
                assert isinstance(result, (list, Duplicate))
                if isinstance(result, list):
                    told_of += [(r.stamp.seq, int(r.stamp.id, 16)) for r in result]
            await store.close()
        store = await Store.open(path)
        rows = await told(store)
        await store.close()
        assert seqs(rows) == list(range(1, len(rows) + 1))
        ids = [int(flat(row)["id"], 16) for row in rows]
        assert ids == expected(crowds)
        assert told_of == list(enumerate(ids, 1))


@settings(max_examples=60)
@given(crowds=st.lists(APPENDS, min_size=1, max_size=3), group_rows=st.sampled_from([1, 3, 512]))
def test_gapless_and_all_or_nothing(crowds: list[list[list[int]]], group_rows: int) -> None:
    asyncio.run(run(crowds, group_rows))
