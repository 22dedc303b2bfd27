"""The hub at real brokers: everything once, through every kind of loss."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import edge.console.fleet
import edge.console.hub
from edge.broker import Broker
from edge.console.settling import settle_first
from edge.ids import new_id
from edge.mqtt import connect
from edge.wire import Ack, Alert, NodeStatus, Reply, Request, Topics
from tests.chain_kit import chained
from tests.integration.brokers import BrokerProcess, Observer, observing
from tests.integration.hub_kit import hub_at
from tests.integration.node import MemoryStore, SmallNode, batch, event

TIMEOUT_S = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)


def all_acked(*nodes: SmallNode) -> Callable[[], bool]:
    return lambda: all(node.store.acked_seq == len(node.store.events) for node in nodes)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def recorded(path: Path, store: MemoryStore) -> list[dict[str, object]]:
    rows = query(path, f"SELECT body FROM event WHERE epoch = '{store.epoch}' ORDER BY seq")
    return [json.loads(str(body)) for (body,) in rows]


async def test_every_event_of_every_node_is_recorded_once_and_acknowledged(
    broker: BrokerProcess, path: Path
) -> None:
    nodes = [SmallNode([broker.broker], name=f"n{n}") for n in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(hub_at(broker.broker, path))
        for node in nodes:
            await stack.enter_async_context(node.running())
        for _ in range(10):
            for node in nodes:
                node.store.append(33)
            await asyncio.sleep(0.01)
        await until(all_acked(*nodes))
    for node in nodes:
        assert recorded(path, node.store) == node.store.events
    assert len(query(path, "SELECT DISTINCT node FROM event")) == 3


async def test_a_broker_replaced_by_an_empty_one_costs_nothing(broker: BrokerProcess, path: Path) -> None:
    node = SmallNode([broker.broker])
    async with hub_at(broker.broker, path), node.running():
        for _ in range(3):
            node.store.append(500)
            await asyncio.sleep(0.03)
            broker.kill()
            node.store.append(100)
            broker.start()
        await until(all_acked(node))
    assert recorded(path, node.store) == node.store.events


async def test_a_hub_that_was_away_asks_for_what_it_missed(broker: BrokerProcess, path: Path) -> None:
    """The small outbox tells nothing twice by itself, so all of this is the hub's own asking."""
    node = SmallNode([broker.broker])
    async with node.running():
        async with hub_at(broker.broker, path):
            node.store.append(10)
            await until(all_acked(node))
        async with observing(broker.broker) as observer:
            node.store.append(200)
            await observer.until(lambda: len(observer.on(node.topics.event)) >= 4)
        assert node.store.acked_seq == 10
        async with hub_at(broker.broker, path):
            await until(all_acked(node))
    assert recorded(path, node.store) == node.store.events


async def test_an_acknowledgement_that_was_lost_is_said_again(broker: BrokerProcess, path: Path) -> None:
    node = SmallNode([broker.broker])
    async with node.running():
        async with hub_at(broker.broker, path):
            node.store.append(10)
            await until(all_acked(node))
        node.store.acked_seq = 0  # as if none had come
        async with hub_at(broker.broker, path):
            await until(all_acked(node))


async def test_a_new_database_of_a_node_is_a_new_epoch(broker: BrokerProcess, path: Path) -> None:
    async with hub_at(broker.broker, path):
        old, new = SmallNode([broker.broker]), SmallNode([broker.broker])
        for node in (old, new):
            node.store.append(20)
            async with node.running():
                await until(all_acked(node))
    assert recorded(path, old.store) == old.store.events
    assert recorded(path, new.store) == new.store.events


async def test_a_record_that_was_lost_is_filled_again_as_far_as_the_node_can_tell(
    broker: BrokerProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.console.fleet, "ASK_TIMEOUT_S", 0.5)
    monkeypatch.setattr(edge.console.hub, "TICK_S", 0.2)
    node = SmallNode([broker.broker])
    node.store.append(120)
    node.store.acked_seq = 100
    node.store.oldest_seq = 71
    async with node.running(), hub_at(broker.broker, path):
        await until(all_acked(node))
    assert recorded(path, node.store) == node.store.events[70:]
    assert query(path, "SELECT node, first_seq, last_seq FROM missing") == [("n1", 1, 70)]


# --- a node played by hand ---
async def acked_up_to(observer: Observer, topics: Topics, seq: int) -> None:
    await observer.until(lambda: any(Ack.model_validate_json(p).seq == seq for p in observer.on(topics.ack)))


async def test_a_gap_is_asked_for_once_and_healed(broker: BrokerProcess, path: Path) -> None:
    topics, epoch = Topics("h1", "n1"), new_id()
    events = [event(epoch, seq) for seq in range(1, 10)]
    async with observing(broker.broker) as observer, hub_at(broker.broker, path):
        send = observer.connection.publish
        while not observer.on(topics.ack):  # until the hub listens
            await send(topics.event, batch(events[:2]))
            await observer.quiet(0.2)
        for lost in range(5, 9):
            await send(topics.event, batch(events[lost : lost + 1]))
        await observer.until(lambda: bool(observer.on(topics.command("backfill"))))
        await observer.quiet(0.5)
        asks = observer.on(topics.command("backfill"))
        assert len(asks) == 1
        assert Request.model_validate_json(asks[0]).args == {"epoch": epoch, "seq": 3}
        assert max(Ack.model_validate_json(p).seq for p in observer.on(topics.ack)) == 2
        await send(topics.event, batch(events[2:]))
        await acked_up_to(observer, topics, 9)
    assert [seq for (seq,) in query(path, "SELECT seq FROM event ORDER BY seq")] == list(range(1, 10))


async def test_rubbish_is_kept_apart_and_the_rest_goes_on(broker: BrokerProcess, path: Path) -> None:
    topics, epoch = Topics("h1", "n1"), new_id()
    events: list[object] = [event(epoch, seq) for seq in range(1, 5)]
    events[2] = {**event(epoch, 3), "id": "not an id"}
    async with observing(broker.broker) as observer, hub_at(broker.broker, path):
        send = observer.connection.publish
        while not observer.on(topics.ack):
            await send(topics.event, batch(events[:1]))
            await observer.quiet(0.2)
        for payload in (b"", b"\xff", b"{}", b'{"v":2,"events":[]}', b'{"v":1,"events":[{}]}', b"[" * 9_999):
            await send(topics.event, payload)
        await send("hall/1/Not-A-Name/n1/event", batch(events))
        await send(topics.status, b"nonsense")
        await send(topics.event, batch(events))
        await acked_up_to(observer, topics, 4)
    assert [seq for (seq,) in query(path, "SELECT seq FROM event ORDER BY seq")] == [1, 2, 4]
    assert query(path, "SELECT count(*) FROM rejected WHERE seq = 0") == [(6,)]
    assert query(path, "SELECT count(*) FROM rejected WHERE seq = 3") == [(1,)]


async def test_a_flood_beyond_the_inbox_is_asked_for_again(
    broker: BrokerProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.inbox.INBOX_MESSAGES", 2)
    monkeypatch.setattr(edge.console.fleet, "ASK_TIMEOUT_S", 0.3)
    monkeypatch.setattr(edge.console.hub, "TICK_S", 0.1)
    node = SmallNode([broker.broker])
    node.store.append(3_000)
    async with hub_at(broker.broker, path), node.running():
        await until(all_acked(node))
    assert recorded(path, node.store) == node.store.events


async def test_a_record_that_cannot_be_written_for_a_while_delays_and_loses_nothing(
    broker: BrokerProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.console.hub, "RETRY_S", 0.1)
    monkeypatch.setattr("edge.console.engine.BUSY_TIMEOUT_S", 0.1)
    node = SmallNode([broker.broker])
    async with hub_at(broker.broker, path) as hub, node.running():
        node.store.append(10)
        await until(all_acked(node))
        with contextlib.closing(sqlite3.connect(path)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            node.store.append(50)
            await asyncio.sleep(0.5)
            assert (hub.applied, node.store.acked_seq) == (10, 10)
            shell.rollback()
        await until(all_acked(node))
    assert recorded(path, node.store) == node.store.events


async def test_an_act_that_does_not_fit_into_its_chain_is_kept_and_told_once(
    broker: BrokerProcess, path: Path
) -> None:
    topics, epoch = Topics("h1", "n1"), new_id()
    events = chained(epoch, 9)
    events[4]["staff"] = "1002"
    events[6]["staff"] = "1003"
    async with observing(broker.broker) as observer:
        send = observer.connection.publish
        for _ in range(2):  # and not again after a restart of the hub
            async with hub_at(broker.broker, path):
                acks = len(observer.on(topics.ack))
                while len(observer.on(topics.ack)) == acks:  # until this hub listens
                    await send(topics.event, batch(events))
                    await observer.quiet(0.2)
                await acked_up_to(observer, topics, 9)
                await observer.until(lambda: bool(observer.on(topics.alert("chain_broken"))))
                await until(lambda: not query(path, "SELECT * FROM unfit WHERE told = 0"))
                await observer.quiet(0.3)
        (alert,) = observer.on(topics.alert("chain_broken"))
    assert f"epoch {epoch}, seq 5, ticket.called" in Alert.model_validate_json(alert).detail
    assert query(path, "SELECT seq, misfit, told FROM unfit ORDER BY seq") == [
        (5, "content", 1),
        (7, "content", 1),
    ]
    assert [seq for (seq,) in query(path, "SELECT seq FROM event ORDER BY seq")] == list(range(1, 10))


async def test_what_is_settled_beside_the_hub_takes_its_alert_back(
    broker: BrokerProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.console.hub.TICK_S", 0.2)
    topics, events = Topics("h1", "n1"), chained(new_id(), 9)
    events[4]["staff"] = "1002"
    events[6]["staff"] = "1003"
    alert = topics.alert("chain_broken")

    async def says(observer: Observer, said: bytes) -> None:
        await observer.until(lambda: bool(observer.on(alert)) and said in observer.on(alert)[-1])

    async with observing(broker.broker) as observer, hub_at(broker.broker, path):
        while not observer.on(topics.ack):  # until this hub listens
            await observer.connection.publish(topics.event, batch(events))
            await observer.quiet(0.2)
        await says(observer, b"seq 5,")
        await asyncio.to_thread(settle_first, f"sqlite:///{path}", "h1/n1", "1001", "a test")
        await says(observer, b"seq 7,")
        await asyncio.to_thread(settle_first, f"sqlite:///{path}", "h1/n1", "1001", "a test")
        await observer.until(lambda: observer.on(alert)[-1] == b"")
        told = len(observer.on(alert))
        await observer.quiet(1)
        assert len(observer.on(alert)) == told


# --- the program ---
@contextlib.contextmanager
def console(broker: Broker, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = "from edge.console.cli import main; main()"
    arguments = ["--broker", str(broker), "--store", f"sqlite:///{path}", "--no-web"]
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()  # nothing where it has ended; leaving the `with` closes its pipe either way


async def test_killed_hubs_lose_nothing_and_count_nothing_twice(broker: BrokerProcess, path: Path) -> None:
    node = SmallNode([broker.broker])
    async with node.running():
        for _ in range(3):
            with console(broker.broker, path) as process:
                before = node.store.acked_seq
                node.store.append(400)
                await until(lambda before=before: node.store.acked_seq > before)  # type: ignore[misc]
                os.kill(process.pid, signal.SIGKILL)
                node.store.append(400)
        with console(broker.broker, path) as process:
            await until(all_acked(node))
            process.terminate()
            _, log = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0
    assert b"stopped:" in log
    assert recorded(path, node.store) == node.store.events


async def test_a_node_that_is_lost_is_not_asked(broker: BrokerProcess, path: Path) -> None:
    topics = Topics("h1", "n1")
    status = NodeStatus(
        state="lost", epoch=new_id(), boot=new_id(), session=new_id(), version="", config_hash="", since=0
    )
    async with observing(broker.broker) as observer:
        await observer.connection.publish(topics.status, status.model_dump_json().encode(), retain=True)
        async with hub_at(broker.broker, path):
            await observer.quiet(0.5)
            assert not observer.on(topics.command("backfill"))
            ready = status.model_copy(update={"state": "ready", "last_seq": 5})
            await observer.connection.publish(topics.status, ready.model_dump_json().encode(), retain=True)
            await observer.until(lambda: bool(observer.on(topics.command("backfill"))))


async def test_a_refusal_to_tell_again_is_heard(broker: BrokerProcess, path: Path) -> None:
    """Nothing comes of it but a line in the log: the hub goes on."""
    topics, epoch = Topics("h1", "n1"), new_id()
    async with observing(broker.broker) as observer, hub_at(broker.broker, path):
        send = observer.connection.publish
        while not observer.on(topics.command("backfill")):
            await send(topics.event, batch([event(epoch, 2)]))
            await observer.quiet(0.2)
        request = Request.model_validate_json(observer.on(topics.command("backfill"))[0])
        reply = Reply(id=request.id, result="rejected", code="other_epoch")
        async with connect(broker.broker, "n1") as node:
            await node.publish(request.reply_to, reply.model_dump_json().encode())
            await node.publish(request.reply_to, b"rubbish")
        await send(topics.event, batch([event(epoch, 1)]))
        await acked_up_to(observer, topics, 1)
