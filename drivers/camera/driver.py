"""The cameras of a hall: one device whose children they are, so that all sessions have one owner."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Never, Protocol

from drivers.api import BadSettings, Command, Context, DriverSpec, Identity, Link, NotKept
from drivers.camera import logins
from drivers.camera.accounts import Accounts
from drivers.camera.auth import Credentials
from drivers.camera.conditions import CONDITIONS, Standing
from drivers.camera.job import Answer
from drivers.camera.looking import Looker, Measurer, Seen
from drivers.camera.pool import Pool, Unavailable, WorkerLost
from drivers.camera.rtsp import MAX_HELD, Request, RtspCodec
from drivers.camera.schedule import Look, Schedule
from drivers.camera.settings import Camera, CameraSettings
from drivers.camera.wall_clock import Clocks
from drivers.dialer import Dialer
from drivers.messages import CameraLooked, Outcome, Result, WatchCamera
from drivers.mishaps import cause

HOLD_S = 20.0  # cameras close a connection that says nothing for a minute


class Workers(Measurer, Protocol):
    """What measures pictures, and is ended."""

    async def close(self) -> None: ...


class CameraDriver:
    spec: ClassVar[DriverSpec] = DriverSpec(
        family="camera",
        links=frozenset({"lan"}),
        settings=CameraSettings,
        orders=frozenset({WatchCamera}),
        events=frozenset({CameraLooked}),
        conditions=CONDITIONS,
        heartbeat_s=10.0,
        max_frame=MAX_HELD,
        queue=512,  # after a start each camera is told how to be watched
    )
    pool: Callable[[int], Workers] = Pool  # of so many workers

    async def run(self, link: Link, ctx: Context[CameraSettings]) -> Never:
        if not isinstance(link, Dialer):
            raise BadSettings(f"{link.url} leads to no cameras", remedy='Write url = "lan://".')
        pool = self.pool(ctx.settings.workers)
        try:
            known = _logins(ctx.settings)
            accounts = await _accounts(ctx)
            await _Watch(link, ctx, pool, known, accounts).run()
        except BaseExceptionGroup as group:
            raise cause(group) from group
        finally:
            await pool.close()
        raise AssertionError("a watch never ends")


def _logins(settings: CameraSettings) -> dict[str, Credentials]:
    """Raises BadSettings."""
    found = logins.read(Path(settings.credentials)) if settings.credentials else {}
    missing = sorted({camera.login for camera in settings.children if camera.login} - found.keys())
    if missing:
        raise BadSettings(
            f"{settings.credentials} has no login {', '.join(missing)}",
            remedy="Add it as a table of its own, or correct `login` of the cameras.",
        )
    return found


async def _accounts(ctx: Context[CameraSettings]) -> Accounts:
    """With the refusals that are known from before."""

    async def keep(refusals: bytes) -> None:
        try:
            await ctx.remember(refusals)
        except NotKept as error:
            ctx.log.warning("a restart would try refused logins again: %s", error)

    stamp = logins.stamp(Path(ctx.settings.credentials)) if ctx.settings.credentials else 0
    accounts = Accounts(ctx.settings.refused_s, stamp=stamp, keep=keep)
    try:
        accounts.resume(await ctx.recall(), ctx.clock.now())
    except ValueError as error:
        ctx.log.warning("refused logins of before cannot be read: %s", error)
    return accounts


class _Watch:
    """All looks of one life."""

    def __init__(
        self,
        link: Dialer,
        ctx: Context[CameraSettings],
        pool: Workers,
        known: dict[str, Credentials],
        accounts: Accounts,
    ) -> None:
        self._ctx = ctx
        self._link = link
        self._cameras: dict[str, Camera] = {camera.id: camera for camera in ctx.settings.children}
        self._clocks = Clocks(ctx.settings.zone)
        self._looker = Looker(link, ctx.settings, ctx.clock, known, pool, accounts, self._clocks)
        self._schedule = Schedule(ctx.settings, random.Random(), self._now_s())
        self._standings = {name: Standing(ctx.child(name)) for name in self._cameras}
        self._identities: dict[str, Identity] = {}  # as they have been told
        self._is_ready = False
        self._workers_lost = 0
        self._changed = asyncio.Event()  # a look ended, or an order came: something else may begin

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._obey())
            if self._link.port is not None:
                tasks.create_task(self._hold_line())
            while True:
                self._changed.clear()
                while look := self._schedule.next(self._now_s()):
                    urgent = self._schedule.begun(look, self._now_s())
                    task = self._do(look, urgent=urgent)
                    tasks.create_task(task, name=f"{look.camera}: {look.ring}")
                await self._wait()

    async def _hold_line(self) -> Never:
        """The network has no line of its own; a simulator's has, by whose loss it is known to be gone."""
        options = RtspCodec().encode(Request("OPTIONS", "*", (("CSeq", "1"),)))
        while True:
            await self._link.write(options)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HOLD_S):
                    while True:
                        await self._link.read()

    async def _wait(self) -> None:
        """Until the next look is due, or something has changed."""
        due_s = self._schedule.next_at_s()
        timeout_s = None if due_s is None else max(0.0, due_s - self._now_s())
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _do(self, look: Look, *, urgent: bool) -> None:
        answered = False
        try:
            seen = await self._looker.look(self._cameras[look.camera], look.ring, urgent=urgent)
            answered = not seen.code or seen.code == "corrupt"
            self._note(look, seen)
            await self._ctx.emit(seen.looked, look.camera)
        finally:
            self._schedule.ended(look, self._now_s(), answered=answered)
            self._changed.set()

    def _note(self, look: Look, seen: Seen) -> None:
        """What a technician sees of it."""
        health = self._ctx.child(look.camera)
        if not seen.code:
            if not self._is_ready:  # somebody is there
                self._is_ready = True
                self._ctx.ready(Identity(model="rtsp"))
            self._ctx.alive()
            self._identify(look, seen)
            health.alive()
        self._standings[look.camera].seen(look.ring, seen.code, seen.looked.detail)
        if seen.measured is not None:
            self._schedule.poison(look.camera, isinstance(seen.measured, WorkerLost) and seen.measured.poison)
        if isinstance(seen.measured, WorkerLost):
            self._workers_lost += 1
            self._ctx.attribute("workers_lost", str(self._workers_lost))
        if isinstance(seen.measured, Unavailable):
            self._ctx.condition("no_decoder", True, f"{seen.measured.detail}; {seen.measured.remedy}")
        elif isinstance(seen.measured, Answer):
            self._ctx.condition("no_decoder", False)
        self._note_clock()

    def _note_clock(self) -> None:
        common_s = self._clocks.common_s(self._ctx.clock.now())
        told = f"{len(self._clocks)} cameras are {common_s:+.0f} s from this machine's clock"
        self._ctx.condition("clock_differs", bool(common_s), told if common_s else "")

    def _identify(self, look: Look, seen: Seen) -> None:
        looked = seen.looked
        model = f"{looked.codec} {looked.width}×{looked.height}" if looked.width else looked.codec
        if look.ring != "stream" and self._identities.get(look.camera) != (told := Identity(model=model)):
            self._identities[look.camera] = told
            self._ctx.child(look.camera).ready(told)

    async def _obey(self) -> None:
        async for command in self._ctx.commands():
            command.finish(self._ordered(command))
            self._changed.set()

    def _ordered(self, command: Command) -> Outcome:
        order, camera = command.order, command.device
        if not isinstance(order, WatchCamera) or camera not in self._cameras:
            return Outcome(Result.REJECTED, "unsupported", f"{camera} cannot {type(order).__name__}")
        memory = self._looker.memory(camera)
        memory.suspicious = order.suspicious
        if order.reference is not None:
            memory.reference = order.reference
        self._schedule.suspect(camera, order.suspicious, self._now_s())
        if order.now is not None:
            self._schedule.again(camera, order.now, self._now_s())
        return Outcome(Result.DONE)

    def _now_s(self) -> float:
        return self._ctx.clock.now().mono_s
