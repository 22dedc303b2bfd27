"""The inbox: bounded in number and bytes, in order, and never a crash."""

from __future__ import annotations

import asyncio

import pytest

import edge.inbox
from edge.inbox import Inbound, Inbox
from edge.wire import MAX_PAYLOAD, MAX_TOPIC


def message(n: int, size: int = 1) -> Inbound:
    return Inbound(f"t/{n}", b"x" * size)


async def test_in_order_and_no_more_than_asked_for() -> None:
    inbox = Inbox("b")
    for n in range(5):
        inbox.put(message(n))
    assert await inbox.take(3) == [message(n) for n in range(3)]
    assert await inbox.take(3) == [message(n) for n in range(3, 5)]


async def test_the_newest_are_dropped_and_counted_and_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = Inbox("b")
    for n in range(edge.inbox.INBOX_MESSAGES + 10):
        inbox.put(message(n))
    assert inbox.dropped == 10
    taken = await inbox.take(1_000_000)
    assert taken == [message(n) for n in range(edge.inbox.INBOX_MESSAGES)]
    assert len(caplog.records) == 1


async def test_bytes_are_bounded_and_free_again_when_taken() -> None:
    inbox = Inbox("b")
    full = edge.inbox.INBOX_BYTES // MAX_PAYLOAD
    for round_ in range(3):
        for n in range(full):
            inbox.put(message(n, MAX_PAYLOAD))
        inbox.put(message(99))
        assert inbox.dropped == round_ + 1
        assert len(await inbox.take(1_000)) == full


async def test_the_oversized_are_refused() -> None:
    inbox = Inbox("b")
    inbox.put(message(1, MAX_PAYLOAD + 1))
    inbox.put(message(2, MAX_PAYLOAD))
    assert inbox.rejected == 1
    assert await inbox.take(10) == [message(2, MAX_PAYLOAD)]


async def test_refusals_are_told_once_a_topic_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox("b")
    for _ in range(50):
        for n in (1, 2):
            inbox.put(message(n, MAX_PAYLOAD + n))
    assert inbox.rejected == 100
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        f"t/{n}: refused a message of {MAX_PAYLOAD + n} bytes" for n in (1, 2)
    ]


async def test_a_topic_longer_than_any_of_ours_is_refused_and_not_logged_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = Inbox("b")
    inbox.put(Inbound("t" * MAX_TOPIC, b""))
    for n in range(1_000):
        inbox.put(Inbound("t" * 60_000 + str(n), b""))
    assert inbox.rejected == 1_000
    assert await inbox.take(10) == [Inbound("t" * MAX_TOPIC, b"")]
    assert max(len(record.getMessage()) for record in caplog.records) < 2 * MAX_TOPIC
    for n in range(1_000):
        inbox.put(Inbound(f"{n}/" + "t" * 60_000, b""))
    assert len(caplog.records) < 300, "who makes up topics does not fill the log either"


async def test_a_closed_inbox_gives_what_it_has_and_then_nothing() -> None:
    inbox = Inbox("b")
    inbox.put(message(1))
    inbox.close()
    assert await inbox.take(10) == [message(1)]
    assert await inbox.take(10) == []
    assert await inbox.take(10) == []


async def test_who_waits_is_woken_by_a_message_and_by_the_end() -> None:
    inbox = Inbox("b")
    waiting = asyncio.create_task(inbox.take(10))
    await asyncio.sleep(0)
    inbox.put(message(1))
    assert await waiting == [message(1)]
    waiting = asyncio.create_task(inbox.take(10))
    await asyncio.sleep(0)
    inbox.close()
    assert await waiting == []
