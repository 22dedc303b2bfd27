"""Appending: one transaction, one order, the wire's JSON."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.store import Draft, Duplicate, Limits, Store, StoreClosed
from edge.wire import FACTS, EventBatch, Fact, Reply, Seal, Stamp, TicketVoided, genesis
from tests.store_kit import ALL, act, day, draft, flat, outside, seqs, telemetry, told


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "hall.db")
    yield store
    await store.close()


def reply(request: str, **changes: str) -> Reply:
    return Reply.model_validate({"id": request, "result": "done"} | changes)


async def test_seq_is_gapless_from_1_and_the_row_is_the_wire_object(store: Store) -> None:
    first = draft(act(12), at=1.5, mono=2.25, clock_ok=False, by="caller-3")
    recorded = await store.append([first, draft(telemetry())])
    assert [r.stamp.seq for r in recorded] == [1, 2]
    assert recorded[0].fact == act(12)
    told_of = flat((await told(store))[0])
    assert list(told_of)[-2:] == ["follows", "link"]
    assert told_of == {
        "epoch": store.epoch,
        "seq": 1,
        "id": first.id,
        "at": 1.5,
        "boot": recorded[0].stamp.boot,
        "mono": 2.25,
        "clock_ok": False,
        "by": "caller-3",
        "kind": "ticket.called",
        "ticket": "A012",
        "window": "3",
        "staff": "1001",
        "times": 1,
        "overtook": [],
        "follows": genesis(store.epoch, 0),
        "link": told_of["link"],
    }
    assert store.last_seq == 2


async def test_rows_make_a_valid_batch(store: Store) -> None:
    await store.append([draft(TicketVoided(ticket="A001", reason='缺纸 "\\\n'))])
    rows = await told(store)
    batch = EventBatch.model_validate_json(b'{"v":1,"events":[' + rows[0].text + b"]}")
    stamp, fact = Stamp.model_validate(batch.events[0]), FACTS.validate_python(batch.events[0])
    assert (stamp.epoch, stamp.seq) == (store.epoch, 1)
    assert fact == TicketVoided(ticket="A001", reason='缺纸 "\\\n')


def fact_classes(base: type[Fact] = Fact) -> list[type[Fact]]:
    return [base, *(deeper for sub in base.__subclasses__() for deeper in fact_classes(sub))]


@pytest.mark.parametrize("fact", fact_classes(), ids=lambda f: f.__name__)
def test_no_field_of_a_fact_hides_one_of_stamp_or_seal(fact: type[Fact]) -> None:
    assert not set(fact.model_fields) & (set(Stamp.model_fields) | set(Seal.model_fields))


async def test_a_caller_resumes_only_after_the_commit(store: Store) -> None:
    await store.append([draft()])
    assert outside(store.path, "SELECT count(*) FROM event") == [(1,)]


async def test_appends_that_wait_together_share_a_commit_and_keep_their_order(store: Store) -> None:
    before = store.commits
    drafts = [draft() for _ in range(100)]
    recorded = await asyncio.gather(*(store.append([d]) for d in drafts))
    assert [r[0].stamp.seq for r in recorded] == list(range(1, 101))
    assert [flat(row)["id"] for row in await told(store)] == [d.id for d in drafts]
    assert store.commits - before < 20


async def test_a_group_is_bounded(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", Limits(group_rows=10))
    await asyncio.gather(*(store.append([draft()]) for _ in range(100)))
    assert store.commits >= 10
    assert seqs(await told(store)) == list(range(1, 101))
    await store.close()


async def test_of_a_group_only_the_duplicate_fails(store: Store) -> None:
    twice = draft()
    await store.append([twice])
    results = await asyncio.gather(
        store.append([draft()]),
        store.append([draft(), twice, draft()]),
        store.append([draft()]),
        return_exceptions=True,
    )
    assert isinstance(results[1], Duplicate)
    assert seqs(await told(store)) == [1, 2, 3]
    assert [r[0].stamp.seq for r in (results[0], results[2]) if isinstance(r, list)] == [2, 3]


async def test_facts_and_answer_are_kept_together_or_not_at_all(store: Store) -> None:
    await store.append([draft()], answer=reply("a", code="first"))
    with pytest.raises(Duplicate):
        await store.append([draft()], answer=reply("a", code="second"))
    assert store.last_seq == 1
    assert await store.answer_for("a") == reply("a", code="first")
    assert await store.answer_for("b") is None


@pytest.mark.parametrize(
    "bad",
    [
        draft(id="not-hex"),
        draft(at=math.nan),
        draft(mono=math.inf),
        draft(TicketVoided(ticket="A001", reason="x" * 20_000)),
        draft(TicketVoided(ticket="A001", reason="\ud800")),
        draft(Fact(kind="unheard.of")),
    ],
    ids=["id", "nan", "infinity", "long", "surrogate", "kind"],
)
async def test_what_could_not_be_read_again_is_not_kept(store: Store, bad: Draft) -> None:
    with pytest.raises(ValueError):
        await store.append([draft(), bad])
    assert store.last_seq == 0
    assert await told(store) == []


async def test_an_append_is_bounded(store: Store) -> None:
    with pytest.raises(ValueError, match="in one append"):
        await store.append([draft(TicketVoided(ticket="A001", reason="x" * 16_000)) for _ in range(70)])
    with pytest.raises(ValueError, match="an answer of"):
        await store.keep_answer(reply("a", zh="x" * 300_000))


async def test_nothing_is_no_commit(store: Store) -> None:
    assert await store.append([]) == []
    assert store.commits == 0


async def test_after_keeps_its_limits_but_tells_at_least_one(store: Store) -> None:
    await store.append([draft() for _ in range(10)])
    assert seqs(await store.after(3, 4, ALL)) == [4, 5, 6, 7]
    assert seqs(await store.after(3, 4, 1)) == [4]
    size = len((await store.after(3, 1, ALL))[0].text)
    assert seqs(await store.after(3, 9, 3 * size)) == [4, 5, 6]
    assert await store.after(10, 5, ALL) == []


async def test_appended_is_set_after_a_commit_of_events(store: Store) -> None:
    await store.keep_answer(reply("a"))
    assert not store.appended.is_set()
    waiting = asyncio.create_task(store.appended.wait())
    await store.append([draft()])
    assert await asyncio.wait_for(waiting, 60)


async def test_the_acts_since_the_day_was_opened_survive_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft(day(1)), draft(act(1))])
    await store.append([draft(day(2)), draft(telemetry())])
    for number in range(1200):  # more than are read at a time
        if number % 100 == 0:
            await store.append([draft(act(number + n)) for n in range(100)])
    epoch = store.epoch
    await store.close()

    again = await Store.open(tmp_path / "hall.db")
    folded = [recorded async for recorded in again.since_day_opened()]
    assert folded[0].fact == day(2)
    assert [r.fact for r in folded[1:]] == [act(n) for n in range(1200)]
    assert {r.stamp.epoch for r in folded} == {epoch} == {again.epoch}
    assert (await again.append([draft()]))[0].stamp.seq == 1205
    await again.close()


async def test_without_a_day_all_acts_are_folded(store: Store) -> None:
    assert [r async for r in store.since_day_opened()] == []
    await store.append([draft(act(1))])
    assert [r.fact async for r in store.since_day_opened()] == [act(1)]


async def test_what_a_cancelled_caller_wrote_stays_and_others_go_on(store: Store) -> None:
    asked = asyncio.create_task(store.append([draft()]))
    await asyncio.sleep(0)  # it has been handed to the writer
    asked.cancel()
    await store.append([draft()])
    assert seqs(await told(store)) == [1, 2]


async def test_close_keeps_what_was_asked_for_and_refuses_what_comes_after(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    before = asyncio.create_task(store.append([draft()]))
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    assert (await before)[0].stamp.seq == 1
    with pytest.raises(StoreClosed):
        await store.append([draft()])
    with pytest.raises(StoreClosed):
        await store.after(0, 1, 1)
    assert outside(store.path, "SELECT count(*) FROM event") == [(1,)]


async def test_more_than_may_wait_wait_at_the_caller(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", Limits(pending=3))
    recorded = await asyncio.gather(*(store.append([draft()]) for _ in range(50)))
    assert [r[0].stamp.seq for r in recorded] == list(range(1, 51))
    await store.close()


async def test_reads_do_not_wait_for_a_writer_that_is_held_up(store: Store) -> None:
    await store.append([draft()])
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    held = asyncio.create_task(store.append([draft()]))
    try:
        assert seqs(await asyncio.wait_for(store.after(0, 10, ALL), 2)) == [1]
        assert not held.done()
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert (await held)[0].stamp.seq == 2


async def test_ids_of_acts_only_are_unique(store: Store) -> None:
    one = uuid.uuid4().hex
    await store.append([draft(telemetry(), id=one), draft(telemetry(), id=one)])
    assert store.last_seq == 2


def switches(thread: threading.Thread) -> int:
    """How often the thread has gone to sleep: each time that it woke it did so again."""
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("voluntary"))


async def test_an_idle_store_wakes_nobody(store: Store) -> None:
    await store.append([draft()])
    await told(store)
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("store-")]
    assert len(threads) >= 2
    for _ in range(40):  # what they have begun ends some time
        before = [switches(thread) for thread in threads]
        await asyncio.sleep(0.5)
        if [switches(thread) for thread in threads] == before:
            return
    raise AssertionError("they are woken again and again")
