"""Frames of a line to a loudspeaker, as `drivers.transport.sound` lays them down. Sans-IO.

The host hears the server's three kinds and sends four of its own, so only the former are decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from drivers.api import BadFrame

MAX_DATA = 2048  # bytes of samples in one frame
MAX_TEXT = 200  # bytes of what the server says in one
LOG_BYTES = 64  # of a bad frame, the contract of BadFrame
_LEAD = (0x5A, 0x50)
_HEAD, _CRC = 8, 4
MAX_FRAME = _HEAD + MAX_DATA + _CRC

Kind = Literal["Q", "D", "E", "X", "S", "P", "F"]
_HEARD: dict[int, Kind] = {ord("S"): "S", ord("P"): "P", ord("F"): "F"}


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    job: int = 0  # 0…65535, of the sound that it speaks of
    payload: bytes = b""


def end(job: int, rate: int, size: int, label: str) -> Frame:
    """All `size` bytes of the job's sound are there: play it at `rate` samples a second."""
    return Frame("E", job, rate.to_bytes(4) + size.to_bytes(4) + label.encode()[:MAX_TEXT])


class VoiceCodec:
    """Holds the beginning of at most one frame. One that fails is searched for a good one inside."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skipped = 0  # bytes thrown away since the last good frame

    @property
    def buffered(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        self._buffer += data
        found: list[Frame | BadFrame] = []
        while self._buffer:
            size = _size(self._buffer)
            if size is not None and len(self._buffer) < size:
                break
            if size is not None and _is_whole(self._buffer[:size]):
                job = int.from_bytes(self._buffer[3:5])
                payload = bytes(self._buffer[_HEAD : size - _CRC])
                found.append(Frame(_HEARD[self._buffer[2]], job, payload))
                del self._buffer[:size]
                self._skipped = 0
            else:
                found += self._skip()
        return found

    def encode(self, frame: Frame) -> bytes:
        """Raises ValueError for what no frame can carry."""
        if len(frame.payload) > MAX_DATA or not 0 <= frame.job <= 0xFFFF:
            raise ValueError(f"{frame.kind} of job {frame.job} with {len(frame.payload)} bytes")
        head = frame.kind.encode() + frame.job.to_bytes(2) + len(frame.payload).to_bytes(2)
        body = head + bytes([sum(head) % 256]) + frame.payload
        return bytes(_LEAD) + body + crc32(body).to_bytes(_CRC)

    def _skip(self) -> list[BadFrame]:
        """Drop one byte, so that a good frame inside is not lost; a run of noise counts once in 64 bytes."""
        bad = (
            [BadFrame("no frame", bytes(self._buffer[:LOG_BYTES]))] if self._skipped % LOG_BYTES == 0 else []
        )
        del self._buffer[0]
        self._skipped += 1
        return bad


def _size(buffer: bytearray) -> int | None:
    """Bytes of the frame that begins here, as far as can be told; None where none does."""
    if any(got != want for got, want in zip(buffer, _LEAD, strict=False)):
        return None
    if len(buffer) < _HEAD:
        return _HEAD
    length = int.from_bytes(buffer[5:7])
    if buffer[2] not in _HEARD or length > MAX_TEXT or sum(buffer[2:7]) % 256 != buffer[7]:
        return None
    return _HEAD + length + _CRC


def _is_whole(frame: bytearray) -> bool:
    return crc32(frame[len(_LEAD) : -_CRC]) == int.from_bytes(frame[-_CRC:])
