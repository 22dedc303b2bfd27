"""A self-service terminal with a heartbeat: its document as lines, or over HTTP/1.1 that is written by hand.

The document is as makers have them, which is each in its own way; this one is made up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Literal

from drivers.api import Link
from drivers.heartbeat.settings import Field, Mapped

Protocol = Literal["http", "tcp"]
# How its documents are wrong. What any peer can have, such as silence, is in `drivers.transport.sick`.
Ill = Literal["", "500", "redirect", "not_json", "too_long", "garbage", "chunked", "until_close", "cut"]
PERIOD_S = 10.0
PATH = "/heartbeat"
HEAD_LIMIT = 8192
FIELDS: dict[Field, str] = {  # where its document has what
    "health": "/state/code",
    "paper": "/printer/paper",
    "takings_today": "/cash/today",
    "door": "/doors/0",
    "last_citizen": "/lastUse",
    "version": "/version",
}
VALUES: dict[Mapped, dict[str, str]] = {
    "health": {"0": "ok", "1": "degraded", "2": "fault", "9": "out_of_service"},
    "paper": {"0": "full", "1": "low", "2": "out", "3": "jammed"},
    "door": {"false": "closed", "true": "open"},
}


class HeartbeatSim:
    def __init__(self, protocol: Protocol = "http", *, period_s: float = PERIOD_S) -> None:
        self.protocol = protocol
        self.document: dict[str, Any] = {
            "state": {"code": 0},
            "printer": {"paper": "0"},
            "cash": {"today": "0.00"},
            "doors": [False],
            "lastUse": "2024-05-06T15:08:09+08:00",
            "version": "2.3.1",
        }
        self.ill: Ill = ""
        self.closes = False  # after each answer, as HTTP/1.0 does
        self.asked = 0
        self._period_s = period_s
        self._changed = asyncio.Event()

    # --- what happens at it ---
    def set_health(self, code: int) -> None:
        self._put("state", {"code": code})

    def set_paper(self, code: int) -> None:
        self._put("printer", {"paper": str(code)})

    def set_door(self, is_open: bool) -> None:
        self._put("doors", [is_open])

    def take(self, total_today: str) -> None:
        """What it has taken since midnight, in yuan."""
        self._put("cash", {"today": total_today})

    def use(self, at: str) -> None:
        """A citizen was there, at this time of ISO 8601."""
        self._put("lastUse", at)

    def _put(self, key: str, value: object) -> None:
        self.document[key] = value
        self._changed.set()

    def fall_ill(self, how: Ill) -> None:
        self.ill = how
        self._changed.set()

    # --- lines ---
    async def run(self, link: Link) -> None:
        if self.protocol == "http":
            await self._serve(link)
        while True:
            await link.write(self._line())
            self._changed.clear()
            try:
                async with asyncio.timeout(self._period_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _line(self) -> bytes:
        match self.ill:
            case "not_json":
                return b"OK 0 0 full\n"
            case "too_long":
                return b"x" * 100_000 + b"\n"
            case "garbage":
                return bytes(range(256))
            case "cut":
                return json.dumps(self.document).encode()[:20] + b"\r\n"
            case _:
                return json.dumps(self.document).encode() + b"\r\n"

    # --- HTTP/1.1 ---
    async def _serve(self, link: Link) -> None:
        held = b""
        while True:
            while b"\r\n\r\n" not in held:
                held += await link.read()
                if len(held) > HEAD_LIMIT:
                    return
            head, _, held = held.partition(b"\r\n\r\n")
            self.asked += 1
            await link.write(self._answer(head.split(b"\r\n")[0]))
            if self.closes or self.ill in ("until_close", "cut", "garbage", "too_long"):
                await link.close()
                return

    def _answer(self, request: bytes) -> bytes:
        body = json.dumps(self.document).encode()
        if request.split(b" ")[:2] != [b"GET", PATH.encode()]:
            return _http("404 Not Found", b"no")
        match self.ill:
            case "500":
                return _http("500 Internal Server Error", b"<h1>sorry</h1>")
            case "redirect":
                return _http("302 Found", b"", "Location: http://198.51.100.1/elsewhere")
            case "not_json":
                return _http("200 OK", b"<html>")
            case "too_long":
                return _http("200 OK", b" " * 100_000 + body)
            case "garbage":
                return b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
            case "chunked":
                chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in body) + b"0\r\n\r\n"
                return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
            case "until_close":
                return b"HTTP/1.0 200 OK\r\n\r\n" + body
            case "cut":
                return _http("200 OK", body)[:-5]
            case _:
                return _http("200 OK", body, *(["Connection: close"] if self.closes else []))


def _http(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def simulator(params: Mapping[str, str]) -> HeartbeatSim:
    """Of `sim://heartbeat?protocol=tcp&paper=1`."""
    sim = HeartbeatSim("tcp" if params.get("protocol") == "tcp" else "http")
    sim.document["printer"] = {"paper": params.get("paper", "0")}
    return sim
