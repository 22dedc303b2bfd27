"""A card reader with its driver at work, in a loop whose time jumps over waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.api import LinkLost
from drivers.conformance import RecordedCommand, RecordingContext
from drivers.messages import Outcome, ReadCard
from drivers.sdt.driver import SdtDriver
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.transport.faults import Faults, FaultyLink
from drivers.transport.null import NullLink, pair

STATUS, FIND, SELECT, READ = (0x11, 0xFF), (0x20, 0x01), (0x20, 0x02), (0x30, 0x01)


@dataclass(slots=True)
class Desk:
    sim: SdtSim
    driver: SdtDriver
    context: RecordingContext[SdtSettings]
    far: NullLink
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def run(self) -> asyncio.Task[Any]:
        return self.tasks[1]

    def order(self, within_s: float = 5.0) -> RecordedCommand:
        return self.context.order(ReadCard(within_s))

    async def read(self, within_s: float = 5.0) -> Outcome:
        return await self.context.outcome(self.order(within_s), within_s + 60)

    async def until(self, true: Callable[[], bool], limit_s: float = 60.0) -> None:
        async with asyncio.timeout(limit_s):
            await self.context.until(true)

    async def ended(self, limit_s: float = 600.0) -> BaseException | None:
        await asyncio.wait({self.run}, timeout=limit_s)
        assert self.run.done(), "still running"
        return self.run.exception()

    def asked(self) -> Counter[tuple[int, int]]:
        return Counter(self.sim.asked)


def said(outcome: Outcome) -> tuple[str, str]:
    return outcome.result.value, outcome.code


@contextlib.asynccontextmanager
async def desk(
    sim: SdtSim | None = None,
    settings: SdtSettings | None = None,
    *,
    faults: Faults | None = None,
    driver: SdtDriver | None = None,
    ready: bool = True,
) -> AsyncIterator[Desk]:
    sim, driver = sim or SdtSim(), driver or SdtDriver()
    near, far = pair("sdt")
    context = RecordingContext(driver.spec, settings or SdtSettings())
    at = Desk(sim, driver, context, far)
    link = FaultyLink(near, faults) if faults else near

    async def live() -> None:
        with contextlib.suppress(LinkLost):
            await sim.run(far)

    at.tasks += [asyncio.create_task(live()), asyncio.create_task(driver.run(link, context))]
    try:
        if ready:
            await at.until(lambda: context.is_ready)
        yield at
        assert context.undeclared() == []
        for command in context.commanded:
            assert not command.taken or len(command.outcomes) <= 1
    finally:
        for task in at.tasks:
            task.cancel()
        await asyncio.wait(at.tasks)
