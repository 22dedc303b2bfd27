"""A copy of a running node's database, put back: a new epoch, the old numbers, the chain of both."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from edge.store import Limits, Store, StoreDamaged, StoreInUse
from edge.store.audit import audit_all
from edge.store.backup import copy_running, renew, replace, stopped
from tests.store_kit import day, draft, flat, outside, telemetry, told


def put_back(copy: Path, store: Path) -> str:
    name = renew(copy)
    with stopped(store):
        replace(store, copy, store.with_name("before.db"))
    return name


async def lost_after_its_backup(folder: Path) -> tuple[Path, str]:
    """Eleven events, of which seven were acknowledged, then a copy, then five more; put back."""
    store = await Store.open(folder / "hall.db")
    await store.append([draft() for _ in range(9)])
    store.acknowledge(store.epoch, 7)
    await store.append([draft(telemetry(1)), draft()])
    copied = copy_running(store.path, folder / "copy.db")
    assert (copied.epoch, copied.last_seq) == (store.epoch, 11)
    await store.append([draft() for _ in range(5)])
    await store.close()
    old = store.epoch
    put_back(folder / "copy.db", store.path)
    return store.path, old


async def test_it_goes_on_in_a_new_epoch_and_tells_first_what_nobody_had(tmp_path: Path) -> None:
    path, old = await lost_after_its_backup(tmp_path)
    store = await Store.open(path)
    recorded = await store.append([draft() for _ in range(3)])
    assert store.epoch != old
    assert [each.stamp.seq for each in recorded] == [1, 2, 3]
    places = [(flat(row)["epoch"] == old, flat(row)["seq"]) for row in await told(store, store.acked_seq)]
    assert places == [(True, 8), (True, 9), (True, 10), (True, 11), (False, 1), (False, 2), (False, 3)]
    assert (store.status().acked_seq, store.status().last_seq, store.status().rows) == (0, 3, 7)
    await store.close()
    assert [(walk.epoch, walk.first, walk.acts) for walk in audit_all(path)] == [
        (old, None, 10), (store.epoch, None, 3)
    ]  # fmt: skip
    (before,) = audit_all(tmp_path / "before.db")
    assert (before.epoch, before.first, before.acts) == (old, None, 15)


async def test_an_acknowledgement_counts_in_its_own_epoch(tmp_path: Path) -> None:
    path, old = await lost_after_its_backup(tmp_path)
    store = await Store.open(path)
    await store.append([draft() for _ in range(3)])
    assert store.acknowledge(store.epoch, 2)  # before the old ones: they would be freed unheard
    assert store.acked_seq == 7
    assert store.acknowledge(old, 16)  # the hub has what was told after the copy too
    assert store.acked_seq == 11
    assert store.acknowledge(store.epoch, 2)
    assert (store.acked_seq, store.status().acked_seq) == (13, 2)
    assert not store.acknowledge(store.epoch, 4)
    assert not store.acknowledge("f" * 32, 1)
    await store.close()


async def test_who_reads_the_acts_goes_on_from_where_he_was(tmp_path: Path) -> None:
    """By places, which go on over the border: by numbers he would read all of them again and again."""
    path, _ = await lost_after_its_backup(tmp_path)
    store = await Store.open(path)
    read = [place async for place, _ in store.acts_after(0)]
    assert read == [*range(1, 10), 11]
    await store.append([draft(), draft()])
    new = [(place, recorded.stamp.seq) async for place, recorded in store.acts_after(read[-1])]
    assert new == [(12, 1), (13, 2)]
    assert [place async for place, _ in store.acts_after(new[-1][0])] == []
    await store.close()


async def test_what_is_pruned_over_the_border_leaves_a_sound_chain(tmp_path: Path) -> None:
    path, old = await lost_after_its_backup(tmp_path)
    for keep_days in (30.0, 0.0):
        store = await Store.open(path, Limits(keep_days=keep_days, min_free_bytes=0))
        await store.append([draft(day(1)), *(draft() for _ in range(300))])
        assert store.acknowledge(old, 11)
        assert store.acknowledge(store.epoch, store.status().last_seq)
        await store.append([draft(day(2))])
        await store.append([draft() for _ in range(300)])
        await store.close()
        assert all(walk.first is None for walk in audit_all(path))
    assert outside(path, "SELECT min(seq) FROM event")[0][0] > 11
    again = await Store.open(path)
    await again.append([draft()])
    await again.close()
    assert all(walk.first is None for walk in audit_all(path))


async def test_it_can_be_put_back_again_and_again(tmp_path: Path) -> None:
    path, _ = await lost_after_its_backup(tmp_path)
    for count in (2, 0, 1):
        copy_running(path, tmp_path / "again.db")
        (tmp_path / "before.db").unlink()
        put_back(tmp_path / "again.db", path)
        store = await Store.open(path)
        await store.append([draft() for _ in range(count)])
        await store.close()
    walks = audit_all(path)
    assert [walk.first for walk in walks] == [None] * len(walks)
    assert [walk.acts for walk in walks] == [
        10,
        2,
        1,
    ]  # an epoch in which nothing was numbered leaves nothing


async def test_a_store_in_use_or_a_spoilt_copy_is_refused(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft(), draft()])
    copy_running(store.path, tmp_path / "copy.db")
    with pytest.raises(StoreInUse), stopped(store.path):
        pytest.fail("it is not stopped")
    await store.close()
    with sqlite3.connect(tmp_path / "copy.db") as db:
        db.execute("UPDATE event SET text = replace(text, '1001', '1002') WHERE seq = 1")
    db.close()
    with pytest.raises(StoreDamaged, match="chain does not fit at 1"):
        renew(tmp_path / "copy.db")


async def test_cut_short_the_old_database_is_whole_and_in_its_place(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft() for _ in range(4)])
    await store.close()
    outside(store.path, "PRAGMA journal_mode = WAL")
    with pytest.raises(FileNotFoundError), stopped(store.path):  # as a power cut before the last step
        replace(store.path, tmp_path / "none.db", tmp_path / "before.db")
    again = await Store.open(store.path)
    assert again.last_seq == 4
    await again.close()


async def test_a_damaged_database_and_its_log_make_way(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft() for _ in range(4)])
    copy_running(store.path, tmp_path / "copy.db")
    await store.close()
    store.path.write_bytes(b"x" * 8192)
    (tmp_path / "hall.db-wal").write_bytes(b"of the damaged one")
    put_back(tmp_path / "copy.db", store.path)
    again = await Store.open(store.path)
    assert again.last_seq == 4
    await again.close()
    assert (tmp_path / "before.db").read_bytes() == b"x" * 8192
    assert (tmp_path / "before.db-wal").read_bytes() == b"of the damaged one"
