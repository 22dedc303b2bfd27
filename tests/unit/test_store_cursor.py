"""Acknowledgements, ages, answers, topics: what is known beside the events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.store import Limits, Store
from edge.wire import Reply
from tests.store_kit import bytes_on_disk, draft, outside, seqs, told

DAY_S = 86_400.0
MIB = 1024 * 1024


class Wall:
    """A wall clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def store(tmp_path: Path, wall: Wall) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "hall.db", Limits(answers=5), wall)
    yield store
    await store.close()


def reply(request: str) -> Reply:
    return Reply(id=request, result="done")


async def test_an_acknowledgement_is_cumulative_and_never_goes_back(store: Store) -> None:
    await store.append([draft() for _ in range(10)])
    assert store.acknowledge(store.epoch, 7)
    assert store.acknowledge(store.epoch, 3)  # late, not wrong
    assert store.acked_seq == 7
    assert store.status().rows == 3


async def test_a_wrong_acknowledgement_is_refused_with_its_reason(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.append([draft()])
    with caplog.at_level(logging.WARNING, "edge.store"):
        assert not store.acknowledge("0" * 32, 1)
        assert not store.acknowledge(store.epoch, 2)
    assert store.acked_seq == 0
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert store.epoch in caplog.text


async def test_the_cursor_is_kept_at_close(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft() for _ in range(10)])
    store.acknowledge(store.epoch, 4)
    await store.close()
    again = await Store.open(tmp_path / "hall.db")
    assert (again.acked_seq, again.last_seq) == (4, 10)
    await again.close()


async def test_the_cursor_is_written_with_the_next_commit_and_costs_none_of_its_own(store: Store) -> None:
    await store.append([draft() for _ in range(10)])
    commits = store.commits
    store.acknowledge(store.epoch, 9)
    assert store.commits == commits
    await store.append([draft()])
    assert outside(store.path, "SELECT acked_seq FROM node") == [(9,)]


async def test_many_acknowledgements_are_written_without_an_append(store: Store) -> None:
    await store.append([draft() for _ in range(300)])
    store.acknowledge(store.epoch, 300)
    for _ in range(500):
        if outside(store.path, "SELECT acked_seq FROM node") == [(300,)]:
            break
        await asyncio.sleep(0.01)
    assert outside(store.path, "SELECT acked_seq FROM node") == [(300,)]


async def test_status_tells_the_age_of_the_oldest_that_waits(store: Store, wall: Wall) -> None:
    assert store.status().model_dump(exclude={"bytes"}) == {
        "rows": 0,
        "oldest_age_s": 0.0,
        "acked_seq": 0,
        "last_seq": 0,
        "dropped": 0,
    }
    for age in (50.0, 40.0, 30.0):
        await store.append([draft(at=wall.now - age)])
    assert store.status().oldest_age_s == 50.0
    store.acknowledge(store.epoch, 2)
    assert store.status().oldest_age_s == 30.0
    store.acknowledge(store.epoch, 3)
    assert store.status().oldest_age_s == 0.0
    await store.append([draft(at=wall.now - 1)])
    assert store.status().oldest_age_s == 1.0
    wall.now -= 100
    assert store.status().oldest_age_s == 0.0  # a clock set back makes no negative age


async def test_the_age_is_never_that_of_an_event_long_acknowledged(store: Store, wall: Wall) -> None:
    """Also for who looks between the commit and the caller of `append`."""
    await store.append([draft(at=wall.now - 5000)])
    store.acknowledge(store.epoch, 1)
    store.appended.clear()
    ages: list[float] = []

    async def look() -> None:
        await store.appended.wait()
        ages.append(store.status().oldest_age_s)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    await store.append([draft(at=wall.now - 1)])
    await looking
    assert ages[0] <= 1.0


async def test_the_age_stays_right_over_a_long_backlog_and_a_restart(tmp_path: Path, wall: Wall) -> None:
    store = await Store.open(tmp_path / "hall.db", wall=wall)
    for n in range(1500):
        if n % 2 == 0:
            await store.append([draft(at=wall.now - 3000 + n), draft(at=wall.now - 3000 + n)])
    assert store.status().oldest_age_s == 3000
    store.acknowledge(store.epoch, 1000)
    assert 2000 <= store.status().oldest_age_s <= 2012  # 1/256 of the backlog
    await store.close()
    again = await Store.open(tmp_path / "hall.db", wall=wall)
    assert again.status().oldest_age_s == 2000
    await again.close()


async def test_bytes_count_the_database_and_the_wal_to_within_a_mebibyte(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", Limits(min_free_bytes=0))
    for _ in range(50):
        await store.append([draft() for _ in range(200)])
    assert store.path.with_name("hall.db-wal").stat().st_size > 2 * MIB  # without it the test says nothing
    assert abs(store.status().bytes - bytes_on_disk(store.path)) < MIB
    await store.close()


async def test_answers_are_bounded_in_number(store: Store) -> None:
    for n in range(20):
        await store.keep_answer(reply(f"r{n}"))
    kept = [n for n in range(20) if await store.answer_for(f"r{n}") is not None]
    assert kept == [15, 16, 17, 18, 19]


async def test_answers_are_bounded_in_age(store: Store, wall: Wall) -> None:
    await store.keep_answer(reply("old"))
    wall.now += DAY_S + 1
    await store.keep_answer(reply("new"))
    assert await store.answer_for("old") is None
    assert await store.answer_for("new") == reply("new")


async def test_a_clock_that_leaps_does_not_wipe_all_answers(store: Store, wall: Wall) -> None:
    for n in range(5):
        await store.keep_answer(reply(f"r{n}"))
    wall.now += 365 * DAY_S
    await store.keep_answer(reply("new"))
    assert await store.answer_for("r4") == reply("r4")


async def test_topics_are_remembered_over_a_restart_until_they_are_forgotten(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.remember_topics(["hall/1/a/n/status", "hall/1/a/n/device/p", "hall/1/a/n/status"])
    await store.forget_topics(["hall/1/a/n/device/p", "never/seen"])
    await store.close()
    again = await Store.open(tmp_path / "hall.db")
    assert again.topics() == {"hall/1/a/n/status"}
    await again.close()


async def test_known_topics_cost_no_commit(store: Store) -> None:
    await store.remember_topics(["a", "b"])
    commits = store.commits
    await store.remember_topics(["b", "a"])
    await store.forget_topics(["c"])
    assert store.commits == commits
    with pytest.raises(ValueError, match="more than"):
        await store.remember_topics(["x" * 600])


async def test_rows_by_age_go_after_the_acknowledgement_only(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", Limits(keep_days=30))
    await store.append([draft(at=0.0) for _ in range(100)])
    await store.append([draft(at=31 * DAY_S) for _ in range(300)])
    assert store.oldest_kept_seq == 1
    store.acknowledge(store.epoch, 60)
    await store.append([draft(at=31 * DAY_S) for _ in range(300)])
    await store.append([draft(at=31 * DAY_S) for _ in range(300)])
    await store.remember_topics(["x"])
    assert store.oldest_kept_seq == 61
    assert seqs(await told(store)) == list(range(61, 1001))
    await store.close()


async def test_a_clock_that_was_not_set_prunes_nothing(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db", Limits(keep_days=30))
    await store.append([draft(at=1_700_000_000.0) for _ in range(100)])
    store.acknowledge(store.epoch, 100)
    for _ in range(3):
        await store.append([draft(at=1_900_000_000.0, clock_ok=False) for _ in range(300)])
    await store.remember_topics(["x"])
    assert store.oldest_kept_seq == 1
    await store.close()


async def test_a_wholly_pruned_journal_goes_on_counting(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "hall.db")
    await store.append([draft() for _ in range(5)])
    store.acknowledge(store.epoch, 5)
    await store.close()
    outside(store.path, "DELETE FROM event")
    again = await Store.open(tmp_path / "hall.db")
    assert (again.last_seq, again.oldest_kept_seq) == (5, 6)
    assert (await again.append([draft()]))[0].stamp.seq == 6
    await again.close()
