"""The kernel's input events: `struct input_event` of linux/input.h, in the machine's own byte order.

Two longs of time (seconds, microseconds), type and code of 16 bits, a value of 32: 24 bytes on 64 bits. The
kernel hands out whole ones only. A line in its place may lose bytes: what cannot be an event is slid over
until it can, for which the time serves as a mark.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.api import BadFrame

_EVENT = struct.Struct("@llHHi")
MAX_FRAME = _EVENT.size
NOISE_RUN = 64  # bytes in a row that count as one bad frame

EV_SYN, EV_KEY = 0x00, 0x01  # linux/input-event-codes.h
SYN_REPORT, SYN_DROPPED = 0x00, 0x03
UP, DOWN, AGAIN = 0, 1, 2  # values of a key

_TYPES = frozenset((*range(6), 0x11, 0x12, 0x14, 0x15, 0x16, 0x17))
_MAX_CODE = 0x2FF  # KEY_MAX, the largest of any type
_MAX_SECONDS = 2**32
_MICROSECONDS = 1_000_000
_VALUES = {EV_SYN: 2, EV_KEY: 3}  # value below it
_CODES = {EV_SYN: SYN_DROPPED}


@dataclass(frozen=True, slots=True)
class InputEvent:
    """`seconds` and `microseconds` are the kernel's clock, which may be set while keys are pressed: they
    serve for nothing but to find where an event begins."""

    type: int
    code: int
    value: int
    seconds: int = 0
    microseconds: int = 0


class HidCodec:
    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = 0  # bytes since the last event

    @property
    def buffered(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> Sequence[InputEvent | BadFrame]:
        """A BadFrame carries no bytes: they might be what somebody has scanned."""
        self._buffer += data
        found: list[InputEvent | BadFrame] = []
        at = 0
        while at + MAX_FRAME <= len(self._buffer):
            event = _event(self._buffer, at)
            if event is not None:
                found.append(event)
                self._noise = 0
                at += MAX_FRAME
                continue
            if self._noise % NOISE_RUN == 0:
                found.append(BadFrame("not an input event"))
            self._noise += 1
            at += 1
        del self._buffer[:at]
        return found

    def encode(self, frame: InputEvent) -> bytes:
        """Raises struct.error for what no event can carry."""
        return _EVENT.pack(frame.seconds, frame.microseconds, frame.type, frame.code, frame.value)


def _event(buffer: bytearray, at: int) -> InputEvent | None:
    seconds, microseconds, kind, code, value = _EVENT.unpack_from(buffer, at)
    if not 0 <= seconds < _MAX_SECONDS or not 0 <= microseconds < _MICROSECONDS or kind not in _TYPES:
        return None
    if code > _CODES.get(kind, _MAX_CODE) or (kind in _VALUES and not 0 <= value < _VALUES[kind]):
        return None
    return InputEvent(kind, code, value, seconds, microseconds)
