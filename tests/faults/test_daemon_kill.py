"""kill −9 of the daemon at random instants, while tickets are taken over a pty and windows call.

The promise: nothing that was acknowledged to a citizen is lost or counted twice. What the people have seen,
which is presses acknowledged and slips cut, is held against the node's journal and the hub's record.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.demo.room import ticket_of
from edge.repeats import REPEAT_S
from tests.integration.brokers import Kind, running
from tests.node_kit import (
    CALL,
    EVALUATE,
    FUNCTION,
    STAFF,
    START,
    Event,
    Node,
    check_tickets,
    hall_at,
    of,
    story,
)

pytestmark = pytest.mark.few

MANY = pytest.mark.thorough
KILLS = [("nats", 15), pytest.param("nats", 50, marks=MANY), pytest.param("mosquitto", 5, marks=MANY)]
AT_WORK = "is at work, epoch"  # what the daemon's log says once it serves
DIES_YOUNG = 0.2  # share of the daemons that are killed while they start
START_S = 0.8  # of a daemon, about
AT_WORK_S = 1.2  # at most, of the others
ON_THE_LINE_S = 0.2  # what a daemon said as it died is heard within this; no daemon starts in it
NUMBER = re.compile(r"[AB]\d{3}")
SETTLED = {"ticket.printed", "ticket.assumed"}
SETTLE_S = 75.0  # a ticket in doubt is assumed to be out after a minute


@dataclass(slots=True)
class Touch:
    """One press of a ticket button as the citizen saw it. Times are wall time, as those of events."""

    service: str
    began: float
    ended: float = math.inf
    acknowledged: bool = False


@dataclass(slots=True)
class Crowd:
    """Presses buttons and keys without end, and remembers what came of it."""

    node: Node
    touches: list[Touch] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)

    async def citizens(self) -> None:
        """Button after button: the same one again within a second would be the same press."""
        while True:
            for button, service in ((1, "tax"), (2, "social")):
                touch = Touch(service, time.time())
                self.touches.append(touch)
                press = await self.node.rig.panel.press(button)
                touch.ended, touch.acknowledged = time.time(), press.acknowledged_s is not None
                await asyncio.sleep(0.05)

    async def clerk(self, window: str) -> None:
        caller = self.node.desk(window).caller
        while True:
            for digits, key in ((STAFF, FUNCTION), ("", CALL), ("", START), ("", EVALUATE)):
                await caller.press(digits, key)
                await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        work = [self.citizens(), self.clerk("1"), self.clerk("2")]
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("kind", "kills"), KILLS)
async def test_what_was_acknowledged_survives_every_kill(kind: Kind, kills: int, tmp_path: Path) -> None:
    chance = random.Random(f"kill-{kind}")
    with running(kind, tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            crowd, lives = Crowd(node), 0
            async with crowd.at_work():
                for _ in range(kills):
                    await live(node, lives, chance)
                    node.daemon.must_live()  # it was the kill, not an error of its own
                    node.daemon.kill()
                    lives = node.log.count(AT_WORK)
                    crowd.kills.append(time.time())
                    node.daemon.start()
                await node.online()
                await asyncio.sleep(AT_WORK_S)
            await every_ticket_settles(node)
            events = await node.settled()
    check_tickets(events)
    assert len(of(events, "day.opened")) == 1
    check_touches(crowd, of(events, "ticket.reserved"))
    check_slips(node, events)
    check_windows(events)


async def live(node: Node, lives: int, chance: random.Random) -> None:
    """Until the instant of the next kill. `lives`: how many have been at work before this one."""
    if chance.random() < DIES_YOUNG:
        await asyncio.sleep(chance.uniform(0, START_S))
        return

    async def begun() -> int:
        return node.log.count(AT_WORK)

    await node.until(lambda count: count > lives, begun)
    await asyncio.sleep(chance.uniform(0, AT_WORK_S))


async def every_ticket_settles(node: Node) -> None:
    """A number that was set aside when the daemon died is printed as a copy, or assumed to be out."""

    async def open_tickets() -> set[str]:
        events = node.journal()
        ended = {e["ticket"] for kind in (*SETTLED, "ticket.voided") for e in of(events, kind)}
        return {event["ticket"] for event in of(events, "ticket.reserved")} - ended

    await node.until(lambda tickets: not tickets, open_tickets, SETTLE_S)


def check_touches(crowd: Crowd, reserved: list[Event]) -> None:
    """No press has two tickets, be it sent again to the next daemon, and each acknowledged one has its own;
    but for the same button pressed again soon after a kill, which is taken for a repeat."""
    assert sum(touch.acknowledged for touch in crowd.touches) > len(crowd.kills)
    for service in ("tax", "social"):
        touches = [touch for touch in crowd.touches if touch.service == service]
        tickets = [event["at"] for event in reserved if event["service"] == service]
        ends = [*(touch.began for touch in touches[1:]), time.time()]
        assert not tickets or min(tickets) >= touches[0].began
        for touch, end in zip(touches, ends, strict=True):
            own = sum(touch.began <= at < end for at in tickets)
            assert own <= 1, (touch, own)
            if touch.acknowledged and not own:
                assert is_repeat(touch, crowd, reserved), touch


def is_repeat(touch: Touch, crowd: Crowd, reserved: list[Event]) -> bool:
    """The first that a new daemon acknowledged, soon after the panel's last ticket, which is of this button
    and from before the kill."""
    # A kill right before it was heard is of the daemon that said so.
    start = max((kill for kill in crowd.kills if kill < touch.ended - ON_THE_LINE_S), default=0.0)
    answered = (each for each in crowd.touches if each.acknowledged and each.ended > start + ON_THE_LINE_S)
    last = max((e for e in reserved if e["at"] < touch.began), key=lambda e: float(e["at"]))
    soon = touch.began - last["at"] <= REPEAT_S
    return next(answered) is touch and last["at"] < start and last["service"] == touch.service and soon


def check_slips(node: Node, events: list[Event]) -> None:
    """Every number on paper is in the record, once without the copy's mark and again only with it."""
    numbers = {event["ticket"] for event in of(events, "ticket.reserved")}
    firsts: Counter[str] = Counter()
    for slip in node.slips:
        ticket = ticket_of(slip)
        assert len({line for line in slip.text if NUMBER.fullmatch(line.strip())}) <= 1, "two on one slip"
        assert ticket in numbers or any("作废" in line for line in slip.text)
        firsts[ticket] += not any("COPY" in line or "作废" in line for line in slip.text)
    assert [ticket for ticket, times in firsts.items() if times > 1] == []
    printed = {event["ticket"] for event in of(events, "ticket.printed")}
    assert printed <= {ticket_of(slip) for slip in node.slips}, (
        "printed, says the record, and is not on paper"
    )


def check_windows(events: list[Event]) -> None:
    """Nobody is called before the number was out, nor by two windows, nor twice."""
    called = Counter(event["ticket"] for event in of(events, "ticket.called"))
    assert called
    for kind in ("ticket.called", "service.started", "service.finished"):
        acts = Counter(event["ticket"] for event in of(events, kind))
        assert set(acts.values()) == {1}, kind
    for ticket in called:
        before = story(events, ticket)[: story(events, ticket).index("ticket.called")]
        assert before[-1] in SETTLED
