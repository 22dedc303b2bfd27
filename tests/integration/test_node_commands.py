"""Commands to the real daemon over MQTT: done once, refused with a reason, and never the end of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from edge.ids import new_id
from edge.wire import NodeStatus, Reply, Topics, reply_topic
from tests.integration.brokers import BrokerProcess, Observer, observing
from tests.node_kit import Node, hall_at, of

TOPICS = Topics("test", "n1")
CLIENT = "desk"


class Desk:
    """A client at the broker that sends what it likes, and hears all replies to it."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer

    async def until_heard(self, starts: int = 1) -> None:
        """Until the daemon of this start says that it hears commands: the broker keeps none for it."""

        def ready() -> set[str]:
            told = [NodeStatus.model_validate_json(each) for each in self.observer.on(TOPICS.status)]
            return {each.session for each in told if each.state == "ready"}

        await self.observer.until(lambda: len(ready()) >= starts)

    async def send(self, verb: str, payload: bytes, *, retain: bool = False) -> None:
        await self.observer.connection.publish(TOPICS.command(verb), payload, retain=retain)

    async def ask(self, verb: str, *, topic: str = "", **request: Any) -> Reply:
        """Whatever the request holds, there is one reply."""
        request_id = request.setdefault("id", new_id())
        where = request.setdefault("reply_to", reply_topic(CLIENT, request_id))
        before = len(self.observer.on(where))
        await self.send(topic or verb, json.dumps({"verb": verb, **request}).encode())
        await self.observer.until(lambda: len(self.observer.on(where)) > before)
        return Reply.model_validate_json(self.observer.on(where)[-1])


@asynccontextmanager
async def desk_at(broker: BrokerProcess, folder: Path) -> AsyncIterator[tuple[Desk, Node]]:
    async with (
        hall_at(folder, broker.url) as node,
        observing(broker.broker, TOPICS.status, f"hall/1/reply/{CLIENT}/+") as seen,
    ):
        desk = Desk(seen)
        await desk.until_heard()
        yield desk, node


async def test_a_command_is_done_once_however_often_it_comes(broker: BrokerProcess, tmp_path: Path) -> None:
    """Also through the other door, and after a kill."""
    async with desk_at(broker, tmp_path) as (desk, node):
        request_id, args = new_id(), {"service": "tax"}
        first = await desk.ask("ticket.take", id=request_id, args=args)
        assert (first.result, first.data["ticket"]) == ("done", "A001")
        assert await desk.ask("ticket.take", id=request_id, args=args) == first
        assert await node.ask("ticket.take", args, id=request_id) == first
        node.daemon.kill()
        await node.start()
        await desk.until_heard(starts=2)
        assert await desk.ask("ticket.take", id=request_id, args=args) == first
        events = await node.settled()
    assert [event["ticket"] for event in of(events, "ticket.reserved")] == ["A001"]
    assert of(events, "ticket.reserved")[0]["by"] == CLIENT


async def test_a_fee_is_charged_once_and_given_back_once_over_a_kill(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    """Over both doors; what comes of it is part of the chain."""
    async with desk_at(broker, tmp_path) as (desk, node):
        await desk.ask("window.login", args={"window": "1", "digits": "1001"})
        await desk.ask("ticket.take", args={"service": "tax", "item": "0601"})
        await desk.ask("window.call", args={"window": "1"})
        charge, refund = new_id(), new_id()
        paid = {"window": "1", "amount_fen": 500, "receipt": "R-1"}
        back = {"window": "1", "receipt": "R-1", "amount_fen": 200}
        first = await desk.ask("window.charge", id=charge, args=paid)
        assert (first.data["item"], first.data["act"][-4:]) == ("0601", "A001")
        given = await desk.ask("window.refund", id=refund, args=back)
        node.daemon.kill()
        await node.start()
        await desk.until_heard(starts=2)
        assert await node.ask("window.charge", paid, id=charge) == first
        assert await desk.ask("window.refund", id=refund, args=back) == given
        assert (await desk.ask("window.charge", args=paid)).data == first.data, "the same receipt"
        assert (await desk.ask("window.refund", args=back | {"amount_fen": 301})).code == "refund_too_much"
        assert (await desk.ask("window.charge", args=paid | {"amount_fen": 5.5})).code == "bad_args"
        events = await node.settled()
    assert [event["amount_fen"] for event in of(events, "fee.charged")] == [500]
    assert [event["amount_fen"] for event in of(events, "fee.refunded")] == [200]


async def test_what_is_no_command_is_refused_with_a_reason(broker: BrokerProcess, tmp_path: Path) -> None:
    async with desk_at(broker, tmp_path) as (desk, node):
        for payload in (b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 10_000, b"x" * 200_000):
            await desk.send("ticket.take", payload)  # nobody can be answered
        replies = {
            "unknown_verb": await desk.ask("no.such_verb"),
            "too_large": await desk.ask("ticket.take", args={"service": "x" * 20_000}),
            "malformed": await desk.ask("ticket.take", surprise=1),
            "wrong_verb": await desk.ask("ticket.take", topic="status"),
            "expired": await desk.ask("ticket.take", args={"service": "tax"}, expires=1.0),
            "bad_args": await desk.ask("ticket.take", args={"service": "tax", "servcie": "tax"}),
            "unknown_service": await desk.ask("ticket.take", args={"service": "none"}),
            "unknown_window": await desk.ask("window.call", args={"window": "99"}),
            "unknown_device": await desk.ask("device.restart", args={"device": "none"}),
        }
        assert (await desk.ask("status")).result == "done"
        events = node.journal()
    assert {code: reply.code for code, reply in replies.items()} == {code: code for code in replies}
    for reply in replies.values():
        assert reply.result == "rejected"
        assert reply.zh
        assert reply.en
    assert of(events, "ticket.reserved") == []


async def test_a_command_that_the_broker_kept_is_refused_at_every_start(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    request_id = new_id()
    where = reply_topic(CLIENT, request_id)
    kept = {"id": request_id, "verb": "ticket.take", "args": {"service": "tax"}, "reply_to": where}
    async with observing(broker.broker, where) as observer:
        topic = TOPICS.command("ticket.take")
        await observer.connection.publish(topic, json.dumps(kept).encode(), retain=True)
        async with hall_at(tmp_path, broker.url, hub=None) as node:
            await observer.until(lambda: len(observer.on(where)) == 1)
            node.daemon.kill()
            await node.start()
            await observer.until(lambda: len(observer.on(where)) == 2)
            assert of(node.journal(), "ticket.reserved") == []
    assert {Reply.model_validate_json(reply).code for reply in observer.on(where)} == {"retained"}
