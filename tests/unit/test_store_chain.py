"""The chain in the journal: kept with the acts, over restarts, failures, pruning and the migration."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import sqlite3
from pathlib import Path

import pytest

from edge.store import Duplicate, Store, StoreFull, StoreRefused, database
from edge.store.audit import audit
from edge.wire import Misfit, Reply, genesis
from tests.store_kit import SMALL, act, day, draft, flat, outside, telemetry, told


def recomputed(event: dict[str, object]) -> str:
    """The link as anyone may compute it, with nothing of ours."""
    text = json.dumps(
        {name: value for name, value in event.items() if name != "link"},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


async def fits(store: Store) -> int:
    """How many acts follow each other, as anyone may check it on what is published."""
    rows = [flat(row) for row in await told(store)]
    acts = [event for event in rows if "link" in event]
    follows = genesis(store.epoch, 0)
    for event in acts:
        assert event["follows"] == follows
        follows = event["link"]
        assert follows == recomputed(event)
    assert {event["kind"] for event in rows if "link" not in event} <= {"device.changed", "dropped"}
    return len(acts)


async def test_acts_follow_each_other_past_telemetry_and_over_restarts(tmp_path: Path) -> None:
    path = tmp_path / "hall.db"
    for _ in range(3):
        store = await Store.open(path)
        await store.append([draft(act(1)), draft(telemetry()), draft(act(2))])
        await asyncio.gather(*(store.append([draft()]) for _ in range(20)))
        await store.append([draft(telemetry())])
        await store.close()
    store = await Store.open(path)
    assert await fits(store) == 66
    await store.close()
    walk = audit(path)
    assert (walk.first, walk.acts, walk.unlinked, walk.next_seq) == (None, 66, 0, 73)


async def test_what_failed_leaves_no_link(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    twice = draft()
    await store.append([twice], Reply(id="a", result="done"))
    results = await asyncio.gather(
        store.append([draft()]),
        store.append([draft(), twice]),
        store.append([draft()], Reply(id="a", result="done")),
        store.append([draft()]),
        return_exceptions=True,
    )
    assert [isinstance(result, Duplicate) for result in results] == [False, True, True, False]
    assert await fits(store) == 3
    assert audit(store.path).first is None
    await store.close()


async def test_the_chain_survives_pruning_and_dropped_telemetry(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    for n in range(120):
        await store.append([draft(day(1 + n % 28))] + [draft(telemetry(n)) for _ in range(40)])
        await store.append([draft() for _ in range(20)])
        if n % 2:
            store.acknowledge(store.epoch, store.last_seq - 5)
    assert store.oldest_kept_seq > 1
    kept = audit(store.path)
    assert (kept.first, kept.next_seq) == (None, store.last_seq + 1)
    await store.close()
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.append([draft()])
    assert audit(store.path).first is None
    await store.close()


async def test_a_chain_of_which_all_acts_are_pruned_goes_on(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.append([draft() for _ in range(10)])
    for n in range(400):
        await store.append([draft(telemetry(n)) for _ in range(50)])
        store.acknowledge(store.epoch, store.last_seq)
    assert outside(store.path, "SELECT count(*) FROM event WHERE act = 1") == [(0,)]
    await store.close()
    store = await Store.open(tmp_path / "hall.db", SMALL)
    await store.append([draft()])
    walk = audit(store.path)
    assert (walk.first, walk.acts) == (None, 1)
    await store.close()


async def test_a_full_ring_breaks_no_chain(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    with pytest.raises(StoreFull):
        while True:
            await store.append([draft() for _ in range(50)])
    store.acknowledge(store.epoch, store.last_seq - 3)
    await store.append([draft()])
    assert audit(store.path).first is None
    await store.close()


async def test_a_database_from_before_begins_its_chain_where_it_is(tmp_path: Path) -> None:
    """As version 2 left it: acts without a seal. They stay so, and the chain says where it begins."""
    path = tmp_path / "hall.db"
    epoch = "ab" * 16
    before_the_chain(path, epoch, [act(1).kind, "device.changed", act(2).kind, "device.changed"])
    with pytest.raises(StoreRefused, match="before the chain"):
        audit(path)
    store = await Store.open(path)
    await store.append([draft(telemetry()), draft(act(3)), draft(act(4))])
    rows = [flat(row) for row in await told(store)]
    assert ["link" in event for event in rows] == [False] * 5 + [True] * 2
    assert rows[5]["follows"] == genesis(epoch, 3)
    assert rows[5]["link"] == rows[6]["follows"] == recomputed(rows[5])
    walk = audit(path)
    assert (walk.first, walk.unlinked, walk.acts) == (None, 2, 2)
    await store.close()


def before_the_chain(path: Path, epoch: str, kinds: list[str]) -> None:
    db = sqlite3.connect(path)
    for script in database._scripts()[:2]:
        db.executescript(script.read_text(encoding="utf-8"))
    db.execute("PRAGMA user_version = 2")
    db.execute("UPDATE node SET epoch = ?", (epoch,))
    for seq, kind in enumerate(kinds, 1):
        event = {"epoch": epoch, "seq": seq, "id": f"{seq:032x}", "at": 1.5, "boot": "b" * 32, "mono": 1.0}
        event |= {"clock_ok": True, "by": "node", "kind": kind, "ticket": "A001"}
        is_act = kind == act(1).kind
        values = (seq, event["id"], kind, is_act, 1.5, json.dumps(event, separators=(",", ":")))
        db.execute("INSERT INTO event (seq, id, kind, act, at, text) VALUES (?, ?, ?, ?, ?, ?)", values)
    db.commit()
    db.close()


async def test_a_walk_beside_a_daemon_that_writes_and_prunes_finds_nothing(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", SMALL)
    done = asyncio.Event()
    looks = 0

    async def write() -> None:
        for n in itertools.count():
            await store.append([draft(day(1 + n % 28)), *(draft(telemetry(n)) for _ in range(20))])
            await store.append([draft() for _ in range(20)])
            store.acknowledge(store.epoch, store.last_seq)
            if n >= 150 and looks > 1:
                break
        done.set()

    async def look() -> None:
        nonlocal looks
        while not done.is_set():
            walk = await asyncio.to_thread(audit, store.path)
            assert walk.first is None
            looks += 1

    await asyncio.gather(write(), look())
    assert store.oldest_kept_seq > 1
    await store.close()


# --- what cannot be walked ---
def test_a_file_that_is_none_or_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="no such file"):
        audit(tmp_path / "none.db")
    other = tmp_path / "other.db"
    outside(other, "CREATE TABLE t (a)")
    with pytest.raises(StoreRefused, match="no database of hall-edge"):
        audit(other)
    (tmp_path / "text").write_text("no database at all, but as long as a header of one would have to be" * 9)
    with pytest.raises(StoreRefused, match="cannot be read"):
        audit(tmp_path / "text")


# --- what was done to the file ---
async def made(path: Path) -> None:
    store = await Store.open(path)
    await store.append([draft(day(3))])
    for n in range(20):
        await store.append([draft(act(n)), *([draft(telemetry(n))] if n % 3 == 0 else [])])
    store.acknowledge(store.epoch, store.last_seq)
    await store.close()


@pytest.mark.parametrize(
    ("sql", "misfit", "seq"),
    [
        ("UPDATE event SET text = replace(text, '\"1001\"', '\"1002\"') WHERE seq = 9", Misfit.CONTENT, 9),
        ("DELETE FROM event WHERE seq = 9", Misfit.MISSING, 9),
        ("DELETE FROM event WHERE seq > 20", Misfit.MISSING, 21),
        ("DELETE FROM event WHERE seq < 5", Misfit.MISSING, 1),
        ("UPDATE event SET text = (SELECT text FROM event WHERE seq = 9) WHERE seq = 12", Misfit.ORDER, 12),
        ("UPDATE event SET text = json_remove(text, '$.link') WHERE seq = 9", Misfit.UNLINKED, 9),
        ("UPDATE event SET text = rtrim(text, '}') WHERE seq = 9", Misfit.CONTENT, 9),
        ("UPDATE event SET kind = 'dropped', act = 0, text = '{}' WHERE seq = 9", Misfit.ORDER, 10),
        ("UPDATE event SET act = 0 WHERE seq = 9", Misfit.CONTENT, 9),
        ("UPDATE event SET kind = 'ticket.no_show' WHERE seq = 9", Misfit.CONTENT, 9),
        ("UPDATE event SET at = at + 1 WHERE seq = 9", Misfit.CONTENT, 9),
        ("UPDATE event SET span = 2 WHERE seq = 9", Misfit.CONTENT, 9),
        ("UPDATE node SET pruned_seq = 8", Misfit.ORDER, 1),
        ("UPDATE node SET chain_after = 8", Misfit.ORDER, 1),
    ],
)  # fmt: skip
async def test_the_first_record_that_does_not_fit_is_named(
    tmp_path: Path, sql: str, misfit: Misfit, seq: int
) -> None:
    path = tmp_path / "hall.db"
    await made(path)
    assert audit(path).first is None
    outside(path, sql)
    found = audit(path).first
    assert found is not None
    assert (found.misfit, found.seq) == (misfit, seq)
    if misfit in (Misfit.CONTENT, Misfit.UNLINKED):
        assert found.kind.startswith("ticket.")
        assert (found.day, found.ticket) == ("2025-03-03", "" if "rtrim" in sql else "A005")
