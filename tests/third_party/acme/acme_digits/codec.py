"""`02, address, command, data, 03, check`, all ASCII but for 02 and 03, so that 02 always begins a frame.

Address and check are two hex digits each; the check is the exclusive or of the bytes between 02 and itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

from drivers.api import BadFrame

MAX_DATA = 8
MAX_FRAME = MAX_DATA + 7
_STX, _ETX = 0x02, 0x03


@dataclass(frozen=True, slots=True)
class Frame:
    address: int  # 0 to 255
    command: str  # one letter
    data: str = ""  # printable ASCII, MAX_DATA at the most


class DigitsCodec:
    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def buffered(self) -> int:
        return len(self._held)

    def encode(self, frame: Frame) -> bytes:
        body = f"{frame.address:02X}{frame.command}{frame.data}".encode("ascii") + bytes([_ETX])
        return bytes([_STX]) + body + b"%02X" % reduce(xor, body)

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        found: list[Frame | BadFrame] = []
        for byte in data:
            if byte == _STX and self._held:
                self._drop("broken off", found)
            self._held.append(byte)
            if self._held[0] != _STX:
                self._drop("noise", found)
            elif self._held[-3:-2] == bytes([_ETX]):
                self._end(found)
            elif len(self._held) >= MAX_FRAME:
                self._drop("too long", found)
        return found

    def _end(self, found: list[Frame | BadFrame]) -> None:
        body, check = bytes(self._held[1:-2]), bytes(self._held[-2:])
        text = body[:-1].decode("latin-1")
        address, command, data = text[:2], text[2:3], text[3:]
        right = check == b"%02X" % reduce(xor, body) and address.isalnum() and address == address.upper()
        if not (right and command.isalpha() and text.isascii() and text.isprintable()):
            self._drop("check or form", found)
            return
        try:
            found.append(Frame(int(address, 16), command, data))
            self._held.clear()
        except ValueError:
            self._drop("address", found)

    def _drop(self, reason: str, found: list[Frame | BadFrame]) -> None:
        found.append(BadFrame(reason, bytes(self._held)))
        self._held.clear()
