"""A non-blocking file descriptor as a line of bytes, through the loop's own selector."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from drivers.transport.losses import lost, lost_by
from drivers.transport.null import READ_LIMIT


class FdPort:
    """Reads and writes `fd`, which stays its owner's: `release` it before closing."""

    def __init__(self, fd: int, url: str) -> None:
        self._fd = fd
        self._url = url
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Callable[[int], bool], asyncio.Future[None]] = {}

    async def read(self) -> bytes:
        """1…READ_LIMIT bytes. Waits first, so that a flood leaves room for the rest of the loop."""
        while True:
            await self._until(self._loop.add_reader, self._loop.remove_reader)
            try:
                data = os.read(self._fd, READ_LIMIT)
            except BlockingIOError:  # another thread of control was woken for nothing
                continue
            except OSError as error:
                raise lost_by(self._url, error, "unplugged") from error
            if not data:  # what pyserial calls 'readiness to read but returned no data'
                raise lost(self._url, "unplugged")
            return data

    async def write(self, data: bytes, timeout_s: float) -> None:
        """All of `data`, or LinkLost: a line that stands still past `timeout_s` is lost."""
        rest = memoryview(data)
        try:
            async with asyncio.timeout(timeout_s):
                while rest:
                    rest = rest[await self._write_some(rest) :]
        except TimeoutError:
            detail = f"{len(rest)} of {len(data)} bytes left after {timeout_s:.1f} s"
            raise lost(self._url, "line_stalled", detail) from None

    async def _write_some(self, data: memoryview) -> int:
        if self._fd < 0:
            raise lost(self._url, detail="closed")
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            await self._until(self._loop.add_writer, self._loop.remove_writer)
            return 0
        except OSError as error:
            raise lost_by(self._url, error, "unplugged") from error

    async def _until(self, add: Callable[..., Any], remove: Callable[[int], bool]) -> None:
        if self._fd < 0:
            raise lost(self._url, detail="closed")
        if remove in self._waiting:
            raise RuntimeError(f"{self._url}: one reader and one writer at a time")
        woken = self._loop.create_future()
        add(self._fd, _wake, woken)
        self._waiting[remove] = woken
        try:
            await woken
        finally:
            del self._waiting[remove]
            if self._fd >= 0:  # once released, the number may already be another file's
                remove(self._fd)

    def release(self) -> None:
        """Let go of the descriptor: whoever waits gets LinkLost, and nothing touches it again."""
        for remove, woken in self._waiting.items():
            remove(self._fd)
            if not woken.done():
                woken.set_exception(lost(self._url, detail="closed"))
        self._fd = -1


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
