"""One look at a camera: a line is opened, the camera asked, its picture measured, and all is one answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from drivers.api import Clock, Link, LinkLost
from drivers.camera import client
from drivers.camera.accounts import Accounts, Attempt
from drivers.camera.auth import Credentials
from drivers.camera.beat import next_beat
from drivers.camera.errors import LookFailed
from drivers.camera.gop import Gop
from drivers.camera.job import Answer, Job
from drivers.camera.model import AccessUnit, Flow, StreamFormat
from drivers.camera.pool import Outcome, WorkerLost
from drivers.camera.session import Look
from drivers.camera.settings import Address, Camera, CameraSettings
from drivers.camera.wall_clock import Clocks
from drivers.dialer import Dialer
from drivers.messages import CameraLooked, CameraRing

# A camera that has just let us in and now does not has too many others: recorders say 401 for that, too.
RECENTLY_S = 120.0
# What the hall's rules tell apart, by our finer codes; all others mean that there are no pictures to be had.
_TOLD_APART = frozenset({"auth_failed", "session_limit"})


class Measurer(Protocol):
    """What measures pictures: `drivers.camera.pool.Pool`."""

    async def look(self, camera: str, job: Job) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """How a look went. `code` is a technician's, finer than that of `looked`: "" all well. `measured` is what
    the worker said of its picture, where it came to that."""

    looked: CameraLooked
    code: str = ""
    measured: Outcome | None = None


@dataclass(slots=True)
class Memory:
    """Of one camera, from look to look."""

    suspicious: bool = False
    reference: bytes = b""
    previous: bytes = b""
    gops: defaultdict[CameraRing, Gop] = field(default_factory=lambda: defaultdict(Gop))
    accepted_s: float | None = None  # when it last let us in
    pictured_s: float | None = None  # when its last JPEG was made


@dataclass(frozen=True, slots=True)
class _Account:
    """A login at a machine."""

    accounts: Accounts
    host: str
    login: str
    clock: Clock

    def attempt(self) -> AbstractAsyncContextManager[Attempt]:
        return self.accounts.attempt(self.host, self.login, self.clock.now)


@dataclass(slots=True)
class Looker:
    """Raises nothing that a camera or a worker can cause."""

    link: Dialer
    settings: CameraSettings
    clock: Clock
    logins: Mapping[str, Credentials]
    pool: Measurer
    accounts: Accounts
    clocks: Clocks
    memories: dict[str, Memory] = field(default_factory=dict)  # by camera

    async def look(self, camera: Camera, ring: CameraRing, *, urgent: bool = True) -> Seen:
        """The picture of one that is not `urgent` is measured together with others."""
        address = camera.main_address if ring == "stream" else camera.sub_address
        assert address is not None  # the schedule knows who has no main stream
        memory = self.memory(camera.id)
        recently = memory.accepted_s is not None and self._now_s() - memory.accepted_s < RECENTLY_S
        account = _Account(self.accounts, address.host, camera.login, self.clock) if camera.login else None
        look = Look(address.url, self.logins.get(camera.login), recently, account)
        try:
            seen = await self._over_line(camera, ring, address, look, urgent=urgent)
        except LinkLost as loss:
            return _lost(ring, loss)
        except LookFailed as failure:
            return _failed(ring, failure)
        memory.accepted_s = self._now_s()
        return self._timed(camera, look, seen)

    def _timed(self, camera: Camera, look: Look, seen: Seen) -> Seen:
        """With what its clock is off, where it told the time and this machine knows it."""
        now = self.clock.now()
        if look.clock is None or not now.clock_ok:
            return seen
        wall_s = look.clock.wall_s + asyncio.get_running_loop().time() - look.clock.at_s
        measures = {**seen.looked.measures, "clock_offset_s": self.clocks.offset_s(camera.id, wall_s, now)}
        return replace(seen, looked=replace(seen.looked, measures=measures))

    async def _over_line(
        self, camera: Camera, ring: CameraRing, address: Address, look: Look, *, urgent: bool
    ) -> Seen:
        gop = self.memory(camera.id).gops[ring]
        stir, flow = None, None
        line = await self._dial(address)
        try:
            if ring == "probe":
                return Seen(_told(ring, await client.probe(line, look)))
            if ring == "picture":
                began_s = self._now_s()
                unit, stir = await client.picture(line, look, gop.s, first_s=gop.first_s)
                gop.waited(self._now_s() - began_s)
            else:
                window_s = self.settings.stream_window_s
                unit, flow = await client.flow(line, look, gop.s, window_s, first_s=gop.first_s)
                gop.measured(flow.gop_s)
        except LookFailed as failure:
            if failure.code == "no_frames":
                gop.missed()
            raise
        except LinkLost as loss:  # what answered and hung up is there: only its pictures are not
            raise LookFailed("no_frames", str(loss), step=loss.code) from None
        finally:
            await line.close()
        if ring == "picture" and self.settings.together_s and not urgent:
            await next_beat(self.settings.together_s)
        return await self._measured(camera, ring, unit, flow, stir)

    async def _dial(self, address: Address) -> Link:
        try:
            async with asyncio.timeout(self.settings.connect_timeout_s):
                return await self.link.dial(address.port, address.host)
        except TimeoutError:
            waited = f"no answer from {address.host} within {self.settings.connect_timeout_s:g} s"
            raise LinkLost(waited, code="peer_unreachable") from None

    async def _measured(
        self, camera: Camera, ring: CameraRing, unit: AccessUnit, flow: Flow | None, stir: float | None
    ) -> Seen:
        memory = self.memory(camera.id)
        small = ring == "picture"
        known = {"reference": memory.reference, "previous": memory.previous} if small else {}
        given = {name: blob for name, blob in known.items() if blob}
        wants_jpeg = small and self._wants_jpeg(memory)
        # What a picture is judged by is of the small stream: of the full one, whether it can be decoded.
        job = Job(unit, given, wants_jpeg, want_measures=small)
        outcome = await self.pool.look(camera.id, job)
        looked = _told(ring, unit.format, flow)
        if isinstance(outcome, WorkerLost):
            code = "stream_poison" if outcome.poison else "corrupt"
            return Seen(replace(looked, code="corrupt", detail=outcome.detail), code, outcome)
        if not isinstance(outcome, Answer) or outcome.code in ("no_memory", "failed"):
            return Seen(_unmeasured(looked), "", outcome)
        width, height = outcome.width or looked.width, outcome.height or looked.height
        told = partial(replace, looked, width=width, height=height)
        if outcome.code == "too_large":
            return Seen(told(code="no_frames", detail=outcome.detail), "picture_too_large", outcome)
        if outcome.code == "undecodable" or outcome.corrupt or not unit.complete:
            detail = outcome.detail or "packets of the picture are missing"
            return Seen(told(code="corrupt", detail=detail, jpeg=outcome.jpeg), "corrupt", outcome)
        if not small:
            return Seen(told(), "", outcome)
        memory.previous = outcome.blobs.get("previous", b"")
        memory.pictured_s = self._now_s() if outcome.jpeg else memory.pictured_s
        numbers = {n: float(v) for n, v in outcome.measures.items() if not isinstance(v, str)}
        if stir is not None:
            numbers["stir"] = stir
        reference = outcome.blobs.get("reference", b"")
        return Seen(told(measures=numbers, reference=reference, jpeg=outcome.jpeg), "", outcome)

    def memory(self, camera: str) -> Memory:
        return self.memories.setdefault(camera, Memory())

    def _wants_jpeg(self, memory: Memory) -> bool:
        """While something seems wrong, and now and then before: a picture to compare with."""
        every_s = self.settings.keep_picture_s
        return memory.suspicious or memory.pictured_s is None or self._now_s() - memory.pictured_s >= every_s

    def _now_s(self) -> float:
        return self.clock.now().mono_s


def _told(ring: CameraRing, form: StreamFormat, flow: Flow | None = None) -> CameraLooked:
    return CameraLooked(
        ring,
        codec=form.codec,
        width=form.width,
        height=form.height,
        announced_fps=form.fps,
        fps=flow.fps if flow else 0.0,
        received=flow.received if flow else 0,
        lost=flow.lost if flow else 0,
    )


def _unmeasured(looked: CameraLooked) -> CameraLooked:
    """It is there and sends, which is all that is known where no worker can look at its picture."""
    return replace(looked, ring="probe") if looked.ring == "picture" else looked


def _lost(ring: CameraRing, loss: LinkLost) -> Seen:
    """No line could be opened. Whoever refuses one is there."""
    measures = {"reachable": 0.0} if loss.code == "peer_unreachable" else {}
    return Seen(CameraLooked(ring, "offline", measures, detail=str(loss)), loss.code)


def _failed(ring: CameraRing, failure: LookFailed) -> Seen:
    code = failure.code if failure.code in _TOLD_APART else "no_frames"
    if failure.code in ("no_answer", "not_rtsp"):
        code = "offline"
    return Seen(CameraLooked(ring, code, detail=str(failure)), failure.code)
