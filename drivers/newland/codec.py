"""Bytes of a serial scanner: replies to commands, and between them what was scanned, as it is.

Newland, serial programming command manual: command `7E 01 30 30 30 30 | @ or # | tag 3 sub 3 data | 3B 03`,
reply `02 01 30 30 30 30 | the same | 06 or 15 | 3B 03`. A code is its own bytes and CR, LF or both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from drivers.api import BadFrame
from drivers.scanning import MAX_CODE

MAX_REPLY = 512  # bytes; QRYSYS tells some lines of text
MAX_FRAME = MAX_CODE + MAX_REPLY
ENDS = b"\r\n"

_COMMAND = b"\x7e\x010000"
_REPLY = b"\x02\x010000"
_END = b";\x03"
_VERDICT = {True: b"\x06", False: b"\x15"}
_HEAD = re.compile(rb"[@#][A-Z0-9]{6}")  # kind and tag, behind the prefix
_TAIL = re.compile(rb"[\x06\x15];\x03")


@dataclass(frozen=True, slots=True)
class Command:
    """`kind` @ asks, # does. `tag` is tag and sub-tag together, six characters."""

    kind: Literal["@", "#"]
    tag: str
    data: str = ""

    def encode(self) -> bytes:
        return _COMMAND + f"{self.kind}{self.tag}{self.data}".encode("ascii") + _END


@dataclass(frozen=True, slots=True)
class Reply:
    """To a command of this kind and tag. `ok`: 06 yes, 15 no."""

    kind: str
    tag: str
    data: bytes
    ok: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What was scanned. It may be a person's, so its `repr` does not hold it."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A code that was asked for and came broken: `code` is the condition."""

    code: Literal["code_too_long", "cut_short"]


Frame = Reply | Scan | Spoilt


class NewlandCodec:
    """`keep` says whether codes are wanted. What begins while they are not is not kept, up to its end."""

    def __init__(self) -> None:
        self.keep = True
        self._buffer = bytearray()  # what may be a reply
        self._scan = bytearray()
        self._scanning = self._kept = False
        self._fault: Literal["", "code_too_long", "cut_short"] = ""

    @property
    def buffered(self) -> int:
        return len(self._buffer) + len(self._scan)

    @property
    def pending(self) -> bool:
        """Whether something has begun and not ended: it may, after a while, `expire`."""
        return self._scanning or bool(self._buffer)

    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        self._buffer += data
        return self._take(ended=False)

    def expire(self) -> Sequence[Frame | BadFrame]:
        """Nothing more is coming: a reply that lacks its end is none, and a code has been cut short."""
        found = self._take(ended=True)
        if self._scanning:
            self._fault = self._fault or "cut_short"
            self._end(found)
        return found

    def wipe(self) -> None:
        """Nobody asks any more: what has come of a code goes, and so does its rest."""
        self._scan[:] = bytes(len(self._scan))
        self._scan.clear()
        self._kept = False

    def encode(self, frame: Frame) -> bytes:
        """The bytes that a scanner sends. Raises ValueError for a code that came broken."""
        match frame:
            case Scan(data):
                return data + ENDS
            case Reply(kind, tag, data, ok):
                return _REPLY + f"{kind}{tag}".encode("ascii") + data + _VERDICT[ok] + _END
        raise ValueError("nobody sends a broken code on purpose")

    def _take(self, *, ended: bool) -> list[Frame | BadFrame]:
        found: list[Frame | BadFrame] = []
        while self._buffer:
            at = self._buffer.find(_REPLY[0])
            if at:  # a code up to where a reply may begin
                self._read(self._buffer[: at if at > 0 else len(self._buffer)], found)
                del self._buffer[: at if at > 0 else len(self._buffer)]
                continue
            size = _reply_size(self._buffer)
            if size is None and not ended:
                break
            if size:
                self._reply(bytes(self._buffer[:size]), found)
                del self._buffer[:size]
            else:
                self._reject(found)
        return found

    def _reply(self, data: bytes, found: list[Frame | BadFrame]) -> None:
        if self._scanning:  # a scanner does not speak in the middle of a code: its end was lost
            self._fault = self._fault or "cut_short"
            self._end(found)
        body = data[len(_REPLY) : -len(_END)]
        found.append(Reply(chr(body[0]), body[1:7].decode("ascii"), body[7:-1], body[-1:] == _VERDICT[True]))

    def _reject(self, found: list[Frame | BadFrame]) -> None:
        """What began like a reply and is none. Its bytes would pass for a code's: that code is spoilt."""
        is_torn = self._buffer.startswith(_REPLY)
        self._read(self._buffer[:1], found)
        del self._buffer[:1]
        if is_torn:
            self._fault = self._fault or "cut_short"
            found.append(BadFrame("a reply without its end"))

    def _read(self, data: bytes | bytearray, found: list[Frame | BadFrame]) -> None:
        for piece in re.split(rb"([\r\n])", data):
            if piece in (b"\r", b"\n"):
                if self._scanning:
                    self._end(found)
            elif piece:
                self._add(piece)

    def _add(self, piece: bytes) -> None:
        if not self._scanning:
            self._scanning, self._kept, self._fault = True, self.keep, ""
        if self._kept and not self._fault:
            self._scan += piece
        if len(self._scan) > MAX_CODE:
            self._fault = "code_too_long"
        if self._fault:
            self._scan.clear()

    def _end(self, found: list[Frame | BadFrame]) -> None:
        if self._kept:
            found.append(Spoilt(self._fault) if self._fault else Scan(bytes(self._scan)))
        self._scanning = False
        self._scan.clear()


def _reply_size(buffer: bytearray) -> int | None:
    """Bytes of the reply at the beginning; 0 where there is none, None where more bytes will tell."""
    start = bytes(buffer[: len(_REPLY)])
    if not _REPLY.startswith(start):
        return 0
    head = bytes(buffer[len(_REPLY) : len(_REPLY) + 7])
    if len(head) < 7:
        return None if _HEAD.fullmatch(head + b"@AAAAAA"[len(head) :]) else 0
    if not _HEAD.fullmatch(head):
        return 0
    tail = _TAIL.search(buffer, len(_REPLY) + 7, MAX_REPLY)
    another = buffer.find(_REPLY, 1, tail.start() if tail else MAX_REPLY)
    if another > 0:
        return 0  # a new reply begins before this one has ended
    if tail:
        return tail.end()
    return 0 if len(buffer) >= MAX_REPLY else None
