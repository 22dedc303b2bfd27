"""A null modem: two links in one process, each reading what the other writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.transport.losses import lost

READ_LIMIT = 4096  # bytes a read returns at most, the contract of `Link.read`
BUFFER_LIMIT = 65_536  # bytes in flight one way; a writer waits beyond it, as on a full line
WRITE_TIMEOUT_S = 2.0  # a peer that reads nothing for so long is lost


class NullLink:
    """One end of a null modem. Closing either end loses both, after what was written has been read."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._buffer = bytearray()  # what this end has still to read
        self._holds = False
        self._closed = False
        self._changed = asyncio.Event()  # set and replaced at each change
        self._peer: NullLink = self

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        await self._until(lambda: self._buffer or self._closed)
        if not self._buffer:
            raise lost(self._url, detail="closed")
        data = bytes(self._buffer[:READ_LIMIT])
        del self._buffer[:READ_LIMIT]
        self._tell()
        return data

    def hold(self, on: bool) -> None:
        """Flow control: while it is on, this end takes nothing, and who writes to it waits."""
        self._holds = on
        self._tell()

    async def write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                while rest:
                    rest = rest[await self._peer._accept(rest) :]
        except TimeoutError:
            raise lost(self._url, "line_stalled", f"after {WRITE_TIMEOUT_S} s") from None

    async def _accept(self, data: memoryview) -> int:
        await self._until(lambda: self._closed or (len(self._buffer) < BUFFER_LIMIT and not self._holds))
        if self._closed:
            raise lost(self._peer.url, detail="closed")
        taken = data[: BUFFER_LIMIT - len(self._buffer)]
        self._buffer += taken
        self._tell()
        return len(taken)

    async def close(self) -> None:
        for end in (self, self._peer):
            end._closed = True
            end._tell()

    async def _until(self, true: Callable[[], object]) -> None:
        while not true():
            await self._changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def pair(name: str = "null") -> tuple[NullLink, NullLink]:
    """The two ends of a new null modem."""
    near, far = NullLink(f"null://{name}/near"), NullLink(f"null://{name}/far")
    near._peer, far._peer = far, near
    return near, far
