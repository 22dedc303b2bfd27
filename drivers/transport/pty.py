"""A serial line without hardware: a pseudo-terminal whose far end is a link, for simulators.

What a pty does not have by itself is a line rate. With `baud` both directions take the time of a real line,
10 bits a byte, so that a measurement over it carries that time. Up to 1 ms of line arrives at once, at the
time of its last byte, and the loop's timers add up to 1 ms. There is no modem control and no parity on a pty.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import tty
from pathlib import Path
from types import TracebackType

from drivers.api import LinkLost
from drivers.transport.fd import FdPort
from drivers.transport.losses import lost

OVERRUN_AFTER_S = 0.5  # a full kernel buffer (about 20 KB) unread for so long: the near side is not listening
BITS_PER_BYTE = 10  # start, eight data, stop
SLICE_S = 0.001  # of line time delivered at once; shorter than the latency timer of USB adapters


class PtyLink:
    """The far end: what the device at the end of the cable sees.

    As on a real line without flow control, writing never fails because nobody listens: those bytes are
    dropped and counted in `overruns`.
    """

    def __init__(self, url: str, master: int, baud: int | None) -> None:
        self._url = url
        self._fd = FdPort(master, url)
        self._byte_s = BITS_PER_BYTE / baud if baud else 0.0
        self._slice = max(1, int(SLICE_S / self._byte_s)) if baud else 0
        self._in_free_s = self._out_free_s = 0.0  # loop time at which each direction is idle again
        self._held = b""  # read, and still on its way along the line
        self.overruns = 0

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        if not self._held:
            self._held = await self._fd.read()
            self._in_free_s = self._after(self._in_free_s, len(self._held))
        await self._until(self._in_free_s)
        data, self._held = self._held, b""
        return data

    async def write(self, data: bytes) -> None:
        step = self._slice or max(len(data), 1)
        begun_s = self._after(self._out_free_s, 0)
        self._out_free_s = self._after(self._out_free_s, len(data))
        for start in range(0, len(data), step):
            part = data[start : start + step]
            await self._until(begun_s + (start + len(part)) * self._byte_s)  # a late part delays no other
            await self._send(part)

    async def _send(self, data: bytes) -> None:
        try:
            await self._fd.write(data, OVERRUN_AFTER_S)
        except LinkLost as loss:
            if loss.code != "line_stalled":
                raise
            self.overruns += len(data)

    def _after(self, free_s: float, count: int) -> float:
        return max(free_s, asyncio.get_running_loop().time()) + count * self._byte_s

    async def _until(self, moment_s: float) -> None:
        wait_s = moment_s - asyncio.get_running_loop().time()
        if self._byte_s and wait_s > 0:
            await asyncio.sleep(wait_s)

    async def close(self) -> None:
        self.release()

    def release(self) -> None:
        self._fd.release()


class Pty:
    """A pty that can be unplugged and plugged in again.

    `path` is what the near side opens: `symlink` where one is given, the same before and after; else the
    terminal's own name, new with each plug. Needs a running loop. Raises OSError where there is no pty left.
    """

    def __init__(self, symlink: Path | None = None, baud: int | None = None) -> None:
        self._symlink = symlink
        self._baud = baud
        self._fds: tuple[int, int] | None = None
        self._link: PtyLink | None = None
        self._name = ""
        self.plugged = asyncio.Event()
        self.plug()

    @property
    def path(self) -> str:
        return str(self._symlink or self._name)

    @property
    def link(self) -> PtyLink:
        """The far end since the last `plug`. Raises LinkLost while unplugged."""
        if self._link is None:
            raise lost(f"pty://{self.path}", "unplugged")
        return self._link

    def plug(self) -> None:
        """Plug in, with a new terminal as a real adapter gets. Nothing where it is plugged in already."""
        if self._fds is not None:
            return
        master, slave = self._fds = pty.openpty()
        tty.setraw(slave)  # no echo of what the far end says before the near side has opened
        os.set_blocking(master, False)
        self._name = os.ttyname(slave)
        if self._symlink is not None:
            self._symlink.unlink(missing_ok=True)
            self._symlink.symlink_to(self._name)
        # The slave stays open here: the far end of a cable does not notice that a program closes its port
        self._link = PtyLink(f"pty://{self.path}", master, self._baud)
        self.plugged.set()

    def unplug(self) -> None:
        """The near side sees a hang-up, the far end LinkLost, and the path is gone, as with a USB adapter."""
        if self._fds is None or self._link is None:
            return
        self.plugged.clear()
        self._link.release()
        self._link = None
        if self._symlink is not None:
            with contextlib.suppress(FileNotFoundError):
                self._symlink.unlink()
        fds, self._fds = self._fds, None
        for fd in fds:
            os.close(fd)

    def __enter__(self) -> Pty:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()
