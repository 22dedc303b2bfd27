"""How a controller hears: bytes of the line to commands, with its own eyes and its own CRC.

Written from Onbon's communication protocol for users, without the driver's codec: it would share its errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


def _table() -> tuple[int, ...]:
    entries = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value % 2 else value >> 1  # noqa: PLW2901 shifted out, bit by bit
        entries.append(value)
    return tuple(entries)


_TABLE = _table()


def check_of(data: bytes) -> bytes:
    value = 0
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) % 256]
    return bytes((value % 256, value // 256))


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame that ended. `size` counts all its bytes on the line; not `good`: its check was wrong."""

    size: int
    good: bool
    to: int = 0
    sender: int = 0
    device: int = 0
    data: bytes = b""


class Ears:
    """Keeps no more than its receive buffer, and goes on counting."""

    def __init__(self, buffer: int) -> None:
        self._buffer = buffer
        self._raw = bytearray()
        self._size = 0
        self._open = False

    def hear(self, data: bytes) -> Iterator[Heard]:
        for byte in data:
            if byte == 0xA5:
                if self._raw or not self._open:
                    self._raw.clear()
                    self._size = 0
                self._open = True
            self._size += 1
            if byte == 0x5A and self._open:
                self._open = False
                yield self._read()
                self._raw.clear()
            elif byte != 0xA5 and self._open and len(self._raw) < self._buffer:
                self._raw.append(byte)

    def _read(self) -> Heard:
        plain = bytes(self._raw)
        for escape, byte in ((b"\x5b\x02", 0x5A), (b"\xa6\x02", 0xA5)):
            plain = plain.replace(escape, bytes([byte]))
        plain = plain.replace(b"\x5b\x01", b"\x5b").replace(b"\xa6\x01", b"\xa6")
        if len(plain) < 16:
            return Heard(self._size, False)
        header, data, check = plain[:14], plain[14:-2], plain[-2:]
        good = check == b"\xff\xff" or check == check_of(plain[:-2])
        good = good and header[12] + 256 * header[13] == len(data)
        to, sender = header[0] + 256 * header[1], header[2] + 256 * header[3]
        return Heard(self._size, good, to, sender, header[10], data)


def spoken(to: int, sender: int, device: int, data: bytes) -> bytes:
    """A frame of the controller's own. That `to` and `sender` change places is assumed, not captured."""
    header = bytes((to % 256, to // 256, sender % 256, sender // 256, 0, 0, 0, 0, 0, 0, device, 2))
    plain = header + bytes((len(data) % 256, len(data) // 256)) + data
    out = bytearray(b"\xa5" * 8)
    for byte in plain + check_of(plain):
        if byte in (0xA5, 0x5A):
            out += bytes((byte + 1, 2))
        elif byte in (0xA6, 0x5B):
            out += bytes((byte, 1))
        else:
            out.append(byte)
    return bytes(out) + b"\x5a"
