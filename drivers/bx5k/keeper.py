"""Keeps a board as it is to be: looks at it again and again, and puts right what differs.

What differs is corrected first and looked at again soon; only what then still differs is a condition.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Never

from drivers.api import Context, DeviceFault, Identity
from drivers.bx5k import commands
from drivers.bx5k.commands import Reply, Status
from drivers.bx5k.health import SILENT, BoardHealth
from drivers.bx5k.memory import Memory, Shown
from drivers.bx5k.session import Refused, Session, Silent
from drivers.bx5k.settings import BoardSettings
from drivers.bx5k.text import Content, wire_area
from drivers.bx5k.timetable import Period

TICK_S = 1.0  # between two looks whose part's turn it is
_MODELS = {  # device types, Onbon, Led5kSDK manual, appendix
    0x51: "BX-5K1",
    0x58: "BX-5K2",
    0x54: "BX-5MK1",
    0x53: "BX-5MK2",
    0x5C: "BX-5K1Q-YY",
    0x61: "BX-6K1",
    0x62: "BX-6K2",
    0x63: "BX-6K3",
}


class Keeper:
    def __init__(
        self, session: Session, ctx: Context[BoardSettings], memory: Memory, health: BoardHealth
    ) -> None:
        self.memory = memory
        self._session = session
        self._ctx = ctx
        self._settings = ctx.settings
        self._health = health
        self._working = asyncio.Lock()  # an area's content and the board's do not change between the two
        self._brightness = self._settings.brightness_times()
        self._power = self._settings.power_times()
        self._greeted = False  # since it was last silent
        self._barcode = ""
        self._ordered: dict[str, object] = {}  # what it was last told of its light
        self._corrected: set[str] = set()  # at the last look
        self._hurry = False  # something new was corrected: look soon whether it holds

    # --- what is ordered ---
    async def show(self, content: Content) -> None:
        """Raises Silent, Refused and LinkLost. After Refused the area is as it was before."""
        async with self._working:
            before = self.memory.shown.get(content.area.name)
            shown = self.memory.put(content, self._now_s())
            try:
                gone = commands.areas(delete=[content.area.id])
                await self._session.ask(self._update(shown) if shown else gone)
            except Refused:
                self.memory.put(before.content if before else Content(content.area, ()), self._now_s())
                raise
            self._health.text(content.area.name, content.replaced, content.cut)

    async def switch(self, on: bool) -> None:
        """Raises Silent, Refused and LinkLost. After Refused all is as before."""
        async with self._working:
            self.memory.switch(on, self._power_period())
            try:
                await self._session.ask(commands.power(on))
            except Refused:
                self.memory.switch_back()
                raise
            self._ordered["power"] = on

    # --- what is kept ---
    async def look(self) -> None:
        """As `tend` does in its turn. Raises Silent and LinkLost."""
        async with self._working:
            await self._look()

    async def tend(self) -> Never:
        """Raises DeviceFault where the board is silent for too long."""
        while True:
            try:
                await self.look()
            except Silent:
                self._bear_silence()
            await self._ctx.clock.sleep(self._pause_s())

    async def turn_pages(self) -> Never:
        """A text longer than the receive buffer is shown part by part, each an update of the area: no command
        adds to an area, and areas cannot lie on each other."""
        while True:
            await self.memory.in_parts.wait()
            await self._ctx.clock.sleep(TICK_S)
            try:
                async with self._working:
                    await self._turn()
            except Silent:  # `tend` meets it too, and tells it
                self._ctx.log.debug("a part was not shown")

    async def _turn(self) -> None:
        for shown in self.memory.shown.values():
            if shown.due(self._now_s()):
                shown.part, shown.since_s = shown.next_part(), self._now_s()
                await self._try(self._update(shown))

    async def _look(self) -> None:
        fresh, self._hurry = not self._greeted, False
        if fresh:
            await self._try(commands.PING)  # some firmware may not know it: a refusal is an answer too
            self._ctx.ready(self._identity())
            self._greeted = True
            self._corrected.clear()
            self._ordered.clear()
        status = await self._status()
        if fresh:
            await self._restore(status.areas if status else ())
        elif status:
            await self._compare_areas(status)
        corrected, self._corrected = self._corrected, self._corrected & {"areas"}
        await self._compare_power(status, corrected)
        await self._compare_brightness(status, corrected)
        await self._compare_clock(status, corrected, fresh=fresh)

    async def _status(self) -> Status | None:
        """None where the board tells none that can be read: then it is told what changes, and believed."""
        reply = await self._try(commands.STATUS)
        if reply is None:
            return None
        try:
            status = commands.status(reply.data)
        except ValueError as error:
            self._health.tell("status_unreadable", True, str(error))
            return None
        self._health.tell("status_unreadable", False)
        self._health.status(status, self._drift_s(status))
        if status.barcode != self._barcode:
            self._barcode = status.barcode
            self._ctx.ready(self._identity())
        return status

    def _identity(self) -> Identity:
        return Identity(_MODELS.get(self._session.device, ""), self._barcode)

    async def _try(self, command: bytes) -> Reply | None:
        """A refusal is a condition already, and stops nothing else."""
        try:
            return await self._session.ask(command)
        except Refused as refusal:
            self._ctx.log.debug("refused: %s", refusal)
            return None

    # --- areas ---
    async def _restore(self, listed: tuple[int, ...] = ()) -> None:
        """All that is to be on show; and nothing else, where the board says what there is: an area that was
        dark or has left the configuration would stay for ever."""
        wanted = {shown.content.area.id for shown in self.memory.shown.values()}
        if strangers := [id_ for id_ in listed if id_ not in wanted]:
            await self._try(commands.areas(delete=strangers))
        for shown in self.memory.shown.values():
            shown.since_s = self._now_s()
            await self._try(self._update(shown))

    async def _compare_areas(self, status: Status) -> None:
        """A board on a serial line loses its memory with its power, and the line does not notice."""
        missing = {shown.content.area.id for shown in self.memory.shown.values()} - set(status.areas)
        again = "areas" in self._corrected
        self._health.tell("areas_missing", bool(missing) and again, " ".join(map(str, sorted(missing))))
        if not missing:
            self._corrected.discard("areas")
        elif not again:
            self._corrected = {"areas"}  # nothing else that it was told holds either
            self._hurry = True
            await self._restore()

    def _update(self, shown: Shown) -> bytes:
        return commands.areas([wire_area(shown.text, shown.content.area, self._settings)])

    # --- light and clock ---
    async def _compare_power(self, status: Status | None, corrected: set[str]) -> None:
        on = self.memory.power(self._power_period())
        differs = status is not None and status.power != on
        stays = differs and f"power {on}" in corrected
        self._health.tell("dark", stays and on)
        self._health.tell("lit", stays and not on)
        if differs or self._ordered.get("power") != on:
            self._ordered["power"] = on
            await self._correct(f"power {on}", commands.power(on), corrected)

    async def _compare_brightness(self, status: Status | None, corrected: set[str]) -> None:
        now = self._ctx.clock.now()
        period = self._brightness.at(now.wall_s) if now.clock_ok else None
        if period is None:
            return
        level = period.value
        differs = status is not None and status.brightness != level
        stays = differs and f"brightness {level}" in corrected
        detail = f"{status.brightness} in place of {level}" if status and stays else ""
        self._health.tell("brightness_differs", stays, detail)
        if differs or self._ordered.get("brightness") != level:
            self._ordered["brightness"] = level
            command = commands.brightness(level, table=self._settings.brightness_table)
            await self._correct(f"brightness {level}", command, corrected)

    async def _compare_clock(self, status: Status | None, corrected: set[str], *, fresh: bool) -> None:
        now = self._ctx.clock.now()
        if not now.clock_ok:  # then ours is the one that is wrong
            return
        drift_s = self._drift_s(status) if status else None
        wrong = status is not None and (drift_s is None or abs(drift_s) > self._settings.max_drift_s)
        stays = wrong and "clock" in corrected
        self._health.tell("clock_drift", stays, f"{drift_s:.0f} s" if stays and drift_s is not None else "")
        if wrong or fresh:
            local = datetime.fromtimestamp(now.wall_s, self._settings.zone)
            await self._correct("clock", commands.clock(local), corrected)

    async def _correct(self, what: str, command: bytes, corrected: set[str]) -> None:
        """What was corrected before, and in vain, is not looked at any sooner."""
        self._corrected.add(what)
        self._hurry = self._hurry or what not in corrected
        await self._try(command)

    def _drift_s(self, status: Status) -> float | None:
        """How much the board's clock is ahead; None where it tells no time."""
        if status.clock is None:
            return None
        return status.clock.replace(tzinfo=self._settings.zone).timestamp() - self._ctx.clock.now().wall_s

    def _power_period(self) -> Period[bool] | None:
        now = self._ctx.clock.now()
        return self._power.at(now.wall_s) if now.clock_ok else None

    # --- time ---
    def _bear_silence(self) -> None:
        """What a silent board has forgotten is not known: it is greeted again."""
        self._greeted = False
        self._health.tell(SILENT, True)
        silent_s = self._now_s() - self._session.heard_s
        if silent_s >= self._settings.silent_limit_s:
            raise DeviceFault(f"no answer for {silent_s:.0f} s", code=SILENT)

    def _pause_s(self) -> float:
        """Until the next look: sooner after a correction, in silence, and where a timetable has a step."""
        settings, now = self._settings, self._ctx.clock.now()
        pauses = [settings.heartbeat_s]
        if self._hurry or not self._greeted:
            pauses.append(settings.verify_s)
        if now.clock_ok:
            coming = (times.next_s(now.wall_s) for times in (self._brightness, self._power))
            pauses += [after_s for after_s in coming if after_s is not None]
        return min(pauses)

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
