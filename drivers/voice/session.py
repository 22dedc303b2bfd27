"""One link's life with a loudspeaker: one sound at a time, and an honest word on whether it was heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Never

from drivers.api import BadFrame, Context, DeviceFault, Identity, Link
from drivers.messages import Outcome, Result
from drivers.mishaps import Tolerance
from drivers.voice.clips import Clip
from drivers.voice.codec import MAX_DATA, Frame, VoiceCodec, end
from drivers.voice.conditions import Code
from drivers.voice.settings import VoiceSettings

_REMEDY = "Restart the service; if it stays, see whether the versions of its parts belong together"
_JOBS = 1 << 16  # numbers of sounds, then from the beginning again


@dataclass(slots=True)
class _Job:
    number: int
    over: asyncio.Future[Frame] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Session:
    def __init__(self, link: Link, ctx: Context[VoiceSettings]) -> None:
        self.asked_to_play = False  # of the sound in hand: from then on somebody may have heard it
        self._link = link
        self._ctx = ctx
        self._settings = ctx.settings
        self._codec = VoiceCodec()
        self._writing = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._status: asyncio.Future[str] | None = None
        self._job: _Job | None = None
        self._number = 0
        self._tolerance = Tolerance(ctx, ctx.settings.bad_frames, _REMEDY)

    # --- its health ---
    async def tend(self) -> Never:
        """Ask how the player is. Raises DeviceFault after some silence."""
        missed = 0
        while True:
            name = await self._ask()
            if name is None:
                missed += 1
                self.condition("silent", True)
                if missed >= self._settings.tries:
                    raise DeviceFault(f"{missed} queries without an answer", code="silent")
                continue
            missed = 0
            self.condition("silent", False)
            self._ctx.ready(Identity(model=name))
            await self._ctx.clock.sleep(self._settings.heartbeat_s)

    async def answers(self) -> bool:
        """Ask how it is, as often as it takes to call it silent."""
        for _ in range(self._settings.tries):
            if await self._ask() is not None:
                return True
        return False

    async def _ask(self) -> str | None:
        async with self._asking:
            self._status = asyncio.get_running_loop().create_future()
            try:
                await self._send(Frame("Q"))
                async with asyncio.timeout(self._settings.answer_timeout_s):
                    return await self._status
            except TimeoutError:
                return None
            finally:
                self._status = None

    def condition(self, code: Code, on: bool, detail: str = "") -> None:
        self._ctx.condition(code, on, detail)

    # --- sounds ---
    async def play(self, sound: Clip, label: str) -> Outcome:
        """DONE once the last sample has been heard, FAILED where certainly nothing was, else UNKNOWN. Raises
        LinkLost; and DeviceFault for a player that cannot even be stopped."""
        self.asked_to_play = False
        self._number = (self._number + 1) % _JOBS
        self._job = job = _Job(self._number)
        try:
            for start in range(0, len(sound.samples), MAX_DATA):
                await self._send(Frame("D", job.number, sound.samples[start : start + MAX_DATA]))
            self.asked_to_play = True
            await self._send(end(job.number, sound.rate, len(sound.samples), label))
            frame = await self._wait(job, sound.duration_s + self._settings.late_s)
            if frame is not None:
                return self._verdict(frame)
            return await self._stop(job)
        finally:
            self._job = None

    async def _stop(self, job: _Job) -> Outcome:
        """It should have been over long since."""
        await self._send(Frame("X", job.number))
        frame = await self._wait(job, self._settings.answer_timeout_s)
        if frame is None:
            raise DeviceFault("the player can neither end nor be stopped", code="silent")
        if frame.kind == "P" or frame.payload[:1] != b"\x01":
            return self._verdict(frame)
        self.condition("player_stuck", True)
        return Outcome(Result.UNKNOWN, "player_stuck", "stopped after its time; a part may have been heard")

    def _verdict(self, frame: Frame) -> Outcome:
        if frame.kind == "P":
            self.condition("play_failed", False)
            self.condition("player_stuck", False)
            return Outcome(Result.DONE)
        reason = frame.payload[1:].decode(errors="replace")
        self.condition("play_failed", True, reason)
        was_heard = frame.payload[:1] == b"\x01"
        return Outcome(Result.UNKNOWN if was_heard else Result.FAILED, "play_failed", reason)

    async def _wait(self, job: _Job, limit_s: float) -> Frame | None:
        await asyncio.wait({job.over}, timeout=limit_s)
        return job.over.result() if job.over.done() else None

    # --- the line ---
    async def _send(self, frame: Frame) -> None:
        async with self._writing:
            await self._link.write(self._codec.encode(frame))

    async def listen(self) -> Never:
        """Raises LinkLost, and ProtocolBreach when the budget of bad frames is spent."""
        while True:
            for frame in self._codec.feed(await self._link.read()):
                if isinstance(frame, BadFrame):
                    self._tolerance.spend(frame.reason, frame.data)
                elif self._use(frame):
                    self._ctx.alive()
                else:
                    self._tolerance.spend("not asked for", self._codec.encode(frame)[:64])

    def _use(self, frame: Frame) -> bool:
        """False where nobody waits for it."""
        if frame.kind == "S":
            if self._status is None or self._status.done():
                return False
            self._status.set_result(frame.payload.decode(errors="replace"))
            return True
        job = self._job
        if job is None or frame.job != job.number or job.over.done() or not self.asked_to_play:
            return False
        job.over.set_result(frame)
        return True
