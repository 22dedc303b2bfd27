"""Drivers that each break one promise, as real ones have, with the check that must catch it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import ClassVar, Never

from drivers.api import BadFrame, BadSettings, Context, DriverSpec, Identity, Link, LinkLost
from drivers.dialer import Dialer
from drivers.messages import ButtonPressed, KeyAction, KeyPressed, Outcome, Result
from tests.protocol.conformance.toy import SPEC, ToyDriver, ToySettings

Ctx = Context[ToySettings]


class NoMaxFrame(ToyDriver):
    spec: ClassVar[DriverSpec] = replace(SPEC, max_frame=0)


class NoRemedy(ToyDriver):
    spec: ClassVar[DriverSpec] = replace(
        SPEC, conditions=tuple(replace(condition, remedy_zh="") for condition in SPEC.conditions)
    )


class EndlessQueue(ToyDriver):
    spec: ClassVar[DriverSpec] = replace(SPEC, queue=1_000_000)


class ForeignOrder(ToyDriver):
    spec: ClassVar[DriverSpec] = replace(SPEC, orders=frozenset({str}))


class NeedsWholeFrames(ToyDriver):
    """Takes each read for a frame: works on the desk, never on a serial line."""

    async def listen(self, link: Link, ctx: Ctx) -> None:
        while True:
            data = await link.read()
            await self.take(data[2:-1] if len(data) > 3 else BadFrame("short", data), ctx)


class Impatient(ToyDriver):
    """Gives an answer less time than a slow line needs."""

    async def ring(self, link: Link) -> Outcome:
        await link.write(self.codec.encode(b"R1"))
        done = self.state.rings[b"1"] = asyncio.get_running_loop().create_future()
        await asyncio.wait({done}, timeout=0.005)
        return Outcome(Result.DONE if done.done() else Result.UNKNOWN)


class AsksOnce(ToyDriver):
    """One lost byte of the greeting, and it is never ready."""

    async def poll(self, link: Link, ctx: Ctx) -> None:
        await link.write(self.codec.encode(b"?"))
        while True:
            await ctx.clock.sleep(60)
            ctx.alive()


class ChokesOnNoise(ToyDriver):
    async def take(self, frame: bytes | BadFrame, ctx: Ctx) -> None:
        if isinstance(frame, BadFrame):
            raise KeyError(frame.data)
        await super().take(frame, ctx)


class GivesUpOnNoise(ToyDriver):
    """An error that nobody retries, for a fault that passes."""

    async def take(self, frame: bytes | BadFrame, ctx: Ctx) -> None:
        if isinstance(frame, BadFrame):
            raise BadSettings("wrong baud rate?")
        await super().take(frame, ctx)


class Hoards(ToyDriver):
    """Keeps all that it has ever heard."""

    async def listen(self, link: Link, ctx: Ctx) -> None:
        heard = bytearray()
        while True:
            data = await link.read()
            heard += data
            for frame in self.codec.feed(data):
                if not isinstance(frame, BadFrame):
                    await self.take(frame, ctx)


class LeavesALineOpen(ToyDriver):
    """Dials a second line and forgets it."""

    async def run(self, link: Link, ctx: Ctx) -> Never:
        assert isinstance(link, Dialer)
        await link.dial()
        await super().run(link, ctx)


class ReturnsOnLoss(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        with contextlib.suppress(LinkLost):
            await super().run(link, ctx)
        return  # type: ignore[misc]  # the mistake itself


class DeafToLoss(ToyDriver):
    """Waits for a line that will not come back."""

    async def listen(self, link: Link, ctx: Ctx) -> None:
        try:
            await super().listen(link, ctx)
        except LinkLost:
            await asyncio.Event().wait()

    async def poll(self, link: Link, ctx: Ctx) -> None:
        try:
            await super().poll(link, ctx)
        except LinkLost:
            await asyncio.Event().wait()


class OwnErrorOnLoss(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        try:
            await super().run(link, ctx)
        except LinkLost as loss:
            raise RuntimeError("what now?") from loss


class ForgetsInHand(ToyDriver):
    """The order in hand is nobody's once the line is lost, or the run cancelled."""

    async def obey(self, link: Link, ctx: Ctx) -> None:
        async for command in ctx.commands():
            command.finish(await self.ring(link))


class FailedOnLoss(ToyDriver):
    """Says that it was without effect, which nobody can know."""

    async def obey(self, link: Link, ctx: Ctx) -> None:
        async for command in ctx.commands():
            outcome = Outcome(Result.FAILED, "link_lost")
            try:
                outcome = await self.ring(link)
            finally:
                command.finish(outcome)


class FailedOnTimeout(ToyDriver):
    async def ring(self, link: Link) -> Outcome:
        outcome = await super().ring(link)
        return outcome if outcome.result is Result.DONE else Outcome(Result.FAILED, "timeout")


class DoneOnceWritten(ToyDriver):
    """Takes the write for the deed."""

    async def ring(self, link: Link) -> Outcome:
        await link.write(self.codec.encode(b"R1"))
        return Outcome(Result.DONE)


class WaitsForever(ToyDriver):
    """No deadline on an answer, and a peer that is taken to live while an order is under way."""

    async def ring(self, link: Link) -> Outcome:
        await link.write(self.codec.encode(b"R1"))
        done = self.state.rings[b"1"] = asyncio.get_running_loop().create_future()
        await done
        return Outcome(Result.DONE)

    async def poll(self, link: Link, ctx: Ctx) -> None:
        while True:
            await link.write(self.codec.encode(b"?"))
            await ctx.clock.sleep(1)


class NeverTakes(ToyDriver):
    """Forgets to ask for orders."""

    async def obey(self, link: Link, ctx: Ctx) -> None:
        """Nothing."""


class FinishesTwice(ToyDriver):
    async def obey(self, link: Link, ctx: Ctx) -> None:
        async for command in ctx.commands():
            outcome = Outcome(Result.UNKNOWN)
            try:
                outcome = await self.ring(link)
                command.finish(outcome)
            finally:
                command.finish(outcome)


class SwallowsCancel(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        with contextlib.suppress(asyncio.CancelledError):
            await super().run(link, ctx)
        return  # type: ignore[misc]  # the mistake itself


class ResistsCancel(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        try:
            await super().run(link, ctx)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)  # a goodbye that takes too long
            raise


class LeavesTask(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        self.stray = asyncio.create_task(asyncio.sleep(3600), name="stray")
        await super().run(link, ctx)


class ClosesLink(ToyDriver):
    async def run(self, link: Link, ctx: Ctx) -> Never:
        try:
            await super().run(link, ctx)
        finally:
            await link.close()


class UndeclaredEvent(ToyDriver):
    async def press(self, ctx: Ctx) -> None:
        await super().press(ctx)
        await ctx.emit(KeyPressed(KeyAction.CALL))


class UndeclaredCondition(ToyDriver):
    async def poll(self, link: Link, ctx: Ctx) -> None:
        ctx.condition("lonely", True)
        await super().poll(link, ctx)


class TellsTwice(ToyDriver):
    async def press(self, ctx: Ctx) -> None:
        await super().press(ctx)
        await super().press(ctx)


class DropsWhenBusy(ToyDriver):
    """A press is not waited with but thrown away."""

    async def press(self, ctx: Ctx) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await super().press(ctx)


class EndsWhenNotKept(ToyDriver):
    """Takes the hall's full disk for a fault of its own."""

    async def press(self, ctx: Ctx) -> None:
        await ctx.emit(ButtonPressed(ctx.settings.button))


class AliveByTimer(ToyDriver):
    """Says that the peer lives because a timer went off."""

    async def poll(self, link: Link, ctx: Ctx) -> None:
        while True:
            await link.write(self.codec.encode(b"?"))
            await ctx.clock.sleep(1)
            ctx.alive()


class ReadyUnheard(ToyDriver):
    async def poll(self, link: Link, ctx: Ctx) -> None:
        ctx.ready(Identity())
        self.state.identity.set()
        await super().poll(link, ctx)


class BlindToSilence(ToyDriver):
    async def poll(self, link: Link, ctx: Ctx) -> None:
        while True:
            await link.write(self.codec.encode(b"?"))
            await ctx.clock.sleep(1)


class NoHeartbeat(ToyDriver):
    """Declares a heartbeat and polls once a minute."""

    async def poll(self, link: Link, ctx: Ctx) -> None:
        while True:
            await link.write(self.codec.encode(b"?"))
            await ctx.clock.sleep(60)


class ForgetsWhileWriting(ToyDriver):
    """Wakes the bell first: the order is nobody's where it takes nothing and that write fails."""

    async def obey(self, link: Link, ctx: Ctx) -> None:
        async for command in ctx.commands():
            await link.write(self.codec.encode(b"?"))
            outcome = Outcome(Result.UNKNOWN)
            try:
                outcome = await self.ring(link)
            finally:
                command.finish(outcome)


CAUGHT_BY: dict[type[ToyDriver], tuple[str, str]] = {  # the check, and what it must say
    NoMaxFrame: ("declares_limits", "max_frame"),
    NoRemedy: ("declares_limits", "lacks its cause or remedy"),
    EndlessQueue: ("declares_limits", "queue"),
    ForeignOrder: ("declares_limits", "members of Order"),
    NeedsWholeFrames: ("works_on_every_line", "not ready within"),
    Impatient: ("works_on_every_line", "on a slow line ended"),
    AsksOnce: ("survives_a_lossy_line", "not ready within"),
    ChokesOnNoise: ("survives_garbage", "not a DriverError"),
    GivesUpOnNoise: ("survives_garbage", "nobody will try again"),
    Hoards: ("survives_garbage", "bytes of noise"),
    LeavesALineOpen: ("stops_at_once", "left a line open"),
    ReturnsOnLoss: ("raises_link_lost", "returned"),
    DeafToLoss: ("raises_link_lost", "still running"),
    OwnErrorOnLoss: ("raises_link_lost", "not a DriverError"),
    ForgetsInHand: ("raises_link_lost", "finished 0 times"),
    FailedOnLoss: ("raises_link_lost", "nobody can know"),
    FailedOnTimeout: ("never_invents_an_outcome", "nobody can know"),
    DoneOnceWritten: ("never_invents_an_outcome", "nobody can know"),
    WaitsForever: ("never_invents_an_outcome", "still in hand"),
    NeverTakes: ("works_on_every_line", "never taken"),
    FinishesTwice: ("works_on_every_line", "finished 2 times"),
    SwallowsCancel: ("stops_at_once", "turned being cancelled into"),
    ResistsCancel: ("stops_at_once", "still running"),
    LeavesTask: ("stops_at_once", "stray"),
    ClosesLink: ("stops_at_once", "closed the link"),
    UndeclaredEvent: ("tells_every_event_once", "told"),
    UndeclaredCondition: ("works_on_every_line", "not declared in the spec: lonely"),
    TellsTwice: ("tells_every_event_once", "told"),
    DropsWhenBusy: ("waits_while_the_hall_is_busy", "told"),
    EndsWhenNotKept: ("carries_on_when_nothing_is_kept", "could not keep"),
    AliveByTimer: ("is_alive_by_evidence", "alive although"),
    ReadyUnheard: ("is_alive_by_evidence", "never said a word"),
    BlindToSilence: ("is_alive_by_evidence", "nothing is told"),
    NoHeartbeat: ("is_alive_by_evidence", "does not keep it"),
    ForgetsWhileWriting: ("survives_a_sick_peer", "finished 0 times"),
}
