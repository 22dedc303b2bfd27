"""The real daemon and hub while the broker, the hub or a serial port is away: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integration.brokers import NATS_FIRST, Kind, running
from tests.node_kit import CALL, STEP_UP_S, Node, check_tickets, config_text, hall_at, of


async def take(node: Node, count: int) -> None:
    """So many tickets, each printed before the next is asked for."""
    before = len(of(node.journal(), "ticket.printed"))
    for n in range(count):
        await node.take(n % 2 + 1)
        await node.has("ticket.printed", before + n + 1)
        await asyncio.sleep(STEP_UP_S / 2)  # each button once a second, or it is one touch


@pytest.mark.parametrize("kind", NATS_FIRST)
async def test_a_broker_that_comes_back_empty_is_told_everything(kind: Kind, tmp_path: Path) -> None:
    with running(kind, tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await take(node, 2)
            broker.kill()  # and all that it knew
            await take(node, 4)
            broker.start()
            told = await node.settled(60)
            await take(node, 1)
            told = await node.settled(60)
    check_tickets(told)
    assert len(of(told, "ticket.printed")) == 7


async def test_a_hub_that_was_away_asks_for_what_it_missed(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await take(node, 2)
            node.processes["hub"].kill()
            await take(node, 3)
            await node.start_hub(broker.url)
            told = await node.settled(60)
    check_tickets(told)
    assert len(of(told, "ticket.printed")) == 5


async def test_the_next_broker_of_the_list_is_tried(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with running("mosquitto", tmp_path / "one") as first, running("mosquitto", tmp_path / "two") as second:
        config = config_text([first.url, second.url])
        async with hall_at(tmp_path, first.url, config=config, hub=second.url) as node:
            await take(node, 1)
            first.kill()
            await take(node, 1)
            told = await node.settled(60)
    assert len(of(told, "ticket.printed")) == 2


async def test_a_port_that_vanishes_and_returns(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await node.log_in("1")
            await take(node, 1)
            await node.key(CALL)
            await node.shows("请 A001 号")
            line = node.rig.ptys["windows"]
            line.unplug()
            gone = await node.until(lambda found: found["windows"]["state"] == "backoff", node.devices)
            assert gone["windows"]["conditions"][0]["code"] == "unplugged"
            assert gone["strip-1"]["state"] == "backoff"
            await take(node, 1)  # the others work on
            assert (await node.states())["printer"] == "online"
            node.desk().strip.text = ""  # a strip without power forgets
            line.plug()
            await node.online("windows")
            await node.shows("请 A001 号")
            assert node.log.count("the port vanished") == 1
            told = await node.settled()
    check_tickets(told)
