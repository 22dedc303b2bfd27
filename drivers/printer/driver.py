"""The ESC/POS ticket printer: knows its state at all times, and prints slips or says honestly why not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Never

from drivers.api import BadSettings, Context, DeviceFault, DriverSpec, Link
from drivers.messages import CheckHealth, Order, Outcome, PrintSlip, Result
from drivers.mishaps import cause
from drivers.printer import commands
from drivers.printer.codec import MAX_FRAME
from drivers.printer.press import Paper, Press
from drivers.printer.session import Session
from drivers.printer.settings import HEARTBEAT_S, PrinterSettings
from drivers.printer.status import CONDITIONS


class PrinterDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="printer",
        links=frozenset({"serial", "tcp", "usblp", "sim"}),
        settings=PrinterSettings,
        orders=frozenset({PrintSlip, CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=16,  # a minute of tickets; with more waiting, a person is better served by the screen
    )

    def __init__(self) -> None:
        self._paper = Paper()

    async def run(self, link: Link, ctx: Context[PrinterSettings]) -> Never:
        for font in ctx.settings.fonts:
            if not Path(font).is_file():
                raise BadSettings(f"fonts: there is no file {font}")
        session = Session(link, ctx)
        press = Press(session, ctx, self._paper)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_tend(session, press, ctx), name=f"{ctx.device}: tend")
                tasks.create_task(_obey(session, press, ctx), name=f"{ctx.device}: obey")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group


async def _tend(session: Session, press: Press, ctx: Context[PrinterSettings]) -> Never:
    """Greet the printer, ask how it is again and again, and bring it back after a fault."""
    settings = ctx.settings
    greeted = identified = flushed = False
    while True:
        if await session.sweep():
            if not greeted:
                await session.send(commands.INITIALISE + (commands.ASB_ON if settings.asb else b""))
            if not identified and not session.book.blocking() and not press.busy:  # GS I is buffered
                await session.identify()
                identified = True
                ctx.ready(session.identity)
            elif not greeted:
                ctx.ready(session.identity)
            session.decided.set()
            greeted, flushed = True, False
            await press.recover()
            await press.tidy()
        elif "silent" in session.book.codes():
            silent_s = ctx.clock.now().mono_s - session.heard_s
            if silent_s >= settings.silent_limit_s:
                raise DeviceFault(f"no answer for {silent_s:.0f} s", code="silent")
            if not flushed:
                await session.flush()
            greeted, identified, flushed = False, False, True
        else:
            continue  # ask again at once, until it counts as silent
        await ctx.clock.sleep(settings.heartbeat_s)


async def _obey(session: Session, press: Press, ctx: Context[PrinterSettings]) -> None:
    async for command in ctx.commands():
        press.begun = False
        outcome = None
        try:
            await session.decided.wait()
            outcome = await _carry_out(session, press, command.order)
        finally:  # also when the line is lost or the driver is stopped with the order in hand
            lost = Outcome(Result.UNKNOWN if press.begun else Result.REJECTED, "link_lost")
            command.finish(outcome or lost)


async def _carry_out(session: Session, press: Press, order: Order) -> Outcome:
    if isinstance(order, CheckHealth):
        return Outcome(Result.DONE) if await session.answers() else Outcome(Result.UNKNOWN, "silent")
    if not isinstance(order, PrintSlip):
        return Outcome(Result.REJECTED, "unsupported", f"a printer cannot {type(order).__name__}")
    return await press.print(order)
