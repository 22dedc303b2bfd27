"""Viewers of simulated cameras that share no code with them: a small RTSP client, and PyAV's."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from drivers.camera.sim import CameraSim
from drivers.camera.sim_camera import Features, Profile
from drivers.camera.sim_ills import Strength
from drivers.camera.sim_library import Library
from drivers.camera.sim_port import serve_cameras

WAIT_S = 60.0  # for anything at all: machines are busy
Image = npt.NDArray[np.float32]  # height × width × blue, green, red


def features(clips: Path, **others: Any) -> Features:
    """Short groups and few of them, so that little has to be made and waited for. All see the same place: a
    drawn one, whatever recordings a machine has."""
    kind = Features(gop_s=1, gops=3, scenes=1, source="hall", folder=clips)
    return dataclasses.replace(kind, **others)


async def at_hand(clips: Path, cameras: int) -> Library:
    """What so many cameras show, made in real time and read, for tests that jump over it."""
    sim = CameraSim(features(clips), cameras)
    await sim.prepare(["sub"])
    for camera in sim.cameras.values():
        await sim.library.load(camera.recipe("sub", {}))
    return sim.library


@contextlib.asynccontextmanager
async def serving(
    kind: Features, *faults: str, profile: Profile = "sub", strength: Strength = "gross"
) -> AsyncIterator[tuple[CameraSim, str]]:
    """Two cameras and the beginning of their URLs; what a stream shows, well and with faults, is made before,
    since a viewer's patience is short."""
    sim = CameraSim(kind, 2)
    await sim.prepare([profile], faults, strength)
    async with serve_cameras(sim) as (host, port):
        yield sim, f"rtsp://{host}:{port}"


# --- PyAV ---
@dataclass
class Seen:
    """What PyAV made of a stream."""

    images: list[Image] = field(default_factory=list)
    pts: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)  # places of key pictures
    corrupt: int = 0
    codec: str = ""


async def watch(url: str, count: int = 1, **options: str) -> Seen:
    """The first pictures of a stream, from a key picture on. Raises av.FFmpegError."""
    return await asyncio.to_thread(_watch, url, lambda seen: len(seen.images) >= count, options)


async def watch_until(url: str, enough: Callable[[Seen], bool]) -> Seen:
    """Likewise; `enough` is asked after each picture, in another thread."""
    return await asyncio.to_thread(_watch, url, enough, {})


def _watch(url: str, enough: Callable[[Seen], bool], options: dict[str, str]) -> Seen:
    seen, until_s = Seen(), time.monotonic() + WAIT_S
    with av.open(url, options={"rtsp_transport": "tcp", **options}, timeout=WAIT_S) as stream:
        seen.codec = stream.streams.video[0].codec_context.name
        for frame in stream.decode(video=0):
            seen.corrupt += frame.is_corrupt
            if frame.key_frame:
                seen.keys.append(len(seen.images))
            if frame.pts is not None:  # FFmpeg knows none for the very first packet of a stream
                seen.pts.append(frame.pts)
            seen.images.append(frame.to_ndarray(format="bgr24").astype(np.float32))
            if enough(seen):
                break
            if time.monotonic() > until_s:
                raise TimeoutError(url)
    return seen


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S + 20):
        while not true():  # noqa: ASYNC110 a simulator sets no Event
            await asyncio.sleep(0.05)


# --- by hand ---
@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Packet:
    """An interleaved frame, taken apart as RFC 3550 §5.1 has it."""

    channel: int
    data: bytes

    @property
    def is_last(self) -> bool:
        return bool(self.data[1] & 0x80)

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4], "big")

    @property
    def ticks(self) -> int:
        return int.from_bytes(self.data[4:8], "big")

    @property
    def payload(self) -> bytes:
        return self.data[12:]


class Viewer:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.session = ""
        self._number = 0
        self._waiting: list[Packet] = []  # that came before an answer

    async def say(self, method: str, url: str, body: bytes = b"", **headers: str) -> None:
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.session:
            lines.append(f"Session: {self.session}")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self.writer.drain()

    async def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> Reply:
        await self.say(method, url, body, **headers)
        reply = await self.reply()
        assert reply.headers["cseq"] == str(self._number)
        return reply

    async def reply(self) -> Reply:
        async with asyncio.timeout(WAIT_S):
            while (first := await self.reader.readexactly(1)) == b"$":
                self._waiting.append(await self._packet())
            head = first + await self.reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode().rstrip().split("\r\n")
            headers: dict[str, str] = {}
            for line in lines:
                name, _, value = line.partition(": ")
                before = headers.get(name.lower())
                headers[name.lower()] = f"{before}\n{value}" if before else value
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
            return Reply(int(status.split()[1]), headers, body)

    async def _packet(self) -> Packet:
        channel, size = struct.unpack(">BH", await self.reader.readexactly(3))
        return Packet(channel, await self.reader.readexactly(size))

    async def packet(self, channel: int = 0) -> Packet:
        """The next of a channel."""
        async with asyncio.timeout(WAIT_S):
            while True:
                if self._waiting:
                    packet = self._waiting.pop(0)
                else:
                    assert await self.reader.readexactly(1) == b"$"
                    packet = await self._packet()
                if packet.channel == channel:
                    return packet

    async def set_up(
        self, url: str, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1", **headers: str
    ) -> Reply:
        reply = await self.ask("SETUP", f"{url}/trackID=1", b"", Transport=transport, **headers)
        if reply.status == 200:
            self.session = reply.headers["session"].partition(";")[0]
        return reply

    async def play(self, url: str) -> None:
        assert (await self.set_up(url)).status == 200
        assert (await self.ask("PLAY", url)).status == 200

    async def is_silent(self, for_s: float = 1.5) -> bool:
        """Nothing comes, and the line stays."""
        try:
            async with asyncio.timeout(for_s):
                return await self.reader.read(1) == b"never"
        except TimeoutError:
            return True


@contextlib.asynccontextmanager
async def viewer(url: str) -> AsyncIterator[Viewer]:
    host, port = url.removeprefix("rtsp://").partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Viewer(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):  # reset by the camera
            await writer.wait_closed()
