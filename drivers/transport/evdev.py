"""Input devices of the kernel: what rating pads, number pads and wedge scanners at USB are to a program.

    evdev:///dev/input/by-id/usb-…-event-kbd     the same device whatever else is plugged in
    evdev:///dev/input/by-path/…-event-kbd       the same socket: for clones without a serial number
    evdev://?vid=0c2e&pid=0b6a&phys=usb-0000:00:14.0-3/input0
    input:///run/pad                             the same bytes from a simulator's pty, without /dev/input

The library evdev opens, names, finds and grabs a device. What it says is read through the loop's selector, as
the `struct input_event`s that the kernel writes (24 bytes each on 64 bits), always whole ones.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import termios
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.api import DriverError
from drivers.transport.fd import FdPort
from drivers.transport.losses import lost, lost_by
from drivers.transport.offloop import all_busy, off_loop
from drivers.transport.query import Query

if TYPE_CHECKING:
    from evdev import InputDevice

OPEN_TIMEOUT_S = 5.0  # for a few system calls; a device that takes longer does not answer
MAX_PHYS = 128  # characters of a device's place in the machine; the kernel's own are shorter
OPTIONS = "vid, pid, phys"

_HEX = re.compile(r"[0-9a-fA-F]{1,4}")
_EV_KEY = 1  # linux/input-event-codes.h
_KEYS_OF_A_KEYBOARD = range(1, 0x100)  # from 0x100 on there are buttons of mice and joysticks
_CODES = {
    errno.ENOENT: "input_missing",
    errno.ENODEV: "input_missing",
    errno.ENXIO: "input_missing",
    errno.EACCES: "input_denied",
    errno.EPERM: "input_denied",
    errno.EBUSY: "input_busy",  # grabbed by another program
}
_NO_INPUT = {errno.ENOTTY, errno.EINVAL, errno.EISDIR}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InputSettings:
    """Where the device is: at `path`, or whichever has this maker, product and place."""

    path: str = ""
    vendor: int | None = None
    product: int | None = None
    phys: str = ""


def parse(query: Query) -> InputSettings:
    """Raises BadSettings."""
    path, options = query.parts.path, query.rest()
    if query.parts.netloc or (path and not path.startswith("/")):
        raise query.bad("no absolute path", "Write three slashes: evdev:///dev/input/by-id/….")
    wanted = [options.pop(key, "") for key in ("vid", "pid", "phys")]
    if options:
        raise query.bad(f"unknown option {', '.join(sorted(options))}", f"The options are {OPTIONS}.")
    vendor, product, phys = wanted
    if path:
        if any(wanted):
            raise query.bad("a path and what to look for", "Give the path, or vid, pid and phys.")
        return InputSettings(path)
    if not _HEX.fullmatch(vendor) or not _HEX.fullmatch(product) or len(phys) > MAX_PHYS:
        raise query.bad(
            "neither a path nor vid and pid",
            "Write evdev:///dev/input/by-id/… or evdev://?vid=0c2e&pid=0b6a.",
        )
    return InputSettings(vendor=int(vendor, 16), product=int(product, 16), phys=phys)


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


async def open_evdev(url: str, settings: InputSettings) -> InputLink:
    """Held exclusively: its keys reach no other program. Raises LinkLost with cause and remedy, BadSettings
    where the path is no input device."""
    device = await _in_time(url, lambda: _grab(url, settings), lambda late: _close(late.close, url))
    _log.info("%s: %s at %s", url, device.name, device.phys or device.path)
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


def _grab(url: str, settings: InputSettings) -> InputDevice[str]:
    try:
        import evdev  # noqa: PLC0415 only a hall with such a device needs the library, and its memory
    except ImportError as error:
        raise lost(url, "input_library", str(error)) from error

    device = evdev.InputDevice(settings.path or _find(url, settings), readonly=True)
    try:
        device.grab()
    except BaseException:
        device.close()
        raise
    return device


def _find(url: str, settings: InputSettings) -> str:
    """The path of the one keyboard that fits. Raises LinkLost for none, and for several."""
    found = dict(_fitting(settings))
    if len(found) > 1:
        raise lost(url, "input_ambiguous", ", ".join(f"phys={phys}" for phys in found.values()))
    if not found:
        raise lost(url, "input_denied" if _some_are_closed_to_us() else "input_missing")
    return next(iter(found))


def _fitting(settings: InputSettings) -> Iterator[tuple[str, str]]:
    """Path and place of each. One that vanishes meanwhile, or may not be opened, does not fit."""
    import evdev  # noqa: PLC0415 see above

    for path in sorted(evdev.list_devices(writable=False)):
        try:
            device = evdev.InputDevice(path, readonly=True)
        except OSError as error:
            _log.debug("%s: %s", path, error)
            continue
        with contextlib.closing(device):
            same = (device.info.vendor, device.info.product) == (settings.vendor, settings.product)
            keys = device.capabilities(absinfo=False).get(_EV_KEY, [])
            is_keyboard = any(key in _KEYS_OF_A_KEYBOARD for key in keys)
            if same and is_keyboard and settings.phys in ("", device.phys):
                yield path, device.phys


def _some_are_closed_to_us() -> bool:
    try:
        names = [name for name in os.listdir("/dev/input") if name.startswith("event")]  # noqa: PTH208 as strings
    except OSError:
        return False
    return any(not os.access(f"/dev/input/{name}", os.R_OK) for name in names)


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
