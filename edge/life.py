"""A device's life, from opening its link to closing it: states, back-off, restart intensity.

A device is opened, run and closed here, in one task. What its driver raises says what happens next
(`drivers.api`); anything else that it raises is that device's fault and nobody else's.

The restart limit (more than 5 in 60 s makes it FAULTED) counts failures of a device or of its driver. A lost
or absent line does not count: it is the weather of a hall, and the back-off bounds it to one try a minute.
Otherwise a printer switched on in the morning would wait for five minutes.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Never, Protocol

from drivers.api import (
    BadSettings,
    Clock,
    ConditionSpec,
    Driver,
    DriverError,
    DriverSpec,
    Identity,
    Link,
    LinkLost,
)
from drivers.messages import Event, Order, Outcome, Result
from drivers.registry import Port
from edge.clock import deadline
from edge.device import Changed, DeviceContext, Emit, Standing
from edge.frames import frames_of, tapped
from edge.memory import DriverMemory, Forgetful, Kept
from edge.nodes import Nodes
from edge.orders import Orders, rejected
from edge.tally import Tally
from edge.traffic import Traffic
from edge.wire import DeviceStateName, DeviceStatus

BACKOFF_BASE = 1.8
BACKOFF_MAX_S = 60.0
BACKOFF_MAX_POWER = 7  # 1.8 ** 7 is above the maximum
BACKOFF_SPREAD = 0.2  # so that the devices of one switch do not all come back in the same instant
STABLE_S = 60.0  # online for so long: the next failure is a new one
RESTART_LIMIT = 5
RESTART_WINDOW_S = 60.0
FAULTED_RETRY_S = 300.0
OPEN_TIMEOUT_S = 10.0  # a serial port opens at once, a TCP connection within its 3 s SYN repeats
CLOSE_TIMEOUT_S = 3.0  # `Link.close` promises 2 s


class Loaded(Protocol):
    """A driver that is ready to run, as `drivers.registry` gives it. One driver serves one life."""

    @property
    def spec(self) -> DriverSpec: ...
    @property
    def driver(self) -> Callable[[], Driver[Any]]: ...
    @property
    def settings(self) -> Any: ...
    @property
    def port(self) -> Port | None: ...
    @property
    def url(self) -> str: ...
    @property
    def open(self) -> Callable[[str], Awaitable[Link]]: ...  # takes the node that the port was found to be
    @property
    def said(self) -> Callable[[bytes, bool], str]: ...  # what bytes mean, and whether they went out


class ChildConfig(Protocol):
    """A device on a shared line; one with problems is not known to the driver."""

    @property
    def problems(self) -> Sequence[object]: ...


class DeviceConfig(Protocol):
    """A device of the configuration: what to run, or else the problems that prevent it."""

    @property
    def id(self) -> str: ...
    @property
    def loaded(self) -> Loaded | None: ...
    @property
    def problems(self) -> Sequence[object]: ...  # each `str()` is a line for a technician
    @property
    def children(self) -> Mapping[str, ChildConfig]: ...  # the devices on its line, by id


@dataclass(frozen=True, slots=True)
class Seams:
    """What the supervisor is given of the world. `changed` never raises, `emit` only NotKept."""

    clock: Clock
    rng: random.Random
    emit: Emit  # takes an event; waits while the hall is busy
    changed: Changed  # a device's or a child's status is new
    conditions: tuple[ConditionSpec, ...] = ()  # the transport's: what may be wrong with any line
    store: Kept = field(default_factory=Forgetful)  # where drivers remember things
    nodes: Nodes = field(default_factory=Nodes)
    tally: Tally = field(default_factory=lambda: Tally(time.monotonic))


class Backoff:
    """How long to rest after a failure, and whether the restart limit is spent. Pure: it is told the time."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._power = 0
        self._faults: deque[float] = deque(maxlen=RESTART_LIMIT + 1)
        self._faulted = False

    def failed(self, now_s: float, *, online_s: float, is_fault: bool) -> tuple[DeviceStateName, float]:
        """The state to rest in and the seconds to rest, after `online_s` of service."""
        if online_s >= STABLE_S:
            self._power, self._faulted = 0, False
            self._faults.clear()
        if is_fault:
            self._faults.append(now_s)
        recent = sum(now_s - at < RESTART_WINDOW_S for at in self._faults)
        if self._faulted or recent > RESTART_LIMIT:
            self._faulted = True
            return "faulted", FAULTED_RETRY_S
        delay_s = min(BACKOFF_BASE**self._power, BACKOFF_MAX_S)
        self._power = min(self._power + 1, BACKOFF_MAX_POWER)
        return "backoff", delay_s * self._rng.uniform(1 - BACKOFF_SPREAD, 1 + BACKOFF_SPREAD)

    def plugged(self) -> None:
        """New hardware: short rests again. A device that keeps failing stays faulted."""
        self._power = 0


class Life:
    """One device from start to stop, with the standing of its children."""

    def __init__(self, config: DeviceConfig, seams: Seams) -> None:
        self.config = config
        self._seams = seams
        self._clock = seams.clock
        self._loaded = config.loaded
        specs = (*seams.conditions, *(self._loaded.spec.conditions if self._loaded else ()))
        self.own = Standing(config.id, self._clock, self._changed, specs)
        self.children = {
            child: Standing(child, self._clock, self._changed, specs, self.own) for child in config.children
        }
        self._wrong = {child: _bad(it.problems) for child, it in config.children.items() if it.problems}
        self.frames = frames_of(self._loaded.spec) if self._loaded else None
        self.traffic = Traffic(lambda: seams.clock.now().wall_s)
        self._backoff = Backoff(seams.rng)
        self._orders: Orders | None = None
        self._wake = asyncio.Event()
        self._online_at_s: float | None = None  # monotonic, of this run
        self._lost_at_s: float | None = None  # monotonic; None while nothing is wrong
        self._lost_by = ""  # the code
        self._rested_in: DeviceStateName = "stopped"
        self._running: asyncio.Task[Never] | None = None  # the driver at its link
        self._unplugged = False  # while its end, for this reason, is under way
        self._driver: Driver[Any] | None = None  # kept over losses: it may remember what it told the device
        self._task: asyncio.Task[None] | None = None

    def standing(self, device: str) -> Standing:
        return self.own if device == self.own.device else self.children[device]

    def standings(self) -> Iterator[Standing]:
        yield self.own
        yield from self.children.values()

    # --- from outside ---
    def start(self, broken: Callable[[BaseException], None]) -> None:
        """Begin to live; `broken` hears of an error of the supervisor itself."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()):
                broken(error)

        self._driver, self._lost_at_s, self._backoff = None, None, Backoff(self._seams.rng)
        self._task = asyncio.create_task(self._live(), name=f"device {self.config.id}")
        self._task.add_done_callback(ended)

    async def stop(self, limit_s: float) -> bool:
        """Cancel, and wait until the link is closed. False: the driver has not ended within `limit_s`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=limit_s)
        if self._task is not None and not self._task.done():
            if self._orders is not None:
                self._orders.close("driver_stuck")
            stuck = DriverError(f"still running {limit_s:g} s after it was cancelled", code="driver_stuck")
            self.own.log.error("driver bug: %s", stuck)
            self._enter("faulted", stuck)
            return False
        self._task = None
        self._enter("stopped")
        return True

    def wake(self) -> None:
        """Its hardware has been plugged in: try at once."""
        if self._running is None or self._unplugged or not self.own.is_online:
            self._backoff.plugged()
            self._wake.set()

    def unplugged(self) -> None:
        """Its hardware has been pulled out: the line is lost, whatever reading it says."""
        if self._running is not None:
            self._unplugged = True
            self._running.cancel()

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:
        if self._loaded and type(order) not in self._loaded.spec.orders:
            return rejected("unsupported", f"{self._loaded.spec.family} has no {type(order).__name__}")
        standing = self.standing(device)
        if self._orders is None or not standing.is_online:
            return rejected("offline", standing.state)
        outcome = await self._orders.place(device, order, deadline_s)
        self._seams.tally.order(device, order, outcome)
        if outcome.result is Result.UNKNOWN:
            extra = {"order": type(order).__name__, "code": outcome.code}
            standing.log.warning("order without an outcome: %s", outcome.detail, extra=extra)
        return outcome

    def has_order(self, device: str) -> bool:
        return self._orders is not None and self._orders.has(device)

    # --- the life ---
    async def _live(self) -> None:
        if self._loaded is None:
            self._fail("misconfigured", _bad(self.config.problems))
            return
        while True:
            async with AsyncExitStack() as line:  # closed after its loss has been told: closing may hang
                failure = await self._attempt(self._loaded, line)
                if _is_cancelled():
                    raise asyncio.CancelledError  # a driver that turned being stopped into an error
                if isinstance(failure, BadSettings):
                    self._fail("misconfigured", failure)
                    return
                now_s = self._clock.now().mono_s
                online_s = 0.0 if self._online_at_s is None else now_s - self._online_at_s
                is_fault = not isinstance(failure, LinkLost)
                state, delay_s = self._backoff.failed(now_s, online_s=online_s, is_fault=is_fault)
                self._fail(state, failure)
            with suppress(TimeoutError):
                async with deadline(self._clock, delay_s):
                    await self._wake.wait()

    async def _attempt(self, loaded: Loaded, line: AsyncExitStack) -> DriverError:
        """One try, and what ended it. `line` closes the link, then frees its node."""
        self._wake.clear()
        self._online_at_s = None
        self._enter("connecting")
        line.callback(self._seams.nodes.release, self.config.id)
        try:
            link = await self._open(loaded)
            line.push_async_callback(self._close, link)
            self.traffic.opened()
            await self._run(loaded, tapped(link, self.frames, self.traffic) if self.frames else link)
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            return verdict(error)  # the driver awaited something of its own that was cancelled
        except Exception as error:  # noqa: BLE001 one device's fault, whatever it is; logged by _fail
            return verdict(error)
        return DriverError("run() returned")

    async def _open(self, loaded: Loaded) -> Link:
        node = port.find() if (port := loaded.port) else ""
        self._seams.nodes.claim(node, self.config.id)
        try:
            async with deadline(self._clock, OPEN_TIMEOUT_S):
                return await loaded.open(node)
        except TimeoutError as error:
            raise LinkLost(str(error) or f"not open within {OPEN_TIMEOUT_S:g} s") from None

    async def _run(self, loaded: Loaded, link: Link) -> None:
        if self._driver is None:
            self._driver = loaded.driver()
        else:
            self.own.restarts += 1
        self._orders = orders = Orders(loaded.spec.queue, self._clock)
        self._enter("handshake")
        context = DeviceContext(
            loaded.settings,
            self.own,
            children={child: it for child, it in self.children.items() if child not in self._wrong},
            orders=orders,
            clock=self._clock,
            emit=self._emit,
            memory=DriverMemory(self._seams.store, self.config.id),
            traffic=self.traffic,
            online=self._online,
        )
        code = "stopped"
        # In a task of its own: Python 3.11's TaskGroup leaves a request of cancellation standing on the task
        # in which a child of it failed, and this one would then take a lost line for its own end.
        running = asyncio.create_task(self._driver.run(link, context), name=f"driver of {self.config.id}")
        self._running = running
        try:
            await running
        except asyncio.CancelledError:
            if _is_cancelled() or not self._unplugged:
                raise
            code = "unplugged"
            raise LinkLost("udev says that it has been unplugged", code=code) from None
        except Exception as error:
            code = verdict(error).code
            raise
        finally:
            self._running, self._unplugged = None, False
            orders.close(code)

    async def _close(self, link: Link) -> None:
        try:
            async with deadline(self._clock, CLOSE_TIMEOUT_S):
                await link.close()
        except Exception:  # a link that cannot even close must not end the device's life
            self.own.log.exception("link bug: close failed")

    async def _emit(self, event: Event) -> None:
        self._seams.tally.event(event)
        await self._seams.emit(event)

    # --- states ---
    def _changed(self, status: DeviceStatus) -> None:
        self._seams.tally.status(status)
        self._seams.changed(status)

    def _enter(self, line: DeviceStateName, failure: DriverError | None = None) -> None:
        self.own.enter(line, failure)
        for child, standing in self.children.items():
            wrong = self._wrong.get(child)
            if wrong is not None and line != "stopped":
                standing.enter("misconfigured", wrong)
            elif line != "connecting" or self._lost_at_s is None:  # 18 children need not tell of every try
                standing.enter(line)

    def _online(self, identity: Identity) -> None:
        """The driver has greeted its device, or learned more of who it is."""
        if self.own.state != "handshake":
            self.own.ready(identity)
            return
        now_s = self._clock.now().mono_s
        self._online_at_s = now_s
        # With the code of its loss, by which a log is searched for both.
        back = (
            {"away_s": round(now_s - self._lost_at_s, 1), "code": self._lost_by}
            if self._lost_at_s is not None
            else {}
        )
        self._lost_at_s = None
        self.own.identify(identity)
        self._enter("online")
        self.own.log.info("online", extra={"model": identity.model, **back})

    def _fail(self, state: DeviceStateName, failure: DriverError) -> None:
        """A loss is logged once, its repetitions only for a debugger; a new resting place is news. So is it
        once where the driver has named the condition before it gave up."""
        self.traffic.lost(failure)
        is_known = self._lost_at_s is not None or self.own.stands(failure.code)
        is_news = not is_known or state not in ("backoff", self._rested_in)
        log = self.own.log.warning if is_news else self.own.log.debug
        trace = failure.__cause__ if is_news and isinstance(failure, Unexpected) else None
        log("%s: %s", state, failure, extra={"code": failure.code}, exc_info=trace)
        if self._lost_at_s is None:
            self._lost_at_s, self._lost_by = self._clock.now().mono_s, failure.code
        self._rested_in = state
        self._enter(state, failure)


def _bad(problems: Sequence[object]) -> BadSettings:
    return BadSettings("; ".join(map(str, problems)))


def _is_cancelled() -> bool:
    """Whether this task has been told to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Unexpected(DriverError):
    """What is not of the contract: a bug of the driver, to be logged with its trace."""


def verdict(error: BaseException) -> DriverError:
    """What an error means for the device. The worst of a group counts: unexpected, settings, the first."""
    if isinstance(error, BaseExceptionGroup):
        found = [verdict(each) for each in error.exceptions]
        return min(
            found, key=lambda each: (not isinstance(each, Unexpected), not isinstance(each, BadSettings))
        )
    if isinstance(error, DriverError):
        return error
    unexpected = Unexpected(f"{type(error).__name__}: {error}")
    unexpected.__cause__ = error
    return unexpected
