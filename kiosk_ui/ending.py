"""Tasks that were cancelled, and take a moment to end: of what they have begun, processes have to go, too."""

from __future__ import annotations

import asyncio


class Ending:
    """Bounded by how fast a person goes on: each ends within moments, by itself."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def see_off(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def gone(self) -> None:
        """Once all have ended, whatever came of them."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
