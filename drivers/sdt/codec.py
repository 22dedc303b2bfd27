"""Bytes of an SDT reader: `AA AA AA 96 69 | len | SW1 SW2 SW3 data | xor`, and what it is asked.

`len` is two bytes, high first, and counts all that follows it, the xor included; the xor runs from `len` to
the last data byte (SDT module's serial protocol). Sans-IO.

A card passes through here. So a bad frame tells its reason and never its bytes, the photo ends here (a
licensed coding: nobody decodes it), and the buffer is overwritten as soon as a frame is out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import ClassVar

from drivers.api import BadFrame

TEXT_BYTES = 256
PHOTO_BYTES = 1024
MAX_FRAME = 1295  # the longest reply, a card: 7 + SW 3, two lengths 4, text, photo, xor 1
MAX_DATA = 70  # bytes of any other reply: the newest address
PREAMBLE = b"\xaa\xaa\xaa\x96\x69"
OK = 0x000090

_HEAD = len(PREAMBLE) + 2  # up to the length
_MIN_LEN, _MAX_LEN = 4, MAX_FRAME - _HEAD  # SW and xor; a card
_SIZES = TEXT_BYTES.to_bytes(2, "big") + PHOTO_BYTES.to_bytes(2, "big")
_NOISE_RUN = 64  # stray bytes that count as one bad frame: line noise comes in bursts


@dataclass(frozen=True, slots=True)
class Reply:
    """What the reader says to anything but a read. `sw` is SW1 SW2 SW3 as one number."""

    sw: int
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CardReply:
    """A card's text. Whoever has read it overwrites it."""

    sw: ClassVar[int] = OK
    text: bytearray = field(repr=False)

    def wipe(self) -> None:
        self.text[:] = bytes(len(self.text))


Answer = Reply | CardReply
_Parsed = tuple[Answer, int] | str | None  # frame and its size; or why there is none; None: more is needed


def request(command: bytes) -> bytes:
    """The frame that carries a command of two bytes, cmd and para."""
    return _frame(command)


class SdtCodec:
    """Holds the beginning of at most one frame. A frame that fails is searched for a good one inside."""

    def __init__(self) -> None:
        # Never grows and is moved in place, so that no copy of a card is left behind.
        self._held = memoryview(bytearray(MAX_FRAME))
        self._size = 0
        self._inside = 0  # bytes left of a bad frame that has been reported already
        self._noise = 0  # stray bytes since the last report of noise

    @property
    def buffered(self) -> int:
        """Bytes held: the beginning of a frame whose end has not come."""
        return self._size

    def feed(self, data: bytes) -> Sequence[Answer | BadFrame]:
        found: list[Answer | BadFrame] = []
        rest = memoryview(data)
        while rest:
            part = rest[: MAX_FRAME - self._size]
            self._held[self._size : self._size + len(part)] = part
            self._size += len(part)
            rest = rest[len(part) :]
            self._scan(found, ended=False)
        return found

    def expire(self) -> Sequence[Answer | BadFrame]:
        """Nothing more is coming: give up the frame begun, and find what was inside it."""
        found: list[Answer | BadFrame] = []
        self._scan(found, ended=True)
        return found

    def wipe(self) -> None:
        """Forget what is held: the line is gone."""
        self._drop(self._size)

    def encode(self, frame: Answer) -> bytes:
        """The bytes that a reader sends for `frame`; a card's photo is zeros."""
        if isinstance(frame, CardReply):
            return _frame(_status(frame.sw) + _SIZES + bytes(frame.text) + bytes(PHOTO_BYTES))
        return _frame(_status(frame.sw) + frame.data)

    def _scan(self, found: list[Answer | BadFrame], *, ended: bool) -> None:
        """Leaves room in the buffer: a full one holds a whole frame, or none begins with its first byte."""
        while self._size:
            parsed = self._parse()
            if parsed is None:
                if not ended:
                    return
                parsed = f"cut short after {self._size} bytes"
            if isinstance(parsed, str):
                self._reject(parsed, found)
            else:
                frame, size = parsed
                self._drop(size)
                self._inside = self._noise = 0
                found.append(frame)

    def _parse(self) -> _Parsed:
        """What the first bytes are. The answer for given bytes never changes when more follow."""
        held, size = self._held, self._size
        known = min(size, len(PREAMBLE))
        if held[:known] != PREAMBLE[:known]:
            return ""
        if size < _HEAD:
            return None
        length = int.from_bytes(held[_HEAD - 2 : _HEAD], "big")
        if not _MIN_LEN <= length <= _MAX_LEN:
            return f"length {length} is not between {_MIN_LEN} and {_MAX_LEN}"
        end = _HEAD + length
        if size < end:
            return None
        if reduce(xor, held[_HEAD - 2 : end]):
            return f"wrong xor in a frame of {end} bytes"
        answer = _answer(held[_HEAD : end - 1])
        return (answer, end) if answer else f"a frame of {end} bytes that is no card"

    def _reject(self, reason: str, found: list[Answer | BadFrame]) -> None:
        """Drop one byte, so that a good frame inside is not lost; report each bad frame once. "" is noise."""
        claimed = self._size if reason.startswith("cut") else self._claimed()
        self._drop(1)
        if self._inside:
            self._inside -= 1
        elif reason:
            self._inside = claimed - 1
            found.append(BadFrame(reason))
        else:
            self._noise += 1
            if self._noise % _NOISE_RUN == 1:
                found.append(BadFrame("noise"))

    def _claimed(self) -> int:
        length = int.from_bytes(self._held[_HEAD - 2 : _HEAD], "big")
        return _HEAD + length if _MIN_LEN <= length <= _MAX_LEN else _HEAD

    def _drop(self, count: int) -> None:
        """Take the first bytes out, and overwrite all that is free then."""
        left = self._size - count
        self._held[:left] = self._held[count : self._size]
        self._held[left : self._size] = bytes(count)
        self._size = left


def _answer(body: memoryview) -> Answer | None:
    """A frame's content from SW1 on. What is longer than any other reply must be a card and say its sizes."""
    sw, data = int.from_bytes(body[:3], "big"), body[3:]
    if len(data) <= MAX_DATA:
        return Reply(sw, bytes(data))
    sizes, text, photo = data[:4], data[4 : 4 + TEXT_BYTES], data[4 + TEXT_BYTES :]
    if sw == OK and sizes == _SIZES and len(photo) == PHOTO_BYTES:
        return CardReply(bytearray(text))
    return None


def _frame(content: bytes) -> bytes:
    body = (len(content) + 1).to_bytes(2, "big") + content
    return PREAMBLE + body + bytes([reduce(xor, body)])


def _status(sw: int) -> bytes:
    return sw.to_bytes(3, "big")
