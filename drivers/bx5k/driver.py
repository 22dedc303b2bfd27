"""The driver of a hall's LED board: called numbers and notices in areas, light by the time of day."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Never

from drivers.api import Command, Context, DriverSpec, Link
from drivers.bx5k.codec import MAX_FRAME
from drivers.bx5k.health import CONDITIONS, SILENT, BoardHealth
from drivers.bx5k.keeper import Keeper
from drivers.bx5k.memory import Memory
from drivers.bx5k.session import Refused, Session, Silent
from drivers.bx5k.settings import HEARTBEAT_S, BoardSettings
from drivers.bx5k.text import content
from drivers.messages import CheckHealth, Order, Outcome, Result, SetPower, ShowLines
from drivers.mishaps import cause


class BoardDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="bx5k",
        links=frozenset({"serial", "tcp"}),
        settings=BoardSettings,
        orders=frozenset({ShowLines, SetPower, CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=64,  # they are taken at once, and of each area only the newest is kept
    )

    def __init__(self) -> None:
        self._memory = Memory()

    async def run(self, link: Link, ctx: Context[BoardSettings]) -> Never:
        """Raises LinkLost, DeviceFault, ProtocolBreach."""
        health = BoardHealth(ctx)
        session = Session(link, ctx, health)
        keeper = Keeper(session, ctx, self._memory, health)
        desk = Desk(keeper, ctx.settings)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(keeper.tend(), name=f"{ctx.device}: tend")
                tasks.create_task(keeper.turn_pages(), name=f"{ctx.device}: turn pages")
                tasks.create_task(desk.take(ctx), name=f"{ctx.device}: take orders")
                tasks.create_task(desk.work(), name=f"{ctx.device}: work")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group
        finally:
            desk.close()


class Desk:
    """Orders on their way: of each area, and of the light, the newest only."""

    def __init__(self, keeper: Keeper, settings: BoardSettings) -> None:
        self._keeper = keeper
        self._settings = settings
        self._waiting: dict[str, Command] = {}  # by area; as many as there are, and two
        self._in_hand: Command | None = None
        self._arrived = asyncio.Event()

    async def take(self, ctx: Context[BoardSettings]) -> None:
        async for command in ctx.commands():
            what = self._subject(command.order)
            if isinstance(what, Outcome):
                command.finish(what)
                continue
            if older := self._waiting.get(what):  # the newer one keeps its place in the queue
                older.finish(Outcome(Result.REJECTED, "replaced", "a newer order came before it was begun"))
            self._waiting[what] = command
            self._arrived.set()

    async def work(self) -> Never:
        while True:
            await self._arrived.wait()
            while self._waiting:
                self._in_hand = self._waiting.pop(next(iter(self._waiting)))
                self._in_hand.finish(await self._carry_out(self._in_hand.order))
                self._in_hand = None
            self._arrived.clear()

    def close(self) -> None:
        """The line is gone: what is in hand may have taken effect, what waits has not been begun."""
        if self._in_hand:
            self._in_hand.finish(Outcome(Result.UNKNOWN, "link_lost"))
        for command in self._waiting.values():
            command.finish(Outcome(Result.REJECTED, "link_lost"))

    def _subject(self, order: Order) -> str | Outcome:
        if isinstance(order, SetPower):
            return ""  # no area's name
        if isinstance(order, CheckHealth):
            return "\0"  # nor is this
        if not isinstance(order, ShowLines):
            return Outcome(Result.REJECTED, "unsupported", f"a board cannot {type(order).__name__}")
        if self._settings.area(order.area) is None:
            names = ", ".join(area.name for area in self._settings.areas) or "none"
            return Outcome(Result.REJECTED, "unknown_area", f"{order.area!r}: the areas are {names}")
        return order.area

    async def _carry_out(self, order: Order) -> Outcome:
        try:
            if isinstance(order, SetPower):
                await self._keeper.switch(order.on)
            elif isinstance(order, CheckHealth):
                await self._keeper.look()
            elif isinstance(order, ShowLines) and (area := self._settings.area(order.area)):
                await self._keeper.show(content(order.lines, area, self._settings))
        except Silent:
            return Outcome(Result.UNKNOWN, SILENT, "the board did not answer")
        except Refused as refusal:
            return Outcome(Result.FAILED, refusal.code, str(refusal))
        return Outcome(Result.DONE)
