"""Retained state, without a broker: what is told, when, and what is remembered before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import cast

import pytest

import edge.retained
from edge.broker import Broker
from edge.mqtt import BrokerLost, Connection
from edge.retained import RetainedState
from tests.warped import warped

A, B = Broker("a", 1), Broker("b", 1)


class Memory:
    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.full = False

    def topics(self) -> set[str]:
        return set(self.known)

    async def remember_topics(self, names: Iterable[str]) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.known |= set(names)

    async def forget_topics(self, names: Iterable[str]) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.known -= set(names)


class Line:
    """A connection that notes what is published, and whether it was remembered first."""

    def __init__(self, memory: Memory, broker: Broker = A, alerts: Iterable[str] = ()) -> None:
        self.broker = broker
        self.alerts = set(alerts)
        self.memory = memory
        self.told: list[tuple[str, bytes]] = []
        self.at_once = 0
        self.lost = False
        self._in_flight = 0

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert retain
        assert topic in self.memory.known | self.alerts
        if self.lost:
            raise BrokerLost("gone")
        self._in_flight += 1
        self.at_once = max(self.at_once, self._in_flight)
        await asyncio.sleep(0.001)
        self._in_flight -= 1
        self.told.append((topic, payload))


@contextlib.asynccontextmanager
async def telling(state: RetainedState, line: Line) -> AsyncIterator[None]:
    task = asyncio.create_task(state.run(cast(Connection, line)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def told(line: Line, count: int) -> list[tuple[str, bytes]]:
    async with asyncio.timeout(5):
        while len(line.told) < count:  # noqa: ASYNC110 the line has nobody to tell
            await asyncio.sleep(0.002)
    await asyncio.sleep(0.02)
    return line.told


@warped
async def test_a_new_connection_is_told_everything_again() -> None:
    memory = Memory()
    state = RetainedState(memory, [A, B])
    state.set("w/1", b"one")
    first, second = Line(memory), Line(memory, B)
    async with telling(state, first):
        await told(first, 1)
        state.set("w/2", b"two")
        assert await told(first, 2) == [("w/1", b"one"), ("w/2", b"two")]
    async with telling(state, second):
        assert sorted(await told(second, 2)) == [("w/1", b"one"), ("w/2", b"two")]


@warped
async def test_changes_while_a_message_is_under_way_are_told_after_it() -> None:
    memory = Memory()
    state = RetainedState(memory, [A])
    line = Line(memory)
    async with telling(state, line):
        state.set("w/1", b"1")
        await asyncio.sleep(0.0005)
        state.set("w/1", b"2")
        state.set("w/1", b"3")
        assert (await told(line, 1))[-1] == ("w/1", b"3")
    assert len(line.told) <= 2


@warped
async def test_the_rate_is_bounded() -> None:
    memory = Memory()
    state = RetainedState(memory, [A], rate_per_s=100)
    line = Line(memory)
    for n in range(100):
        state.set(f"w/{n}", b"x")
    async with telling(state, line):
        await asyncio.sleep(0.3)
    assert edge.retained.BURST <= len(line.told) <= 30 + edge.retained.BURST
    assert line.at_once <= edge.retained.BURST


@warped
async def test_a_cleared_topic_is_forgotten_when_every_broker_has_cleared_it() -> None:
    memory = Memory("old/1")
    state = RetainedState(memory, [A, B])
    state.load([])
    first, second = Line(memory), Line(memory, B)
    async with telling(state, first):
        assert await told(first, 1) == [("old/1", b"")]
    assert memory.known == {"old/1"}
    async with telling(state, second):
        assert await told(second, 1) == [("old/1", b"")]
    assert memory.known == set()


@warped
async def test_what_is_set_again_is_no_longer_to_be_cleared() -> None:
    memory = Memory("old/1")
    state = RetainedState(memory, [A])
    state.load([])
    state.set("old/1", b"back")
    line = Line(memory)
    async with telling(state, line):
        assert await told(line, 1) == [("old/1", b"back")]
    assert memory.known == {"old/1"}


@warped
async def test_what_was_set_before_the_start_is_not_cleared_by_it() -> None:
    memory = Memory("w/1", "w/2")
    state = RetainedState(memory, [A])
    state.set("w/1", b"one")
    state.load(["w/2"])
    line = Line(memory)
    async with telling(state, line):
        assert await told(line, 1) == [("w/1", b"one")]


@warped
async def test_an_alert_raised_and_ended_while_nobody_was_connected_leaves_nothing() -> None:
    memory = Memory()
    state = RetainedState(memory, [A])
    state.set("alert/1", b"x")
    state.clear("alert/1")
    state.clear("alert/never")
    line = Line(memory)
    async with telling(state, line):
        assert await told(line, 1) == [("alert/1", b"")]
    assert memory.known == set()


@warped
async def test_a_full_store_delays_new_topics_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge.retained, "MEMORY_RETRY_S", 0.01)
    memory = Memory("old/1")
    state = RetainedState(memory, [A])
    state.set("w/1", b"one")
    memory.full = True
    line = Line(memory)
    async with telling(state, line):
        await asyncio.sleep(0.05)
        assert line.told == []
        memory.full = False
        assert await told(line, 1) == [("w/1", b"one")]


@warped
async def test_what_cannot_be_forgotten_is_cleared_again_at_the_next_start() -> None:
    memory = Memory("old/1")
    state = RetainedState(memory, [A])
    state.load([])
    line = Line(memory)
    real, memory.remember_topics = memory.remember_topics, _nothing  # type: ignore[method-assign]
    memory.full = True
    async with telling(state, line):
        assert await told(line, 1) == [("old/1", b"")]
    assert memory.known == {"old/1"}
    memory.full, memory.remember_topics = False, real  # type: ignore[method-assign]
    again, next_line = RetainedState(memory, [A]), Line(memory)
    again.load([])
    async with telling(again, next_line):
        assert await told(next_line, 1) == [("old/1", b"")]
    assert memory.known == set()


async def _nothing(names: Iterable[str]) -> None:
    """All are known."""


@warped
async def test_topics_are_bounded(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(edge.retained, "MAX_TOPICS", 3)
    memory = Memory()
    state = RetainedState(memory, [A])
    for n in range(10):
        state.set(f"w/{n}", b"x")
    state.set("w/1", b"y")  # a known one may still change
    line = Line(memory)
    async with telling(state, line):
        assert await told(line, 3) == [("w/0", b"x"), ("w/1", b"y"), ("w/2", b"x")]
    assert len(caplog.records) == 1


@warped
async def test_a_memory_that_is_full_holds_up_only_what_is_new(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(edge.retained, "MEMORY_RETRY_S", 0.05)
    memory = Memory("w/1")
    memory.full = True
    state = RetainedState(memory, [A])
    for n in range(2, 2 + 2 * edge.retained.BURST):
        state.set(f"w/{n}", b"new")
    line = Line(memory)
    async with telling(state, line):
        state.set("w/1", b"x")
        assert await told(line, 1) == [("w/1", b"x")]
        await asyncio.sleep(0.1)  # tried again in vain
        state.set("w/1", b"y")
        assert await told(line, 2) == [("w/1", b"x"), ("w/1", b"y")]
        assert len(caplog.records) == 1
        memory.full = False
        assert len(await told(line, 2 + 2 * edge.retained.BURST)) == 2 + 2 * edge.retained.BURST


@warped
async def test_an_alert_needs_no_memory() -> None:
    memory = Memory()
    memory.full = True
    state, line = RetainedState(memory, [A], ["alert/full"]), Line(memory, alerts=["alert/full"])
    state.load([])
    async with telling(state, line):
        assert await told(line, 1) == [("alert/full", b"")]  # perhaps left by a daemon that was killed
        state.set("alert/full", b"no room")
        assert (await told(line, 2))[-1] == ("alert/full", b"no room")
        state.clear("alert/full")
        assert (await told(line, 3))[-1] == ("alert/full", b"")


@warped
async def test_a_lost_line_ends_it_with_the_loss() -> None:
    memory = Memory()
    state = RetainedState(memory, [A])
    state.set("w/1", b"x")
    line = Line(memory)
    line.lost = True
    with pytest.raises(BrokerLost):
        await state.run(cast(Connection, line))


@warped
async def test_what_changes_while_all_is_told_again_does_not_wait_for_the_rest() -> None:
    memory = Memory()
    state = RetainedState(memory, [A])
    for number in range(60):
        state.set(f"w/{number}", b"old")
    line = Line(memory)
    async with telling(state, line):
        await told(line, 1)
        state.set("w/59", b"new")
        assert ("w/59", b"new") in (await told(line, 20))[:20]
        everything = await told(line, 60)
    assert sorted(everything) == sorted([(f"w/{n}", b"old") for n in range(59)] + [("w/59", b"new")])


@warped
async def test_all_is_told_again_in_the_end_however_much_changes() -> None:
    memory = Memory()
    state = RetainedState(memory, [A], rate_per_s=100_000)
    for number in range(10):
        state.set(f"w/{number}", b"old")
    line = Line(memory)
    async with telling(state, line):
        for turn in range(1000):
            for number in range(10, 30):
                state.set(f"w/{number}", str(turn).encode())
            await asyncio.sleep(0.001)
            if {f"w/{n}" for n in range(10)} <= {topic for topic, _ in line.told}:
                return
    raise AssertionError("the topics that did not change were never told")
