"""RTSP 1.0 (RFC 2326) on one connection, sans-IO: messages either way, and RTP frames between them (§10.12).

Lines may end in LF alone, and blank ones may come before a message: cameras do both. After what is neither
a message nor a frame the next one is looked for; until then a frame must hold RTP or RTCP of version 2 on one
of the first channels, as any byte may look like its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from drivers.api import BadFrame, BadSettings

MAX_HEADER = 16 * 1024  # bytes; cameras' longest, with three challenges, have 1 KiB
MAX_HEADERS = 64  # lines; cameras send ten
MAX_BODY = 64 * 1024  # an SDP of a recorder with all its tracks has 4 KiB
MAX_HELD = MAX_HEADER + MAX_BODY  # a message; a frame with its four bytes is less
GARBAGE_STEP = 64 * 1024  # bytes without any beginning that count as one more bad frame
KNOWN_CHANNELS = 8  # while in doubt: we ask for 0 and 1, and cameras that choose for themselves count from 0

# §10: what a server may ask, and what it is asked, for whoever reads the other direction
_METHODS = (
    *("OPTIONS", "ANNOUNCE", "REDIRECT", "GET_PARAMETER", "SET_PARAMETER"),
    *("DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "PAUSE", "RECORD"),
)
_BEGINNINGS = (*(f"{method} ".encode() for method in _METHODS), b"RTSP/1.")
_LONGEST = max(map(len, _BEGINNINGS))
_PREFIXES = frozenset(each[:size] for each in _BEGINNINGS for size in range(1, len(each)))
_CANDIDATE = re.compile(b"[$" + bytes({each[0] for each in _BEGINNINGS}) + b"]")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_STATUS = re.compile(r"RTSP/1\.\d (\d{3})(?: (.*))?", re.ASCII)
_REQUEST = re.compile(r"([A-Z_]+) (\S+) RTSP/1\.\d", re.ASCII)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*", re.ASCII)
_LENGTH = re.compile(r"\d{1,19}", re.ASCII)
_UNFIT = re.compile(r"[\x00-\x1f\x7f]")
_DOLLAR, _CR, _LF = b"$\r\n"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Headers = field(default=(), repr=False)  # one of them is Authorization
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""


class Interleaved(NamedTuple):
    channel: int
    payload: bytes


class Oversize(BadFrame):
    """A message longer than any camera's. What follows is not worth reading."""


Frame = Request | Response | Interleaved


def all_of(frame: Request | Response, name: str) -> list[str]:
    """The values of all headers of that name, in order."""
    return [value for each, value in frame.headers if each.lower() == name.lower()]


def header(frame: Request | Response, name: str) -> str:
    """The first value; "" where there is none."""
    return next(iter(all_of(frame, name)), "")


class RtspCodec:
    """`Codec` of `drivers.api`, of either end. Content-Length is its own business, in no frame's headers."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._lost = False  # since the last frame there was garbage
        self._garbage = 0  # bytes of it, since it was last told

    @property
    def buffered(self) -> int:
        return len(self._held)

    # --- out ---
    def encode(self, frame: Frame) -> bytes:
        """Raises BadSettings where a line cannot hold what it is to say."""
        if isinstance(frame, Interleaved):
            return b"$" + bytes((frame.channel,)) + len(frame.payload).to_bytes(2, "big") + frame.payload
        if isinstance(frame, Request):
            lines = [f"{frame.method} {frame.url} RTSP/1.0"]
            if len(lines[0].split()) != 3:  # noqa: PLR2004 method, URL, version
                raise BadSettings("an RTSP address with a space in it, or none")
        else:
            lines = [f"RTSP/1.0 {frame.status} {frame.reason}"]
        lines += [f"{name}: {value}" for name, value in frame.headers]
        if frame.body:
            lines.append(f"Content-Length: {len(frame.body)}")
        if any(_UNFIT.search(line) for line in lines):  # not told which: it may hold a password
            raise BadSettings("control characters in an RTSP address or user name")
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + frame.body

    # --- in ---
    def feed(self, data: bytes) -> Sequence[Frame | BadFrame]:
        self._held += data
        found: list[Frame | BadFrame] = []
        at, end = 0, len(self._held)
        while at < end:
            first = self._held[at]
            if first == _DOLLAR:
                step = self._interleaved(at, end, found)
            elif first in (_CR, _LF) and not self._lost:
                step = 1
            else:
                step = self._message(at, end, found)
            if not step:
                break
            at += step
        del self._held[:at]
        return found

    # Each returns the number of bytes that are done with, 0 where more must come.
    def _interleaved(self, at: int, end: int, found: list[Frame | BadFrame]) -> int:
        held = self._held
        if end - at < (5 if self._lost else 4):
            return 0
        size = held[at + 2] << 8 | held[at + 3]
        if self._lost and (held[at + 1] >= KNOWN_CHANNELS or size < 4 or held[at + 4] >> 6 != 2):  # noqa: PLR2004 RFC 3550 §5.1, §6.4.1
            return self._skip(at, end, found, "no RTP")
        if end - at < 4 + size:
            return 0
        found.append(Interleaved(held[at + 1], bytes(held[at + 4 : at + 4 + size])))
        self._found()
        return 4 + size

    def _message(self, at: int, end: int, found: list[Frame | BadFrame]) -> int:
        start = bytes(self._held[at : at + _LONGEST])
        if not start.startswith(_BEGINNINGS):
            waits = len(start) == end - at and start in _PREFIXES
            return 0 if waits else self._skip(at, end, found, "neither a message nor a frame")
        limit = min(end, at + MAX_HEADER)
        head_end = self._head_end(at, limit)
        if _NO_TEXT.search(self._held, at, head_end or limit):
            return self._skip(at, end, found, "no text")
        if head_end:
            return self._with_body(at, head_end, end, found)
        if limit < at + MAX_HEADER:
            return 0
        return self._refuse(at, MAX_HEADER, found, f"more than {MAX_HEADER} bytes of headers")

    def _head_end(self, at: int, limit: int) -> int:
        """Behind the blank line; 0 where there is none yet."""
        ends = [
            found + len(mark)
            for mark in (b"\n\r\n", b"\n\n")
            if (found := self._held.find(mark, at, limit)) >= 0
        ]
        return min(ends, default=0)

    def _with_body(self, at: int, head_end: int, end: int, found: list[Frame | BadFrame]) -> int:
        lines = self._held[at:head_end].decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
        if len(lines) > MAX_HEADERS + 1:
            return self._refuse(at, head_end - at, found, f"more than {MAX_HEADERS} headers")
        headers = _headers(lines[1:])
        if headers is None:
            return self._skip(at, end, found, "no headers")
        lengths = {value for name, value in headers if name.lower() == "content-length"} or {"0"}
        length = lengths.pop()
        if lengths or not _LENGTH.fullmatch(length):
            return self._skip(at, end, found, "no length")
        size = int(length)
        if size > MAX_BODY:
            return self._refuse(at, head_end - at, found, f"a body of {size} bytes")
        kept = tuple(each for each in headers if each[0].lower() != "content-length")
        message = _start(lines[0], kept, bytes(self._held[head_end : head_end + size]))
        if message is None:
            return self._skip(at, end, found, "no first line")
        if end < head_end + size:
            return 0
        found.append(message)
        self._found()
        return head_end - at + size

    # --- garbage ---
    def _found(self) -> None:
        self._lost = False
        self._garbage = 0

    def _skip(self, at: int, end: int, found: list[Frame | BadFrame], reason: str) -> int:
        """To the next byte that may begin something. Garbage is told once, and again as it goes on."""
        match = _CANDIDATE.search(self._held, at + 1, end)
        size = (match.start() if match else end) - at
        if not self._lost:
            found.append(BadFrame(reason, bytes(self._held[at : at + min(size, 16)])))
        self._lost = True
        self._garbage += size
        while self._garbage >= GARBAGE_STEP:
            self._garbage -= GARBAGE_STEP
            found.append(BadFrame(f"{GARBAGE_STEP} bytes of nothing"))
        return size

    def _refuse(self, at: int, size: int, found: list[Frame | BadFrame], reason: str) -> int:
        found.append(Oversize(reason, bytes(self._held[at : at + 16])))
        self._lost = True
        return size


def _headers(lines: list[str]) -> Headers | None:
    found: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and found:  # RFC 2326 §4, as RFC 2068 §4.2: goes on with the line before
            name, value = found[-1]
            found[-1] = name, f"{value} {line.strip()}"
        elif match := _HEADER.fullmatch(line):
            found.append((match[1], match[2]))
        else:
            return None
    return tuple(found)


def _start(line: str, headers: Headers, body: bytes) -> Request | Response | None:
    if match := _STATUS.fullmatch(line):
        return Response(int(match[1]), match[2] or "", headers, body)
    if match := _REQUEST.fullmatch(line):
        return Request(match[1], match[2], headers, body)
    return None
