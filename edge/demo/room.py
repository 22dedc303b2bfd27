"""What citizens and clerks of the simulated hall share: who waits, the hall's time, what they have seen."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.bus68.sim_devices import Press
from drivers.printer.sim_paper import Slip
from edge.checklist.paper import TITLE
from edge.demo.day import IN_A_MINUTE, OF_A_DAY, Habits, PlayedDay
from edge.demo.ledger import Samples
from edge.demo.observer import NodeView
from edge.demo.rig import Rig
from edge.wire import Reply

Ask = Callable[[str, dict[str, Any]], Awaitable[Reply]]

BYTE_S = 10 / 9600  # one byte at 9600 8N1: a start bit, eight bits, a stop bit
SANDBOX = "SANDBOX"  # on every paper of made-up services
_TICKET = re.compile(r"[A-Z]{1,2}\d{3,4}")


@dataclass(slots=True)
class Tally:
    """What the people have seen, apart from anything that the daemon says of itself."""

    slips: dict[str, int] = field(default_factory=dict)  # ticket → slips cut with its number
    unanswered: int = 0  # presses at the panel that brought no slip
    came_back: set[str] = field(default_factory=set)  # tickets whose call had been missed
    wrong: list[str] = field(default_factory=list)  # what was refused and should not have been
    served: set[str] = field(default_factory=set)
    tap_to_print: Samples = field(default_factory=Samples)
    key_to_strip: Samples = field(default_factory=Samples)
    first_called_s: float | None = None  # after the opening


@dataclass(slots=True, eq=False)
class Room:
    """`dice`: all of chance. `day`: that is played; without one only people are `speed` times as fast.
    `ask` asks the node, as kiosk and enquiry desk do; without it nobody goes there."""

    rig: Rig
    view: NodeView
    dice: random.Random
    speed: float
    day: PlayedDay | None = None
    ask: Ask | None = None
    tally: Tally = field(default_factory=Tally)
    waiting: set[str] = field(default_factory=set)  # tickets in citizens' hands, not called yet
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    complained: asyncio.Event = field(default_factory=asyncio.Event)
    complaint: str = ""  # the ticket of who has
    began_s: float = 0.0
    attended: int = 0  # calls that somebody at a window has attended to

    @property
    def habits(self) -> Habits:
        return OF_A_DAY if self.day else IN_A_MINUTE

    async def wait(self, delay_s: float) -> None:
        """In the time of people: the hall's, where a day is played."""
        await asyncio.sleep(delay_s / self.speed)

    def passed_s(self) -> float:
        """Since the doors opened, likewise."""
        return (now_s() - self.began_s) * self.speed

    def note(self, device: str, press: Press, digits: int) -> float:
        """When its last byte was on the line: a frame is FF 68 L L 68 addr func digits… key cs 16, ten bytes
        and its digits."""
        ended_s = press.began_s + (10 + digits) * BYTE_S
        if press.sent == 1:  # a repeat's own time is not known from outside
            self.view.pressed(device, ended_s)
        return ended_s


def now_s() -> float:
    return asyncio.get_running_loop().time()


def ticket_in(text: str) -> str:
    """The first number in a line of a board, "" where there is none."""
    found = _TICKET.search(text)
    return found[0] if found else ""


def is_notice(slip: Slip) -> bool:
    """The list of what somebody has to bring, or a paper of the sandbox: nobody's number."""
    return any(TITLE[0] in line or SANDBOX in line for line in slip.text)


def ticket_of(slip: Slip) -> str:
    """The number on a slip, "" where there is none."""
    return next((line.strip() for line in slip.text if _TICKET.fullmatch(line.strip())), "")
