"""Calls that may hang in the kernel, kept away from the event loop and from the program's end.

asyncio's own threads are waited for at exit, so one dead adapter would keep the daemon from stopping.
These are daemon threads: nobody waits for them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

MAX_BUSY = 64  # calls under way at once: more ports than a hall has, so more means that they hang

_busy: set[threading.Thread] = set()
_guard = threading.Lock()


def all_busy() -> bool:
    """Whether so many calls hang that no further one should be begun."""
    with _guard:
        return len(_busy) >= MAX_BUSY


async def off_loop(
    work: Callable[[], T], timeout_s: float, discard: Callable[[T], object] | None = None
) -> T:
    """Run `work` in a thread. TimeoutError where it takes longer: it then goes on unwatched.

    `discard` gets what nobody waits for any more, so that a port opened too late is closed again.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # the thread cannot be stopped, so neither can the future
    threading.Thread(target=_run, args=(work, future), name="off-loop", daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.wrap_future(future)
    except (TimeoutError, asyncio.CancelledError):
        if discard is not None:
            future.add_done_callback(lambda late: _discard(late, discard))
        raise


def _run(work: Callable[[], T], future: Future[T]) -> None:
    with _guard:
        _busy.add(threading.current_thread())
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 handed to the waiting coroutine, which raises it
        future.set_exception(error)
    else:
        future.set_result(result)
    finally:
        with _guard:
            _busy.discard(threading.current_thread())


def _discard(late: Future[T], discard: Callable[[T], object]) -> None:
    if late.exception() is None:
        threading.Thread(target=discard, args=(late.result(),), name="off-loop-discard", daemon=True).start()
