"""The daemon's control socket asked with the standard library alone, one request after the other.

For a process that stands beside the kiosk all day and does nothing but wait: an event loop and the messages'
models, which the kiosk itself asks by, would take twice the memory of all the rest of it.
"""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Literal, Self, cast

CONNECT_S = 2.0  # the socket is local: who does not accept within this is stuck
MAX_LINE = 1 << 18  # bytes of a reply, as `edge.wire.MAX_PAYLOAD` has it
PERSONAL = "personal"  # where a reply has what is a person's own, as `edge.wire.PERSONAL`
_CHUNK = 1 << 14
_RESULTS = ("done", "rejected", "failed", "unknown")

Result = Literal["done", "rejected", "failed", "unknown"]


class Unreachable(Exception):
    """Nobody answers there; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reply. One that did not come, or makes no sense, is "unknown" as a time-out is."""

    result: Result
    code: str = ""
    zh: str = ""
    en: str = ""
    data: dict[str, Any] = field(default_factory=dict, repr=False)


class PlainClient:
    """One connection. Raises Unreachable."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(CONNECT_S)
        self._rest = b""
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise Unreachable(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()

    def request(self, verb: str, args: dict[str, Any], within_s: float) -> Told:
        deadline_s = time.monotonic() + within_s
        id_ = os.urandom(16).hex()
        asked = json.dumps({"id": id_, "verb": verb, "args": args}, ensure_ascii=False)
        try:
            self._socket.settimeout(within_s)
            self._socket.sendall(asked.encode() + b"\n")
            while True:
                said = self._line(deadline_s)
                if said is None or said.get("id") in ("", id_):  # without an id it is the connection's
                    return _told(said)
        except TimeoutError:
            return Told("unknown", "timeout")
        except OSError:
            return Told("unknown", "connection_lost")

    def _line(self, deadline_s: float) -> dict[str, Any] | None:
        """The next reply; None for what is none. Raises OSError at the end, and TimeoutError."""
        while b"\n" not in self._rest:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            self._socket.settimeout(left_s)
            if not (more := self._socket.recv(_CHUNK)):
                raise ConnectionError
            self._rest += more
            if len(self._rest) > MAX_LINE:
                return None
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            said = json.loads(line)
        except ValueError:
            return None
        return said if isinstance(said, dict) else None


def _told(said: dict[str, Any] | None) -> Told:
    said = said or {}
    result, data = said.get("result"), said.get("data", {})
    code, zh, en = (said.get(name, "") for name in ("code", "zh", "en"))
    strings = all(isinstance(each, str) for each in (code, zh, en))
    if result not in _RESULTS or not isinstance(data, dict) or not strings:
        return Told("unknown", "bad_reply")
    return Told(cast("Result", result), code, zh, en, data)
