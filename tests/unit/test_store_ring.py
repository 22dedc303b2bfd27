"""The bounded ring: what makes way, in which order, and what is refused."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from edge.store import Row, Store, StoreFull
from edge.wire import FACTS, Dropped, Stamp
from tests.store_kit import SMALL, act, bytes_on_disk, day, draft, flat, seqs, telemetry, told


def kinds(rows: list[Row]) -> Counter[str]:
    return Counter(flat(row)["kind"] for row in rows)


async def fill(store: Store) -> int:
    """Acts until there is no room; how many were kept."""
    kept = 0
    while True:
        try:
            await store.append([draft() for _ in range(50)])
        except StoreFull:
            return kept
        kept += 50
        assert kept < 50_000


async def test_offline_for_long_the_bytes_are_bounded_and_acts_kept(tmp_path: Path) -> None:
    """Four times the ring in telemetry, an act in every 50; nobody acknowledges."""
    store = await Store.open(tmp_path / "hall.db", SMALL)
    acts: list[int] = []
    largest = 0
    for n in range(400):
        for recorded in await store.append([draft(telemetry(n)) for _ in range(49)] + [draft(act(n))]):
            if recorded.fact.is_act:
                acts.append(recorded.stamp.seq)
        largest = max(largest, bytes_on_disk(store.path))
    assert largest <= SMALL.max_bytes
    rows = await told(store)
    assert seqs(rows) == list(range(1, 20_001))
    told_acts = [row.seq for row in rows if flat(row)["kind"] == "ticket.called"]
    assert told_acts == acts
    status = store.status()
    assert status.rows == 20_000
    assert status.dropped == kinds(rows)["dropped"] > 10_000
    await store.close()


async def test_the_oldest_telemetry_goes_first_and_its_place_is_a_valid_fact(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    for n in range(150):
        await store.append([draft(telemetry(n)) for _ in range(50)])
    rows = await told(store)
    names = [flat(row)["kind"] for row in rows]
    dropped = names.count("dropped")
    assert 0 < dropped < len(names)
    assert names == ["dropped"] * dropped + ["device.changed"] * (len(names) - dropped)
    assert len({flat(row)["id"] for row in rows}) == len(rows)
    for row in rows[:3] + rows[dropped - 2 : dropped]:
        assert FACTS.validate_json(row.text) == Dropped()
        assert Stamp.model_validate_json(row.text).seq == row.seq
    assert await told(store) == rows  # told again, it is the same to the byte
    await store.close()


async def test_a_run_of_dropped_events_is_told_from_any_place_in_it(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    for n in range(150):
        await store.append([draft(telemetry(n)) for _ in range(50)])
    for after in (0, 1, 250, 499, 500, 501):
        rows = await store.after(after, 3, 10**9)
        assert seqs(rows) == [after + 1, after + 2, after + 3]
    await store.close()


async def test_a_hall_of_acts_alone_is_full_and_goes_on_when_they_are_acknowledged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    with caplog.at_level(logging.WARNING, "edge.store"):
        kept = await fill(store)
        for _ in range(5):
            with pytest.raises(StoreFull, match="nothing that may be dropped"):
                await store.append([draft() for _ in range(50)])
        assert store.last_seq == kept > 1000
        assert seqs(await told(store)) == list(range(1, kept + 1))
        assert bytes_on_disk(store.path) <= SMALL.max_bytes
        assert store.status().dropped == 0
        assert sum("nothing more can be kept" in m for m in caplog.messages) == 1  # said once

        store.acknowledge(store.epoch, kept - 10)
        recorded = await store.append([draft() for _ in range(50)])
    assert recorded[0].stamp.seq == kept + 1
    assert sum("room again" in m for m in caplog.messages) == 1
    assert store.oldest_kept_seq > 1
    assert seqs(await told(store))[-60:] == list(range(kept - 9, kept + 51))
    await store.close()


async def test_a_full_ring_still_takes_what_needs_no_room(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.remember_topics(["a"])
    await fill(store)
    await store.forget_topics(["a"])
    assert store.topics() == frozenset()
    await store.close()


async def test_rows_since_the_day_was_opened_are_kept_though_acknowledged(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.append([draft(act(n)) for n in range(300)])
    await store.append([draft(day(1))])
    kept = await fill(store)
    store.acknowledge(store.epoch, store.last_seq)
    with pytest.raises(StoreFull):
        for _ in range(20):
            await store.append([draft() for _ in range(50)])
    folded = [recorded.stamp.seq async for recorded in store.since_day_opened()]
    assert folded[: kept + 1] == list(range(301, 302 + kept))
    assert store.oldest_kept_seq == 301
    await store.close()


async def test_acknowledged_telemetry_of_the_day_makes_way_and_counts_as_no_loss(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.append([draft(day(1))])
    for n in range(300):
        await store.append([draft(telemetry(n)) for _ in range(50)])
        store.acknowledge(store.epoch, store.last_seq)
    assert seqs(await told(store)) == list(range(1, 15_002))
    assert store.status().dropped < 300  # the cursor is written with the next commit: the last steps only
    assert bytes_on_disk(store.path) <= SMALL.max_bytes
    await store.close()


async def test_the_ring_is_the_same_after_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    for n in range(200):
        await store.append([draft(telemetry(n)) for _ in range(49)] + [draft(act(n))])
    rows, dropped = await told(store), store.status().dropped
    await store.close()
    again = await Store.open(tmp_path / "hall.db", SMALL)
    assert await told(again) == rows
    assert again.status().dropped == dropped > 0
    for n in range(200):
        await again.append([draft(telemetry(n)) for _ in range(50)])
    assert seqs(await told(again)) == list(range(1, 20_001))
    assert bytes_on_disk(again.path) <= SMALL.max_bytes
    await again.close()


async def test_room_kept_back_on_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await Store.open(tmp_path / "hall.db", replace(SMALL, min_free_bytes=1024))
    await store.append([draft()])
    real = os.statvfs(tmp_path)
    scarce = os.statvfs_result([*real[:3], 0, 0, *real[5:]])  # no block free
    monkeypatch.setattr(os, "statvfs", lambda _: scarce)
    with pytest.raises(StoreFull, match="kept back"):
        await store.append([draft()])
    store.acknowledge(store.epoch, 1)
    await store.forget_topics([])
    monkeypatch.undo()
    assert (await store.append([draft()]))[0].stamp.seq == 2
    await store.close()
