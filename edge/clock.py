"""The seam of time, which lets a test own it; and the boot within which monotonic times compare."""

from __future__ import annotations

import asyncio
import ctypes
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.api import Clock
from drivers.messages import Instant

SET_SINCE_S = 1_767_225_600.0  # 2026-01-01, before this program: an earlier clock has never been set
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 208  # sizeof(struct timex) on 64-bit Linux


def boot_id() -> str:
    """The kernel's id of this boot: monotonic times compare within one only."""
    return _BOOT_ID.read_text().strip().replace("-", "")


@asynccontextmanager
async def deadline(clock: Clock, limit_s: float) -> AsyncIterator[None]:
    """Like `asyncio.timeout`, but by `clock`, so that a test owns it too. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as scope:

        async def expire() -> None:
            await clock.sleep(limit_s)
            scope.reschedule(loop.time())

        watcher = loop.create_task(expire())
        try:
            yield
        finally:
            watcher.cancel()


class SystemClock:
    """The machine's own clock. `trust_rtc` takes the wall clock as set although nothing disciplines it, for
    halls whose network has no time server; not one whose battery was empty."""

    def __init__(self, *, trust_rtc: bool = True) -> None:
        self._libc = None if trust_rtc else ctypes.CDLL(None, use_errno=True)

    def now(self) -> Instant:
        wall_s = time.time()
        clock_ok = wall_s >= SET_SINCE_S and (self._libc is None or _disciplined(self._libc))
        return Instant(wall_s, time.monotonic(), clock_ok)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class PlayedClock:
    """A day that is played: from a chosen moment on, `speed` times as fast as `machine`'s. Never in service.

    Monotonic times of one boot compare over restarts of the process, as the machine's do; the wall clock
    begins at `begins_s` again with each, and counts as set.
    """

    def __init__(self, machine: Clock, begins_s: float, speed: float) -> None:
        self._machine, self._speed = machine, speed
        self._ahead_s = begins_s - machine.now().mono_s * speed  # the wall clock, of the monotonic one

    def now(self) -> Instant:
        mono_s = self._machine.now().mono_s * self._speed
        return Instant(mono_s + self._ahead_s, mono_s, clock_ok=True)

    async def sleep(self, delay_s: float) -> None:
        await self._machine.sleep(delay_s / self._speed)


def _disciplined(libc: ctypes.CDLL) -> bool:
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: read only
    return bool(0 <= libc.adjtimex(timex) < _TIME_ERROR)  # -1: we may not ask, so we do not know
