"""Serial lines over pyserial, which sets the line up; the bytes go through the loop's selector."""

from __future__ import annotations

import errno
import logging
import termios
from dataclasses import dataclass, replace

import serial

from drivers.transport import ports
from drivers.transport.fd import FdPort
from drivers.transport.losses import lost, lost_by
from drivers.transport.offloop import all_busy, off_loop
from drivers.transport.query import Query

OPEN_TIMEOUT_S = 5.0  # an adapter that takes longer does not answer its control requests
CLOSE_TIMEOUT_S = 1.5  # closing may drain for 30 s where the peer holds CTS; `Link.close` ends within 2 s
WRITE_TIMEOUT_S = 2.0  # beyond the time that the bytes themselves need on the line
OPTIONS = f"{ports.OPTIONS}, baud, bits, parity, stop, rtscts, xonxoff, write_timeout_s"

_NOT_A_LINE = {errno.ENOTTY, errno.EISDIR, errno.EINVAL}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SerialSettings:
    port: ports.Port
    path: str  # "" until the port has been found
    baud: int
    bits: int
    parity: str
    stop: int
    rtscts: bool
    xonxoff: bool
    write_timeout_s: float

    @property
    def character_s(self) -> float:
        """Seconds of one character on the line, with its start, parity and stop bits."""
        return (1 + self.bits + (self.parity != "N") + self.stop) / self.baud


def parse(query: Query) -> SerialSettings:
    """`serial:///dev/ttyUSB0?baud=9600&parity=N&stop=1&rtscts=0`, or a place as in `drivers.transport.ports`.

    Raises BadSettings.
    """
    port = ports.parse(query)
    settings = SerialSettings(
        port=port,
        path=query.node or port.path,
        baud=query.integer("baud", 9600, 50, 4_000_000),
        bits=query.integer("bits", 8, 5, 8),
        parity=query.text("parity", "N", "NEOMS"),
        stop=query.integer("stop", 1, 1, 2),
        rtscts=query.flag("rtscts"),
        xonxoff=query.flag("xonxoff"),
        write_timeout_s=query.number("write_timeout_s", WRITE_TIMEOUT_S, 0.1, 60.0),
    )
    query.done(OPTIONS)
    return settings


class SerialLink:
    """An open port, held exclusively. What is still unsent when it is closed is thrown away."""

    def __init__(self, url: str, port: serial.Serial, settings: SerialSettings) -> None:
        self._url = url
        self._serial = port
        self._settings = settings
        self._fd = FdPort(port.fileno(), url)
        self._closed = False

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        return await self._fd.read()

    async def write(self, data: bytes) -> None:
        await self._fd.write(data, self._settings.write_timeout_s + self._line_time_s(len(data)))

    def _line_time_s(self, count: int) -> float:
        """Of `count` bytes and of those that the kernel has still to send before them."""
        if self._closed:
            raise lost(self._url, detail="closed")
        try:
            queued = self._serial.out_waiting
        except OSError as error:
            raise lost_by(self._url, error, "unplugged") from error
        return (count + queued) * self._settings.character_s

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._fd.release()
        try:
            await off_loop(lambda: _hang_up(self._serial), CLOSE_TIMEOUT_S)
        except TimeoutError:
            _log.warning("%s: closing hangs; it goes on in the background", self._url)


async def open_serial(url: str, settings: SerialSettings) -> SerialLink:
    """Raises LinkLost with cause and remedy, BadSettings where the path is no serial port."""
    if all_busy():
        raise lost(url, "port_stuck", "too many ports hang")
    settings = replace(settings, path=settings.path or settings.port.find())
    try:
        port = await off_loop(lambda: _open(settings), OPEN_TIMEOUT_S, discard=_hang_up)
    except TimeoutError:
        raise lost(url, "port_stuck", f"not open after {OPEN_TIMEOUT_S:.0f} s") from None
    except (OSError, termios.error, ValueError) as error:
        raise _why(url, error) from error
    return SerialLink(url, port, settings)


def _open(settings: SerialSettings) -> serial.Serial:
    return serial.Serial(
        settings.path,
        baudrate=settings.baud,
        bytesize=settings.bits,
        parity=settings.parity,
        stopbits=settings.stop,
        rtscts=settings.rtscts,
        xonxoff=settings.xonxoff,
        timeout=0,
        inter_byte_timeout=0,  # VMIN=1: no data is EAGAIN, and only a vanished port reads as b""
        exclusive=True,
    )


def _hang_up(port: serial.Serial) -> None:
    """Discard the unsent first: close(2) waits up to 30 s for a peer that holds the line."""
    try:
        port.reset_output_buffer()
    except (OSError, termios.error) as error:
        _log.debug("%s: nothing to discard: %s", port.port, error)  # the adapter is gone already
    try:
        port.close()
    except OSError as error:
        _log.warning("%s: closing failed: %s", port.port, error)


def _why(url: str, error: Exception) -> Exception:
    # pyserial carries a termios error only in its text, as "(25, 'Inappropriate ioctl for device')"
    number = error.args[0] if isinstance(error.args[0], int) else None
    if number in _NOT_A_LINE or "could not configure port: (25" in str(error).lower():
        return Query(url).bad("not a serial port", "Give the port's path, such as /dev/serial/by-id/….")
    if isinstance(error, ValueError):
        return Query(url).bad(str(error), "Use settings that this port supports.")
    if number in {errno.ENODEV, errno.ENXIO}:
        return lost(url, "port_missing", str(error))
    return lost_by(url, error)
