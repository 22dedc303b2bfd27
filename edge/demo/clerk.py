"""A clerk at a window of the simulated hall, and whoever is called there.

What happens is a press of a key of a simulated device; what is known has been read from a strip, or felt on a
pad.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import string

from drivers.bus68.sim_devices import CALL, EVALUATE
from edge.demo.rig import Desk
from edge.demo.room import Room

START, RECALL, FUNCTION = 0x0A, 0x0D, 0x0F  # keys of the caller, as its manual numbers them
SKIP, LOGOUT, HOLD = "5", "4", "7"  # digits before the function key

KEY_TRIES = 20  # more, where the caller shows an error: the line was busy, and a clerk presses until it goes
CALL_PATIENCE_S = (
    6.0  # a clerk looks at the strip so long after pressing call: later the node shows it no more
)
PAD_PATIENCE_S = 2.0  # a citizen looks at the pad so long
NO_SHOW = 0.04  # of those called
MISSES_FOURTH = 4  # the fourth call is missed whatever chance says, so that somebody comes back
LONG_WINDOW = "1"  # where one act takes far too long …
LONG_AFTER_S, LONG_FROM_MIN = 4.0, 9 * 60 + 20  # … so long after the opening, or from then on in a day
AWAY_WINDOWS, AWAY_S = ("3", "4"), (8.0, 34.0)  # clerks who leave their windows open and do not call
FETCHES = 0.04  # of those called: something is missing, and the citizen goes and gets it
RATES = 0.85  # of those served
RATINGS = {3: 0.75, 2: 0.18, 1: 0.05, 0: 0.02}  # value of a four-key pad: excellent … bad

_CALLED = re.compile(r"^(?:再?请 ?)([A-Z]{1,2}\d{3,4})(?: ?号)?$")


class Clerk:
    """`tasks`: of those who leave the window and are to be seen again. `there`: not set while the clerk
    should be at the window by now and is not."""

    def __init__(self, room: Room, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self._room, self._desk, self._tasks = room, desk, tasks
        self._day, self._habits, self._dice = room.day, room.habits, room.dice
        self.there = asyncio.Event()
        self._last = ""  # the ticket that was attended to last
        self._fetching: set[str] = set()  # tickets put by here
        self._back: list[str] = []  # of them, whose holders are here again

    async def run(self) -> None:
        if self._day is None:
            await self._shift()
            return
        *shifts, (last_begin, _) = self._day.shifts(self._desk.window)
        for begin, end in (*shifts, (last_begin, None)):
            while not self._room.closed.is_set() and self._day.left_s(begin):
                self.there.set()
                await self._room.wait(self._habits.look_again_s)
            if not self._room.closed.is_set() or self._someone_waits():
                await self._shift(end)

    async def _shift(self, end: float | None = None) -> None:
        """At the window until nobody comes any more and nobody waits; or until lunch, at the minute `end`.
        Whom they sent for something they wait for in any case."""
        await self._key(FUNCTION, f"{100 + int(self._desk.window)}")
        self.there.set()
        while (calls := self._calls(end)) or self._fetching:
            if self._is_away() or not await self._turn(calls=calls):
                await self._room.wait(self._habits.look_again_s)
        await self._key(FUNCTION, LOGOUT)

    def _calls(self, end: float | None) -> bool:
        if self._room.closed.is_set() or self._day is None or end is None:
            return self._someone_waits() or not self._room.closed.is_set()
        return self._day.minute() < end

    async def _turn(self, *, calls: bool) -> bool:
        """Of who is back with what was missing; else of who is next. False where there is nobody."""
        if self._back:
            ticket = self._back.pop()
            self._last = ticket
            if await self._call(ticket.lstrip(string.ascii_uppercase)):
                await self._key(START)
                await self._serve(ticket)
            self._fetching.discard(ticket)
            return True
        ticket = _shown(self._desk)
        if ticket in ("", self._last):
            if not (calls and self._someone_waits() and await self._call()):
                return False
            ticket = _shown(self._desk)  # perhaps the last one, who is back
        self._last = ticket
        self._room.waiting.discard(ticket)
        await self._attend(ticket)
        return True

    def _someone_waits(self) -> bool:
        """A clerk sees who sits there with a slip in hand; another clerk may be quicker."""
        services = self._room.rig.settings.windows[self._desk.window].services
        prefixes = tuple(self._room.rig.settings.services[service].prefix for service in services)
        return any(ticket.startswith(prefixes) for ticket in self._room.waiting)

    async def _call(self, digits: str = "") -> bool:
        """Press call once, and look at the strip; where it shows nothing, recall. Who presses call again may
        call the next one, and the first is taken for one who did not come. False where the caller beeps, or
        nothing comes."""
        shown, beeps = len(self._desk.strip.shown), self._desk.caller.beeps
        pressed_s = await self._key(CALL, digits, tries=1)
        called = await self._looks(shown, beeps)
        if called:
            self._room.tally.key_to_strip.add(called[0] - pressed_s)
        elif self._desk.caller.beeps == beeps:
            await self._key(RECALL)
            called = await self._looks(shown, beeps)
        if called and self._room.tally.first_called_s is None:
            self._room.tally.first_called_s = called[0] - self._room.began_s
        return called is not None

    async def _looks(self, shown: int, beeps: int) -> tuple[float, str] | None:
        """The call that the strip shows after `shown` texts; None where the caller beeps again before it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CALL_PATIENCE_S):
                while self._desk.caller.beeps == beeps:
                    if called := _called(self._desk, shown):
                        return called
                    await asyncio.sleep(0.02)
        return None

    async def _attend(self, ticket: str) -> None:
        """Serve the one whose number the strip shows."""
        chance = self._dice.random()
        self._room.attended += 1
        misses = self._room.ask is not None and self._room.attended == MISSES_FOURTH
        if misses or chance < NO_SHOW:
            await self._miss(ticket, is_back=misses or chance < NO_SHOW / 2)
            return
        await self._room.wait(self._dice.uniform(*self._habits.walk_s))
        ticket = self._who_is_here(ticket)
        if self._takes_long():
            await self._take_long(ticket)
            return
        await self._key(START)
        if chance < NO_SHOW + FETCHES:
            await self._key(FUNCTION, HOLD)
            self._fetching.add(ticket)
            self._tasks.create_task(self._fetch(ticket))
            return
        await self._serve(ticket)

    async def _serve(self, ticket: str) -> None:
        await self._room.wait(self._dice.uniform(*self._habits.serve_s))
        await self._key(EVALUATE)
        self._room.tally.served.add(ticket)
        if self._dice.random() < RATES:
            await self._rate()

    def _who_is_here(self, called: str) -> str:
        """Where a busy line has taken a call for two, the strip says who was called at last; the first one
        has missed his call."""
        shown = _shown(self._desk)
        if shown in ("", called):
            return called
        self._room.waiting.discard(shown)
        self._last = shown
        if self._room.ask:
            self._tasks.create_task(come_back(self._room, called))
        return shown

    async def _miss(self, ticket: str, *, is_back: bool) -> None:
        await self._room.wait(self._habits.miss_s)
        ticket = self._who_is_here(ticket)
        await self._key(RECALL)
        await self._room.wait(self._habits.miss_s)
        await self._key(FUNCTION, SKIP)
        if is_back and self._room.ask:
            self._tasks.create_task(come_back(self._room, ticket))

    def _is_away(self) -> bool:
        """In a minute there is neither a lunch nor a queue: so some have to wait while a window is idle."""
        room, (begin_s, end_s) = self._room, AWAY_S
        if room.ask is None or room.day or room.closed.is_set() or self._desk.window not in AWAY_WINDOWS:
            return False
        return begin_s <= room.passed_s() < end_s

    def _takes_long(self) -> bool:
        if self._room.ask is None or self._desk.window != LONG_WINDOW or self._room.complained.is_set():
            return False
        if self._day:
            return self._day.minute() >= LONG_FROM_MIN
        return self._room.passed_s() >= LONG_AFTER_S

    async def _take_long(self, ticket: str) -> None:
        """Far too long, unless the doors close; the citizen rates the act by phone, with a reason."""
        assert self._room.ask
        await self._key(START)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._habits.long_s / self._room.speed):
                await self._room.closed.wait()
        await self._key(EVALUATE)
        self._room.tally.served.add(ticket)
        reasons = (await self._room.ask("rating.reasons", {})).data["levels"]["2"]
        rating = {"window": self._desk.window, "level": 2, "reasons": [reasons[0]["code"]]}
        reply = await self._room.ask("rating.give", rating)
        if reply.result == "done":
            self._room.complaint = ticket
            self._room.complained.set()
        else:
            self._room.tally.wrong.append(f"rating.give: {reply.result} {reply.code}")

    async def _fetch(self, ticket: str) -> None:
        """The window goes on with others until the citizen is back, whose number is called then."""
        await self._room.wait(self._dice.uniform(*self._habits.fetch_s))
        self._back.append(ticket)

    async def _rate(self) -> None:
        try:
            async with asyncio.timeout(PAD_PATIENCE_S):
                await self._desk.pad.invited.wait()
        except TimeoutError:
            return
        await self._room.wait(self._dice.uniform(*self._habits.think_s))
        value = self._dice.choices(list(RATINGS), list(RATINGS.values()))[0]
        await self._desk.pad.rate(value)

    async def _key(self, key: int, digits: str = "", tries: int = KEY_TRIES) -> float:
        """Press until the caller takes it, as a clerk does; when its frame's last byte was on the line."""
        self._room.view.pressing(self._desk.caller_id)
        press = await self._desk.caller.press(digits, key)
        for _ in range(tries - 1):
            if press.acknowledged_s is not None:
                break
            press = await self._desk.caller.press(digits, key)
        return self._room.note(self._desk.caller_id, press, len(digits))


async def come_back(room: Room, ticket: str) -> None:
    """To the enquiry desk; nobody comes back to a hall whose doors are closed."""
    assert room.ask
    await room.wait(room.dice.uniform(*room.habits.back_s))
    if room.closed.is_set():
        return
    room.waiting.add(ticket)  # before it is told: clerks go home where nobody waits
    reply = await room.ask("ticket.come_back", {"ticket": ticket})
    if reply.result == "done":
        room.tally.came_back.add(ticket)
    else:
        room.waiting.discard(ticket)


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
