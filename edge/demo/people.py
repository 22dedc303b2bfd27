"""The people of the simulated hall: citizens who come, wait, are served and rate, and a clerk at each window.

Everything that they do is a press of a key of a simulated device; everything that they know they have read
from a slip or a strip, or felt on a pad. All of chance comes from one seed.
"""

from __future__ import annotations

import asyncio
import random
import re
import string
from dataclasses import dataclass, field

from drivers.bus68.sim_devices import CALL, EVALUATE, Press
from drivers.printer.sim_paper import Slip
from edge.demo.ledger import Samples
from edge.demo.observer import NodeView
from edge.demo.rig import Desk, Rig

START, RECALL, FUNCTION = 0x0A, 0x0D, 0x0F  # keys of the caller, as its manual numbers them
SKIP, LOGOUT, HOLD = "5", "4", "7"  # digits before the function key
BYTE_S = 10 / 9600  # one byte at 9600 8N1: a start bit, eight bits, a stop bit

FIRST_AFTER_S = 0.5  # of the first citizen
SLIP_PATIENCE_S = 10.0  # at the printer; then the citizen asks the staff
STEP_UP_S = 1.0  # until the next one stands at the panel; the same button within a second is one touch
KEY_TRIES = 20  # more, where the caller shows an error: the line was busy, and a clerk presses until it goes
CALL_PATIENCE_S = 2.0  # a clerk looks at the strip so long after pressing call
LOOK_AGAIN_S = 0.5  # between two looks into the hall
CLOSING_S = 90.0  # to serve who still waits, at speed 1 and above: in that time a window serves ten
WALK_S = (0.5, 1.5)  # to the window
SERVE_S = (3.0, 8.0)
THINK_S = (0.5, 2.0)  # before rating
NO_SHOW = 0.04  # of those called
FETCHES = 0.04  # of those called: something is missing, and the citizen goes and gets it
FETCH_S = (2.0, 5.0)
RATES = 0.85  # of those served
RATINGS = {3: 0.75, 2: 0.18, 1: 0.05, 0: 0.02}  # value of a four-key pad: excellent … bad

_TICKET = re.compile(r"[A-Z]{1,2}\d{3,4}")
_CALLED = re.compile(r"^(?:再?请 ?)([A-Z]{1,2}\d{3,4})(?: ?号)?$")


@dataclass(slots=True)
class Tally:
    """What the people have seen, apart from anything that the daemon says of itself."""

    slips: dict[str, int] = field(default_factory=dict)  # ticket → slips cut with its number
    unanswered: int = 0  # presses at the panel that brought no slip
    served: set[str] = field(default_factory=set)
    tap_to_print: Samples = field(default_factory=Samples)
    key_to_strip: Samples = field(default_factory=Samples)
    first_called_s: float | None = None  # after the opening


class People:
    """Runs the hall's day. Who watches its node hears of every key frame, for the measurement at the broker.
    `arrivals_per_min`: on average, at speed 1."""

    def __init__(self, rig: Rig, view: NodeView, *, seed: str, speed: float, arrivals_per_min: float) -> None:
        self._rig = rig
        self._random = random.Random(seed)
        self._speed = speed
        self._gap_s = 60.0 / arrivals_per_min
        self._view = view
        self._slip: asyncio.Future[Slip] | None = None
        self._closed = asyncio.Event()
        self._began_s = 0.0
        self.tally = Tally()
        self.waiting: set[str] = set()  # tickets in citizens' hands, not called yet

    def on_slip(self, slip: Slip) -> None:
        """The printer has cut one."""
        ticket = ticket_of(slip)
        self.tally.slips[ticket] = self.tally.slips.get(ticket, 0) + 1
        if self._slip is not None and not self._slip.done():
            self._slip.set_result(slip)

    async def run(self, open_s: float) -> None:
        """Open the doors for `open_s`, then let everyone inside be served, and go home. Raises TimeoutError
        where that takes too long: then somebody waits who is not in the queue."""
        self._began_s = now_s()
        closing_s = CLOSING_S / min(1.0, self._speed)
        async with asyncio.timeout(open_s + closing_s), asyncio.TaskGroup() as tasks:
            for desk in self._rig.desks:
                tasks.create_task(self._clerk(desk))
            await self._arrivals(self._began_s + open_s)
            self._closed.set()

    # --- citizens ---
    async def _arrivals(self, until_s: float) -> None:
        """Who stands at the panel when the doors close still gets a slip, and is served."""
        buttons = len(self._rig.settings.services)
        gap_s = FIRST_AFTER_S
        while (left_s := until_s - now_s()) > gap_s / self._speed:
            await self._pass(gap_s)
            await self._take(self._random.randint(1, buttons))
            gap_s = self._random.expovariate(1 / self._gap_s)
        await asyncio.sleep(left_s)

    async def _take(self, button: int) -> None:
        """One at a time at the panel."""
        self._slip = asyncio.get_running_loop().create_future()
        self._view.pressing(self._rig.panel_id)
        press = await self._rig.panel.press(button)
        tapped_s = self._note(self._rig.panel_id, press, 1)
        try:
            async with asyncio.timeout(SLIP_PATIENCE_S):
                slip = await self._slip
        except TimeoutError:
            self.tally.unanswered += 1
            return
        self.tally.tap_to_print.add(slip.at_s - tapped_s)
        self.waiting.add(ticket_of(slip))  # at once: it may be called before the next one steps up
        await asyncio.sleep(STEP_UP_S)

    # --- clerks ---
    async def _clerk(self, desk: Desk) -> None:
        staff = f"{100 + int(desk.window)}"
        await self._key(desk, FUNCTION, staff)
        last = ""
        while not self._closed.is_set() or self._someone_waits(desk):
            ticket = _shown(desk)
            if ticket in ("", last) and self._someone_waits(desk) and await self._call(desk):
                ticket = _shown(desk)
            if ticket in ("", last):
                await self._pass(LOOK_AGAIN_S)
                continue
            last = ticket
            self.waiting.discard(ticket)
            await self._attend(desk, ticket)
        await self._key(desk, FUNCTION, LOGOUT)

    def _someone_waits(self, desk: Desk) -> bool:
        """A clerk sees who sits there with a slip in hand; another clerk may be quicker."""
        services = self._rig.settings.windows[desk.window].services
        prefixes = tuple(self._rig.settings.services[service].prefix for service in services)
        return any(ticket.startswith(prefixes) for ticket in self.waiting)

    async def _call(self, desk: Desk) -> bool:
        """Press call, and look at the strip; False where the caller beeps, or nothing comes."""
        shown, beeps = len(desk.strip.shown), desk.caller.beeps
        pressed_s = await self._key(desk, CALL)
        try:
            async with asyncio.timeout(CALL_PATIENCE_S):
                while not (called := _called(desk, shown)):
                    if desk.caller.beeps > beeps:
                        return False
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        self.tally.key_to_strip.add(called[0] - pressed_s)
        if self.tally.first_called_s is None:
            self.tally.first_called_s = called[0] - self._began_s
        return True

    async def _attend(self, desk: Desk, ticket: str) -> None:
        """Serve the one whose number the strip shows."""
        chance = self._random.random()
        if chance < NO_SHOW:
            await self._pass(1.5)
            await self._key(desk, RECALL)
            await self._pass(1.5)
            await self._key(desk, FUNCTION, SKIP)
            return
        await self._pass(self._random.uniform(*WALK_S))
        await self._key(desk, START)
        if chance < NO_SHOW + FETCHES:
            await self._fetch(desk, ticket)
        await self._pass(self._random.uniform(*SERVE_S))
        await self._key(desk, EVALUATE)
        self.tally.served.add(ticket)
        if self._random.random() < RATES:
            await self._rate(desk)

    async def _fetch(self, desk: Desk, ticket: str) -> None:
        """The ticket is put by until the citizen is back; then it is called by its number."""
        await self._key(desk, FUNCTION, HOLD)
        await self._pass(self._random.uniform(*FETCH_S))
        await self._key(desk, CALL, ticket.lstrip(string.ascii_uppercase))
        await self._key(desk, START)

    async def _rate(self, desk: Desk) -> None:
        try:
            async with asyncio.timeout(CALL_PATIENCE_S):
                await desk.pad.invited.wait()
        except TimeoutError:
            return
        await self._pass(self._random.uniform(*THINK_S))
        value = self._random.choices(list(RATINGS), list(RATINGS.values()))[0]
        await desk.pad.rate(value)

    # --- keys and time ---
    async def _key(self, desk: Desk, key: int, digits: str = "") -> float:
        """Press until the caller takes it, as a clerk does; when its frame's last byte was on the line."""
        self._view.pressing(desk.caller_id)
        press = await desk.caller.press(digits, key)
        for _ in range(KEY_TRIES):
            if press.acknowledged_s is not None:
                break
            press = await desk.caller.press(digits, key)
        return self._note(desk.caller_id, press, len(digits))

    def _note(self, device: str, press: Press, digits: int) -> float:
        """A frame is FF 68 L L 68 addr func digits… key cs 16: ten bytes and its digits."""
        ended_s = press.began_s + (10 + digits) * BYTE_S
        if press.sent == 1:  # a repeat's own time is not known from outside
            self._view.pressed(device, ended_s)
        return ended_s

    async def _pass(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s / self._speed)


def ticket_in(text: str) -> str:
    """The first number in a line of a board, "" where there is none."""
    found = _TICKET.search(text)
    return found[0] if found else ""


def ticket_of(slip: Slip) -> str:
    """The number on a slip, "" where there is none."""
    return next((line.strip() for line in slip.text if _TICKET.fullmatch(line.strip())), "")


def _called(desk: Desk, since: int) -> tuple[float, str] | None:
    """The first call that the strip has shown since it had shown `since` texts."""
    for at_s, text in desk.strip.shown[since:]:
        if found := _CALLED.match(text.strip()):
            return at_s, found[1]
    return None


def _shown(desk: Desk) -> str:
    """The number that the strip calls now, "" where it calls none."""
    found = _CALLED.match(desk.strip.text.strip())
    return found[1] if found else ""


def now_s() -> float:
    return asyncio.get_running_loop().time()
