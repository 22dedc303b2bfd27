"""A scanner, or another keyboard, with its driver at work, in a loop whose time jumps over waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from drivers.api import Driver
from drivers.conformance import RecordedCommand
from drivers.messages import Code, Outcome, ReadCode
from drivers.transport.sick import WELL, Ills
from tests.protocol.driver_bench import Bench, SimT, at_work


class Desk(Bench[Any, SimT]):
    def order(self, within_s: float = 5.0) -> RecordedCommand:
        return self.ctx.order(ReadCode(within_s))

    async def taken(self, within_s: float = 5.0) -> RecordedCommand:
        """An order that the driver has in hand."""
        command = self.order(within_s)
        await self.ctx.until(lambda: command.taken)
        await asyncio.sleep(0)
        return command


def said(outcome: Outcome) -> tuple[str, str]:
    """The result, and what was read or why not."""
    read = outcome.reading
    return outcome.result.value, read.text if isinstance(read, Code) else outcome.code


@contextlib.asynccontextmanager
async def desk(
    driver: Driver[Any], settings: Any, sim: SimT, ills: Ills = WELL, *, ready: bool = True
) -> AsyncIterator[Desk[SimT]]:
    async with at_work(Desk[SimT], driver, settings, sim, ills) as at:
        if ready:
            await at.ready()
        yield at
