"""The people of the simulated hall: citizens who come, take a ticket and wait, and a clerk at each window.

Everything that they do is a press of a key of a simulated device; everything that they know they have read
from a slip or a strip, or felt on a pad. All of chance comes from one seed.
"""

from __future__ import annotations

import asyncio
from typing import Any

from drivers.printer.sim_paper import Slip
from edge.demo.clerk import Clerk
from edge.demo.room import Room, is_notice, now_s, ticket_of
from edge.wire import Reply

FIRST_AFTER_S = 0.5  # of the first citizen
SLIP_PATIENCE_S = 10.0  # at the printer; then the citizen asks the staff
TOUCH_S = 1.1  # the same button within a second is one touch
CLOSING_S = 90.0  # to serve who still waits, at speed 1 and above: in that time a window serves ten
DAYS_CLOSING_S = 3600.0  # the same of a day that is played, in the hall's time: six at each window


class People:
    """Runs the hall's day. Who watches its node hears of every key frame, for the measurement at the broker.
    `arrivals_per_min`: on average, at speed 1; of a day that is played, at its strongest."""

    def __init__(self, room: Room, *, arrivals_per_min: float) -> None:
        self.room, self.tally, self.waiting = room, room.tally, room.waiting
        self._gap_s = 60.0 / arrivals_per_min
        self._touched: dict[int, float] = {}  # button → when it was last pressed
        self._printing = asyncio.Lock()  # panel and kiosk share the printer, and people wait for their slip
        self._slip: asyncio.Future[Slip] | None = None

    def on_slip(self, slip: Slip) -> None:
        """The printer has cut one."""
        if is_notice(slip):
            return
        ticket = ticket_of(slip)
        self.tally.slips[ticket] = self.tally.slips.get(ticket, 0) + 1
        if self.tally.slips[ticket] == 1:
            self.waiting.add(ticket)  # at once: it may be called before the next one steps up
        if self._slip is not None and not self._slip.done():
            self._slip.set_result(slip)

    async def run(self, open_s: float) -> None:
        """Open the doors for `open_s`, then let everyone inside be served, and go home. Raises TimeoutError
        where that takes too long: then somebody waits who is not in the queue."""
        self.room.began_s = now_s()
        closing_s = CLOSING_S / min(1.0, self.room.speed)
        if self.room.day:
            closing_s += DAYS_CLOSING_S / self.room.speed
        async with asyncio.timeout(open_s + closing_s), asyncio.TaskGroup() as tasks:
            clerks = [Clerk(self.room, desk, tasks) for desk in self.room.rig.desks]
            for clerk in clerks:
                tasks.create_task(clerk.run())
            if self.room.day:  # where it has begun already, nobody comes before the clerks
                await asyncio.gather(*(clerk.there.wait() for clerk in clerks))
            await self._arrivals(self.room.began_s + open_s)
            async with self._printing:  # who stands at the kiosk still gets a slip, and is served
                self.room.closed.set()

    async def _arrivals(self, until_s: float) -> None:
        """By the clock, whoever stands at the panel. Who stands there when the doors close still gets a slip,
        and is served."""
        next_s = now_s() + FIRST_AFTER_S / self.room.speed
        while max(next_s, now_s()) < until_s:
            await asyncio.sleep(next_s - now_s())
            if buttons := self._buttons():
                await self._take(self.room.dice.choice(buttons))
            next_s += self.room.dice.expovariate(1 / self._gap_s) / self.room.speed
        await asyncio.sleep(until_s - now_s())

    def _buttons(self) -> list[int]:
        """Those that who comes now may press: people know the hours that are written at the door. None where
        nobody comes now."""
        settings = self.room.rig.settings
        services = set(settings.services)
        if day := self.room.day:
            if self.room.dice.random() >= day.share():
                return []
            services = {each for id_ in day.open_windows() for each in settings.windows[id_].services}
        return [number for number, each in enumerate(settings.services, 1) if each in services]

    async def _take(self, button: int) -> None:
        """One at a time at the panel."""
        await asyncio.sleep(self._touched.get(button, -TOUCH_S) + TOUCH_S - now_s())
        async with self._printing:
            await self._press(button)
        await asyncio.sleep(self.room.habits.step_up_s)

    async def at_kiosk(self, verb: str, args: dict[str, Any]) -> Reply | None:
        """Its slip comes out of the same printer. None where the doors are closed."""
        assert self.room.ask, "there is a kiosk"
        async with self._printing:
            return None if self.room.closed.is_set() else await self.room.ask(verb, args)

    async def _press(self, button: int) -> None:
        self._touched[button] = now_s()
        self._slip = asyncio.get_running_loop().create_future()
        self.room.view.pressing(self.room.rig.panel_id)
        press = await self.room.rig.panel.press(button)
        tapped_s = self.room.note(self.room.rig.panel_id, press, 1)
        try:
            async with asyncio.timeout(SLIP_PATIENCE_S):
                slip = await self._slip
        except TimeoutError:
            self.tally.unanswered += 1
        else:
            self.tally.tap_to_print.add(slip.at_s - tapped_s)
        finally:
            self._slip = None
