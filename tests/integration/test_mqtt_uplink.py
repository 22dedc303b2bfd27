"""A node at real brokers: birth and will, retained state, commands, the farewell."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

import edge.door
from edge.ids import new_id
from edge.mqtt import connect
from edge.wire import Ack, NodeStatus, Reply, Request, WindowStatus, reply_topic
from tests.integration.brokers import BrokerProcess, Observer, Relay, observing
from tests.integration.node import MemoryStore, SmallNode

LONG_S = 60.0  # for what comes at once on an idle machine


def states(observer: Observer, topic: str) -> list[NodeStatus]:
    return [NodeStatus.model_validate_json(payload) for payload in observer.on(topic)]


def has(observer: Observer, topic: str, *expected: str) -> bool:
    return [status.state for status in states(observer, topic)] == list(expected)


# --- birth and will ---
async def test_the_birth_comes_first_and_says_who_is_there(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    node.store.append(3)
    node.uplink.retain(node.topics.window("1"), WindowStatus(window="1"))
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: len(observer.messages) >= 3)
    assert observer.messages[0].topic == node.topics.status
    birth = states(observer, node.topics.status)[0]
    assert (birth.state, birth.epoch, birth.last_seq) == ("ready", node.store.epoch, 3)
    assert {m.topic for m in observer.messages[1:3]} == {node.topics.window("1"), node.topics.event}


async def test_a_cut_line_gives_the_will_and_a_new_birth_in_this_order(broker: BrokerProcess) -> None:
    async with Relay(broker.port) as relay, observing(broker.broker) as observer:
        node = SmallNode([relay.broker])
        async with node.running():
            await observer.until(lambda: has(observer, node.topics.status, "ready"))
            relay.cut()
            await observer.until(lambda: has(observer, node.topics.status, "ready", "lost", "ready"))
    first, lost, second = states(observer, node.topics.status)[:3]
    assert (lost.epoch, lost.boot, lost.session) == (first.epoch, first.boot, first.session)
    assert (second.epoch, second.boot) == (first.epoch, first.boot)
    assert second.session != first.session


async def test_a_late_will_does_not_bury_the_birth(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        birth = states(observer, node.topics.status)[0]
        late = birth.model_copy(update={"state": "lost", "session": new_id()})
        async with connect(broker.broker, "some-broker") as other:
            await other.publish(node.topics.status, late.model_dump_json().encode(), retain=True)
        await observer.until(lambda: has(observer, node.topics.status, "ready", "lost", "ready"))
        async with observing(broker.broker) as newcomer:
            await newcomer.until(lambda: has(newcomer, node.topics.status, "ready"))
            assert newcomer.messages[0].retain


async def test_a_will_that_a_restart_left_behind_is_no_reason_for_a_second_birth(
    broker: BrokerProcess,
) -> None:
    node = SmallNode([broker.broker])
    async with Relay(broker.port) as relay, observing(broker.broker) as observer:
        before = SmallNode([relay.broker], store=node.store)
        async with before.running():
            await observer.until(lambda: has(observer, node.topics.status, "ready"))
            relay.cut()
            await observer.until(lambda: has(observer, node.topics.status, "ready", "lost", "ready"))
        await observer.until(lambda: len(observer.messages) == 4)  # its farewell
        async with node.running():
            await observer.until(lambda: len(observer.messages) == 5)
            await observer.quiet(0.3)
    assert states(observer, node.topics.status)[4].state == "ready"
    assert len(observer.messages) == 5


async def test_a_cancelled_node_says_disconnected(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer:
        async with node.running():
            await observer.until(lambda: has(observer, node.topics.status, "ready"))
        await observer.until(lambda: has(observer, node.topics.status, "ready", "disconnected"))
        await observer.quiet(0.2)  # no will after it
    assert has(observer, node.topics.status, "ready", "disconnected")


async def test_a_stop_drains_first(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer, node.running() as task:
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        node.store.append(1)
        node.uplink.stop(drain_s=600)
        await observer.until(lambda: has(observer, node.topics.status, "ready", "draining"))
        assert not task.done()  # an event is not acknowledged
        async with connect(broker.broker, "hub") as hub:
            ack = Ack(epoch=node.store.epoch, seq=1)
            await hub.publish(node.topics.ack, ack.model_dump_json().encode())
        async with asyncio.timeout(LONG_S):
            await asyncio.wait({task})
        await observer.until(lambda: has(observer, node.topics.status, "ready", "draining", "disconnected"))


async def test_a_stop_does_not_wait_for_a_hub_for_ever(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    node.store.append(1)
    async with observing(broker.broker) as observer, node.running() as task:
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        node.uplink.stop(drain_s=0.1)
        async with asyncio.timeout(LONG_S):
            await asyncio.wait({task})


# --- retained state ---
async def test_state_is_told_whole_to_a_broker_that_has_forgotten_it(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    topics = [node.topics.window(str(n)) for n in range(60)]
    for topic in topics:
        node.uplink.retain(topic, WindowStatus(window="1"))
    async with node.running():
        async with observing(broker.broker) as observer:
            await observer.until(
                lambda: {m.topic for m in observer.messages} >= {*topics, node.topics.status}
            )
        broker.kill()
        broker.start()
        async with observing(broker.broker) as observer:
            await observer.until(
                lambda: {m.topic for m in observer.messages} >= {*topics, node.topics.status}
            )
    assert node.store.known == {*topics, node.topics.status}


async def test_state_is_coalesced_and_told_on_change_only(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    topic = node.topics.window("1")
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        for waiting in range(1_000):
            node.uplink.retain(topic, WindowStatus(window="1", waiting=waiting))
        await observer.until(lambda: bool(observer.on(topic)))
        node.uplink.retain(topic, WindowStatus(window="1", waiting=999))
        await observer.quiet(0.3)
    told = [WindowStatus.model_validate_json(payload).waiting for payload in observer.on(topic)]
    assert told == [999]


async def test_what_the_configuration_no_longer_has_is_cleared_at_the_start(broker: BrokerProcess) -> None:
    store = MemoryStore()
    before = SmallNode([broker.broker], store=store)
    kept, gone = before.topics.device("printer"), before.topics.device("strip-9")
    for topic in (kept, gone):
        before.uplink.retain(topic, WindowStatus(window="1"))
    async with observing(broker.broker) as observer, before.running():
        await observer.until(lambda: bool(observer.on(kept)) and bool(observer.on(gone)))
    assert store.known == {kept, gone, before.topics.status}

    after = SmallNode([broker.broker], store=store, configured=[kept])
    async with observing(broker.broker) as observer, after.running():
        await observer.until(lambda: observer.on(gone)[-1:] == [b""])  # live: an empty payload is not kept
        await observer.until(lambda: has(observer, after.topics.status, "disconnected", "ready"))
        async with observing(broker.broker) as newcomer:
            await newcomer.until(lambda: bool(newcomer.on(kept)))
            assert not newcomer.on(gone)
    assert store.known == {kept, after.topics.status}  # nothing is cleared by a shutdown


async def test_an_alert_that_ends_is_cleared(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    topic = node.topics.alert("wait-3")
    async with observing(broker.broker) as observer, node.running():
        node.uplink.retain(topic, WindowStatus(window="3"))
        await observer.until(lambda: bool(observer.on(topic)))
        node.uplink.clear(topic)
        await observer.until(lambda: observer.on(topic)[-1] == b"")
        async with asyncio.timeout(LONG_S):
            while topic in node.store.known:
                await observer.quiet(0.05)


async def test_a_topic_that_cannot_be_remembered_waits_and_the_rest_goes_on(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.retained.MEMORY_RETRY_S", 0.05)
    node = SmallNode([broker.broker])
    node.store.full = True
    topic = node.topics.window("1")
    node.uplink.retain(topic, WindowStatus(window="1"))
    node.store.append(1)
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: bool(observer.on(node.topics.event)))
        await observer.quiet(0.2)
        assert not observer.on(topic)
        node.store.full = False
        await observer.until(lambda: bool(observer.on(topic)))


# --- commands ---
async def ask(observer: Observer, node: SmallNode, verb: str, **request: Any) -> Reply:
    """Send as the client "desk" and wait for the answer."""
    request_id = request.setdefault("id", new_id())
    reply_to = request.setdefault("reply_to", reply_topic("desk", request_id))
    payload = json.dumps({"verb": verb, **request}, ensure_ascii=False).encode()
    await observer.connection.publish(node.topics.command(verb), payload)
    await observer.until(lambda: bool(observer.on(reply_to)))
    return Reply.model_validate_json(observer.on(reply_to)[-1])


async def test_a_command_is_answered_to_who_asked(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        reply = await ask(observer, node, "ticket.take", args={"service": "税务"})
    assert (reply.result, reply.data) == ("done", {"client": "desk"})
    request, client = node.requests[0]
    assert (request.args, client) == ({"service": "税务"}, "desk")


async def test_bad_commands_are_refused_with_a_reason(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        codes = [
            (await ask(observer, node, "take", args={"service": "x" * 20_000})).code,
            (await ask(observer, node, "take", args={str(n): n for n in range(100)})).code,
            (await ask(observer, node, "take", surprise=1)).code,
        ]
        for payload in (b"", b"{", b"[]", b"\xff\xfe", b"[" * 10_000, b'{"id":1,"reply_to":2}', b"null"):
            await observer.connection.publish(node.topics.command("take"), payload)
        assert (await ask(observer, node, "take")).result == "done"  # and it goes on
    assert codes == ["too_large", "malformed", "malformed"]
    assert [request.verb for request, _ in node.requests] == ["take"]


async def test_a_kept_command_is_refused_at_every_connect(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer:
        request_id = new_id()
        reply_to = reply_topic("desk", request_id)
        request = Request(id=request_id, verb="take", reply_to=reply_to)
        payload = request.model_dump_json().encode()
        await observer.connection.publish(node.topics.command("take"), payload, retain=True)
        async with node.running():
            await observer.until(lambda: bool(observer.on(reply_to)))
    reply = Reply.model_validate_json(observer.on(reply_to)[0])
    assert (reply.result, reply.code) == ("rejected", "retained")
    assert not node.requests


async def test_answers_go_to_reply_topics_only(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: has(observer, node.topics.status, "ready"))
        request_id = new_id()
        for reply_to in (
            node.topics.command("take"),
            "hall/1/reply/+/#",
            f"hall/1/reply/desk/{new_id()}",
            "a",
        ):
            request = Request(id=request_id, verb="take", reply_to=reply_to)
            await observer.connection.publish(node.topics.command("take"), request.model_dump_json().encode())
        await ask(observer, node, "take")
    assert len(node.requests) == 1
    assert len([m for m in observer.messages if m.topic.startswith("hall/1/reply/")]) == 1


async def test_a_command_that_hangs_holds_up_nothing(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.door, "MAX_RUNNING", 3)
    node = SmallNode([broker.broker])
    node.store.append(1)
    release = asyncio.Event()

    async def hang(request: Request, client: str) -> Reply:
        await release.wait()
        return Reply(id=request.id, result="done")

    node.handle = hang
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: bool(observer.on(node.topics.event)))
        hung = [Request(id=new_id(), verb="take", reply_to="") for _ in range(3)]
        for request in hung:
            await observer.connection.publish(node.topics.command("take"), request.model_dump_json().encode())
        assert (await ask(observer, node, "take")).code == "busy"
        ack = Ack(epoch=node.store.epoch, seq=1).model_dump_json().encode()
        await observer.connection.publish(node.topics.ack, ack)
        async with asyncio.timeout(LONG_S):
            while node.store.acked_seq < 1:
                await observer.quiet(0.05)
        release.set()
        with contextlib.suppress(TimeoutError):
            await observer.quiet(0.1)
        assert (await ask(observer, node, "take")).result == "done"


async def test_acknowledgements_that_cannot_be_are_ignored(broker: BrokerProcess) -> None:
    node = SmallNode([broker.broker])
    node.store.append(2)
    async with observing(broker.broker) as observer, node.running():
        await observer.until(lambda: bool(observer.on(node.topics.event)))
        kept = Ack(epoch=node.store.epoch, seq=2).model_dump_json().encode()
        for payload in (b"", b"[]", b'{"epoch":"x","seq":1}', kept.replace(b":2", b":-2"), b"\xff" * 100):
            await observer.connection.publish(node.topics.ack, payload)
        await observer.connection.publish(
            node.topics.ack, Ack(epoch=new_id(), seq=1).model_dump_json().encode()
        )
        await ask(observer, node, "take")  # all before it has been read
        assert node.store.acked_seq == 0
        await observer.connection.publish(node.topics.ack, kept)
        await ask(observer, node, "take")
        assert node.store.acked_seq == 2
