"""A loop whose time passes as fast as there is nothing to do: who sleeps a minute has slept at once.

What is ready is always done first, so nothing that happens in this process comes too late. What another
process or thread does takes real time: while `waits_for_others` says so, the clock goes as any other.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable


class HastyLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.waits_for_others: Callable[[], bool] = lambda: False
        self._skipped_s = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return time.monotonic() + self._skipped_s

    def skip(self, seconds: float) -> None:
        self._skipped_s += seconds


class _Selector(selectors.EpollSelector):
    def __init__(self, loop: HastyLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self._loop.waits_for_others():
            return super().select(timeout)
        found = super().select(0)
        if not found:
            self._loop.skip(timeout)
        return found
