"""The console at real brokers: what it sees when it comes, when they go, and when too much is said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from edge.asking import MAX_ASKED
from edge.console.live import session as sessions
from edge.console.live.session import Live, LiveSession
from edge.ids import new_id
from edge.mqtt import Connection, Session, connect
from edge.wire import Reply, Request, Topics
from tests.console.live_kit import COUNTY, alert, batch, device, event, health, status
from tests.integration.brokers import BrokerProcess, running

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "AGAIN_S", 0.3)


@pytest.fixture(params=["mosquitto", pytest.param("nats", marks=pytest.mark.thorough)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BrokerProcess]:
    with running(request.param, tmp_path) as process:
        yield process


@contextlib.asynccontextmanager
async def watching(broker: BrokerProcess) -> AsyncIterator[Live]:
    live = Live()
    session = Session([broker.broker], f"hall-console-{new_id()[:12]}", delay=lambda _: 0.05)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(LiveSession(live, session).run())
        yield live
        task.cancel()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 of many things, none of which tells
            await asyncio.sleep(0.01)


async def retain(node: Connection, topics: Topics, devices: int = 1) -> None:
    await node.publish(topics.status, status(), retain=True)
    await node.publish(topics.health, health(), retain=True)
    for number in range(devices):
        await node.publish(topics.device(f"d{number}"), device(f"d{number}"), retain=True)


def devices(live: Live, hall: str = "county") -> int:
    return sum(live.fleet.hall(hall).devices.values())


def stale(live: Live) -> str:
    at = live.fleet.hall("county").stale
    return at.why if at else ""


async def test_what_was_retained_before_and_what_comes_now_is_seen(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node:
        await retain(node, COUNTY, devices=3)
        async with watching(broker) as live:
            await until(lambda: devices(live) == 3)
            await node.publish(COUNTY.device("d1"), device("d1", "faulted"), retain=True)
            await until(lambda: live.fleet.hall("county").devices.get("bad") == 1)
            await node.publish(COUNTY.device("d1"), b"", retain=True)
            await until(lambda: devices(live) == 2)
            await retain(node, Topics("valley", "node-1"))
            await until(lambda: devices(live, "valley") == 1)
            assert {key.hall for key in live.take_changed()} == {"", "county", "valley"}


async def test_while_the_broker_is_away_all_is_from_before_and_then_as_it_is(broker: BrokerProcess) -> None:
    async with watching(broker) as live:
        async with connect(broker.broker, "node") as node:
            await retain(node, COUNTY, devices=3)
            await until(lambda: devices(live) == 3)
        broker.kill()
        await until(lambda: stale(live) == "broker")
        assert devices(live) == 3
        assert live.fleet.lost_since_s is not None
        broker.start()
        await until(lambda: live.fleet.lost_since_s is None)
        assert stale(live) == "broker"  # nobody has said anything yet
        async with connect(broker.broker, "node") as node:
            await retain(node, COUNTY, devices=2)
            await until(lambda: not stale(live) and devices(live) == 2)


async def test_what_was_taken_back_meanwhile_is_gone(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node:
        await retain(node, COUNTY, devices=2)
        await node.publish(COUNTY.alert("paper"), alert("paper"), retain=True)
        live = Live()
        for expected in (1, 0):
            session = Session([broker.broker], f"hall-console-{new_id()[:12]}")
            task = asyncio.create_task(LiveSession(live, session).run())
            await until(lambda: not stale(live) and len(live.fleet.hall("county").alerts) == expected)  # noqa: B023 awaited here
            assert devices(live) == 2
            task.cancel()
            await asyncio.wait({task})
            assert stale(live) == "broker"
            await node.publish(COUNTY.alert("paper"), b"", retain=True)


async def test_more_is_retained_than_a_broker_keeps_for_one_client(tmp_path: Path) -> None:
    """Mosquitto's own limit is 1,000 messages; what is beyond is dropped without a word."""
    with running("mosquitto", tmp_path, extra="max_queued_messages 1000") as broker:
        async with connect(broker.broker, "nodes") as node:
            halls = [Topics(f"h{number}", "n") for number in range(6)]
            for topics in halls:
                await node.publish(topics.status, status(), retain=True)
            told = [topics.device(f"d{n}") for topics in halls for n in range(300)]
            for start in range(0, len(told), 30):
                some = told[start : start + 30]
                await asyncio.gather(
                    *(node.publish(t, device(t.rpartition("/")[2]), retain=True) for t in some)
                )
            async with watching(broker) as live:
                await until(lambda: [devices(live, f"h{n}") for n in range(6)] == [300] * 6)


async def test_a_flood_on_one_topic_is_read_by_its_last_word(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node, watching(broker) as live:
        await retain(node, COUNTY)
        await until(lambda: devices(live) == 1)
        for start in range(0, 3_000, 30):
            payloads = [device("d0", "online", restarts=start + n) for n in range(30)]
            await asyncio.gather(*(node.publish(COUNTY.device("d0"), each, retain=True) for each in payloads))
        await node.publish(COUNTY.device("d0"), device("d0", "faulted", restarts=3_000), retain=True)
        await until(lambda: live.fleet.hall("county").devices.get("bad") == 1)


async def test_hostile_messages_are_shown_as_what_they_are_and_harm_nobody(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node, watching(broker) as live:
        await retain(node, COUNTY)
        await node.publish(COUNTY.device("big"), b"x" * 256 * 1024, retain=True)
        await node.publish(COUNTY.device("deep"), b"[" * 5_000, retain=True)
        await node.publish(COUNTY.device("other"), device("d0"), retain=True)
        await node.publish("hall/1/county/node-1/device/UPPER", device("d0"), retain=True)
        await node.publish("hall/1/COUNTY/node-1/status", status(), retain=True)
        await node.publish("hall/1/reply/hub/nonsense", b"nonsense")
        await node.publish(COUNTY.event, b"nonsense")
        await until(lambda: devices(live) == 4 and live.tail.unreadable == 1)
        view = live.fleet.node("county", "node-1")
        assert view is not None
        faults = {name: seen.bad.fault for name, seen in view.devices.items() if seen.bad}
        assert faults == {"big": "too_large", "deep": "not_json", "other": "names_another"}
        assert live.fleet.nodes() == [("county", "node-1")]


async def test_events_are_seen_once(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node, watching(broker) as live:
        await retain(node, COUNTY)
        await until(lambda: devices(live) == 1)
        await node.publish(COUNTY.live, batch(event(2)))
        await node.publish(COUNTY.event, batch(event(1), event(2), event(3)))
        await until(lambda: [each.seq for each in live.tail.newest(9)] == [3, 2])


async def answering(node: Connection, result: str = "done") -> None:
    async for message in node.messages():
        asked = Request.model_validate_json(message.payload)
        await node.publish(asked.reply_to, b"no answer")
        answer = {"id": asked.id, "result": result, "data": asked.args}
        await node.publish(asked.reply_to, Reply.model_validate(answer).model_dump_json().encode())


async def test_a_node_is_asked_and_answers(broker: BrokerProcess) -> None:
    async with connect(broker.broker, "node") as node, watching(broker) as live:
        await node.subscribe(COUNTY.commands)
        await retain(node, COUNTY)
        await until(lambda: devices(live) == 1)
        task = asyncio.create_task(answering(node))
        reply = await live.asker.ask(
            "county", "node-1", "device.check", {"device": "pad"}, by="li", timeout_s=PATIENCE_S
        )
        assert (reply.result, reply.data) == ("done", {"device": "pad"})
        task.cancel()
        await asyncio.wait({task})
        silent = await live.asker.ask("county", "node-1", "device.check", {}, by="li", timeout_s=0.2)
        assert (silent.result, silent.code) == ("unknown", "timeout")


async def test_what_cannot_be_asked_is_said_at_once() -> None:
    live = Live()
    reply = await live.asker.ask("county", "node-1", "status", {}, by="li", timeout_s=5)
    assert (reply.result, reply.code) == ("rejected", "no_broker")
    large = await live.asker.ask("county", "node-1", "status", {"x": "x" * 20_000}, by="li", timeout_s=5)
    assert large.code == "too_large"

    async def never(_topic: str, _payload: bytes) -> None:
        await asyncio.Event().wait()

    live.asker.connected(never)
    asked = [
        asyncio.create_task(live.asker.ask("county", "n", "status", {}, by="li", timeout_s=60))
        for _ in range(MAX_ASKED)
    ]
    await asyncio.sleep(0)
    busy = await live.asker.ask("county", "n", "status", {}, by="li", timeout_s=5)
    assert (busy.result, busy.code) == ("rejected", "busy")
    for task in asked:
        task.cancel()
    await asyncio.wait(asked)
    assert (await live.asker.ask("county", "n", "status", {}, by="li", timeout_s=0.01)).code == "timeout"


async def test_a_broker_that_lets_nobody_answer_himself_costs_only_the_forgetting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sessions, "MARK_S", 0.3)
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite hall/1/county/#\ntopic read hall/1/#\n")
    with running("mosquitto", tmp_path, extra=f"acl_file {acl}") as broker:
        async with connect(broker.broker, "node") as node:
            await retain(node, COUNTY)
            async with watching(broker) as live:
                await until(lambda: devices(live) == 1)
                await until(lambda: "no message to ourselves comes" in caplog.text)
                assert not stale(live)
