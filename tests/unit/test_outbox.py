"""The outbox against a broker that the test holds: order, window, acknowledgements, backfill, probes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.outbox import Outbox, OutboxLimits
from edge.store import Limits, Row, Store
from edge.wire import MAX_PAYLOAD, Ack, EventBatch, TicketVoided
from tests.store_kit import draft, telemetry

FREE = OutboxLimits(replay_per_s=None)
FAST = OutboxLimits(replay_per_s=None, ack_timeout_s=0.05, ack_timeout_max_s=0.2)
PATIENCE_S = 60.0


class SessionLost(Exception):
    pass


class Broker:
    """Takes PUBLISHes in order; acknowledges each at once, or when the test says so."""

    def __init__(self, *, holds: bool = False) -> None:
        self.payloads: list[bytes] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.most_bytes_in_flight = 0
        self._bytes = 0
        self._holds = holds

    async def publish(self, payload: bytes) -> None:
        self.payloads.append(payload)
        self.in_flight += 1
        self._bytes += len(payload)
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.most_bytes_in_flight = max(self.most_bytes_in_flight, self._bytes)
        puback: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(puback)
        if not self._holds:
            puback.set_result(None)
        try:
            await puback
        finally:
            self.in_flight -= 1
            self._bytes -= len(payload)

    def puback(self, n: int) -> None:
        self.waiting[n].set_result(None)

    @property
    def batches(self) -> list[list[int]]:
        return [[event["seq"] for event in json.loads(p)["events"]] for p in self.payloads]

    @property
    def seqs(self) -> list[int]:
        return [seq for batch in self.batches for seq in batch]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 what is waited for is of many kinds
            await asyncio.sleep(0.002)


async def settled(broker: Broker, count: int = 0) -> None:
    """So much has been published, and for a while nothing more is."""
    await until(lambda: len(broker.payloads) >= count)
    before = -1
    while before != len(broker.payloads):
        before = len(broker.payloads)
        await asyncio.sleep(0.03)


@asynccontextmanager
async def session(
    outbox: Outbox,
    publish: Callable[[bytes], Awaitable[None]],
    live: Callable[[bytes], Awaitable[None]] | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    running: asyncio.Task[None] = asyncio.create_task(outbox.run(publish, live))  # type: ignore[arg-type]
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "hall.db", Limits(min_free_bytes=0))
    yield store
    await store.close()


async def add(store: Store, count: int) -> None:
    for start in range(0, count, 200):
        await store.append([draft() for _ in range(min(200, count - start))])


async def test_a_backlog_goes_in_order_in_bounded_batches(store: Store) -> None:
    await add(store, 1001)
    broker = Broker()
    async with session(Outbox(store, FREE), broker.publish):
        await until(lambda: broker.seqs[-1:] == [1001])
    assert broker.seqs == list(range(1, 1002))
    assert max(len(batch) for batch in broker.batches) == 200
    assert EventBatch.model_validate_json(broker.payloads[0]).v == 1


async def test_batches_are_bounded_in_bytes(store: Store) -> None:
    for _ in range(10):
        await store.append([draft(TicketVoided(ticket="A001", reason="纸" * 5000)) for _ in range(4)])
    broker = Broker()
    async with session(Outbox(store, FREE), broker.publish):
        await until(lambda: broker.seqs[-1:] == [40])
    assert max(map(len, broker.payloads)) <= 128 * 1024 <= MAX_PAYLOAD
    assert len(broker.payloads) > 4
    assert broker.seqs == list(range(1, 41))


async def test_a_live_event_goes_at_once_and_alone(store: Store) -> None:
    broker = Broker()
    async with session(Outbox(store, FREE), broker.publish):
        for n in range(1, 6):
            await add(store, 1)
            await until(lambda n=n: broker.seqs == list(range(1, n + 1)))  # type: ignore[misc]
    assert broker.batches == [[1], [2], [3], [4], [5]]


async def test_the_window_is_bounded_in_messages_and_kept_in_order(store: Store) -> None:
    broker = Broker(holds=True)
    limits = OutboxLimits(replay_per_s=None, window=3, batch_events=10)
    await add(store, 100)
    async with session(Outbox(store, limits), broker.publish):
        await settled(broker, 3)
        assert broker.batches == [list(range(s, s + 10)) for s in (1, 11, 21)]
        broker.puback(1)  # out of order: its place is held until the first has landed
        await settled(broker)
        assert len(broker.payloads) == 3
        broker.puback(0)
        await settled(broker, 5)
        assert len(broker.payloads) == 5
        for count in range(6, 11):
            broker.puback(next(n for n, f in enumerate(broker.waiting) if not f.done()))
            await settled(broker, count)
    assert broker.seqs == list(range(1, 101))
    assert broker.most_in_flight == 3


async def test_the_window_is_bounded_in_bytes(store: Store) -> None:
    broker = Broker(holds=True)
    await add(store, 5000)
    async with session(Outbox(store, FREE), broker.publish):
        await settled(broker, 2)
    assert 1 < len(broker.payloads) < FREE.window
    assert broker.most_bytes_in_flight <= FREE.window_bytes


async def test_the_rate_of_a_drain_is_bounded(store: Store) -> None:
    await add(store, 600)
    broker = Broker()
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with session(Outbox(store, OutboxLimits(replay_per_s=2000)), broker.publish):
        await until(lambda: broker.seqs[-1:] == [600])
    assert loop.time() - start >= 400 / 2000  # the last batch need not wait for itself


async def test_a_lost_session_raises_what_publish_raised_and_the_next_begins_after_the_cursor(
    store: Store,
) -> None:
    await add(store, 30)
    outbox = Outbox(store, OutboxLimits(replay_per_s=None, batch_events=10))
    first = Broker()

    async def lost(payload: bytes) -> None:
        await first.publish(payload)
        if len(first.payloads) == 2:
            raise SessionLost

    with pytest.raises(SessionLost):
        await outbox.run(lost)
    assert first.seqs[:20] == list(range(1, 21))
    outbox.on_ack(Ack(epoch=store.epoch, seq=7))
    second = Broker()
    async with session(outbox, second.publish):
        await until(lambda: second.seqs[-1:] == [30])
    assert second.seqs == list(range(8, 31))


async def test_a_failure_behind_the_head_of_the_window_is_seen(store: Store) -> None:
    await add(store, 20)
    broker = Broker(holds=True)
    async with session(
        Outbox(store, OutboxLimits(replay_per_s=None, batch_events=10)), broker.publish
    ) as running:
        await settled(broker, 2)
        broker.waiting[1].set_exception(SessionLost())
        await until(running.done)
        assert isinstance(running.exception(), SessionLost)
    assert broker.in_flight == 0  # the first was cancelled with its session


async def test_only_one_session_at_a_time(store: Store) -> None:
    outbox = Outbox(store, FREE)
    async with session(outbox, Broker().publish):
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another session"):
            await outbox.run(Broker().publish)
    async with session(outbox, Broker().publish) as running:  # and it is free again
        await asyncio.sleep(0)
        assert not running.done()


async def test_acknowledgements_are_monotone_and_checked(store: Store) -> None:
    await add(store, 10)
    outbox = Outbox(store, FREE)
    assert outbox.on_ack(Ack(epoch=store.epoch, seq=6))
    assert outbox.on_ack(Ack(epoch=store.epoch, seq=2))
    assert not outbox.on_ack(Ack(epoch="f" * 32, seq=9))
    assert not outbox.on_ack(Ack(epoch=store.epoch, seq=11))
    assert store.acked_seq == 6


async def test_an_acknowledgement_ahead_of_the_session_saves_the_repetition(store: Store) -> None:
    """The hub had more than the cursor said: it answers the first batch with all that it has."""
    await add(store, 50)
    broker = Broker(holds=True)
    outbox = Outbox(store, OutboxLimits(replay_per_s=None, batch_events=10, window=1))
    async with session(outbox, broker.publish):
        await settled(broker, 1)
        outbox.on_ack(Ack(epoch=store.epoch, seq=45))
        broker.puback(0)
        await settled(broker, 2)
    assert broker.batches == [list(range(1, 11)), list(range(46, 51))]


async def test_by_the_broker_a_batch_is_freed_by_its_puback_in_order(store: Store) -> None:
    await add(store, 30)
    broker = Broker(holds=True)
    outbox = Outbox(store, OutboxLimits(replay_per_s=None, batch_events=10), ack="broker")
    async with session(outbox, broker.publish):
        await settled(broker, 3)
        broker.puback(1)
        await settled(broker)
        assert store.acked_seq == 0
        broker.puback(0)
        await until(lambda: store.acked_seq == 20)
        broker.puback(2)
        await until(lambda: store.acked_seq == 30)


async def test_by_the_hub_a_puback_frees_nothing(store: Store) -> None:
    await add(store, 30)
    broker = Broker()
    async with session(Outbox(store, FREE), broker.publish):
        await settled(broker, 1)
    assert store.acked_seq == 0


async def test_a_backfill_is_told_again_and_then_the_live_events(store: Store) -> None:
    await add(store, 30)
    broker = Broker()
    outbox = Outbox(store, FREE)
    async with session(outbox, broker.publish):
        await settled(broker, 1)
        outbox.on_ack(Ack(epoch=store.epoch, seq=30))
        assert outbox.rewind(11) == 11
        await settled(broker, 2)
        await add(store, 1)
        await settled(broker, 3)
    assert broker.seqs == [*range(1, 31), *range(11, 32)]
    assert store.acked_seq == 30


async def test_a_hub_with_no_record_is_filled_from_the_beginning(store: Store) -> None:
    """Its acknowledgements below the cursor neither move it nor stop the filling."""
    await add(store, 1000)
    store.acknowledge(store.epoch, 1000)
    outbox, broker = Outbox(store, FREE), Broker()
    async with session(outbox, broker.publish):
        await settled(broker)
        assert broker.seqs == []
        assert outbox.rewind(1) == 1
        await until(lambda: 200 in broker.seqs)
        outbox.on_ack(Ack(epoch=store.epoch, seq=200))
        await until(lambda: broker.seqs[-1:] == [1000])
    assert broker.seqs == list(range(1, 1001))


async def test_a_backfill_of_what_is_gone_answers_the_oldest_kept(tmp_path: Path) -> None:
    limits = Limits(max_bytes=1024 * 1024, wal_bytes=256 * 1024, min_free_bytes=0)
    store = await Store.open(tmp_path / "hall.db", limits)
    for _ in range(20):
        await add(store, 200)
        store.acknowledge(store.epoch, store.last_seq)
    outbox, broker = Outbox(store, FREE), Broker()
    async with session(outbox, broker.publish):
        oldest = outbox.rewind(1)
        assert oldest == store.oldest_kept_seq > 1
        await until(lambda: broker.seqs[-1:] == [4000])
    assert broker.seqs == list(range(oldest, 4001))
    await store.close()


async def test_a_backfill_asked_for_while_a_batch_is_read_wins_over_that_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, 20)
    outbox, broker = Outbox(store, OutboxLimits(replay_per_s=None, batch_events=10)), Broker()
    read = store.after

    async def after(seq: int, limit_rows: int, limit_bytes: int) -> list[Row]:
        rows = await read(seq, limit_rows, limit_bytes)
        if seq == 10 and not outbox_rewound:
            outbox_rewound.append(outbox.rewind(3))
        return rows

    outbox_rewound: list[int] = []
    monkeypatch.setattr(store, "after", after)
    async with session(outbox, broker.publish):
        await settled(broker, 3)
    assert broker.batches == [list(range(1, 11)), list(range(3, 13)), list(range(13, 21))]


async def test_the_same_backfill_asked_for_many_times_is_one(store: Store) -> None:
    await add(store, 50)
    outbox, broker = Outbox(store, OutboxLimits(replay_per_s=None, rewind_gap_s=PATIENCE_S)), Broker()
    async with session(outbox, broker.publish):
        await settled(broker, 1)
        for _ in range(20):
            assert outbox.rewind(41) == 41
            await asyncio.sleep(0.002)
        await settled(broker, 2)
    assert broker.seqs == [*range(1, 51), *range(41, 51)]


async def test_a_backfill_asked_for_before_the_session_runs_is_served_by_it(store: Store) -> None:
    """The hub may answer the node's birth before the first batch is sent."""
    await add(store, 20)
    store.acknowledge(store.epoch, 20)
    outbox, broker = Outbox(store, FREE), Broker()
    assert outbox.rewind(5) == 5
    async with session(outbox, broker.publish):
        await settled(broker, 1)
    assert broker.seqs == list(range(5, 21))
    async with session(outbox, broker.publish):  # by that one only
        await settled(broker)
    assert broker.seqs == list(range(5, 21))


async def test_a_backfill_of_what_is_yet_to_come_changes_nothing(store: Store) -> None:
    await add(store, 5)
    outbox, broker = Outbox(store, FREE), Broker()
    async with session(outbox, broker.publish):
        await settled(broker, 1)
        assert outbox.rewind(6) == 6
        await settled(broker)
    assert broker.seqs == [1, 2, 3, 4, 5]


async def test_a_silent_hub_is_probed_with_one_batch_ever_more_seldom(store: Store) -> None:
    await add(store, 1000)
    broker = Broker()
    loop = asyncio.get_running_loop()
    times: list[float] = []

    async def publish(payload: bytes) -> None:
        times.append(loop.time())
        await broker.publish(payload)

    async with session(Outbox(store, FAST), publish):
        await until(lambda: len(broker.payloads) == 9)
    assert broker.batches[5:] == [list(range(1, 201))] * 4
    assert times[-1] - times[4] > 0.4  # 0.05 + 0.1 + 0.2 + 0.2 s; four of the first would be 0.2 s


async def test_live_events_go_on_while_the_hub_is_silent(store: Store) -> None:
    await add(store, 3)
    broker = Broker()
    async with session(Outbox(store, FAST), broker.publish):
        await until(lambda: len(broker.payloads) == 2)  # told, and told again
        await add(store, 1)
        await until(lambda: [4] in broker.batches)


async def test_a_hub_that_answers_a_probe_gets_the_rest_again(store: Store) -> None:
    """The broker had taken 1..1000 and lost them; the hub knows of the first batch only."""
    await add(store, 1000)
    broker = Broker()
    outbox = Outbox(store, FAST)
    async with session(outbox, broker.publish):
        await until(lambda: len(broker.payloads) >= 6)
        told = len(broker.payloads)
        outbox.on_ack(Ack(epoch=store.epoch, seq=200))
        await until(lambda: any(1000 in batch for batch in broker.batches[told:]))
        outbox.on_ack(Ack(epoch=store.epoch, seq=1000))
        await settled(broker)
    # One more probe, of the first batch, may have been on its way.
    rest = [seq for batch in broker.batches[told:] for seq in batch if seq > 200]
    assert rest[:800] == list(range(201, 1001))


async def test_no_probe_where_all_is_acknowledged_or_the_broker_acknowledges(store: Store) -> None:
    await add(store, 3)
    broker = Broker()
    async with session(Outbox(store, FAST, ack="broker"), broker.publish):
        await until(lambda: store.acked_seq == 3)
        await asyncio.sleep(0.15)
    hub = Outbox(store, FAST)
    async with session(hub, broker.publish):
        await asyncio.sleep(0.15)
    assert len(broker.payloads) == 1


async def test_dropped_events_are_told_each_in_its_place(tmp_path: Path) -> None:
    limits = Limits(max_bytes=1024 * 1024, wal_bytes=256 * 1024, min_free_bytes=0)
    store = await Store.open(tmp_path / "hall.db", limits)
    for _ in range(40):
        await store.append([draft(telemetry()) for _ in range(100)])
    broker = Broker()
    async with session(Outbox(store, FREE), broker.publish):
        await until(lambda: broker.seqs[-1:] == [4000])
    assert broker.seqs == list(range(1, 4001))
    assert store.status().dropped > 0
    await store.close()


# --- copies of what is new ---
NARROW = OutboxLimits(batch_events=10, window=1, replay_per_s=None)


async def test_what_is_new_is_shown_before_the_backlog_and_told_in_its_place(store: Store) -> None:
    await add(store, 100)
    broker, watcher = Broker(holds=True), Broker()
    async with session(Outbox(store, NARROW), broker.publish, watcher.publish):
        await until(lambda: len(broker.payloads) == 1)
        await add(store, 1)
        await until(lambda: watcher.seqs == [101])
        await add(store, 1)
        await until(lambda: watcher.seqs == [101, 102])
        for n in range(11):
            await until(lambda n=n: len(broker.waiting) == n + 1)  # type: ignore[misc]
            broker.puback(n)
        await until(lambda: broker.seqs == list(range(1, 103)))
        await add(store, 1)
        await until(lambda: broker.seqs == list(range(1, 104)))
    assert watcher.seqs == [101, 102]  # nothing is shown that goes at once


async def test_a_watcher_that_is_slow_gets_the_newest_and_one_message_at_a_time(store: Store) -> None:
    await add(store, 20)
    broker, watcher = Broker(holds=True), Broker(holds=True)
    async with session(Outbox(store, NARROW), broker.publish, watcher.publish):
        await until(lambda: len(broker.payloads) == 1)
        await add(store, 1)
        await until(lambda: watcher.seqs == [21])
        await add(store, 100)
        await settled(watcher)
        assert watcher.seqs == [21]
        watcher.puback(0)
        await until(lambda: len(watcher.payloads) == 2)
        assert watcher.batches[1] == list(range(72, 122))
    assert watcher.most_in_flight == 1


async def test_a_session_lost_to_a_copy_is_lost(store: Store) -> None:
    async def refuses(_payload: bytes) -> None:
        raise SessionLost

    await add(store, 20)
    broker = Broker(holds=True)
    async with session(Outbox(store, NARROW), broker.publish, refuses) as running:
        await until(lambda: len(broker.payloads) == 1)
        await add(store, 1)
        with pytest.raises(SessionLost):
            await running
