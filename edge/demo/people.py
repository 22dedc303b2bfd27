"""The people of the simulated hall: citizens who come, wait, are served and rate, and a clerk at each window.

Everything that they do is a press of a key of a simulated device; everything that they know they have read
from a slip or a strip, or felt on a pad. All of chance comes from one seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.bus68.sim_devices import CALL, EVALUATE, Press
from drivers.printer.sim_paper import Slip
from edge.demo.day import IN_A_MINUTE, OF_A_DAY, PlayedDay
from edge.demo.ledger import Samples
from edge.demo.observer import NodeView
from edge.demo.rig import Desk, Rig
from edge.wire import Reply

START, RECALL, FUNCTION = 0x0A, 0x0D, 0x0F  # keys of the caller, as its manual numbers them
SKIP, LOGOUT, HOLD = "5", "4", "7"  # digits before the function key
BYTE_S = 10 / 9600  # one byte at 9600 8N1: a start bit, eight bits, a stop bit

FIRST_AFTER_S = 0.5  # of the first citizen
SLIP_PATIENCE_S = 10.0  # at the printer; then the citizen asks the staff
TOUCH_S = 1.1  # the same button within a second is one touch
KEY_TRIES = 20  # more, where the caller shows an error: the line was busy, and a clerk presses until it goes
CALL_PATIENCE_S = 2.0  # a clerk looks at the strip so long after pressing call
CLOSING_S = 90.0  # to serve who still waits, at speed 1 and above: in that time a window serves ten
DAYS_CLOSING_S = 3600.0  # the same of a day that is played, in the hall's time: six at each window
OVERTIME_MIN = 20.0  # that a clerk stays into lunch for who still waits
NO_SHOW = 0.04  # of those called
MISSES_FOURTH = 4  # the fourth call is missed whatever chance says, so that somebody comes back
LONG_WINDOW = "1"  # where one act takes far too long …
LONG_AFTER_S, LONG_FROM_MIN = 4.0, 9 * 60 + 20  # … so long after the opening, or from then on in a day
AWAY_WINDOWS, AWAY_S = ("3", "4"), (8.0, 34.0)  # clerks who leave their windows open and do not call
FETCHES = 0.04  # of those called: something is missing, and the citizen goes and gets it
RATES = 0.85  # of those served
RATINGS = {3: 0.75, 2: 0.18, 1: 0.05, 0: 0.02}  # value of a four-key pad: excellent … bad

_TICKET = re.compile(r"[A-Z]{1,2}\d{3,4}")
_CALLED = re.compile(r"^(?:再?请 ?)([A-Z]{1,2}\d{3,4})(?: ?号)?$")


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


class People:
    """Runs the hall's day. Who watches its node hears of every key frame, for the measurement at the broker.
    `arrivals_per_min`: on average, at speed 1; of a `day` that is played, at its strongest. `ask` asks the
    node, as kiosk and enquiry desk do; without it nobody goes there."""

    def __init__(
        self,
        rig: Rig,
        view: NodeView,
        *,
        seed: str,
        speed: float,
        arrivals_per_min: float,
        day: PlayedDay | None = None,
        ask: Callable[[str, dict[str, Any]], Awaitable[Reply]] | None = None,
    ) -> None:
        self._rig = rig
        self._random = random.Random(seed)
        self._speed = speed
        self._gap_s = 60.0 / arrivals_per_min
        self._day = day
        self._habits = OF_A_DAY if day else IN_A_MINUTE
        self._touched: dict[int, float] = {}  # button → when it was last pressed
        self._view = view
        self._ask = ask
        self._attended = 0
        self._printing = asyncio.Lock()  # panel and kiosk share the printer, and people wait for their slip
        self.complained = asyncio.Event()
        self._slip: asyncio.Future[Slip] | None = None
        self._closed = asyncio.Event()
        self._began_s = 0.0
        self.tally = Tally()
        self.waiting: set[str] = set()  # tickets in citizens' hands, not called yet

    def on_slip(self, slip: Slip) -> None:
        """The printer has cut one."""
        ticket = ticket_of(slip)
        self.tally.slips[ticket] = self.tally.slips.get(ticket, 0) + 1
        if self.tally.slips[ticket] == 1:
            self.waiting.add(ticket)  # at once: it may be called before the next one steps up
        if self._slip is not None and not self._slip.done():
            self._slip.set_result(slip)

    async def run(self, open_s: float) -> None:
        """Open the doors for `open_s`, then let everyone inside be served, and go home. Raises TimeoutError
        where that takes too long: then somebody waits who is not in the queue."""
        self._began_s = now_s()
        closing_s = CLOSING_S / min(1.0, self._speed)
        if self._day:
            closing_s += DAYS_CLOSING_S / self._speed
        async with asyncio.timeout(open_s + closing_s), asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for desk in self._rig.desks:
                tasks.create_task(self._clerk(desk))
            await self._arrivals(self._began_s + open_s)
            async with self._printing:  # who stands at the kiosk still gets a slip, and is served
                self._closed.set()

    # --- citizens ---
    async def _arrivals(self, until_s: float) -> None:
        """Who stands at the panel when the doors close still gets a slip, and is served."""
        gap_s = FIRST_AFTER_S
        while (left_s := until_s - now_s()) > gap_s / self._speed:
            await self._pass(gap_s)
            if buttons := self._buttons():
                await self._take(self._random.choice(buttons))
            gap_s = self._random.expovariate(1 / self._gap_s)
        await asyncio.sleep(left_s)

    def _buttons(self) -> list[int]:
        """Those that who comes now may press: people know the hours that are written at the door. None where
        nobody comes now."""
        settings = self._rig.settings
        services = set(settings.services)
        if self._day:
            if self._random.random() >= self._day.share():
                return []
            services = {each for id_ in self._day.open_windows() for each in settings.windows[id_].services}
        return [number for number, each in enumerate(settings.services, 1) if each in services]

    async def _take(self, button: int) -> None:
        """One at a time at the panel."""
        await asyncio.sleep(self._touched.get(button, -TOUCH_S) + TOUCH_S - now_s())
        async with self._printing:
            await self._press(button)
        await asyncio.sleep(self._habits.step_up_s)

    async def at_kiosk(self, verb: str, args: dict[str, Any]) -> Reply | None:
        """Its slip comes out of the same printer. None where the doors are closed."""
        assert self._ask, "there is a kiosk"
        async with self._printing:
            return None if self._closed.is_set() else await self._ask(verb, args)

    async def _press(self, button: int) -> None:
        self._touched[button] = now_s()
        self._slip = asyncio.get_running_loop().create_future()
        self._view.pressing(self._rig.panel_id)
        press = await self._rig.panel.press(button)
        tapped_s = self._note(self._rig.panel_id, press, 1)
        try:
            async with asyncio.timeout(SLIP_PATIENCE_S):
                slip = await self._slip
        except TimeoutError:
            self.tally.unanswered += 1
        else:
            self.tally.tap_to_print.add(slip.at_s - tapped_s)
        finally:
            self._slip = None

    # --- clerks ---
    async def _clerk(self, desk: Desk) -> None:
        if self._day is None:
            await self._shift(desk)
            return
        for begin, end in self._day.shifts(desk.window):
            while not self._closed.is_set() and self._day.left_s(begin):
                await self._pass(self._habits.look_again_s)
            if not self._closed.is_set() or self._someone_waits(desk):
                await self._shift(desk, end)

    async def _shift(self, desk: Desk, end: float | None = None) -> None:
        """At the window until nobody comes any more and nobody waits, or into lunch."""
        await self._key(desk, FUNCTION, f"{100 + int(desk.window)}")
        last = ""
        while self._stays(desk, end):
            if self._is_away(desk):
                await self._pass(self._habits.look_again_s)
                continue
            ticket = _shown(desk)
            if ticket in ("", last):
                if not (self._someone_waits(desk) and await self._call(desk)):
                    await self._pass(self._habits.look_again_s)
                    continue
                ticket = _shown(desk)  # perhaps the last one, who is back
            last = ticket
            self.waiting.discard(ticket)
            await self._attend(desk, ticket)
        await self._key(desk, FUNCTION, LOGOUT)

    def _stays(self, desk: Desk, end: float | None) -> bool:
        waits = self._someone_waits(desk)
        if self._closed.is_set() or self._day is None or end is None:
            return waits or not self._closed.is_set()
        minute = self._day.minute()
        is_last = end == self._day.shifts(desk.window)[-1][1]
        return minute < end or is_last or (waits and minute < end + OVERTIME_MIN)

    def _someone_waits(self, desk: Desk) -> bool:
        """A clerk sees who sits there with a slip in hand; another clerk may be quicker."""
        services = self._rig.settings.windows[desk.window].services
        prefixes = tuple(self._rig.settings.services[service].prefix for service in services)
        return any(ticket.startswith(prefixes) for ticket in self.waiting)

    async def _call(self, desk: Desk) -> bool:
        """Press call once, and look at the strip; False where the caller beeps, or nothing comes. Who presses
        again before he has looked may call the next one, and the first is taken for one who did not come."""
        shown, beeps = len(desk.strip.shown), desk.caller.beeps
        pressed_s = await self._key(desk, CALL, tries=1)
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
        self._attended += 1
        misses = self._ask is not None and self._attended == MISSES_FOURTH
        if misses or chance < NO_SHOW:
            await self._miss(desk, ticket, is_back=misses or chance < NO_SHOW / 2)
            return
        await self._pass(self._random.uniform(*self._habits.walk_s))
        if self._takes_long(desk):
            await self._take_long(desk, ticket)
            return
        await self._key(desk, START)
        if chance < NO_SHOW + FETCHES:
            await self._fetch(desk, ticket)
        await self._pass(self._random.uniform(*self._habits.serve_s))
        await self._key(desk, EVALUATE)
        self.tally.served.add(ticket)
        if self._random.random() < RATES:
            await self._rate(desk)

    async def _miss(self, desk: Desk, ticket: str, *, is_back: bool) -> None:
        await self._pass(self._habits.miss_s)
        await self._key(desk, RECALL)
        await self._pass(self._habits.miss_s)
        await self._key(desk, FUNCTION, SKIP)
        if is_back and self._ask:
            self._tasks.create_task(self._come_back(ticket))

    async def _come_back(self, ticket: str) -> None:
        """To the enquiry desk; nobody comes back to a hall whose doors are closed."""
        assert self._ask
        await self._pass(self._random.uniform(*self._habits.back_s))
        if self._closed.is_set():
            return
        self.waiting.add(ticket)  # before it is told: clerks go home where nobody waits
        reply = await self._ask("ticket.come_back", {"ticket": ticket})
        if reply.result == "done":
            self.tally.came_back.add(ticket)
        else:
            self.waiting.discard(ticket)

    def _is_away(self, desk: Desk) -> bool:
        """In a minute there is neither a lunch nor a queue: so some have to wait while a window is idle."""
        if self._ask is None or self._day or self._closed.is_set() or desk.window not in AWAY_WINDOWS:
            return False
        begin_s, end_s = (each / self._speed for each in AWAY_S)
        return begin_s <= now_s() - self._began_s < end_s

    def _takes_long(self, desk: Desk) -> bool:
        if self._ask is None or desk.window != LONG_WINDOW or self.complained.is_set():
            return False
        if self._day:
            return self._day.minute() >= LONG_FROM_MIN
        return now_s() - self._began_s >= LONG_AFTER_S / self._speed

    async def _take_long(self, desk: Desk, ticket: str) -> None:
        """Far too long, unless the doors close; the citizen rates the act by phone, with a reason."""
        assert self._ask
        await self._key(desk, START)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._habits.long_s / self._speed):
                await self._closed.wait()
        await self._key(desk, EVALUATE)
        self.tally.served.add(ticket)
        reasons = (await self._ask("rating.reasons", {})).data["levels"]["2"]
        rating = {"window": desk.window, "level": 2, "reasons": [reasons[0]["code"]]}
        reply = await self._ask("rating.give", rating)
        if reply.result == "done":
            self.complained.set()
        else:
            self.tally.wrong.append(f"rating.give: {reply.result} {reply.code}")

    async def _fetch(self, desk: Desk, ticket: str) -> None:
        """The ticket is put by until the citizen is back; then it is called by its number."""
        await self._key(desk, FUNCTION, HOLD)
        await self._pass(self._random.uniform(*self._habits.fetch_s))
        await self._key(desk, CALL, ticket.lstrip(string.ascii_uppercase))
        await self._key(desk, START)

    async def _rate(self, desk: Desk) -> None:
        try:
            async with asyncio.timeout(CALL_PATIENCE_S):
                await desk.pad.invited.wait()
        except TimeoutError:
            return
        await self._pass(self._random.uniform(*self._habits.think_s))
        value = self._random.choices(list(RATINGS), list(RATINGS.values()))[0]
        await desk.pad.rate(value)

    # --- keys and time ---
    async def _key(self, desk: Desk, key: int, digits: str = "", tries: int = KEY_TRIES) -> float:
        """Press until the caller takes it, as a clerk does; when its frame's last byte was on the line."""
        self._view.pressing(desk.caller_id)
        press = await desk.caller.press(digits, key)
        for _ in range(tries - 1):
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
