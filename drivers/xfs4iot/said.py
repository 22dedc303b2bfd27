"""What passes to and from an XFS4IoT service, in a few words for a technician: which message, and its result.

A terminal has a line for each of its services, and all are heard as one: each piece is read for itself.
"""

from __future__ import annotations

import re
from itertools import cycle

from drivers.said import Ear, PieceEar, joined

_NAME = re.compile(rb'"name"\s*:\s*"([A-Za-z0-9.]{1,64})"')
_TYPE = re.compile(rb'"type"\s*:\s*"([a-z]{1,16})"')
_CODE = re.compile(rb'"completionCode"\s*:\s*"([A-Za-z]{1,40})"')
_ID = re.compile(rb'"requestId"\s*:\s*(\d{1,10})')
_HTTP = (b"HTTP/", b"GET ")
# RFC 6455, 5.2
_OPCODES = {0x0: "goes on", 0x1: "text", 0x2: "bytes", 0x8: "closes", 0x9: "ping", 0xA: "pong"}
_TEXT, _MASKED, _MASK_BYTES = 0x1, 0x80, 4
_LENGTH_16, _LENGTH_64 = 126, 127
_HEAD = 2


def said(data: bytes, out: bool) -> str:
    return joined(ear(out), data)


def ear(out: bool) -> Ear:  # noqa: ARG001 a frame says by its mask which way it goes
    return PieceEar(_piece)


def _piece(data: bytes) -> str:
    """Of the first frame; "" for what goes on with one begun before."""
    if data.startswith(_HTTP):
        return data.partition(b"\r\n")[0].decode("ascii", errors="replace")
    if len(data) < _HEAD or data[0] & 0x70 or (opcode := data[0] & 0x0F) not in _OPCODES:
        return ""
    return _message(_payload(data)) if opcode == _TEXT else _OPCODES[opcode]


def _payload(data: bytes) -> bytes:
    """As far as it is kept, without its mask."""
    at = _HEAD + {_LENGTH_16: 2, _LENGTH_64: 8}.get(data[1] & 0x7F, 0)
    if not data[1] & _MASKED:
        return data[at:]
    mask, masked = data[at : at + _MASK_BYTES], data[at + _MASK_BYTES :]
    return bytes(byte ^ key for byte, key in zip(masked, cycle(mask or b"\0"), strict=False))


def _message(text: bytes) -> str:
    found = [_TYPE.search(text), _NAME.search(text), _CODE.search(text)]
    words = " ".join(each[1].decode() for each in found if each)
    number = _ID.search(text)
    return f"{words} #{number[1].decode()}" if words and number else words or "text"
