"""One day in small, end to end, on lines that are whole, a byte at a time, slow, and lossy.

From the key of a simulated device at a pty, through the unmodified daemon and a real broker, to the record of
the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.bus68.sim_devices import PadSim, Press
from edge.demo.room import ticket_of
from tests.integration.brokers import running
from tests.node_kit import (
    CALL,
    EVALUATE,
    FUNCTION,
    STAFF,
    START,
    STEP_UP_S,
    Event,
    Node,
    check_tickets,
    config_text,
    hall_at,
    of,
    story,
)

pytestmark = pytest.mark.few

SERVED = 3  # of the lossy day
LEVELS = {3: 5, 0: 2}  # value of a pad with four keys → level
WHOLE_STORY = [
    *("ticket.reserved", "ticket.printed", "ticket.called", "service.started", "service.finished"),
    "rating.given",
]
GOOD_LINES = {"whole": "", "bytewise": "&fault=bytewise", "slow": "&fault=slow&delay_s=0.01"}
LOSSY = "&fault=lossy&loss=0.01&seed=5"  # of each byte: one frame in ten, both ways


@dataclass(slots=True)
class Presses:
    """Of one key: how many were acknowledged to who pressed, and how many were not."""

    acknowledged: int = 0
    not_acknowledged: int = 0
    sent: int = 0  # frames

    def note(self, press: Press) -> bool:
        taken = press.acknowledged_s is not None
        self.acknowledged += taken
        self.not_acknowledged += not taken
        self.sent += press.sent
        return taken


@dataclass(slots=True)
class People:
    """A citizen and a clerk who do again what a device showed as an error, and look at the strip first."""

    node: Node
    presses: dict[str, Presses] = field(default_factory=dict)

    async def press(self, what: str, key: Callable[[], Awaitable[Press]], done: Callable[[], bool]) -> None:
        """Until acknowledged, or until `done()` shows that it has been taken all the same."""
        noted = self.presses.setdefault(what, Presses())
        while not noted.note(await key()):
            await asyncio.sleep(STEP_UP_S)
            if done():
                return

    async def take(self, button: int, ticket: str = "") -> None:
        """Button after button: the same one again within a second is one press, by the bus's own rule. Who
        sees the slip of `ticket` come out does not press again, whatever the panel showed: a disk that stalls
        for a second keeps the act, and acknowledges it too late."""

        def has_slip() -> bool:
            return any(ticket_of(slip) == ticket for slip in self.node.slips)

        await self.press("buttons", lambda: self.node.rig.panel.press(button), has_slip)

    async def key(self, key: int, digits: str, text: str) -> None:
        """Press a key, and read on the strip what follows."""
        desk = self.node.desk()
        await self.press(
            f"key {key:02X}", lambda: desk.caller.press(digits, key), lambda: desk.strip.text == text
        )
        await self.node.shows(text)

    async def serve(self, ticket: str, value: int) -> None:
        desk = self.node.desk()
        pad = desk.pad
        assert isinstance(pad, PadSim)  # this hall's pads are on the bus
        await self.key(CALL, "", f"请 {ticket} 号")
        await self.key(START, "", f"正在办理 {ticket}")
        while not pad.invited.is_set():  # dark: the invitation was lost, so it is asked for again
            await self.press(
                f"key {EVALUATE:02X}", lambda: desk.caller.press("", EVALUATE), pad.invited.is_set
            )
            await _soon(pad.invited)
        await self.press("pad", lambda: pad.rate(value), lambda: desk.strip.text == "空闲")
        await self.node.shows("空闲")


async def _soon(event: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STEP_UP_S):
            await event.wait()
    return event.is_set()


@pytest.mark.parametrize("line", GOOD_LINES)
async def test_from_the_key_to_the_record(line: str, tmp_path: Path) -> None:
    """Every act once and in order, and every slip in the citizen's hand."""
    fault = GOOD_LINES[line]
    config = config_text(fault=fault, printer_fault=fault)
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=config) as node:
            people, tickets = People(node), ["A001", "B001", "A002", "B002"]
            await people.key(FUNCTION, STAFF, "空闲")
            for n, ticket in enumerate(tickets):
                await people.take(1 + n % 2, ticket)
                (slip,) = await node.slip_of(ticket)
                assert slip.qr == [f"test/{node.journal()[0]['day']}/{ticket}"]
            for n, ticket in enumerate(tickets):
                await people.serve(ticket, value=3 if n % 2 else 0)
            events = await node.settled()
            assert len(node.slips) == len(tickets)
    assert all(noted.acknowledged for noted in people.presses.values())
    check_day(events, tickets)
    assert [e["level"] for e in of(events, "rating.given")] == [
        LEVELS[3 if n % 2 else 0] for n in range(len(tickets))
    ]
    assert {e["by"] for e in of(events, "ticket.reserved")} == {"buttons"}
    assert {e["by"] for e in of(events, "ticket.called")} == {"caller-1"}
    assert {e["by"] for e in of(events, "rating.given")} == {"pad-1"}


def check_day(events: list[Event], tickets: list[str]) -> None:
    check_tickets(events)
    for ticket in tickets:
        assert story(events, ticket) == WHOLE_STORY
    called = [event["ticket"] for event in of(events, "ticket.called")]
    assert called == tickets, "first come, first served"


async def test_on_a_lossy_line_nothing_acknowledged_is_lost_or_done_twice(tmp_path: Path) -> None:
    """The buses lose one byte in a hundred, both ways. The printer's line is whole: ESC/POS has no check byte
    by which a loss could be told."""
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url, config=config_text(fault=LOSSY)) as node:
            people = People(node)
            await people.key(FUNCTION, STAFF, "空闲")
            for n in range(14):
                await people.take(1 + n % 2)
            await node.has("ticket.printed", people.presses["buttons"].acknowledged)
            tickets = [event["ticket"] for event in of(node.journal(), "ticket.reserved")]
            for ticket in tickets[:SERVED]:
                await people.serve(ticket, value=3)
            events = await node.settled()
            printed = Counter(ticket_of(slip) for slip in node.slips)
    taken = people.presses["buttons"]
    assert taken.sent > taken.acknowledged + taken.not_acknowledged, (
        "the line lost nothing: a test of nothing"
    )
    acts = len(tickets)
    assert taken.acknowledged <= acts <= taken.acknowledged + taken.not_acknowledged
    assert printed == Counter(tickets)
    check_tickets(events)
    assert [event["ticket"] for event in of(events, "ticket.called")] == tickets[:SERVED]
    for ticket in tickets[:SERVED]:
        *acts_of, rating = story(events, ticket)
        assert acts_of == WHOLE_STORY[:-1]
        assert rating in {"rating.given", "rating.missed"}  # an invitation has no answer, and may be lost
