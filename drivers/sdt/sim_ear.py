"""How the simulated reader takes bytes: one at a time, like the firmware of its module.

Written from the frame's description alone, on purpose without the driver's codec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GAP_S = 0.05  # silence within a request after which the reader starts afresh; assumed
_START = (0xAA, 0xAA, 0xAA, 0x96, 0x69)
_LONGEST = 64  # bytes that may follow a length; a request has 3


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole request: its command, or what is wrong with it."""

    command: tuple[int, int] = (0, 0)
    fault: Literal["", "xor", "length"] = ""


class Ear:
    def __init__(self) -> None:
        self._frame: list[int] = []
        self._last_s = 0.0

    def hear(self, byte: int, at_s: float) -> Heard | None:
        if at_s - self._last_s > GAP_S:
            self._frame.clear()
        self._last_s = at_s
        self._frame.append(byte)
        frame = self._frame
        if tuple(frame[:5]) != _START[: len(frame[:5])]:
            # Any number of AA may stand before the 96: the newest three count.
            tail = frame[-3:] if frame[:3] == [0xAA] * 3 == frame[-3:] else ([0xAA] if byte == 0xAA else [])
            self._frame = list(tail)
            return None
        if len(frame) < 7:
            return None
        length = frame[5] * 256 + frame[6]
        if length > _LONGEST or length < 1:
            frame.clear()
            return Heard(fault="length")
        if len(frame) < 7 + length:
            return None
        check = 0
        for part in frame[5:-1]:
            check ^= part
        heard = Heard((frame[7], frame[8])) if length == 3 else Heard(fault="length")
        if check != frame[-1]:
            heard = Heard(fault="xor")
        frame.clear()
        return heard
