"""The store alone: one append after the other, and a crowd of them, beside a bare commit loop."""

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from pathlib import Path

from edge.store import Store
from tests.bench.bare import journal, keep
from tests.bench.model import Figure, Result, Series, rounds
from tests.store_kit import draft

ROUND = 50
CROWD = 64  # appends asked for at once: more than a hall has callers, pads and panels
PAUSE_S = 0.002  # between appends, so that each is alone


async def measure(folder: Path, appends: int, crowds: int = 20) -> Result:
    folder.mkdir(parents=True)
    alone, bare = Series("edge store: append"), Series("bare SQLite commit, WAL and FULL")
    store = await Store.open(folder / "hall.db")
    try:
        with closing(journal(folder / "bare.db")) as db:
            await store.append([draft()])
            for count in rounds(appends, ROUND):
                for _ in range(count):
                    began_s = time.perf_counter()
                    await store.append([draft()])
                    alone.values_s.append(time.perf_counter() - began_s)
                    await asyncio.sleep(PAUSE_S)
                for _ in range(count):
                    began_s = time.perf_counter()
                    keep(db, "x" * 300)
                    bare.values_s.append(time.perf_counter() - began_s)
                    await asyncio.sleep(PAUSE_S)
        crowd_per_s, per_commit = await _crowd(store, crowds)
    finally:
        await store.close()
    return Result(
        "Store: a synced append",
        (
            Figure("append, p50", "ms", alone.p50, bare.p50, "bare commit"),
            Figure("append, p99", "ms", alone.p99, bare.p99, "bare commit"),
            Figure(
                f"{CROWD} appends at once",
                "appends/s",
                crowd_per_s,
                1000 / bare.p50,
                "bare commits/s",
                note=f"{per_commit:.0f} appends share a sync",
            ),
        ),
        (alone, bare),
        ("both in this process, in turns; the store hands each append to its writer's thread",),
    )


async def _crowd(store: Store, times: int) -> tuple[float, float]:
    """Appends a second, and appends a commit."""
    commits, began_s = store.commits, time.perf_counter()
    for _ in range(times):
        await asyncio.gather(*(store.append([draft()]) for _ in range(CROWD)))
    took_s = time.perf_counter() - began_s
    return times * CROWD / took_s, times * CROWD / (store.commits - commits)
