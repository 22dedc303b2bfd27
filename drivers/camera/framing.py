"""Frames between the daemon and its picture worker, over pipes, sans-IO: a text in JSON, and named blobs.

A frame is the mark, two lengths of four bytes (big-endian), the text, and the blobs one after the other,
whose names and sizes the text has. It is this project's own; nothing else speaks it.

The worker reads what strangers send, so what it says is not trusted either: after the first bytes that are no
frame there is no telling where the next begins, and `Frames` is deaf.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivers.api import BadFrame
from drivers.strictjson import Json, loads
from drivers.terminal import clean

MAX_TEXT = 16 << 10  # of a frame's JSON: a hundred measures have 4 kB
MAX_BLOBS = 16  # in one frame
MAX_NAME = 48  # characters
MAX_REASON = 200  # of a bad frame

MARK = b"cam1"
_HEAD = struct.Struct("!4sII")  # mark, bytes of the text, bytes of all blobs
HEAD_SIZE = _HEAD.size


@dataclass(frozen=True, slots=True)
class Frame:
    text: Json
    blobs: Mapping[str, bytes]


class Frames:
    """One direction of one worker: frames of at most `max_frame` bytes. See the module for its deafness."""

    def __init__(self, max_frame: int) -> None:
        self._max_frame = max_frame
        self._held = bytearray()
        self._deaf = False

    @property
    def buffered(self) -> int:
        return len(self._held)

    def encode(self, frame: Frame) -> bytes:
        return encode(frame, self._max_frame)

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        found: list[Frame | BadFrame] = []
        if self._deaf:
            return found
        self._held += data
        while len(self._held) >= _HEAD.size:
            mark, text_size, blobs_size = _HEAD.unpack_from(self._held)
            size = _HEAD.size + text_size + blobs_size
            if mark != MARK:
                return [*found, self._fail("garbage")]
            if text_size > MAX_TEXT or size > self._max_frame:
                return [*found, self._fail(f"a frame of {size} bytes: at most {self._max_frame}")]
            if len(self._held) < size:
                return found
            text = bytes(self._held[_HEAD.size : _HEAD.size + text_size])
            blobs = bytes(self._held[_HEAD.size + text_size : size])
            del self._held[:size]
            try:
                found.append(_read(text, blobs))
            except ValueError as error:
                return [*found, self._fail(clean(str(error), MAX_REASON))]
        if self._held and not MARK.startswith(self._held[: len(MARK)]):
            found.append(self._fail("garbage"))
        return found

    def _fail(self, reason: str) -> BadFrame:
        bad = BadFrame(reason, bytes(self._held[:64]))
        self._held.clear()
        self._deaf = True
        return bad


def encode(frame: Frame, max_frame: int) -> bytes:
    """Raises ValueError where it would be too long."""
    sizes = [[name, len(blob)] for name, blob in frame.blobs.items()]
    text = json.dumps({**frame.text, "blobs": sizes}, separators=(",", ":"), allow_nan=False).encode()
    size = sum(len(blob) for blob in frame.blobs.values())
    if len(text) > MAX_TEXT or _HEAD.size + len(text) + size > max_frame:
        raise ValueError(f"a frame of {_HEAD.size + len(text) + size} bytes: at most {max_frame}")
    return b"".join((_HEAD.pack(MARK, len(text), size), text, *frame.blobs.values()))


def _read(text: bytes, blobs: bytes) -> Frame:
    """Raises ValueError."""
    found = loads(text)
    sizes = found.pop("blobs", None) if isinstance(found, dict) else None
    if not (isinstance(sizes, list) and len(sizes) <= MAX_BLOBS):
        raise ValueError(f"no object with at most {MAX_BLOBS} blobs")
    parts: dict[str, bytes] = {}
    at = 0
    for each in sizes:
        name, size = each if isinstance(each, list) and len(each) == 2 else ("", -1)  # noqa: PLR2004 a pair
        if not is_name(name) or not is_count(size) or name in parts:
            raise ValueError("a blob without name or size")
        parts[name] = blobs[at : at + size]
        at += size
    if at != len(blobs):
        raise ValueError(f"blobs of {at} bytes in {len(blobs)}")
    return Frame(found, parts)


def is_name(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME and value.isprintable()


def is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32
