"""A loop whose time jumps over waiting: what takes a minute is tested in milliseconds, and always alike."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_STOP_ROUNDS = 3  # cancellations that a task gets before it is left behind


class _WarpSelector(selectors.DefaultSelector):
    """Does not wait: where no file is ready, the time that would have passed has passed.

    Computing takes no time, so that a machine under load tries the same as an idle one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1000.0  # anything but 0, which could pass for "never"
        self.threads = 0  # under way: for their sake time must pass as it does

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads:
            began_s = time.monotonic()
            ready = super().select(timeout)
            self.now_s += time.monotonic() - began_s
            return ready
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.now_s += timeout
        return ready


class WarpLoop(asyncio.SelectorEventLoop):
    """For peers within this process. Real sockets need real time: what is on its way is not waited for."""

    def __init__(self) -> None:
        self._warp = _WarpSelector()
        super().__init__(self._warp)

    def time(self) -> float:
        return self._warp.now_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        future = super().run_in_executor(executor, func, *args)
        self._warp.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _future: asyncio.Future[Any]) -> None:
        self._warp.threads -= 1


def run_warped(main: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, in a WarpLoop. A task that resists being cancelled is left behind."""
    loop = WarpLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        for _ in range(_STOP_ROUNDS):
            if left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.wait(left, timeout=1.0))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
