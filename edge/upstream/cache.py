"""What everybody may be told again for a while: notices, free times. Never anything of one person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from drivers.api import Clock

T = TypeVar("T")
MAX_KEPT = 64  # days times services that citizens of one hall look at within a quarter of a minute


class Cache(Generic[T]):
    """Each answer for `lasts_s` from when it was asked for. Who asks meanwhile waits for the same answer; a
    failure is kept for nobody."""

    def __init__(self, lasts_s: float, clock: Clock) -> None:
        self._lasts_s = lasts_s
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, T]] = {}  # oldest first
        self._asking: dict[Hashable, asyncio.Task[T]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        now_s = self._clock.now().mono_s
        kept = self._kept.get(key)
        if kept is not None and now_s - kept[0] < self._lasts_s:
            return kept[1]
        running = self._asking.get(key)
        if running is None:
            running = self._asking[key] = asyncio.ensure_future(self._ask(key, ask))
            running.add_done_callback(_seen)
        # Who goes away takes the answer from nobody else; one that nobody waits for ends by its own limit.
        return await asyncio.shield(running)

    def forget(self, key: Hashable) -> None:
        self._kept.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        asked_s = self._clock.now().mono_s
        try:
            answer = await ask()
        finally:
            del self._asking[key]
        self._kept.pop(key, None)
        self._kept[key] = (asked_s, answer)
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return answer


def _seen(task: asyncio.Task[T]) -> None:
    """Its failure, also where nobody waits for it any more."""
    if not task.cancelled():
        task.exception()
