"""USB printers at the kernel's own device node, `/dev/usb/lp0` (Linux, drivers/usb/class/usblp.c).

The node is like a serial line but for three things, each of which is met below:

- Reading b"" is no end: the printer has answered with an empty USB packet. A vanished one is ENODEV, EIO or
  a hang-up.
- Not every kernel wakes a reader for what the printer says, or for its being unplugged. So a wait for the
  loop's selector is cut after POLL_S, and reading is tried all the same.
- The node counts as writable while the printer is out of paper, although it takes nothing. So each try to
  write is PAUSE_S after the one before.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import select
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivers.api import LinkLost
from drivers.transport import ports
from drivers.transport.fd import FdPort
from drivers.transport.losses import lost, lost_by
from drivers.transport.null import READ_LIMIT
from drivers.transport.offloop import all_busy, off_loop
from drivers.transport.query import Query

OPEN_TIMEOUT_S = 5.0  # opening wakes a sleeping printer; one that takes longer does not answer
CLOSE_TIMEOUT_S = 1.5  # `Link.close` ends within 2 s
WRITE_TIMEOUT_S = 5.0  # a printer at work takes its next 4 KiB, 7 mm of picture, in far less
POLL_S = 0.5  # a vanished printer is seen in so long where the kernel tells nothing; costs 0.1 % of a core
PAUSE_S = 0.01  # 8 KiB, which the kernel takes at once, every 10 ms: faster than any ticket printer prints
OPTIONS = f"{ports.OPTIONS}, write_timeout_s"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UsblpSettings:
    port: ports.Port
    path: str  # "" until the port has been found
    write_timeout_s: float


def parse(query: Query) -> UsblpSettings:
    """`usblp:///dev/usb/lp0?write_timeout_s=5`, or a place as in `drivers.transport.ports`.

    Raises BadSettings.
    """
    port = ports.parse(query)
    write_timeout_s = query.number("write_timeout_s", WRITE_TIMEOUT_S, 0.1, 60.0)
    query.done(OPTIONS)
    return UsblpSettings(port, query.node or port.path, write_timeout_s)


class _Port(FdPort):
    """The three differences."""

    def __init__(self, fd: int, url: str) -> None:
        super().__init__(fd, url)
        self._selects = True  # until the selector refuses the node

    async def read(self) -> bytes:
        while True:
            await self._ready(self._loop.add_reader, self._loop.remove_reader)
            try:
                data = os.read(self._fd, READ_LIMIT)
            except BlockingIOError:
                continue
            except OSError as error:
                raise _why(self._url, error) from error
            if data:
                return data
            if _is_hung_up(self._fd):
                raise lost(self._url, "unplugged")
            await asyncio.sleep(POLL_S)  # some printers send nothing but empty packets

    async def _write_some(self, data: memoryview) -> int:
        if self._fd < 0:
            raise lost(self._url, detail="closed")
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            await asyncio.sleep(PAUSE_S)
            await self._ready(self._loop.add_writer, self._loop.remove_writer)
            return 0
        except OSError as error:
            raise _why(self._url, error) from error

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], bool]) -> None:
        """Until the kernel says so, or POLL_S at the most."""
        if self._selects:
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._until(add, remove)
            except PermissionError:  # epoll_ctl(2): this driver cannot be waited for
                self._selects = False
        else:
            await asyncio.sleep(POLL_S)
        if self._fd < 0:
            raise lost(self._url, detail="closed")


class UsblpLink:
    """An open printer, which the kernel gives to one program at a time."""

    def __init__(self, url: str, fd: int, settings: UsblpSettings) -> None:
        self._url = url
        self._fd = fd
        self._port = _Port(fd, url)
        self._write_timeout_s = settings.write_timeout_s
        self._closed = False

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        return await self._port.read()

    async def write(self, data: bytes) -> None:
        await self._port.write(data, self._write_timeout_s)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._port.release()
        try:
            await off_loop(lambda: _close(self._fd, self._url), CLOSE_TIMEOUT_S)
        except TimeoutError:
            _log.warning("%s: closing hangs; it goes on in the background", self._url)


async def open_usblp(url: str, settings: UsblpSettings) -> UsblpLink:
    """Raises LinkLost with cause and remedy, BadSettings where the path is no device node."""
    if all_busy():
        raise lost(url, "port_stuck", "too many ports hang")
    path = settings.path or settings.port.find()
    try:
        fd = await off_loop(
            lambda: os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC),
            OPEN_TIMEOUT_S,
            discard=lambda late: _close(late, url),
        )
    except TimeoutError:
        raise lost(url, "port_stuck", f"not open after {OPEN_TIMEOUT_S:.0f} s") from None
    except IsADirectoryError as error:
        raise _no_printer(url) from error
    except OSError as error:
        if error.errno in {errno.ENODEV, errno.ENXIO}:
            raise lost(url, "port_missing", str(error)) from error
        raise lost_by(url, error) from error
    if not stat.S_ISCHR(os.fstat(fd).st_mode):
        _close(fd, url)
        raise _no_printer(url)
    return UsblpLink(url, fd, settings)


def _no_printer(url: str) -> Exception:
    return Query(url).bad("not a printer's device node", "Give the node's path, such as /dev/usb/lp0.")


def _close(fd: int, url: str) -> None:
    try:
        os.close(fd)
    except OSError as error:
        _log.warning("%s: closing failed: %s", url, error)


def _is_hung_up(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, 0)  # POLLHUP is told unasked
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _why(url: str, error: OSError) -> LinkLost:
    if error.errno == errno.EINVAL:  # usblp_read(): not bidirectional
        return lost(url, "one_way", str(error))
    return lost_by(url, error, "unplugged")
