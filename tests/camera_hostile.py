"""Machines that answer RTSP as no camera should, each under a path of its own: they lure a password out of
whoever looks, and say it again wherever an answer has room for it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

BASIC = 'WWW-Authenticate: Basic realm="camera"'
DIGEST = 'WWW-Authenticate: Digest realm="camera", nonce="{}", stale=true'
MEDIA = "v=0\r\ns={said}\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:{control}\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    url: str
    number: str  # CSeq
    said: str  # what stood in Authorization

    @property
    def password(self) -> str:
        """As Basic tells it."""
        with contextlib.suppress(ValueError):
            return base64.b64decode(self.said.removeprefix("Basic ")).decode().partition(":")[2]
        return ""


@dataclass
class Hostile:
    """`answers` by the last word of the path: a whole answer, as text."""

    answers: dict[str, Callable[[Asked], str]]
    logins: Counter[str] = field(default_factory=Counter)  # that came, by the same
    sessions: Counter[str] = field(default_factory=Counter)  # SETUPs

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                asked = _read(head)
                name = asked.url.partition("?")[0].rstrip("/").rpartition("/")[2]
                self.logins[name] += bool(asked.said)
                self.sessions[name] += asked.method == "SETUP"
                writer.write(self.answers[name](asked).encode())
                await writer.drain()
        writer.close()


def _read(head: str) -> Asked:
    method, url, _ = head.partition("\r\n")[0].split(" ")
    values = dict(re.findall(r"(?m)^([\w-]+): (.*)\r$", head))
    return Asked(method, url, values.get("CSeq", ""), values.get("Authorization", ""))


def answer(asked: Asked, status: str, *headers: str, body: str = "") -> str:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.number}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def after_basic(then: Callable[[Asked], str]) -> Callable[[Asked], str]:
    """Asks for the password in the clear first."""
    return lambda asked: then(asked) if asked.said else answer(asked, "401 Unauthorized", BASIC)


def _echo(asked: Asked) -> str:
    """An error page that shows all that it was asked, as some web servers' do."""
    said = f"{asked.said} {asked.password}"
    return answer(asked, f"500 {said}", f"Server: {said}", f"X-Debug: {said}", body=f"<pre>{said}</pre>")


def _garbage(asked: Asked) -> str:
    return f"{asked.password} {asked.said}\r\n\r\n" * 20


def _referral(asked: Asked) -> str:
    return answer(asked, "302 Moved", f"Location: rtsp://hall:{asked.password}@127.0.0.1:1/x")


def _control(asked: Asked) -> str:
    """Sends every further request to an address that holds the password."""
    if asked.method != "DESCRIBE":
        return answer(asked, "404 Not Found")
    control = f"rtsp://hall:{asked.password}@127.0.0.1:554/control"
    return answer(asked, "200 OK", body=MEDIA.format(said=asked.password, control=control))


def _session(asked: Asked) -> str:
    if asked.method == "DESCRIBE":
        return answer(asked, "200 OK", body=MEDIA.format(said="", control="session"))
    return answer(
        asked, "200 OK", f"Session: {asked.password}", f"Transport: {asked.password};interleaved=0-1"
    )


def _refusal(asked: Asked) -> str:
    return answer(asked, "401 Unauthorized", BASIC)


def _nonces() -> Callable[[Asked], str]:
    count = Counter[str]()

    def refuse(asked: Asked) -> str:
        count["nonce"] += 1
        return answer(asked, "401 Unauthorized", DIGEST.format(count["nonce"]))

    return refuse


def hostile() -> Hostile:
    return Hostile(
        {
            "echo": after_basic(_echo),
            "garbage": after_basic(_garbage),
            "referral": after_basic(_referral),
            "control": after_basic(_control),
            "session": after_basic(_session),
            "refusal": _refusal,
            "nonces": _nonces(),
            "longer": lambda asked: (
                f"RTSP/1.0 200 OK\r\nCSeq: {asked.number}\r\nContent-Length: 104857600\r\n\r\n"
            ),
        }
    )


@asynccontextmanager
async def serving(peers: Hostile) -> AsyncIterator[int]:
    """The port of all of them."""
    server = await asyncio.start_server(peers.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
