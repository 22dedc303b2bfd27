"""A card reader with its driver at work, in a loop whose time jumps over waiting."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from drivers.conformance import RecordedCommand
from drivers.messages import Outcome, ReadCard
from drivers.sdt.driver import SdtDriver
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.transport.faults import Faults, FaultyLink
from drivers.transport.sick import WELL, Ills
from tests.protocol.driver_bench import Bench, at_work

STATUS, FIND, SELECT, READ = (0x11, 0xFF), (0x20, 0x01), (0x20, 0x02), (0x30, 0x01)


class Desk(Bench[SdtSettings, SdtSim]):
    def order(self, within_s: float = 5.0) -> RecordedCommand:
        return self.ctx.order(ReadCard(within_s))

    async def read(self, within_s: float = 5.0) -> Outcome:
        return await self.ended(self.order(within_s))

    def asked(self) -> Counter[tuple[int, int]]:
        return Counter(self.sim.asked)


def said(outcome: Outcome) -> tuple[str, str]:
    return outcome.result.value, outcome.code


@contextlib.asynccontextmanager
async def desk(
    sim: SdtSim | None = None,
    ills: Ills = WELL,
    *,
    faults: Faults | None = None,
    driver: SdtDriver | None = None,
    ready: bool = True,
) -> AsyncIterator[Desk]:
    work = at_work(
        Desk,
        driver or SdtDriver(),
        SdtSettings(),
        sim or SdtSim(),
        ills,
        wrap=lambda link: FaultyLink(link, faults) if faults else link,
    )
    async with work as at:
        if ready:
            await at.ready()
        yield at
