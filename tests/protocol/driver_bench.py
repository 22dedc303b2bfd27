"""A driver at work and the simulator of its peer, at the two ends of a null modem."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Never, TypeVar

from drivers.api import Clock, Driver, DriverError, Link, Simulator
from drivers.conformance import RecordedCommand, RecordingContext
from drivers.messages import Order, Outcome
from drivers.transport import null
from drivers.transport.sick import WELL, Ills, Sick

SettingsT = TypeVar("SettingsT")
SimT = TypeVar("SimT", bound=Simulator)
BenchT = TypeVar("BenchT", bound="Bench[Any, Any]")


@dataclass(slots=True)
class Bench(Generic[SettingsT, SimT]):
    LIMIT_S: ClassVar[float] = 600.0  # of the driver's own time, for anything to come about

    ctx: RecordingContext[SettingsT]
    sick: Sick[SimT]
    link: Link  # the driver's end
    far: Link
    run: asyncio.Task[Never]

    @property
    def sim(self) -> SimT:
        return self.sick.simulator

    @property
    def conditions(self) -> dict[str, str]:
        """Those that are on, with their details."""
        return self.ctx.own.conditions

    async def ready(self) -> None:
        await self.until(lambda: self.ctx.is_ready)

    async def shows(self, *codes: str) -> None:
        """Until exactly these conditions are on."""
        await self.until(lambda: set(self.conditions) == set(codes))

    async def obey(self, order: Order) -> Outcome:
        return await self.ended(self.ctx.order(order))

    async def ended(self, command: RecordedCommand) -> Outcome:
        await self.ctx.outcome(command, self.LIMIT_S)
        assert len(command.outcomes) == 1
        return command.outcomes[0]

    async def until(self, true: Callable[[], bool], limit_s: float | None = None) -> None:
        """Until the driver or its peer has brought it about; fails where the driver ends first."""
        async with asyncio.timeout(self.LIMIT_S if limit_s is None else limit_s):
            while not true():
                if self.run.done():
                    await self.run
                await asyncio.sleep(0.005)

    async def error(self) -> DriverError:
        """What the driver ended with."""
        await asyncio.wait([self.run], timeout=self.LIMIT_S)
        assert self.run.done(), "the driver has not ended"
        error = self.run.exception()
        assert isinstance(error, DriverError), error
        return error


@asynccontextmanager
async def at_work(
    kind: Callable[[RecordingContext[SettingsT], Sick[SimT], Link, Link, asyncio.Task[Never]], BenchT],
    driver: Driver[SettingsT],
    settings: SettingsT,
    sim: SimT,
    ills: Ills = WELL,
    *,
    clock: Clock | None = None,
    wrap: Callable[[Link], Link] = lambda link: link,
) -> AsyncIterator[BenchT]:
    """`wrap` puts something into the line on the driver's side. Raises what either end failed with, beside
    what a driver may raise."""
    near, far = null.pair(driver.spec.family)
    ctx = RecordingContext(driver.spec, settings, clock=clock)
    sick, link = Sick(sim, ills), wrap(near)
    peer = asyncio.create_task(sick.run(far))
    run = asyncio.create_task(driver.run(link, ctx))
    try:
        yield kind(ctx, sick, link, far, run)
        assert ctx.undeclared() == []
    finally:
        run.cancel()
        await near.close()
        await asyncio.wait([peer], timeout=0.2)  # it ends by itself, unless something holds it
        peer.cancel()
        for error in await asyncio.gather(run, peer, return_exceptions=True):
            if isinstance(error, Exception) and not isinstance(error, DriverError):
                raise error
