"""Input devices of the kernel: what rating pads, number pads and wedge scanners at USB are to a program.

    evdev:///dev/input/by-id/usb-…-event-kbd     the same device whatever else is plugged in
    evdev:///dev/input/by-path/…-event-kbd       the same socket: for clones without a serial number
    evdev://?vid=0c2e&pid=0b6a&port=1-2.3        its place on the USB, see `drivers.transport.ports`
    input:///run/pad                             the same bytes from a simulator's pty, without /dev/input

The library evdev opens, names and grabs a device. What it says is read through the loop's selector, as
the `struct input_event`s that the kernel writes (24 bytes each on 64 bits), always whole ones.
"""

from __future__ import annotations

import errno
import logging
import os
import termios
import tty
from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.api import DriverError
from drivers.transport import ports
from drivers.transport.fd import FdPort
from drivers.transport.losses import lost, lost_by
from drivers.transport.offloop import all_busy, off_loop
from drivers.transport.query import Query

if TYPE_CHECKING:
    from evdev import InputDevice

OPEN_TIMEOUT_S = 5.0  # for a few system calls; a device that takes longer does not answer

_CODES = {
    errno.ENODEV: "port_missing",
    errno.ENXIO: "port_missing",
    errno.EACCES: "input_denied",
    errno.EPERM: "input_denied",
    errno.EBUSY: "input_busy",  # grabbed by another program
}
_NO_INPUT = {errno.ENOTTY, errno.EINVAL, errno.EISDIR}
_log = logging.getLogger(__name__)


def parse(query: Query) -> ports.Port:
    """Raises BadSettings."""
    port = ports.parse(query)
    query.done(ports.OPTIONS)
    return port


def parse_path(query: Query) -> str:
    """Of `input:///path`. Raises BadSettings."""
    if query.parts.netloc or not query.parts.path.startswith("/"):
        raise query.bad("no absolute path", "Write three slashes: input:///run/pad.")
    query.done("none")
    return query.parts.path


class InputLink:
    """An open input device. `shut` closes the descriptor, and with it ends the grab."""

    def __init__(self, url: str, fd: int, shut: Callable[[], None]) -> None:
        self._url = url
        self._fd = FdPort(fd, url)
        self._shut: Callable[[], None] | None = shut

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        return await self._fd.read()

    async def write(self, data: bytes) -> None:
        """Raises LinkLost: nothing can be said to an input device."""
        raise lost(self._url, detail=f"an input device takes no data ({len(data)} bytes)")

    async def close(self) -> None:
        if self._shut is None:
            return
        shut, self._shut = self._shut, None
        self._fd.release()
        _close(shut, self._url)


async def open_evdev(url: str, port: ports.Port, node: str = "") -> InputLink:
    """Held exclusively: its keys reach no other program. Raises LinkLost with cause and remedy, BadSettings
    where the path is no input device."""
    device = await _in_time(
        url, lambda: _grab(url, node or port.path or port.find()), lambda late: _close(late.close, url)
    )
    _log.debug("%s: %s at %s", url, device.name, device.phys or device.path)  # its return is told already
    return InputLink(url, device.fd, device.close)


async def open_input(url: str, path: str) -> InputLink:
    """A simulator's pty in place of a device. Raises LinkLost, BadSettings where the path is no terminal."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            tty.setraw(fd)
            termios.tcflush(fd, termios.TCIFLUSH)  # a real device says nothing of what was before
        except BaseException:
            os.close(fd)
            raise
    except (OSError, termios.error) as error:
        raise _why(url, error) from error
    return InputLink(url, fd, lambda: os.close(fd))


def open_beside(url: str, path: str) -> InputLink:
    """Listened to beside whoever else does, and not held. Raises LinkLost."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise _why(url, error) from error
    return InputLink(url, fd, lambda: os.close(fd))


async def _in_time(
    url: str, work: Callable[[], InputDevice[str]], discard: Callable[[InputDevice[str]], None]
) -> InputDevice[str]:
    if all_busy():
        raise lost(url, "port_stuck", "too many ports hang")
    try:
        return await off_loop(work, OPEN_TIMEOUT_S, discard)
    except TimeoutError:
        raise lost(url, "port_stuck", f"not open after {OPEN_TIMEOUT_S:.0f} s") from None
    except OSError as error:
        raise _why(url, error) from error


def _grab(url: str, path: str) -> InputDevice[str]:
    try:
        import evdev  # noqa: PLC0415 only a hall with such a device needs the library, and its memory
    except ImportError as error:
        raise lost(url, "input_library", str(error)) from error

    device = evdev.InputDevice(path, readonly=True)
    try:
        device.grab()
    except BaseException:
        device.close()
        raise
    return device


def _why(url: str, error: Exception) -> DriverError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number in _NO_INPUT:
        return Query(url).bad("not an input device", "Give its path, such as /dev/input/by-id/…-event-kbd.")
    if number in _CODES:
        return lost(url, _CODES[number], str(error))
    return lost_by(url, error)


def _close(shut: Callable[[], None], url: str) -> None:
    try:
        shut()
    except OSError as error:
        _log.debug("%s: closing failed: %s", url, error)  # the device is gone already
