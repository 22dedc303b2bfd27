"""The simulated printer's paper path: what stands on the paper, line by line, and the slips cut from it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

CELL_DOTS = 12
MISSING = "□"  # what a Chinese printer prints for a character that its font lacks
_ALIGN = ("left", "center", "right")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    size: tuple[int, int] = (1, 1)  # width, height
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Qr:
    data: str
    module: int
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Raster:
    row_bytes: int
    height: int
    rows: bytes
    align: str = "left"


Item = Line | Qr | Raster


@dataclass(frozen=True, slots=True)
class Slip:
    """One piece of paper that has been cut off and can be taken."""

    items: tuple[Item, ...]
    at_s: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> list[str]:
        return [item.text for item in self.items if isinstance(item, Line)]

    @property
    def qr(self) -> list[str]:
        return [item.data for item in self.items if isinstance(item, Qr)]

    @property
    def rasters(self) -> list[Raster]:
        return [item for item in self.items if isinstance(item, Raster)]


class Paper:
    """Modes, the line being filled, and what is printed but not cut."""

    def __init__(self, columns: int) -> None:
        self.uncut: list[Item] = []
        self._columns = columns
        self.reset()

    def reset(self) -> None:
        """ESC @: modes and the line being filled; what is on paper stays on paper."""
        self._chars = bytearray()
        self._chinese = False
        self._align = "left"
        self._size = (1, 1)
        self._qr = b""
        self._module = 3

    def drop_line(self) -> None:
        self._chars.clear()

    def chinese(self, on: bool) -> None:
        self._chinese = on

    def align(self, n: int) -> None:
        self._align = _ALIGN[n % 3]

    def size(self, n: int) -> None:
        self._size = ((n >> 4 & 7) + 1, (n & 7) + 1)

    def char(self, byte: int) -> None:
        self._chars.append(byte)

    def line_feed(self) -> int:
        """Prints the line; the number of lines that it took."""
        lines = self._fold(decode(bytes(self._chars), self._chinese))
        self._chars.clear()
        self.uncut += [Line(text, self._size, self._align) for text in lines]
        return len(lines)

    def qr_function(self, data: bytes) -> bool:
        """GS ( k: False for a function that this printer does not know; True prints or keeps."""
        match data[1]:
            case 0x41 | 0x45:
                return True
            case 0x43:
                self._module = data[2]
            case 0x50:
                self._qr = data[3:]
            case 0x51 if self._qr:
                self.uncut.append(Qr(self._qr.decode("utf-8", "replace"), self._module, self._align))
            case _:
                return False
        return True

    def raster(self, data: bytes) -> bool:
        """GS v 0: False where it is wider than the paper."""
        row_bytes, height = data[0] + 256 * data[1], data[2] + 256 * data[3]
        if row_bytes * 8 > self._columns * CELL_DOTS:
            return False
        self.uncut.append(Raster(row_bytes, height, data[4:], self._align))
        return True

    def cut(self) -> Slip:
        slip = Slip(tuple(self.uncut))
        self.uncut = []
        return slip

    def _fold(self, text: str) -> list[str]:
        """A line that is too long goes on in the next one, wherever that breaks it."""
        lines, line, width = [], "", 0
        for char in text:
            step = self._size[0] * (1 if char.isascii() else 2)
            if width + step > self._columns:
                lines.append(line)
                line, width = "", 0
            line += char
            width += step
        return [*lines, line]


def decode(data: bytes, chinese: bool) -> str:
    """What the printer's font makes of the bytes: GBK in Chinese mode, without it one sign for each byte."""
    if not chinese:
        return data.decode("cp437")
    text, at = "", 0
    while at < len(data):
        if data[at] < 0x80:
            text += chr(data[at])
            at += 1
        elif at + 1 < len(data) and 0x30 <= data[at + 1] <= 0x39:
            text += MISSING  # a four-byte character of GB18030
            at += 4
        else:
            text += data[at : at + 2].decode("gbk", "replace")
            at += 2
    return text
