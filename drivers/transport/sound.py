"""Lines to a loudspeaker: sounds go there as frames of samples, and the word comes back when they were heard.

A sound card has no line of bytes that would say when the last sample is out. This module is what answers for
it: a sound server in this process, at the far end of a null modem, with a `Player` that does the playing. So
a driver, its tests and its faults see an ordinary `Link`, and a sound server elsewhere could take its place.

One frame, numbers big-endian:

    5A 50 | kind 1 | job 2 | length 2 | sum8 of kind..length | payload | CRC-32 of kind..payload 4

    to the server   Q               how are you? at any time
                    D samples       more of the job's sound: signed 16 bits, little-endian, mono
                    E rate 4, bytes 4, label   that was all of it: play it now. The label is for the log
                    X               stop
    from it         S name          all is well with the player of this name
                    P               played: the last sample has been heard
                    F heard 1, text failed or stopped; heard is 0 where certainly nothing was

Exactly one P or F answers an E. An X is answered by the F of the sound that it stops; where that has ended
already, by its P or F once more, so that an answer which got lost is not taken for silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from drivers.api import Link, LinkLost
from drivers.transport.losses import lost
from drivers.transport.sim import SimLink

SAMPLE_BYTES = 2
MAX_DATA = 2048  # bytes of samples in a frame
MAX_SOUND = 4 << 20  # bytes of one sound: a minute and a half at 22,050 Hz, and no announcement is that long
MAX_TEXT = 200  # bytes of a name, a label or a reason
_MAGIC = b"\x5a\x50"
_HEAD = struct.Struct(">2scHHB")
_CRC = struct.Struct(">I")
_END = struct.Struct(">II")
_MAX_PAYLOAD = {b"Q": 0, b"D": MAX_DATA, b"E": _END.size + MAX_TEXT, b"X": 0}


@dataclass(frozen=True, slots=True)
class Sound:
    rate: int  # samples a second
    samples: bytes
    label: str

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_BYTES / self.rate


class PlayFailed(Exception):
    """It was not played to its end. `heard` is False only where certainly nothing was."""

    def __init__(self, reason: str, *, heard: bool) -> None:
        super().__init__(reason)
        self.heard = heard


class Player(Protocol):
    """What makes the sound: a program, a file, a simulated loudspeaker."""

    @property
    def name(self) -> str: ...
    async def check(self) -> None:
        """Raises LinkLost, with cause and remedy, where nothing can be played now."""
        ...

    async def play(self, sound: Sound, begun: Callable[[], None]) -> None:
        """Returns once the last sample has been heard; calls `begun` before anything may be. Raises
        PlayFailed. Being cancelled silences it, within a second."""
        ...


class SoundServer:
    """The far end of the line. A `drivers.api.Simulator`, which here is the real thing."""

    def __init__(self, player: Player) -> None:
        self.loss: LinkLost | None = None  # why the player is gone
        self._player = player

    async def run(self, link: Link) -> None:
        """Raises LinkLost: the line's, or the player's, which then is `loss` too."""
        self.loss = None
        desk = Desk(link, self._player)
        try:
            await self._check()
            while True:
                for kind, job, payload in desk.frames(await link.read()):
                    if kind == b"Q":
                        await self._check()
                    await desk.take(kind, job, payload)
        finally:
            await desk.stop()

    async def _check(self) -> None:
        try:
            await self._player.check()
        except LinkLost as loss:
            self.loss = loss
            raise


class Desk:
    """One connection: what has arrived, and the one sound that is playing."""

    def __init__(self, link: Link, player: Player) -> None:
        self._link = link
        self._player = player
        self._bytes = bytearray()
        self._job = -1
        self._sound = bytearray()
        self._playing: asyncio.Task[None] | None = None
        self._last = (-1, b"", b"")  # job, kind and payload of the last answer to an E
        self._sounding = False  # the player is at it; then its outcome is still to be told
        self._writing = asyncio.Lock()

    @property
    def buffered(self) -> int:
        """Bytes held: the beginning of a frame whose end has not come."""
        return len(self._bytes)

    def frames(self, data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        """The good frames; what is none is passed over a byte at a time."""
        held = self._bytes
        held += data
        while (start := held.find(_MAGIC[0])) >= 0:
            del held[:start]
            if len(held) < _HEAD.size:
                return
            magic, kind, job, length, check = _HEAD.unpack_from(held)
            size = _HEAD.size + length + _CRC.size
            if (
                magic != _MAGIC
                or check != sum(held[2 : _HEAD.size - 1]) & 0xFF
                or length > _MAX_PAYLOAD.get(kind, -1)
            ):
                del held[0]
            elif len(held) < size:
                return
            elif _CRC.unpack_from(held, size - _CRC.size)[0] != zlib.crc32(held[2 : size - _CRC.size]):
                del held[0]
            else:
                payload = bytes(held[_HEAD.size : size - _CRC.size])
                del held[:size]
                yield kind, job, payload
        held.clear()

    async def take(self, kind: bytes, job: int, payload: bytes) -> None:
        if kind == b"Q":
            await self.say(b"S", job, self._player.name.encode())
        elif kind == b"D":
            if job != self._job:
                self._job, self._sound = job, bytearray()
            if len(self._sound) + len(payload) <= MAX_SOUND:
                self._sound += payload
        elif kind == b"E" and len(payload) >= _END.size:
            await self._begin(job, payload)
        elif kind == b"X" and self._sounding:
            await self.stop()
        elif kind == b"X" and job == self._last[0]:
            await self.say(self._last[1], job, self._last[2])
        elif kind == b"X":
            await self.say(b"F", job, _failure("nothing to stop", heard=False))

    async def _begin(self, job: int, payload: bytes) -> None:
        rate, size = _END.unpack_from(payload)
        sound = bytes(self._sound) if job == self._job else b""
        self._job, self._sound = -1, bytearray()
        if self._sounding:
            await self._answer(job, b"F", _failure("another sound is playing", heard=False))
        elif rate == 0 or size == 0 or size != len(sound) or size % SAMPLE_BYTES:
            await self._answer(job, b"F", _failure(f"{len(sound)} bytes of {size} arrived", heard=False))
        else:
            if self._playing is not None:
                await asyncio.wait({self._playing})  # it has only its outcome left to tell
            label = payload[_END.size :].decode(errors="replace")
            self._sounding = True
            self._playing = asyncio.create_task(self._play(job, Sound(rate, sound, label)))

    async def _play(self, job: int, sound: Sound) -> None:
        begun = asyncio.Event()
        failure: PlayFailed | None = None
        try:
            await self._player.play(sound, begun.set)
        except PlayFailed as error:
            failure = error
        except asyncio.CancelledError:
            failure = PlayFailed("stopped", heard=begun.is_set())
        finally:
            self._sounding = False
        with contextlib.suppress(LinkLost):  # whoever reads the line finds out
            if failure is None:
                await self._answer(job, b"P")
            else:
                await self._answer(job, b"F", _failure(str(failure), heard=failure.heard))

    async def stop(self) -> None:
        """Silence; returns once its outcome has been told."""
        if self._playing is not None:
            if self._sounding:
                self._playing.cancel()
            await asyncio.wait({self._playing})
            self._playing = None

    async def _answer(self, job: int, kind: bytes, payload: bytes = b"") -> None:
        self._last = (job, kind, payload)
        await self.say(kind, job, payload)

    async def say(self, kind: bytes, job: int, payload: bytes = b"") -> None:
        payload = payload[:MAX_TEXT]
        head = struct.pack(">cHH", kind, job, len(payload))
        body = head + bytes([sum(head) & 0xFF]) + payload
        async with self._writing:
            await self._link.write(_MAGIC + body + _CRC.pack(zlib.crc32(body)))


def _failure(reason: str, *, heard: bool) -> bytes:
    return bytes([heard]) + reason.encode()


class SoundLink(SimLink):
    """A line to a player in this process; it is lost when the player is."""

    def __init__(self, url: str, player: Player) -> None:
        self._server = SoundServer(player)
        super().__init__(url, self._server)

    def _why(self, loss: LinkLost) -> LinkLost:
        if self._server.loss is not None:
            return self._server.loss
        return lost(self.url, loss.code, repr(self._crash) if self._crash else "")


async def open_sound(url: str, player: Player) -> SoundLink:
    """Raises LinkLost, with cause and remedy, where nothing can be played."""
    await player.check()
    return SoundLink(url, player)
