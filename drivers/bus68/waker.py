"""Waiting for a moment or for something to change, whichever is first, on the driver's own clock."""

from __future__ import annotations

import asyncio

from drivers.api import Clock


class Waker:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def wake(self) -> None:
        """End the present wait, or the next one where nobody waits now."""
        self._event.set()

    async def wait(self, until_s: float | None) -> None:
        """Until woken, or `until_s` on the monotonic clock."""
        if until_s is None:
            await self._event.wait()
        else:
            await self._race(until_s - self._clock.now().mono_s)
        self._event.clear()

    async def _race(self, delay_s: float) -> None:
        tasks = [
            asyncio.ensure_future(self._event.wait()),
            asyncio.ensure_future(self._clock.sleep(max(delay_s, 0.0))),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
