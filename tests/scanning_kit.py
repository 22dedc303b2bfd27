"""A device with its driver at work on a null modem, in a loop whose time jumps over waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from drivers.api import Driver, LinkLost, Simulator
from drivers.conformance import RecordedCommand, RecordingContext
from drivers.messages import Code, Outcome, ReadCode
from drivers.transport.null import NullLink, pair

SimT = TypeVar("SimT", bound=Simulator)


@dataclass(slots=True)
class Desk(Generic[SimT]):
    sim: SimT
    context: RecordingContext[Any]
    far: NullLink
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def run(self) -> asyncio.Task[Any]:
        return self.tasks[1]

    def order(self, within_s: float = 5.0) -> RecordedCommand:
        return self.context.order(ReadCode(within_s))

    async def taken(self, within_s: float = 5.0) -> RecordedCommand:
        """An order that the driver has in hand."""
        command = self.order(within_s)
        await self.until(lambda: command.taken)
        await asyncio.sleep(0)
        return command

    async def ended(self, command: RecordedCommand) -> Outcome:
        return await self.context.outcome(command, 600)

    async def until(self, true: Callable[[], bool], limit_s: float = 600) -> None:
        async with asyncio.timeout(limit_s):
            await self.context.until(true)

    async def failure(self) -> BaseException | None:
        await asyncio.wait({self.run}, timeout=600)
        assert self.run.done(), "still running"
        return self.run.exception()


def said(outcome: Outcome) -> tuple[str, str]:
    """The result, and what was read or why not."""
    read = outcome.reading
    return outcome.result.value, read.text if isinstance(read, Code) else outcome.code


@contextlib.asynccontextmanager
async def desk(
    driver: Driver[Any], settings: Any, sim: SimT, *, ready: bool = True
) -> AsyncIterator[Desk[SimT]]:
    near, far = pair("scanning")
    context = RecordingContext[Any](driver.spec, settings)
    at = Desk(sim, context, far)

    async def live() -> None:
        with contextlib.suppress(LinkLost):
            await sim.run(far)

    at.tasks += [asyncio.create_task(live()), asyncio.create_task(driver.run(near, context))]
    try:
        if ready:
            await at.until(lambda: context.is_ready)
            await asyncio.sleep(0)
        yield at
        assert context.undeclared() == []
    finally:
        for task in at.tasks:
            task.cancel()
        await asyncio.wait(at.tasks)
