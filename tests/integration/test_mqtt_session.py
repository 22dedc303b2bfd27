"""The MQTT session against real brokers: order, losses, silence, fail-over."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

import edge.mqtt
from edge.broker import Broker
from edge.demo.processes import free_port
from edge.mqtt import BrokerLost, Connection, PublishUnknown, Session, connect
from edge.wire import MAX_PAYLOAD
from tests.integration.brokers import BrokerProcess, observing, running

LONG_S = 60.0  # for what comes at once on an idle machine


async def test_messages_go_out_in_the_order_of_the_calls(broker: BrokerProcess) -> None:
    async with observing(broker.broker, "t/#") as observer, connect(broker.broker, "sender") as sender:
        async with asyncio.TaskGroup() as tasks:
            for n in range(500):
                tasks.create_task(sender.publish("t/a", str(n).encode()))
        await observer.until(lambda: len(observer.messages) >= 500)
    assert observer.on("t/a") == [str(n).encode() for n in range(500)]


async def test_a_burst_is_received_whole(broker: BrokerProcess) -> None:
    """aiomqtt's own iterator would lose a part of it."""
    async with observing(broker.broker, "t/#") as observer, connect(broker.broker, "sender") as sender:
        reading = asyncio.create_task(observer.until(lambda: len(observer.messages) >= 4_000, 60))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(4_000):
                tasks.create_task(sender.publish("t/a", b"x"))
        await reading
    assert observer.connection.inbox.dropped == 0


async def test_an_oversized_message_is_counted_and_nothing_else_happens(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with observing(broker.broker, "t/#") as observer, connect(broker.broker, "sender") as sender:
        with pytest.raises(ValueError, match="bytes are more than"):
            await sender.publish("t/a", b"x" * (MAX_PAYLOAD + 1))
        monkeypatch.setattr(edge.mqtt, "MAX_PAYLOAD", 2 * MAX_PAYLOAD)
        await sender.publish("t/a", b"x" * (MAX_PAYLOAD + 1))
        await sender.publish("t/a", b"small")
        await observer.until(lambda: len(observer.messages) == 1)
    assert observer.on("t/a") == [b"small"]
    assert observer.connection.inbox.rejected == 1


async def test_a_killed_broker_is_noticed_at_once_by_all_who_wait(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("ANSWER_TIMEOUT_S", "KEEPALIVE_S"):  # neither of a PUBACK nor of a silent broker
        monkeypatch.setattr(edge.mqtt, limit, 600)
    async with asyncio.timeout(LONG_S):
        async with connect(broker.broker, "one") as one:
            broker.freeze()
            receiving = asyncio.create_task(one.receive())
            publishing = [asyncio.create_task(one.publish("t/a", b"x")) for _ in range(100)]
            await asyncio.sleep(0.1)
            broker.kill()
            results = await asyncio.gather(receiving, *publishing, return_exceptions=True)
            with pytest.raises(BrokerLost):
                await one.publish("t/a", b"x")
    assert all(isinstance(result, BrokerLost) for result in results)
    unknown = [result for result in results if isinstance(result, PublishUnknown)]
    assert len(unknown) == edge.mqtt.WINDOW  # the others were certainly not sent


async def test_a_broker_that_does_not_acknowledge_is_lost(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(broker.broker, "one") as one:
        broker.freeze()
        monkeypatch.setattr(edge.mqtt, "ANSWER_TIMEOUT_S", 0.3)
        with pytest.raises(PublishUnknown, match="no acknowledgement of a message on t/a"):
            await one.publish("t/a", b"x")
        with pytest.raises(BrokerLost):
            await one.receive()
        broker.thaw()


async def test_an_idle_connection_notices_a_silent_broker(
    broker: BrokerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.mqtt, "KEEPALIVE_S", 1)
    async with connect(broker.broker, "one") as one:
        broker.freeze()
        async with asyncio.timeout(LONG_S):
            with pytest.raises(BrokerLost):
                await one.wait_lost()
        broker.thaw()


async def test_the_next_broker_of_the_list_is_tried(tmp_path: Path) -> None:
    """One that is not there, then one that is killed, then one that stays."""
    connected: asyncio.Queue[Broker] = asyncio.Queue()

    async def serve(connection: Connection) -> None:
        connected.put_nowait(connection.broker)
        await connection.wait_lost()

    with running("mosquitto", tmp_path) as first, running("nats", tmp_path) as second:
        brokers = [Broker("127.0.0.1", free_port()), first.broker, second.broker]
        task = asyncio.create_task(Session(brokers, "one", delay=lambda _: 0.02).run(serve))
        async with asyncio.timeout(LONG_S):
            assert await connected.get() == first.broker
            first.kill()
            assert await connected.get() == second.broker
        task.cancel()
        await asyncio.wait({task})


async def test_a_session_ends_when_it_is_served(broker: BrokerProcess) -> None:
    async def serve(connection: Connection) -> None:
        await connection.publish("t/a", b"x")

    await Session([broker.broker], "one").run(serve)


async def test_a_fault_of_who_serves_is_raised_on(broker: BrokerProcess) -> None:
    async def serve(connection: Connection) -> None:
        raise KeyError(str(connection.broker))

    with pytest.raises(KeyError):
        await Session([broker.broker], "one").run(serve)


async def test_nagle_is_off(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "one") as one:
        sock = one._client._client.socket()
        assert isinstance(sock, socket.socket)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def _read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
    await reader.read()
    writer.close()
    gone.set()


@pytest.mark.parametrize("cancelled", [False, True])
async def test_no_connection_is_left_where_no_connack_came(
    cancelled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.mqtt, "ANSWER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(edge.mqtt, "HANG_UP_S", 0.1)
    gone = asyncio.Event()
    server = await asyncio.start_server(lambda r, w: _read_all(r, w, gone), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def attempt() -> None:
        async with connect(Broker("127.0.0.1", port), "one"):
            pytest.fail("connected to nothing")

    task = asyncio.create_task(attempt())
    if cancelled:
        await asyncio.sleep(0.1)
        task.cancel()
    with pytest.raises(asyncio.CancelledError if cancelled else BrokerLost):
        await task
    async with asyncio.timeout(LONG_S):
        await gone.wait()
    server.close()


@pytest.mark.parametrize(
    "noise", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x02\x00\x05", b"\xff" * 64, b""]
)
async def test_a_server_that_is_no_broker_is_a_lost_broker(
    noise: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.mqtt, "ANSWER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(edge.mqtt, "HANG_UP_S", 0.1)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(noise)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BrokerLost):
        async with connect(Broker("127.0.0.1", port), "one"):
            pytest.fail("connected to nothing")
    server.close()
