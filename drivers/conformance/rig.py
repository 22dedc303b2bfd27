"""One run of a driver against its simulator: on a null modem, over a line with faults, under observation."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import Generic

from drivers.api import BadSettings, DriverError, Link, LinkLost
from drivers.conformance.context import RecordedCommand, RecordingContext
from drivers.conformance.subject import NotConformant, PeerT, SettingsT, Stimulus, Subject
from drivers.transport.faults import Faults, FaultyLink
from drivers.transport.losses import lost
from drivers.transport.null import NullLink, pair

LINES = {  # on which everything must go as on the best of them
    "whole": Faults(),
    "bytewise": Faults(bytewise=True),
    "slow": Faults(delay_s=0.01),
}
SETTLE_S = 2.0  # for what must not come: a second event, a second outcome
_TURNS = 5  # of the loop, for tasks that were cancelled to end


class Tap:
    """The driver's end of a line. It can be muted, with all lines that were dialled by it, and notes whether
    the driver closes it."""

    port = 0  # see `drivers.dialer.Dialer`

    def __init__(self, link: Link, dial: Callable[[], Link]) -> None:
        self._link = link
        self._dial = dial
        self._muted = False
        self.closed = False
        self.dialled: list[Tap] = []

    @property
    def url(self) -> str:
        return self._link.url

    @property
    def muted(self) -> bool:
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        for line in self.dialled:
            line.muted = muted

    async def dial(self, port: int | None = None, host: str = "") -> Tap:  # noqa: ARG002 all is one wire
        line = Tap(self._dial(), self._dial)
        line.muted = self._muted
        self.dialled.append(line)
        return line

    async def read(self) -> bytes:
        while True:
            data = await self._link.read()
            if not self._muted:
                return data

    async def write(self, data: bytes) -> None:
        if self.closed:
            raise lost(self.url, detail="closed")
        if not self._muted:
            await self._link.write(data)

    async def close(self) -> None:
        self.closed = True
        await self._link.close()


class Rig(Generic[SettingsT, PeerT]):
    """`async with Rig.run(subject) as rig`: leaving it stops the driver and checks what always holds."""

    def __init__(
        self, subject: Subject[SettingsT, PeerT], peer: PeerT, faults: Faults, noise: Iterable[bytes]
    ) -> None:
        driver = subject.driver()
        near, self.far = pair("conformance")
        self.subject = subject
        self.peer = peer
        self._faults = faults
        self._unplugged = False
        self._dialled: list[
            tuple[NullLink, asyncio.Task[None]]
        ] = []  # far ends, and the peer that runs there
        self.tap = Tap(FaultyLink(near, faults), self._dial)
        self.context = RecordingContext(
            driver.spec, subject.settings, device=subject.device, children=subject.children
        )
        self.noise_over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._before = asyncio.all_tasks()
        self._peer_task = asyncio.create_task(self._live(self._far(self.far), noise), name="simulator")
        self.task: asyncio.Task[None] = asyncio.create_task(driver.run(self.tap, self.context), name="driver")

    def _fars(self) -> list[NullLink]:
        return [self.far, *(far for far, _ in self._dialled)]

    def _far(self, far: NullLink) -> Link:
        return FaultyLink(far, self._faults) if self._faults.bytewise else far

    async def _live(self, far: Link, noise: Iterable[bytes]) -> None:
        with contextlib.suppress(LinkLost):
            for piece in noise:
                await far.write(piece)
            self.noise_over.set_result(None)
            await self.peer.run(far)

    def _dial(self) -> Link:
        """A further line to the same peer. Raises LinkLost once it is unplugged."""
        if self._unplugged:
            raise lost(self.tap.url, "peer_unreachable")
        near, far = pair("conformance")
        task = asyncio.create_task(self._serve(self._far(far)), name="simulator of a dialled line")
        self._dialled.append((far, task))
        return FaultyLink(near, replace(self._faults, seed=self._faults.seed + len(self._dialled)))

    async def _serve(self, far: Link) -> None:
        with contextlib.suppress(LinkLost):
            await self.peer.run(far)

    @classmethod
    @contextlib.asynccontextmanager
    async def run(
        cls,
        subject: Subject[SettingsT, PeerT],
        *,
        peer: PeerT | None = None,
        faults: Faults = LINES["whole"],
        noise: Iterable[bytes] = (),
        mute: bool = False,
    ) -> AsyncIterator[Rig[SettingsT, PeerT]]:
        rig = cls(subject, subject.simulator() if peer is None else peer, faults, noise)
        rig.tap.muted = mute
        try:
            yield rig
            await rig.stop()
        finally:
            await rig._tear_down()
            if crash := rig._crash():  # before whatever the driver made of it
                raise NotConformant("the simulator itself failed") from crash

    # --- waiting, by the driver's own time ---
    async def until(self, true: Callable[[], bool], limit_s: float) -> bool:
        """Whether `true()` came true within `limit_s`, while the driver ran."""
        waiting = asyncio.create_task(self.context.until(true))
        await asyncio.wait({waiting, self.task}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await asyncio.wait({waiting})
        return true()

    async def ready(self) -> None:
        """Raises NotConformant where the driver does not become ready within `ready_s`."""
        if not await self.until(lambda: self.context.is_ready, self.subject.ready_s):
            raise NotConformant(f"not ready within {self.subject.ready_s} s{self._how_it_ended()}")

    async def finished(self, command: RecordedCommand) -> None:
        """Until `command` has ended or the run has. Raises NotConformant where neither comes in `order_s`."""
        ended = await self.until(lambda: bool(command.outcomes), self.subject.order_s)
        if not ended and not self.task.done():
            what = "is still in hand" if command.taken else "was never taken"
            raise NotConformant(f"{command.order} {what} after {self.subject.order_s} s")

    async def failure(self, limit_s: float, why: str) -> list[BaseException]:
        """What the run raised within `limit_s`. Raises NotConformant where it goes on or returns."""
        await asyncio.wait({self.task}, timeout=limit_s)
        if not self.task.done():
            raise NotConformant(f"still running {limit_s} s after {why}")
        if self.task.cancelled() or (error := self.task.exception()) is None:
            raise NotConformant(f"run() returned after {why}: raising says what failed")
        return _leaves(error)

    async def driver_error(self, limit_s: float, why: str) -> DriverError:
        """As `failure`, where all that was raised must be the contract's own errors; the first of them."""
        errors = await self.failure(limit_s, why)
        for error in errors:
            if not isinstance(error, DriverError):
                raise NotConformant(f"raised {error!r} after {why}, not a DriverError") from error
        first = errors[0]
        assert isinstance(first, DriverError)  # all are
        return first

    async def recoverable(self, why: str) -> None:
        """The run has ended, in what a new line cures."""
        if isinstance(error := await self.driver_error(0, why), BadSettings):
            raise NotConformant(f"raised BadSettings after {why}: nobody will try again") from error

    # --- the peer ---
    async def act(self, stimulus: Stimulus[PeerT]) -> None:
        result = stimulus.act(self.peer)
        if inspect.isawaitable(result):
            await result

    # --- ending ---
    async def unplug(self) -> None:
        """The peer's ends of all lines are gone."""
        self._unplugged = True
        await self._stop_peer()
        for far in self._fars():
            await far.close()

    async def babble(self, noise: bytes) -> None:
        """Noise from the peer, on every line that is open."""
        for far in self._fars():
            with contextlib.suppress(LinkLost):
                await far.write(noise)

    async def stop(self) -> None:
        """Cancel the driver where it runs. Raises NotConformant for anything that must hold at every end."""
        stopped = not self.task.done()
        if stopped:
            self.task.cancel()
            await asyncio.wait({self.task}, timeout=self.subject.stop_s)
            if not self.task.done():
                raise NotConformant(f"still running {self.subject.stop_s} s after it was cancelled")
            if not self.task.cancelled():
                raise NotConformant(f"turned being cancelled into {self._how_it_ended()}")
        await self._stop_peer()  # its tasks with it; the line stays open, so that a stray reader stays too
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._check_end()

    async def _stop_peer(self) -> None:
        for task in self._peer_tasks():
            task.cancel()
        await asyncio.wait(self._peer_tasks(), timeout=self.subject.stop_s)

    def _peer_tasks(self) -> set[asyncio.Task[None]]:
        return {self._peer_task, *(task for _, task in self._dialled)}

    def _check_end(self) -> None:
        if left := asyncio.all_tasks() - self._before:
            raise NotConformant(f"left tasks behind: {sorted(task.get_name() for task in left)}")
        if self.tap.closed:
            raise NotConformant("closed the link: who opened it closes it")
        if any(not line.closed for line in self.tap.dialled):
            raise NotConformant("left a line open that it had dialled: who dials it closes it")
        if undeclared := self.context.undeclared():
            raise NotConformant(f"not declared in the spec: {', '.join(undeclared)}")
        for command in self.context.commanded:
            if command.taken and len(command.outcomes) != 1:
                raise NotConformant(f"{command.order} was finished {len(command.outcomes)} times, not once")

    def _crash(self) -> BaseException | None:
        done = [task for task in self._peer_tasks() if task.done() and not task.cancelled()]
        return next(filter(None, (task.exception() for task in done)), None)

    async def _tear_down(self) -> None:
        tasks = {self.task, *self._peer_tasks()}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=self.subject.stop_s)
        for far in self._fars():
            await far.close()

    def _how_it_ended(self) -> str:
        if not self.task.done() or self.task.cancelled():
            return ""
        return f": run() ended with {self.task.exception()!r}"


def _leaves(error: BaseException) -> list[BaseException]:
    """The errors themselves, where a task group raised them together."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]
