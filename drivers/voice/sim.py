"""A simulated loudspeaker behind a sound server: it remembers what it heard, and can be missing, hang, break.

The server is the one that real sound cards stand behind (`drivers.transport.sound`), with its own reading of
the bytes; what is simulated is the card, and how the line between may misbehave.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from drivers.api import Link
from drivers.transport.losses import lost
from drivers.transport.sound import PlayFailed, Sound, SoundServer


@dataclass(slots=True)
class Heard:
    """A sound in the hall, in seconds of the loop's time; `end_s` is None while it plays."""

    sound: Sound
    begin_s: float
    end_s: float | None = None
    whole: bool = False  # to its last sample

    @property
    def label(self) -> str:
        return self.sound.label


@dataclass(eq=False)
class VoiceSim:
    """Implements `drivers.transport.sound.Player` and `drivers.api.Simulator`. Its faults are switches.

    What any peer can have, such as late answers, is in `drivers.transport.sick`.
    """

    speed: float = 1.0
    missing: bool = False  # the card was unplugged
    busy: bool = False  # another program has the card: nothing is heard
    stuck: bool = False  # the card's driver hangs: a sound never ends
    breaks_after: float | None = None  # share of a sound after which the card fails
    deaf_to_stop: bool = False  # not even being stopped ends it
    unasked: int = 0  # so many answers come that nobody asked for, before the next one
    heard: list[Heard] = field(default_factory=list)

    # --- the card ---
    @property
    def name(self) -> str:
        return "simulated"

    async def check(self) -> None:
        if self.missing:
            raise lost("sim://voice", "no_card")

    async def play(self, sound: Sound, begun: Callable[[], None]) -> None:
        if self.busy:
            raise PlayFailed("aplay: main:831: audio open error: Device or resource busy", heard=False)
        loop = asyncio.get_running_loop()
        begun()
        this = Heard(sound, loop.time())
        self.heard.append(this)
        try:
            if self.stuck:
                await asyncio.Event().wait()
            share = 1.0 if self.breaks_after is None else self.breaks_after
            await asyncio.sleep(sound.duration_s / self.speed * share)
            if self.breaks_after is not None:
                raise PlayFailed("aplay: pcm_write:2061: write error: No such device", heard=True)
            this.whole = True
        finally:
            this.end_s = loop.time()

    # --- the line ---
    async def run(self, link: Link) -> None:
        await SoundServer(self).run(_Mouth(link, self))


class _Mouth:
    """The server's end of the line, with what may be wrong with its answers."""

    def __init__(self, link: Link, sim: VoiceSim) -> None:
        self._link = link
        self._sim = sim

    @property
    def url(self) -> str:
        return self._link.url

    async def read(self) -> bytes:
        return await self._link.read()

    async def write(self, data: bytes) -> None:
        sim = self._sim
        if sim.deaf_to_stop and data[2:3] == b"F":
            return
        for _ in range(sim.unasked):
            await self._link.write(_UNASKED)
        sim.unasked = 0
        await self._link.write(data)

    async def close(self) -> None:
        await self._link.close()


_UNASKED = bytes.fromhex("5A50 50 1000 0000 60 901E5F8E")  # "P" of job 4096


def simulator(params: Mapping[str, str]) -> VoiceSim:
    """`sim://voice?speed=10`."""
    return VoiceSim(speed=float(params.get("speed", "1")))
