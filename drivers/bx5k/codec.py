"""Frames of Onbon font-card controllers: `A5`.. | escaped(header 14, data, CRC16) | `5A`.

Source: Onbon, BX-5K/6K communication protocol for users, "standard format". Sans-IO. A5 and 5A stand nowhere
within a frame, so each A5 begins afresh and what was lost before it costs nothing more.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.api import BadFrame

BUFFER = 1024  # bytes that a controller can receive, its whole frame; nothing longer is ever sent
MAX_FRAME = BUFFER
NOISE_RUN = 64  # stray bytes that count as one bad frame: line noise comes in bursts
HOST = 0x8000
ANY_DEVICE = 0xFE

_START, _END = 0xA5, 0x5A
_LEAD = bytes([_START]) * 8
_ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_ESCAPED = {(pair[0], pair[1]): byte for byte, pair in _ESCAPES.items()}
# to, from, reserved, bar code flag, check mode, display mode, device type, version, length of the data
_HEADER = struct.Struct("<HH3xBBBBBH")
_NOT_CHECKED = 0xFFFF
_VERSION = 0x02
_LOG_BYTES = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """`data` begins with the command's group and number."""

    data: bytes
    to: int = 1
    sender: int = HOST
    device: int = ANY_DEVICE


class BoardCodec:
    def __init__(self) -> None:
        self._body = bytearray()  # of the frame begun, without escapes
        self._escape = 0  # the first byte of an escape whose second has not come
        self._inside = False  # between A5 and 5A
        self._noise = 0  # stray bytes since the last frame

    @property
    def buffered(self) -> int:
        """Bytes held for a frame that is not complete, never above MAX_FRAME."""
        return len(self._body)

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        found: list[Frame | BadFrame] = []
        for byte in data:
            taken = self._take(byte)
            if taken is not None:
                found.append(taken)
        return found

    def encode(self, frame: Frame) -> bytes:
        """Raises ValueError where it is longer than a controller can receive."""
        return encode(frame)

    def _take(self, byte: int) -> Frame | BadFrame | None:
        if byte == _START:
            torn = self._give_up("cut short") if self._body or self._escape else None
            self._inside = True
            self._noise = 0
            return torn
        if not self._inside:
            self._noise += 1
            return BadFrame("noise", bytes([byte])) if self._noise % NOISE_RUN == 1 else None
        if byte == _END:
            return self._complete()
        if self._escape:
            plain = _ESCAPED.get((self._escape, byte))
            self._escape = 0
            if plain is None:
                return self._give_up(f"{byte:02X} ends no escape")
            byte = plain
        elif byte in _ESCAPES:
            self._escape = byte
            return None
        if len(self._body) >= MAX_FRAME:
            return self._give_up(f"longer than {MAX_FRAME} bytes")
        self._body.append(byte)
        return None

    def _give_up(self, reason: str) -> BadFrame:
        """What follows, up to the next A5, is noise that has been reported with this."""
        bad = BadFrame(reason, bytes(self._body[:_LOG_BYTES]))
        self._forget()
        self._noise = 1
        return bad

    def _complete(self) -> Frame | BadFrame:
        if self._escape:
            return self._give_up("ends within an escape")
        parsed = _parse(bytes(self._body))
        self._forget()
        return parsed

    def _forget(self) -> None:
        self._body.clear()
        self._escape = 0
        self._inside = False


def fits(frame: Frame) -> bool:
    """Whether a controller can receive it, whatever its check comes to be."""
    body = _header(frame) + frame.data
    escapes = sum(body.count(byte) for byte in _ESCAPES)
    return len(_LEAD) + len(body) + escapes + 2 * 2 + 1 <= BUFFER


def encode(frame: Frame) -> bytes:
    """Raises ValueError where it is longer than a controller can receive."""
    body = _header(frame) + frame.data
    body += crc16(body).to_bytes(2, "little")
    wire = _LEAD + b"".join(_ESCAPES.get(byte, bytes([byte])) for byte in body) + bytes([_END])
    if len(wire) > BUFFER:
        raise ValueError(f"a frame of {len(wire)} bytes, and a controller receives {BUFFER}")
    return wire


def _header(frame: Frame) -> bytes:
    return _HEADER.pack(frame.to, frame.sender, 0, 0, 0, frame.device, _VERSION, len(frame.data))


def crc16(data: bytes) -> int:
    """CRC-16/ARC: reflected, polynomial 8005, from 0. "123456789" is BB3D."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _parse(body: bytes) -> Frame | BadFrame:
    logged = body[:_LOG_BYTES]
    if len(body) < _HEADER.size + 2:
        return BadFrame(f"{len(body)} bytes are no frame", logged)
    to, sender, _, _, _, device, _, length = _HEADER.unpack_from(body)
    data, check = body[_HEADER.size : -2], int.from_bytes(body[-2:], "little")
    if length != len(data):
        return BadFrame(f"says that it has {length} bytes of data, and has {len(data)}", logged)
    if check not in (_NOT_CHECKED, crc := crc16(body[:-2])):
        return BadFrame(f"check {check:04X}, computed {crc:04X}", logged)
    return Frame(data, to, sender, device)
