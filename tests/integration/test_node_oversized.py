"""Messages that are too large or no messages at all, from a client that knows no limit: the real daemon
refuses them, answers who can be answered, stays as small as it was and serves on."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import psutil
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from edge.ids import new_id
from edge.wire import MAX_PAYLOAD, MAX_REQUEST, MAX_TOPIC, Reply, reply_topic
from tests.integration.brokers import BrokerProcess
from tests.integration.test_node_commands import CLIENT, TOPICS, Desk, desk_at
from tests.node_kit import Node, of

KIB = 1024
LARGEST = {"nats": 900 * KIB, "mosquitto": 8 * 1024 * KIB}  # nats-server cuts off who sends more than 1 MiB
ROUNDS = 4
GROWTH_MB = 3  # resident, however many were refused
PATIENCE_S = 60.0
TARGETS = (TOPICS.command("ticket.take"), TOPICS.command("no.such_verb"), TOPICS.ack)

NO_MESSAGES = {
    "not UTF-8": b"\xff\xfe" * 50,
    "much that is not UTF-8": b"\xff" * 200 * KIB,
    "text that is not UTF-8": b'{"id":"\xc3\x28"}',
    "half a surrogate": rb'{"id":"\ud800"}',
    "nested arrays": b"[" * MAX_REQUEST,
    "many nested arrays": b"[" * MAX_PAYLOAD,
    "nested objects": b'{"a":' * 3_000,
    "nested within args": b'{"args":{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
    "endless number": b"9" * MAX_REQUEST,
    "more objects than bytes": b"[" + b"{}," * (80 * KIB) + b"0]",
    "zeros": b"\0" * 1_000,
    "nothing": b"",
}


def send(port: int, messages: list[tuple[str, bytes]]) -> None:
    """At QoS 1, each acknowledged by the broker: it has them all."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="careless", protocol=MQTTv311)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        assert connected.wait(PATIENCE_S)
        for topic, payload in messages:
            sent = client.publish(topic, payload, qos=1)
            sent.wait_for_publish(PATIENCE_S)
            assert sent.is_published(), topic
    finally:
        client.disconnect()
        client.loop_stop()


def resident_mb(node: Node) -> float:
    return float(psutil.Process(node.daemon.pid).memory_info().rss) / 2**20


async def still_serves(desk: Desk, node: Node, ticket: str) -> None:
    """After all that was sent before: the node reads in order. Nobody lost the connection over it."""
    reply = await desk.ask("ticket.take", args={"service": "tax"})
    assert (reply.result, reply.data["ticket"]) == ("done", ticket)
    assert node.log.count("connected as") == 1


async def test_what_is_far_too_large_is_refused_unread(broker: BrokerProcess, tmp_path: Path) -> None:
    sizes = (MAX_PAYLOAD + 1, 300 * KIB, 900 * KIB, LARGEST[broker.kind])
    messages = [(topic, b"[" * size) for size in sizes for topic in TARGETS]
    async with desk_at(broker, tmp_path) as (desk, node):
        before_mb = resident_mb(node)
        for n in range(ROUNDS):
            await asyncio.to_thread(send, broker.port, messages)
            await still_serves(desk, node, f"A00{n + 1}")
            assert resident_mb(node) - before_mb < GROWTH_MB
        for topic in TARGETS:
            assert node.log.count(f"{topic}: refused a message of {sizes[0]} bytes") == 1
        assert node.log.count("refused a message of") == len(TARGETS), "one line for each topic"
        await node.settled()


async def test_what_is_no_message_costs_nothing(broker: BrokerProcess, tmp_path: Path) -> None:
    messages = [(topic, payload) for payload in NO_MESSAGES.values() for topic in TARGETS]
    messages.append((TOPICS.command("v" * 3_000), b"{}"))
    async with desk_at(broker, tmp_path) as (desk, node):
        before_mb = resident_mb(node)
        for _ in range(ROUNDS):
            await asyncio.to_thread(send, broker.port, messages)
        await still_serves(desk, node, "A001")
        assert resident_mb(node) - before_mb < GROWTH_MB
        lines = node.log.splitlines()
        for topic in TARGETS:
            assert any(topic in line for line in lines)
        assert max(map(len, lines)) < 2 * MAX_TOPIC
        events = await node.settled()
    assert [event["ticket"] for event in of(events, "ticket.reserved")] == ["A001"]


async def ask_too_much(desk: Desk, port: int, verb: str) -> None:
    request_id = new_id()
    where = reply_topic(CLIENT, request_id)
    head = json.dumps({"id": request_id, "reply_to": where, "verb": verb})
    message = head.removesuffix("}") + ', "args": {"service": "' + "x" * (200 * KIB)  # never ends
    await asyncio.to_thread(send, port, [(TOPICS.command(verb), message.encode())])
    await desk.observer.until(lambda: bool(desk.observer.on(where)))
    reply = Reply.model_validate_json(desk.observer.on(where)[-1])
    assert (reply.id, reply.result, reply.code) == (request_id, "rejected", "too_large")


async def test_a_request_that_is_too_large_is_answered_where_it_says_who_asks(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    async with desk_at(broker, tmp_path) as (desk, node):
        for verb in ("ticket.take", "no.such_verb"):
            await ask_too_much(desk, broker.port, verb)
        await still_serves(desk, node, "A001")
