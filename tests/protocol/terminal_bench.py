"""What the tests of all families of terminals do with a driver at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.conformance import RecordingContext

SettingsT = TypeVar("SettingsT")

LIMIT_S = 60.0  # for anything that is waited for, in the driver's time


@dataclass(slots=True)
class AtWork(Generic[SettingsT]):
    """A driver that runs as `task`, and what it tells."""

    ctx: RecordingContext[SettingsT]
    task: asyncio.Task[None]

    async def until(self, true: Callable[[], bool], limit_s: float = LIMIT_S) -> float:
        """Until `true()`; the seconds that it took. Fails where it does not come, with what is known."""
        started_s = self.now_s
        try:
            async with asyncio.timeout(limit_s):
                await self.ctx.until(true)
        except TimeoutError:
            ended = self.task.exception() if self.task.done() else None
            raise AssertionError(f"{self.ctx.own} after {limit_s} s; run: {ended!r}") from None
        return self.now_s - started_s

    async def ends(self, limit_s: float = LIMIT_S) -> BaseException:
        await asyncio.wait({self.task}, timeout=limit_s)
        error = self.task.exception()
        assert error is not None
        return error

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()
