"""The identity card reader: reads a card when it is asked to, and looks for none at any other time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, Never

from drivers.api import Command, Context, DeviceFault, DriverSpec, Link
from drivers.messages import CheckHealth, Outcome, ReadCard, Result
from drivers.mishaps import cause
from drivers.sdt import commands
from drivers.sdt.codec import MAX_FRAME
from drivers.sdt.health import CONDITIONS, Tally
from drivers.sdt.reading import LastCard, Reading
from drivers.sdt.session import Session
from drivers.sdt.settings import HEARTBEAT_S, SdtSettings


class SdtDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="sdt",
        links=frozenset({"serial", "tcp"}),  # tcp: a serial server
        settings=SdtSettings,
        orders=frozenset({ReadCard, CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=2,  # one card at a time; one more may wait while an order that was withdrawn ends
    )

    def __init__(self) -> None:
        self._tally = Tally()
        self._last = LastCard()

    async def run(self, link: Link, ctx: Context[SdtSettings]) -> Never:
        session = Session(link, ctx)
        reading = Reading(session, ctx, self._tally, self._last)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_tend(session, ctx), name=f"{ctx.device}: tend")
                tasks.create_task(_obey(session, reading, ctx), name=f"{ctx.device}: obey")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group


async def _tend(session: Session, ctx: Context[SdtSettings]) -> Never:
    """Ask how the reader is; not while a card is looked for, whose answers tell the same."""
    settings = ctx.settings
    while True:
        answered = True
        if not session.free.locked():
            async with session.free:
                answered = await session.ask(commands.STATUS) is not None
        silent_s = ctx.clock.now().mono_s - session.heard_s
        if not answered and silent_s >= settings.silent_limit_s:
            raise DeviceFault(f"no answer for {silent_s:.0f} s", code="silent")
        if answered or session.problem:  # else at once, until it counts as silent
            await ctx.clock.sleep(settings.recheck_s if session.problem else settings.heartbeat_s)


async def _obey(session: Session, reading: Reading, ctx: Context[SdtSettings]) -> None:
    async for command in ctx.commands():
        outcome = None
        try:
            outcome = await _carry_out(command, session, reading)
        finally:  # also when the line is lost or the driver is stopped with the order in hand
            command.finish(outcome or Outcome(Result.UNKNOWN, "link_lost"))
        del command, outcome  # the card is with who asked, and not here until the next one


async def _carry_out(command: Command, session: Session, reading: Reading) -> Outcome:
    if isinstance(command.order, CheckHealth):
        return Outcome(Result.DONE) if await session.answers() else Outcome(Result.UNKNOWN, "silent")
    if not isinstance(command.order, ReadCard):
        return Outcome(Result.REJECTED, "unsupported", f"no {type(command.order).__name__}")
    try:
        async with _while_wanted(command), session.free:
            return await reading.read(command.order)
    except TimeoutError:
        return Outcome(Result.FAILED, "withdrawn")


@asynccontextmanager
async def _while_wanted(command: Command) -> AsyncIterator[None]:
    """Raises TimeoutError as soon as nobody waits for the outcome any more."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as scope:

        async def watch() -> None:
            await command.withdrawn()
            scope.reschedule(loop.time())

        watcher = loop.create_task(watch())
        try:
            yield
        finally:
            watcher.cancel()
