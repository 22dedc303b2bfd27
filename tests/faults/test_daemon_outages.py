"""Two things gone at once, or one that is there and silent: the record is whole in the end, and in order."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge.demo.ledger import Ledger
from edge.wire import Topics
from tests.integration.brokers import NATS_FIRST, Kind, Observer, observing, running
from tests.node_kit import Node, check_tickets, hall_at, of

EVENTS = Topics("test", "n1").event
SETTLE_S = 90.0  # a frozen broker is noticed by its missing answers


async def take(node: Node, count: int) -> None:
    """So many tickets, button after button, acknowledged and printed whatever is away."""
    before = len(of(node.journal(), "ticket.printed"))
    for n in range(count):
        await node.take(1 + (before + n) % 2)
        await node.has("ticket.printed", before + n + 1)


async def test_killed_while_the_broker_is_away_it_tells_all_when_both_are_back(tmp_path: Path) -> None:
    with running("mosquitto", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await take(node, 2)
            broker.kill()
            for _ in range(3):
                await take(node, 2)
                node.daemon.kill()
                await node.start()
            assert (await node.status())["health"]["outbox"]["rows"] >= 6
            broker.start()
            events = await node.settled(SETTLE_S)
    check_tickets(events)
    assert len(of(events, "ticket.printed")) == 8


async def test_hub_broker_and_daemon_are_killed_one_after_the_other(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            for _ in range(3):
                node.processes["hub"].kill()
                await take(node, 2)
                broker.kill()
                await take(node, 1)
                node.daemon.kill()
                broker.start()
                await node.start_hub(broker.url)
                await node.start()
            events = await node.settled(SETTLE_S)
    check_tickets(events)
    assert len(of(events, "ticket.printed")) == 9


@pytest.mark.parametrize("kind", NATS_FIRST)
async def test_a_broker_that_hangs_holds_up_no_ticket(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await take(node, 1)
            broker.freeze()
            await take(node, 3)
            broker.thaw()
            await take(node, 1)
            events = await node.settled(SETTLE_S)
    check_tickets(events)
    assert len(of(events, "ticket.printed")) == 5


@pytest.mark.parametrize("kind", NATS_FIRST)
async def test_any_reader_on_the_broker_can_check_that_nothing_is_missing(kind: Kind, tmp_path: Path) -> None:
    """By (epoch, seq) alone, over a kill of the daemon and an absence of the hub."""
    with running(kind, tmp_path) as broker:
        async with observing(broker.broker, EVENTS) as observer, asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(read_on(observer))
            async with hall_at(tmp_path, broker.url) as node:
                await take(node, 2)
                node.processes["hub"].kill()
                await take(node, 2)
                node.daemon.kill()
                await node.start()
                await take(node, 2)
                await node.start_hub(broker.url)
                events = await node.settled(SETTLE_S)
            reading.cancel()
    ledger, order = Ledger(), []
    for payload in observer.on(EVENTS):
        order += [event["seq"] for event in ledger.batch(payload)]
    assert order == sorted(order), "what was new came in order"
    (epoch,) = ledger.epochs.values()
    assert epoch.lost(events[-1]["seq"]) == 0
    assert ledger.malformed == 0
    assert ledger.kinds["ticket.printed"] == 6


async def read_on(observer: Observer) -> None:
    while True:
        await observer.quiet(3600)
