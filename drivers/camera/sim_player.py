"""A camera's pictures on their way to one viewer, at the camera's own time, with what is wrong with them."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Sequence

from drivers.camera import sim_clock, sim_rtp
from drivers.camera.sim_camera import Camera, Profile, Session
from drivers.camera.sim_damage import spoil, thinned, with_other_sets
from drivers.camera.sim_ills import Ills
from drivers.camera.sim_library import Library
from drivers.camera.sim_out import Out
from drivers.camera.sim_recipe import TICKS_PER_S, Recipe
from drivers.camera.sim_rtp import FRAME, HEADER, Clip, Packets

LATE_S = 1.0  # behind its time by which a viewer loses the rest of the group, as a camera's buffer overflows
REPORT_S = 5.0  # between two sender reports, RFC 3550 §6.2
FRAGMENT_PAUSE_S = 0.002  # between two of a NAL unit that never ends: 0.7 MB/s


class Player:
    """`wish` are ills that this viewer alone has asked for."""

    def __init__(
        self,
        camera: Camera,
        profile: Profile,
        session: Session,
        library: Library,
        *,
        out: Out,
        wish: Ills,
    ) -> None:
        self.sequence = secrets.randbits(16)
        self.out = out
        self._camera, self._profile, self._session, self._library = camera, profile, session, library
        self._wish = wish
        self._ssrc, self._base = secrets.randbits(32), secrets.randbits(32)
        self._chance = random.Random(self._ssrc)
        self._sent = self._octets = 0
        self._shown: tuple[Recipe, Clip] | None = None
        self._reported_s = float("-inf")

    @property
    def ticks(self) -> int:
        """The RTP time of this moment."""
        return self._base + int(self._camera.time_s() * TICKS_PER_S) & 0xFFFFFFFF

    async def run(self) -> None:
        """Until the session is over. Raises LinkLost, and NoVideo where there is nothing to show."""
        camera, length_s = self._camera, self._camera.features.gop_s
        number = int(camera.time_s() // length_s)
        joined_s = camera.time_s() - number * length_s  # in the midst of a group, most of the time
        while not camera.is_over(self._session):
            clip = await self._clip()
            await self._report()
            for picture in clip.gops[number % len(clip.gops)]:
                if picture.at_s < joined_s:
                    continue
                wait_s = number * length_s + picture.at_s - camera.time_s()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                elif wait_s < -LATE_S:
                    break
                await self._show(clip, picture, number * length_s * TICKS_PER_S + picture.ticks)
            await self._wait(number := number + 1)
            joined_s = 0.0
        await self.out.rtcp(sim_rtp.bye(self._ssrc))

    async def _wait(self, number: int) -> None:
        """Until group `number` begins. Where that is long past, nothing waits: it is passed over as late."""
        wait_s = number * self._camera.features.gop_s - self._camera.time_s()
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    def _ills(self) -> Ills:
        return self._camera.ills | self._wish if self._wish else self._camera.ills

    async def _clip(self) -> Clip:
        """Of the present look, as soon as it is made; that of before until then."""
        recipe = self._camera.recipe(self._profile, self._ills())
        if self._shown is None:
            self._shown = recipe, await self._library.load(recipe)
        elif self._shown[0] != recipe and (clip := await self._library.at_hand(recipe)) is not None:
            self._shown = recipe, clip
        return self._shown[1]

    async def _report(self) -> None:
        now_s = self._camera.time_s()
        if now_s - self._reported_s < REPORT_S or "no_frames" in self._ills():
            return
        self._reported_s = now_s
        wall_s = sim_clock.wall_s(self._ills())
        counts = self._sent, self._octets
        await self.out.rtcp(sim_rtp.sender_report(self._ssrc, wall_s, self.ticks, *counts))

    # --- pictures ---
    async def _show(self, clip: Clip, picture: Packets, ticks: int) -> None:
        ills, sends_sets = self._ills(), self._camera.features.sends_sets
        if "no_frames" in ills:
            return
        if picture.is_key and (ills or not sends_sets):
            picture = with_other_sets(clip.codec, picture, ills, sends_sets=sends_sets)
        wire = bytearray(picture.wire)
        starts: Sequence[int] = picture.starts
        sim_rtp.stamp(wire, starts, self.out.channel, self.sequence, self._base + ticks, ssrc=self._ssrc)
        if picture.is_key and "stall" in ills:
            half = len(starts) // 2
            await self._send(wire[: starts[half]], starts[:half])
            await asyncio.Event().wait()
        if picture.is_key and "endless" in ills:
            await self._send_endless(clip, picture, self._base + ticks)
        self.sequence += len(starts)
        if "corrupt" in ills:
            spoil(wire, starts, ills["corrupt"], self._chance)
        if "loss" in ills:
            wire, starts = thinned(wire, starts, ills["loss"], self._chance)
        await self._send(wire, starts)

    async def _send(self, wire: bytearray, starts: Sequence[int]) -> None:
        self._sent += len(starts)
        self._octets += len(wire) - len(starts) * (FRAME + HEADER)
        await self.out.rtp(bytes(wire), starts)

    async def _send_endless(self, clip: Clip, picture: Packets, ticks: int) -> None:
        """A NAL unit whose first fragment comes, and the second again and again."""
        nal = max(picture.nals, key=len) * 3  # long enough to have one in the middle
        piece, middle, *_ = sim_rtp.fragments(clip.codec, nal)
        while True:
            wire = bytearray(sim_rtp.frame(piece, is_last=False))
            sim_rtp.stamp(wire, (0,), self.out.channel, self.sequence, ticks, ssrc=self._ssrc)
            await self._send(wire, (0,))
            self.sequence += 1
            piece = middle
            await asyncio.sleep(FRAGMENT_PAUSE_S)
