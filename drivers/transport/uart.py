"""What a serial port reads of bytes that were sent at another speed, bit by bit as it samples them."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

_DATA_BITS = 8
_FRAME_BITS = 10  # a start bit (0), the data with its lowest bit first, a stop bit (1)
_IDLE_BITS = 2 * _FRAME_BITS  # after the last byte the line rests


def misread(data: bytes, ratio: float) -> bytes:
    """`ratio`: the reader's speed by the sender's. Bytes with a false stop bit are kept, as Linux keeps them
    unless it is told to look at them (termios(3), INPCK)."""
    levels = [bit for byte in data for bit in _frame(byte)] + [1] * int(_IDLE_BITS + _FRAME_BITS / ratio)
    return bytes(_sampled(levels, 1 / ratio))


def _frame(byte: int) -> list[int]:
    return [0, *((byte >> place) & 1 for place in range(_DATA_BITS)), 1]


def _sampled(levels: list[int], bit: float) -> Iterator[int]:
    """`bit`: the reader's, counted in the sender's. Each is looked at in its middle."""
    at = 0.0
    while (start := _falls(levels, at)) is not None:
        bits = [levels[int(start + (place + 1.5) * bit)] for place in range(_DATA_BITS)]
        yield sum(level << place for place, level in enumerate(bits))
        at = start + (_FRAME_BITS - 0.5) * bit


def _falls(levels: list[int], at: float) -> int | None:
    """Where the line next goes from rest to a start bit; it rests before the first byte."""
    for place in range(ceil(at), len(levels)):
        if levels[place] == 0 and (place == 0 or levels[place - 1] == 1):
            return place
    return None
