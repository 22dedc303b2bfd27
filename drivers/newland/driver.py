"""The driver of a serial scanner: lit only while somebody asks for a code."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Never

from drivers.api import Command, Context, DeviceFault, DriverSpec, Link
from drivers.messages import CheckHealth, Outcome, ReadCode, Result
from drivers.mishaps import cause
from drivers.newland.codec import MAX_FRAME
from drivers.newland.commands import ABOUT, LIGHT_OFF, LIGHT_ON
from drivers.newland.conditions import CONDITIONS
from drivers.newland.session import Session
from drivers.newland.settings import HEARTBEAT_S, NewlandSettings


class NewlandDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="newland",
        links=frozenset({"serial", "tcp"}),  # tcp: a serial server
        settings=NewlandSettings,
        orders=frozenset({ReadCode, CheckHealth}),
        events=frozenset(),
        conditions=CONDITIONS,
        heartbeat_s=HEARTBEAT_S,
        max_frame=MAX_FRAME,
        queue=2,  # one code at a time; one more may wait while an order that was withdrawn ends
    )

    async def run(self, link: Link, ctx: Context[NewlandSettings]) -> Never:
        """Raises LinkLost, ProtocolBreach, and DeviceFault for a scanner that stays silent."""
        session = Session(link, ctx)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_tend(session, ctx), name=f"{ctx.device}: tend")
                tasks.create_task(_obey(session, ctx), name=f"{ctx.device}: obey")
                await session.listen()
        except BaseExceptionGroup as group:
            raise cause(group) from group


async def _tend(session: Session, ctx: Context[NewlandSettings]) -> Never:
    """Ask how it is. While it is lit for an order, the replies to that tell the same."""
    settings = ctx.settings
    while True:
        answered = session.asking.is_open or await session.ask(ABOUT) is not None
        silent_s = ctx.clock.now().mono_s - session.heard_s
        if not answered and silent_s >= settings.silent_limit_s:
            raise DeviceFault(f"no answer for {silent_s:.0f} s", code="silent")
        if answered:  # else at once: the question itself has taken its time
            await ctx.clock.sleep(settings.heartbeat_s)


async def _obey(session: Session, ctx: Context[NewlandSettings]) -> None:
    async for command in ctx.commands():
        outcome = None
        try:
            outcome = await _carry_out(command, session, ctx)
        finally:  # also when the line is lost or the driver is stopped with the order in hand
            session.forget()
            command.finish(outcome or Outcome(Result.UNKNOWN, "link_lost"))
        was_lit = isinstance(command.order, ReadCode) and outcome.result is not Result.REJECTED
        del command, outcome  # the code is with who asked, and not here until the next one
        if was_lit:
            await session.ask(LIGHT_OFF)


async def _carry_out(command: Command, session: Session, ctx: Context[NewlandSettings]) -> Outcome:
    order = command.order
    if isinstance(order, CheckHealth):
        return Outcome(Result.DONE) if await session.answers() else Outcome(Result.UNKNOWN, "silent")
    if not isinstance(order, ReadCode):
        return Outcome(Result.REJECTED, "unsupported", f"a scanner cannot {type(order).__name__}")
    if session.silent:
        return Outcome(Result.REJECTED, "silent")
    light = asyncio.create_task(_keep_lit(session, ctx), name=f"{ctx.device}: light")
    try:
        return await session.asking.outcome(command, order.within_s, light)
    finally:
        light.cancel()
        await asyncio.wait({light})


async def _keep_lit(session: Session, ctx: Context[NewlandSettings]) -> Outcome:
    """Light it again and again: it stops by itself after a while. The outcome where it cannot."""
    while True:
        reply = await session.ask(LIGHT_ON)
        if session.silent:
            return Outcome(Result.UNKNOWN, "silent")
        if reply is not None and not reply.ok:
            return Outcome(Result.REJECTED, "refused")
        if reply is not None:
            await ctx.clock.sleep(ctx.settings.light_s)
