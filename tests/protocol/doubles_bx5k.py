"""A bench: the driver and a simulated board at the two ends of a null modem, in time that is warped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from drivers.api import Link
from drivers.bx5k.driver import BoardDriver
from drivers.bx5k.settings import AreaSettings, BoardSettings, BrightnessStep, PowerStep
from drivers.bx5k.sim import BoardSim
from drivers.messages import Instant, Outcome, SetPower, ShowLines, ShowText
from drivers.transport.sick import WELL, Ills
from tests.protocol import driver_bench
from tests.protocol.driver_bench import at_work

ZONE = ZoneInfo("Asia/Shanghai")
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


class Bench(driver_bench.Bench[BoardSettings, BoardSim]):
    @property
    def clock(self) -> WallClock:
        assert isinstance(self.ctx.clock, WallClock)
        return self.ctx.clock

    async def ready(self) -> None:
        await self.until(lambda: self.ctx.is_ready and self.sim.commands[0xA2, 0x03] > 0)

    async def show(self, area: str, *texts: str) -> Outcome:
        return await self.obey(ShowLines(area, tuple(map(ShowText, texts))))

    async def switch(self, on: bool) -> Outcome:
        return await self.obey(SetPower(on))

    def read(self, area: str) -> list[str]:
        return [line.text for line in self.sim.shown(area)]

    @property
    def codes(self) -> set[str]:
        return set(self.conditions)


@asynccontextmanager
async def bench(
    sim: BoardSim | None = None,
    settings: BoardSettings = SETTINGS,
    *,
    driver: BoardDriver | None = None,
    clock: WallClock | None = None,
    ills: Ills = WELL,
    wrap: Callable[[Link], Link] = lambda link: link,
) -> AsyncIterator[Bench]:
    sim, clock = sim or BoardSim(names=NAMES), clock or WallClock()
    work = at_work(Bench, driver or BoardDriver(), settings, sim, ills, clock=clock, wrap=wrap)
    async with work as b:
        yield b
        assert sim.flash_writes == 0
        assert sim.violations == []
