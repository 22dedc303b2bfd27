"""RTSP 1.0 as a server reads and writes it: RFC 2326 §4 to §7, and §10.12 for binary data among it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_HEAD = 8_192  # bytes of a request without its body: a dozen lines of at most some hundred
MAX_BODY = 16_384  # of a parameter that is set or asked for
MAX_LINES = 64

REASONS = {
    **{200: "OK", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"},
    **{406: "Not Acceptable", 413: "Request Entity Too Large", 453: "Not Enough Bandwidth"},
    **{454: "Session Not Found", 455: "Method Not Valid In This State", 461: "Unsupported Transport"},
    **{500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable"},
    **{505: "RTSP Version Not Supported", 551: "Option not supported"},
}


class BadRequest(Exception):
    """What came is no request, and where the next one begins is not known."""

    def __init__(self, status: int) -> None:
        super().__init__(REASONS[status])
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    version: str
    headers: dict[str, str] = field(default_factory=dict)  # by their names in small letters
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Binary:
    """An interleaved frame. What is in it is not kept: a camera needs no report of its watchers."""

    channel: int


class Requests:
    """The same bytes give the same requests however they are cut."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._skip = 0  # bytes of an interleaved frame that are still to come
        self._head: Request | None = None  # whose body is still to come
        self._body = 0

    def feed(self, data: bytes) -> Iterable[Request | Binary]:
        """Raises BadRequest once iteration reaches what is none."""
        self._held += data
        while (one := self._next()) is not None:
            yield one

    def _next(self) -> Request | Binary | None:
        held = self._held
        if self._skip:
            skipped = min(self._skip, len(held))
            del held[:skipped]
            self._skip -= skipped
        if self._head is not None:
            return self._whole()
        while held[:1] in (bytearray(b"\r"), bytearray(b"\n")):  # between two requests, §4.1
            del held[:1]
        if held[:1] == b"$":
            return self._binary()
        return self._request()

    def _binary(self) -> Binary | None:
        if len(self._held) < 4:
            return None
        channel, self._skip = self._held[1], int.from_bytes(self._held[2:4], "big")
        del self._held[:4]
        return Binary(channel)

    def _request(self) -> Request | Binary | None:
        end = re.search(rb"\r?\n\r?\n", self._held)
        if len(self._held if end is None else self._held[: end.start()]) > MAX_HEAD:
            raise BadRequest(413)
        if end is None:
            return None
        head = _head(bytes(self._held[: end.start()]))
        del self._held[: end.end()]
        length = head.headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,9}", length):
            raise BadRequest(400)
        if int(length) > MAX_BODY:
            raise BadRequest(413)
        self._head, self._body = head, int(length)
        return self._whole()

    def _whole(self) -> Request | None:
        assert self._head is not None  # seen by who asks
        if len(self._held) < self._body:
            return None
        head, self._head = self._head, None
        body = bytes(self._held[: self._body])
        del self._held[: self._body]
        return Request(head.method, head.url, head.version, head.headers, body)


def _head(data: bytes) -> Request:
    first, *lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("RTSP/") or len(lines) > MAX_LINES:
        raise BadRequest(400)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise BadRequest(400)
        headers[name.strip().lower()] = value.strip()
    return Request(words[0], words[1], words[2], headers)


def answer(
    status: int, sequence: str | None, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    lines = [f"RTSP/1.0 {status} {REASONS[status]}"]
    if sequence is not None:
        lines.append(f"CSeq: {sequence}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
