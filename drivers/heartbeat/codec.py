"""Documents on a line of bytes, sans-IO: lines of JSON, or the answers of HTTP/1.1 (framing by h11).

A line that is no JSON is a BadFrame, and the next line counts again. After an answer that is no HTTP, or too
long, there is no telling where the next begins: `HttpCodec` says so once, and is deaf.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import h11

from drivers.api import BadFrame
from drivers.heartbeat.settings import MAX_FRAME
from drivers.strictjson import Json, loads
from drivers.terminal import clean


class LineCodec:
    """One JSON document a line (RFC 8259 within LF or CR LF); empty lines are nothing."""

    def __init__(self, max_bytes: int = MAX_FRAME) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._skips = False  # the rest of a line that was too long

    @property
    def buffered(self) -> int:
        return len(self._held)

    def encode(self, frame: Json) -> bytes:
        return json.dumps(frame, default=_number, separators=(",", ":")).encode() + b"\n"

    def feed(self, data: bytes) -> Sequence[Json | BadFrame]:
        found: list[Json | BadFrame] = []
        for number, piece in enumerate(data.split(b"\n")):
            if number:
                self._end(found)
            self._hold(piece, found)
        return found

    def _hold(self, piece: bytes, found: list[Json | BadFrame]) -> None:
        if self._skips:
            return
        room = self._max_bytes - len(self._held)
        self._held += piece[:room]
        if len(piece) > room:
            found.append(BadFrame(f"more than {self._max_bytes} bytes", bytes(self._held[:16])))
            self._held.clear()
            self._skips = True

    def _end(self, found: list[Json | BadFrame]) -> None:
        line, skipped = bytes(self._held).strip(b"\r \t"), self._skips
        self._held.clear()
        self._skips = False
        if skipped or not line:
            return
        try:
            found.append(loads(line))
        except ValueError as error:
            found.append(BadFrame(f"not JSON: {clean(str(error), 60)}", line[:16]))


def _number(value: object) -> Json:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    location: str = ""  # of a redirection


@dataclass(frozen=True, slots=True)
class Failed:
    """The end of this connection. `code` is one of the driver's conditions."""

    code: str
    reason: str


class HttpCodec:
    """The client's end of one connection, one question at a time."""

    def __init__(self, max_bytes: int = MAX_FRAME // 2) -> None:
        self._max_bytes = max_bytes
        self._http = h11.Connection(h11.CLIENT)
        self._asked = False
        self._dead = False
        self._response: h11.Response | None = None
        self._body = bytearray()

    @property
    def buffered(self) -> int:
        return len(self._body) + len(self._http.trailing_data[0])

    @property
    def reusable(self) -> bool:
        """Whether another question may follow on this connection."""
        return not self._dead and self._http.our_state is h11.IDLE

    def request(self, host: str, path: str) -> bytes:
        """Only while `reusable`."""
        headers = [("Host", host), ("Accept", "application/json"), ("User-Agent", "hall-edge")]
        self._asked = True
        request = self._http.send(h11.Request(method="GET", target=path, headers=headers))
        return (request or b"") + (self._http.send(h11.EndOfMessage()) or b"")

    def feed(self, data: bytes) -> Sequence[Answer | Failed]:
        return [] if self._dead or not data else self._take(data)

    def end(self) -> Sequence[Answer | Failed]:
        """The peer has closed: by which an answer without a length ends."""
        if self._dead or self._response is None:
            return []
        found = self._take(b"")
        self._dead = True
        return found

    def _take(self, data: bytes) -> list[Answer | Failed]:
        found: list[Answer | Failed] = []
        if not self._asked:
            return [self._fail("not_http", "nobody asked")]
        try:
            self._http.receive_data(data)
            while self._asked and (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                self._use(event, found)
                if self._dead or isinstance(event, h11.ConnectionClosed):
                    break
        except h11.RemoteProtocolError as error:
            found.append(self._fail("not_http", clean(str(error))))
        return found

    def _use(self, event: object, found: list[Answer | Failed]) -> None:
        match event:
            case h11.Response():
                self._response = event
            case h11.Data(data=data):
                self._body += data
                if len(self._body) > self._max_bytes:
                    found.append(self._fail("too_long", f"more than {self._max_bytes} bytes"))
            case h11.EndOfMessage():
                self._finish(found)

    def _finish(self, found: list[Answer | Failed]) -> None:
        assert self._response is not None  # h11 gives no end without a beginning
        headers = dict(self._response.headers)
        location = clean(headers.get(b"location", b"").decode("latin-1"))
        found.append(Answer(self._response.status_code, bytes(self._body), location))
        self._asked, self._response = False, None
        self._body.clear()
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            if self._http.trailing_data[0]:
                found.append(self._fail("not_http", "more than the answer"))
        else:
            self._dead = True

    def _fail(self, code: str, reason: str) -> Failed:
        self._dead = True
        self._body.clear()
        return Failed(code, reason)
