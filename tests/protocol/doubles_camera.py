"""A camera for the tests of its client: a few lines that read requests for themselves and answer by a script.

It is well by default: an SDP, a session, and a stream in real time from PLAY on. Tests replace what is to be
wrong with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from drivers.api import LinkLost
from drivers.camera.auth import Credentials
from drivers.transport.null import NullLink, pair
from tests.camera_packets import interleaved, packets, slice_264
from tests.golden.camera_pictures import PPS_264, SPS_264

URL = "rtsp://192.0.2.64/live"
SDP = (
    "v=0\r\ns=-\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z2QAHqzZQKAv+XARAAADAAEAAAMAMg8WLZY=,aOvjyyLA\r\n"
)
BARE_SDP = re.sub(r"; sprop[^\r]*", "", SDP)
IDR, P = slice_264(5, 7, size=5000), slice_264(1, 5, size=200)
FRAME_S = 0.04
USER, PASSWORD = "admin", "pa55word"
WHO = Credentials(USER, PASSWORD)


@dataclass(frozen=True)
class Asked:
    method: str
    url: str
    headers: dict[str, str]


Script = Callable[[Asked], "str | bytes | None"]


def answer(asked: Asked, status: str = "200 OK", *headers: str, body: str = "") -> str:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {asked.headers.get('cseq', '')}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines) + "\r\n\r\n" + body


def digest_is_right(asked: Asked, nonce: str, password: str = PASSWORD) -> bool:
    """RFC 2069's digest, which a challenge without qop asks for, by hashlib alone."""
    given = dict(re.findall(r'(\w+)="([^"]*)"', asked.headers.get("authorization", "")))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret = md5(f"{USER}:camera:{password}")
    want = md5(f"{secret}:{nonce}:{md5(f'{asked.method}:{asked.url}')}")
    return given.get("response") == want and given.get("uri") == asked.url


@dataclass
class Camera:
    """`script` answers before the camera itself does: None leaves it to it, b"" is silence."""

    script: Script = lambda _: None
    sdp: str = SDP
    gop: int = 25
    stream: Callable[[], Iterator[bytes]] | None = None
    frames_per_s: float = 1 / FRAME_S
    is_paced: bool = False  # by packets: it pauses behind each, not behind each picture
    asked: list[Asked] = field(default_factory=list)
    raw: Callable[[NullLink], Awaitable[None]] | None = None  # instead of all that
    playing: bool = False
    started: asyncio.Event = field(default_factory=asyncio.Event)
    torn_down: bool = False

    async def run(self, link: NullLink) -> None:
        with contextlib.suppress(LinkLost):
            if self.raw:
                await self.raw(link)
                return
            async with asyncio.TaskGroup() as group:
                held = b""
                while True:
                    held += await link.read()
                    while b"\r\n\r\n" in held:
                        head, _, held = held.partition(b"\r\n\r\n")
                        await self._one(head.decode(), link, group)

    async def _one(self, head: str, link: NullLink, group: asyncio.TaskGroup) -> None:
        if head.startswith("RTSP/"):
            self.asked.append(Asked("answer", head.split()[1], {}))
            return
        first, *lines = head.split("\r\n")
        method, url, _ = first.split(" ")
        asked = Asked(
            method, url, {key.lower(): value for key, _, value in (x.partition(": ") for x in lines)}
        )
        self.asked.append(asked)
        said = self.script(asked)
        if said is None:
            said = self._well(asked)
        data = said.encode() if isinstance(said, str) else said
        if method == "TEARDOWN":
            self.playing, self.torn_down = False, True
        await link.write(data)
        if method == "PLAY" and b"RTSP/1.0 200" in data:
            self.playing = True
            self.started.set()
            group.create_task(self._play(link))

    def _well(self, asked: Asked) -> str:
        if asked.method == "DESCRIBE":
            return answer(asked, "200 OK", f"Content-Base: {URL}/", body=self.sdp)
        if asked.method == "SETUP":
            return answer(
                asked, "200 OK", "Session: 42;timeout=60", f"Transport: {asked.headers['transport']}"
            )
        return answer(asked)

    def pictures(self) -> Iterator[list[bytes]]:
        """Joined in the middle of a GOP: its key picture comes last."""
        for number in count():
            yield [IDR] if number % self.gop == self.gop - 1 else [P]

    async def _play(self, link: NullLink) -> None:
        with contextlib.suppress(LinkLost):
            for data in self.stream() if self.stream else self._packets():
                if not self.playing:
                    return
                await link.write(interleaved(data))
                if self.is_paced or data[1] & 0x80:
                    await asyncio.sleep(1 / self.frames_per_s)

    def _packets(self) -> Iterator[bytes]:
        pictures = self.pictures()
        return packets([next(pictures) for _ in range(1000)])

    def methods(self) -> list[str]:
        return [each.method for each in self.asked]


@asynccontextmanager
async def watched(camera: Camera) -> AsyncIterator[NullLink]:
    """The near end of a line to it."""
    near, far = pair("camera")
    task = asyncio.create_task(camera.run(far))
    try:
        yield near
    finally:
        await near.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


SETS = (SPS_264, PPS_264)
