"""The real daemon, killed at any instant while tickets are taken over a pty and a window works.

SIGKILL leaves no time for anything, as a power cut does, except that what was written to the kernel stays.
What was acknowledged to a person must be there once, whatever instant it was.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.demo.people import ticket_of
from edge.demo.processes import BIN, Process
from tests.integration.brokers import Kind, running
from tests.node_kit import CALL, EVALUATE, START, Node, check_tickets, hall_at, of, story

LONGEST_LIFE_S = 2.2  # of a daemon, from its start: that takes 0.7 s, so some die before they are at work
PAUSE_S = 0.05  # between two presses: the bus and the printer are never idle


@dataclass(slots=True)
class Presses:
    """At the ticket buttons. A frame of a press that was not acknowledged may have been taken or not."""

    acknowledged: int = 0
    frames: int = 0


async def citizens(node: Node, presses: Presses) -> None:
    """Two buttons in turn, without end; the same one again within a second would be one touch."""
    button = 0
    while True:
        button = button % 2 + 1
        press = await node.rig.panel.press(button)
        presses.frames += press.sent
        presses.acknowledged += press.acknowledged_s is not None
        await asyncio.sleep(PAUSE_S)


async def clerk(node: Node) -> None:
    while True:
        for key in (CALL, START, EVALUATE):
            await node.desk().caller.press(key=key)
            await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def people(node: Node, presses: Presses) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(citizens(node, presses)), asyncio.create_task(clerk(node))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def live_and_die(node: Node, life_s: float) -> None:
    """A daemon from its start to its kill, whatever it was doing."""
    places = {"STATE_DIRECTORY": str(node.folder), "RUNTIME_DIRECTORY": str(node.folder)}
    command = [str(BIN / "hall-edge"), "run", str(node.config)]
    daemon = Process("hall-edge", command, node.folder / "daemon.log", {**places, **node.rig.env})
    daemon.start()
    await asyncio.sleep(life_s)
    daemon.must_live()  # it was the kill, not an error of its own
    daemon.kill()


async def kill_again_and_again(folder: Path, kind: Kind, kills: int, seed: int) -> None:
    chance, presses = random.Random(seed), Presses()
    with running(kind, folder) as broker:
        async with hall_at(folder, broker.url) as node:
            await node.log_in("1")
            await node.daemon.stop()
            async with people(node, presses):
                for _ in range(kills):
                    await live_and_die(node, chance.uniform(0.1, LONGEST_LIFE_S))
            await node.start()
            await node.until(
                lambda events: not unsettled(node, events), node.read_journal, timeout_s=90
            )  # 60 s is the rules' own limit of doubt
            told = await node.settled(60)
    check_tickets(told)
    reserved = {event["ticket"] for event in of(told, "ticket.reserved")}
    assert presses.acknowledged <= len(reserved) <= presses.frames
    assert presses.acknowledged, "it was never at work"
    assert {ticket_of(slip) for slip in node.slips} - {""} <= reserved, "a slip that nobody knows of"
    assert len(of(told, "day.opened")) == 1
    for kind_ in ("service.started", "service.finished", "rating.given"):
        acts = [event["ticket"] for event in of(told, kind_)]
        assert len(acts) == len(set(acts)), f"two {kind_} of one ticket"


def unsettled(node: Node, events: list[dict[str, object]]) -> list[str]:
    """Tickets that are still in the printer's hands."""
    ended = {"ticket.printed", "ticket.assumed", "ticket.voided", "ticket.shown"}
    tickets = [str(event["ticket"]) for event in of(events, "ticket.reserved")]
    return [ticket for ticket in tickets if not ended.intersection(story(events, ticket))]


@pytest.mark.timeout(400)
async def test_fifty_kills_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, "nats", 50, seed=20)


@pytest.mark.timeout(200)
async def test_kills_beside_mosquitto(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, "mosquitto", 6, seed=21)
