"""Messages far above what a node takes, from a client that knows no limit: the real daemon refuses them."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from tests.integration.brokers import BrokerProcess
from tests.integration.test_node_commands import TOPICS, desk_at

KIB = 1024
NATS_MOST = 900 * KIB  # nats-server itself cuts off who sends more than 1 MiB
MOSQUITTO_MOST = 8 * 1024 * KIB
GROWTH_MB = 40  # while a message of 8 MiB is read, by paho into one buffer; what stays is less
PATIENCE_S = 20.0

pytestmark = pytest.mark.timeout(120)


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
            client.publish(topic, payload, qos=1).wait_for_publish(PATIENCE_S)
    finally:
        client.disconnect()
        client.loop_stop()


async def test_what_is_far_too_large_is_refused_and_the_hall_goes_on(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    most = NATS_MOST if broker.kind == "nats" else MOSQUITTO_MOST
    sizes = (257 * KIB, 300 * KIB, most)
    topics = (TOPICS.command("ticket.take"), TOPICS.command("no.such_verb"), TOPICS.ack)
    async with desk_at(broker, tmp_path) as (desk, node):
        daemon = psutil.Process(node.daemon.pid)
        before_mb = daemon.memory_info().rss / 2**20
        send(broker.port, [(topic, b"[" * size) for size in sizes for topic in topics])

        async def refused() -> list[bool]:
            return [
                f"{topic}: refused a message of {size} bytes" in node.log
                for size in sizes
                for topic in topics
            ]

        await node.until(all, refused)
        reply = await desk.ask("ticket.take", args={"service": "tax"})
        assert (reply.result, reply.data["ticket"]) == ("done", "A001")
        assert daemon.memory_info().rss / 2**20 - before_mb < GROWTH_MB
        await node.settled()
    assert node.log.count("connected as") == 1, "nobody lost the connection over it"
