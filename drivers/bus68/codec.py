"""Bytes of the bus: key frames `FF 68 L L 68 addr func data.. cs 16`, strip frames `A0 90 addr ..`.

Both families share one line at 9600 8N1 (caller and rating pad protocol, strip protocol). Sans-IO. The host
hears key frames and the strips' answers; strip commands only ever leave it, so they are encoded, not decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

from drivers.api import BadFrame

MAX_BODY = (
    32  # bytes from addr to the last data byte; the longest known, a number of 16 digits and a key, has 19
)
MAX_ANSWER = 32  # bytes of a strip's whole answer; the manual shows a few, without giving a limit
MAX_TEXT = 240  # data bytes of a strip command: 80 Chinese characters, more than any window strip is wide
MAX_FRAME = 256  # the longest frame either way, MAX_TEXT and 7 bytes around it, rounded up
NOISE_RUN = 64  # stray bytes that count as one bad frame: line noise comes in bursts
LOG_BYTES = 64  # of a bad frame, the contract of BadFrame

FUNC_KEY, FUNC_DISPLAY, FUNC_BEEP, FUNC_RATING = 0x01, 0x02, 0x03, 0x11
CMD_SHOW_TEXT = 0xA5

_LEAD, _START, _STOP = 0xFF, 0x68, 0x16
_STRIP = b"\xa0\x90"
_ANSWER_END = b"\xa5\xaa"
_NOISE = "noise"


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A frame of callers and pads, either way. `lead` is the FF in front, which pad model A leaves out."""

    address: int
    func: int
    data: bytes = b""
    lead: bool = True


@dataclass(frozen=True, slots=True)
class StripCommand:
    address: int
    command: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class StripAnswer:
    """A good answer: what stood between the address and the closing A5 AA is not documented."""

    address: int
    body: bytes = b""


Frame = KeyFrame | StripCommand | StripAnswer


@dataclass(frozen=True, slots=True)
class _Bad:
    reason: str
    size: int  # bytes that the would-be frame claims


_Parsed = tuple[KeyFrame | StripAnswer, int] | _Bad | None  # None: needs more bytes


class BusCodec:
    """Holds the beginning of at most one frame. A frame that fails is searched for a good one inside."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inside = 0  # bytes left of a bad frame that has been reported already
        self._noise = 0  # stray bytes since the last report of noise

    @property
    def buffered(self) -> int:
        """Bytes held: the beginning of a frame whose end has not come."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Sequence[KeyFrame | StripAnswer | BadFrame]:
        self._buffer += data
        return self._scan(ended=False)

    def expire(self) -> Sequence[KeyFrame | StripAnswer | BadFrame]:
        """Nothing more is coming: give up the frame begun, and find what was inside it."""
        return self._scan(ended=True)

    def encode(self, frame: Frame) -> bytes:
        """Raises ValueError for what no frame can carry."""
        return encode(frame)

    def _scan(self, *, ended: bool) -> list[KeyFrame | StripAnswer | BadFrame]:
        found: list[KeyFrame | StripAnswer | BadFrame] = []
        while self._buffer:
            parsed = _parse(self._buffer)
            if parsed is None:
                if not ended:
                    break
                parsed = _Bad(f"cut short after {len(self._buffer)} bytes", len(self._buffer))
            if isinstance(parsed, _Bad):
                found += self._reject(parsed)
            else:
                frame, size = parsed
                del self._buffer[:size]
                self._inside = self._noise = 0
                found.append(frame)
        return found

    def _reject(self, bad: _Bad) -> list[BadFrame]:
        """Drop one byte, so that a good frame inside is not lost; report each bad frame once."""
        thrown = bytes(self._buffer[: min(bad.size, LOG_BYTES)])
        del self._buffer[0]
        if self._inside:
            self._inside -= 1
            return []
        if bad.reason == _NOISE:
            self._noise += 1
            return [BadFrame(_NOISE, thrown)] if self._noise % NOISE_RUN == 1 else []
        self._inside = bad.size - 1
        return [BadFrame(bad.reason, thrown)]


def encode(frame: Frame) -> bytes:
    """Raises ValueError for what no frame can carry."""
    if isinstance(frame, StripAnswer):
        if len(frame.body) > MAX_ANSWER - 5 or _ANSWER_END in frame.body:
            raise ValueError("a strip's answer is at most 32 bytes and holds A5 AA only at its end")
        return _STRIP + bytes([frame.address]) + frame.body + _ANSWER_END
    if isinstance(frame, StripCommand):
        if len(frame.data) > MAX_TEXT:
            raise ValueError(f"{len(frame.data)} bytes for a strip, at most {MAX_TEXT}")
        head = bytes([frame.address, frame.command]) + len(frame.data).to_bytes(2, "big")
        return _STRIP + head + frame.data + bytes([reduce(xor, head + frame.data)])
    body = bytes([frame.address, frame.func]) + frame.data
    if len(body) > MAX_BODY:
        raise ValueError(f"{len(body)} bytes in a frame, at most {MAX_BODY}")
    core = bytes([_START, len(body), len(body), _START]) + body + bytes([sum(body) & 0xFF, _STOP])
    return (bytes([_LEAD]) if frame.lead else b"") + core


def _parse(buffer: bytearray) -> _Parsed:
    """What the first bytes are. The answer for given bytes never changes when more follow."""
    first = buffer[0]
    if first == _START:
        return _parse_key(buffer, 0)
    if first not in {_LEAD, _STRIP[0]}:
        return _Bad(_NOISE, 1)
    if len(buffer) < 2:
        return None
    if first == _LEAD:
        return _parse_key(buffer, 1) if buffer[1] == _START else _Bad(_NOISE, 1)
    return _parse_answer(buffer) if buffer[1] == _STRIP[1] else _Bad(_NOISE, 1)


def _parse_key(buffer: bytearray, at: int) -> _Parsed:
    """`at` is where the first 68 stands."""
    head = buffer[at : at + 4]
    if len(head) >= 2 and not 2 <= head[1] <= MAX_BODY:
        return _Bad(f"length {head[1]} is not between 2 and {MAX_BODY}", at + 2)
    if len(head) >= 3 and head[1] != head[2]:
        return _Bad(f"the two lengths differ: {head[1]:02X} and {head[2]:02X}", at + 3)
    if len(head) < 4:
        return None
    if head[3] != _START:
        return _Bad(f"{head[3]:02X} in place of the second 68", at + 4)
    size = at + 4 + head[1] + 2
    if len(buffer) < size:
        return None
    body, check, stop = bytes(buffer[at + 4 : size - 2]), buffer[size - 2], buffer[size - 1]
    if check != sum(body) & 0xFF:
        return _Bad(f"check byte {check:02X}, computed {sum(body) & 0xFF:02X}", size)
    if stop != _STOP:
        return _Bad(f"ends with {stop:02X}, not 16", size)
    return KeyFrame(body[0], body[1], body[2:], lead=at == 1), size


def _parse_answer(buffer: bytearray) -> _Parsed:
    end = buffer.find(_ANSWER_END, 3, MAX_ANSWER)
    if end >= 0:
        return StripAnswer(buffer[2], bytes(buffer[3:end])), end + 2
    if len(buffer) >= MAX_ANSWER:
        return _Bad(f"a strip's answer without A5 AA in {MAX_ANSWER} bytes", MAX_ANSWER)
    return None
