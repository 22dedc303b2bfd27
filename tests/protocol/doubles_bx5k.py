"""A bench: the driver and a simulated board at the two ends of a null modem, in time that is warped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Never
from zoneinfo import ZoneInfo

from drivers.api import DriverError, Link
from drivers.bx5k.driver import BoardDriver
from drivers.bx5k.settings import AreaSettings, BoardSettings, BrightnessStep, PowerStep
from drivers.bx5k.sim import BoardSim
from drivers.conformance import RecordingContext
from drivers.messages import Instant, Order, Outcome, SetPower, ShowLines, ShowText
from drivers.transport import null

ZONE = ZoneInfo("Asia/Shanghai")
LIMIT_S = 600.0  # of the driver's own time, for anything to come about
NAMES = {"calls": 0, "notice": 1}
SETTINGS = BoardSettings(
    areas=(
        AreaSettings("calls", 0, 0, 0, 256, 64, 32),
        AreaSettings("notice", 1, 0, 64, 256, 16, 32, part_s=10.0),
    ),
    brightness=(BrightnessStep("07:00", 12), BrightnessStep("20:00", 4)),
)
POWERED = BoardSettings(power=(PowerStep("07:30", True), PowerStep("18:30", False)))
NOON = datetime(2024, 5, 15, 12, 0)


class WallClock:
    """The loop's time, on a day and at an hour that the test chooses."""

    def __init__(self, local: datetime = NOON, *, ok: bool = True) -> None:
        self._offset_s = local.replace(tzinfo=ZONE).timestamp() - asyncio.get_running_loop().time()
        self.ok = ok

    def now(self) -> Instant:
        mono_s = asyncio.get_running_loop().time()
        return Instant(self._offset_s + mono_s, mono_s, self.ok)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)

    async def until(self, local: datetime) -> None:
        await asyncio.sleep(local.replace(tzinfo=ZONE).timestamp() - self.now().wall_s)

    def local(self) -> datetime:
        return datetime.fromtimestamp(self.now().wall_s, ZONE).replace(tzinfo=None)


@dataclass(slots=True)
class Bench:
    ctx: RecordingContext[BoardSettings]
    sim: BoardSim
    clock: WallClock
    link: Link
    run: asyncio.Task[Never]

    async def ready(self) -> None:
        await self.until(lambda: self.ctx.is_ready and self.sim.commands[0xA2, 0x03] > 0)

    async def order(self, order: Order) -> Outcome:
        return await self.ctx.outcome(self.ctx.order(order), LIMIT_S)

    async def show(self, area: str, *texts: str) -> Outcome:
        return await self.order(ShowLines(area, tuple(map(ShowText, texts))))

    async def switch(self, on: bool) -> Outcome:
        return await self.order(SetPower(on))

    def read(self, area: str) -> list[str]:
        return [line.text for line in self.sim.shown(area)]

    @property
    def codes(self) -> set[str]:
        return set(self.ctx.own.conditions)

    async def shows(self, *codes: str) -> None:
        """Until exactly these conditions are on."""
        await self.until(lambda: self.codes == set(codes))

    async def until(self, true: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        """Until the driver or the board has brought it about; fails where the driver ends first."""
        async with asyncio.timeout(limit_s):
            while not true():
                if self.run.done():
                    await self.run
                await asyncio.sleep(0.01)

    async def error(self) -> DriverError:
        """What the driver ended with."""
        done, _ = await asyncio.wait([self.run], timeout=LIMIT_S)
        assert done, "the driver has not ended"
        error = self.run.exception()
        assert isinstance(error, DriverError), error
        return error


@asynccontextmanager
async def bench(
    sim: BoardSim | None = None,
    settings: BoardSettings = SETTINGS,
    *,
    driver: BoardDriver | None = None,
    clock: WallClock | None = None,
    wrap: Callable[[Link], Link] = lambda link: link,
) -> AsyncIterator[Bench]:
    near, far = null.pair("board")
    sim, clock, driver = sim or BoardSim(names=NAMES), clock or WallClock(), driver or BoardDriver()
    ctx = RecordingContext(driver.spec, settings, clock=clock)
    link = wrap(near)
    peer = asyncio.create_task(sim.run(far))
    run = asyncio.create_task(driver.run(link, ctx))
    try:
        yield Bench(ctx, sim, clock, link, run)
        assert sim.flash_writes == 0
        assert sim.violations == []
        assert ctx.undeclared() == []
    finally:
        run.cancel()
        await near.close()
        await asyncio.wait([peer], timeout=0.2)
        peer.cancel()
        for error in await asyncio.gather(run, peer, return_exceptions=True):
            if isinstance(error, Exception) and not isinstance(error, DriverError):
                raise error
