"""A context that records: what a driver says is kept, what it is told is counted."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic

from drivers.api import Clock, DriverSpec, Identity, NotKept
from drivers.conformance.subject import SettingsT
from drivers.messages import Body, Instant, Order, Outcome, Result

_log = logging.getLogger(__name__)


class LoopClock:
    """The running loop's own time: real in a real loop, warped in a warped one."""

    def __init__(self) -> None:
        self._wall_offset_s = time.time() - asyncio.get_running_loop().time()

    def now(self) -> Instant:
        mono_s = asyncio.get_running_loop().time()
        return Instant(self._wall_offset_s + mono_s, mono_s, clock_ok=True)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class ManualClock:
    """Time passes only in `advance`. Drivers that wait with `asyncio.timeout` do not see it."""

    def __init__(self, wall_s: float = 1_700_000_000.0) -> None:
        self._wall_s = wall_s
        self._mono_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> Instant:
        return Instant(self._wall_s + self._mono_s, self._mono_s, clock_ok=True)

    async def sleep(self, delay_s: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono_s + delay_s, next(self._order), woken))
        await woken

    async def advance(self, delta_s: float) -> None:
        """Let time pass, waking each sleeper at its moment and letting it act before the next."""
        end_s = self._mono_s + delta_s
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            moment_s, _, woken = heapq.heappop(self._sleepers)
            self._mono_s = max(self._mono_s, moment_s)
            if not woken.done():
                woken.set_result(None)
                await _settle()
        self._mono_s = end_s


async def _settle() -> None:
    for _ in range(20):  # turns of the loop: more than a chain of tasks passing one frame on
        await asyncio.sleep(0)


@dataclass(slots=True)
class RecordedHealth:
    """What has been said of one device. Implements `drivers.api.Health`."""

    device: str
    changed: Callable[[], None] = field(repr=False)
    identities: list[Identity] = field(default_factory=list)
    alive_count: int = 0
    conditions: dict[str, str] = field(default_factory=dict)  # those that are on, with their detail
    ever: set[str] = field(default_factory=set)  # codes that have been on or off
    attributes: dict[str, str] = field(default_factory=dict)

    def ready(self, identity: Identity) -> None:
        self.identities.append(identity)
        self.changed()

    def alive(self) -> None:
        self.alive_count += 1
        self.changed()

    def condition(self, code: str, on: bool, detail: str = "") -> None:
        self.ever.add(code)
        if on:
            self.conditions[code] = detail
        else:
            self.conditions.pop(code, None)
        self.changed()

    def attribute(self, name: str, value: str) -> None:
        self.attributes[name] = value
        if not value:
            del self.attributes[name]
        self.changed()


@dataclass(slots=True, eq=False)
class RecordedCommand:
    """One order on its way. Implements `drivers.api.Command`; `outcomes` must come to one."""

    device: str
    order: Order
    changed: Callable[[], None] = field(repr=False)
    taken: bool = False  # by the driver, which owes an outcome from then on
    outcomes: list[Outcome] = field(default_factory=list)
    unwanted: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.unwanted.set()
        self.changed()

    async def withdrawn(self) -> None:
        await self.unwanted.wait()

    def withdraw(self) -> None:
        """As when who gave the order is gone."""
        self.unwanted.set()


class RecordingContext(Generic[SettingsT]):
    """Implements `drivers.api.Context`. `clock` is by default the running loop's."""

    def __init__(
        self,
        spec: DriverSpec,
        settings: SettingsT,
        *,
        device: str = "device",
        children: Iterable[str] = (),
        clock: Clock | None = None,
    ) -> None:
        self.own = RecordedHealth(device, self._notify)
        self.children = {child: RecordedHealth(child, self._notify) for child in children}
        self.events: list[tuple[str, Body]] = []
        self.commanded: list[RecordedCommand] = []
        self._spec = spec
        self._settings = settings
        self._clock = clock or LoopClock()
        self._waiting: deque[RecordedCommand] = deque()
        self._changed = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()
        self.keeps_nothing = False  # True: `emit` and `remember` raise NotKept
        self.kept = b""  # what the driver remembers
        self.bad_frames: list[str] = []  # why each was none

    # --- the contract ---
    @property
    def device(self) -> str:
        return self.own.device

    @property
    def settings(self) -> SettingsT:
        return self._settings

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def log(self) -> logging.LoggerAdapter[logging.Logger]:
        return logging.LoggerAdapter(_log, {"device": self.device})

    def ready(self, identity: Identity) -> None:
        self.own.ready(identity)

    def alive(self) -> None:
        self.own.alive()

    def condition(self, code: str, on: bool, detail: str = "") -> None:
        self.own.condition(code, on, detail)

    def attribute(self, name: str, value: str) -> None:
        self.own.attribute(name, value)

    def child(self, device: str) -> RecordedHealth:
        return self.children[device]

    async def emit(self, body: Body, device: str | None = None) -> None:
        source = self.device if device is None else device
        if source != self.device:
            self.child(source)  # raises KeyError for a stranger
        await self._open.wait()
        if self.keeps_nothing:
            raise NotKept("the hall's disk is full")
        self.events.append((source, body))
        self._notify()

    def bad_frame(self, reason: str) -> None:
        self.bad_frames.append(reason)

    async def remember(self, data: bytes) -> None:
        if self.keeps_nothing:
            raise NotKept("the hall's disk is full")
        self.kept = data

    async def recall(self) -> bytes:
        return self.kept

    def commands(self) -> RecordingContext[SettingsT]:
        return self

    def __aiter__(self) -> RecordingContext[SettingsT]:
        return self

    async def __anext__(self) -> RecordedCommand:
        await self.until(lambda: bool(self._waiting))
        command = self._waiting.popleft()
        command.taken = True
        self._notify()
        return command

    # --- the test's side ---
    def order(self, order: Order, device: str | None = None) -> RecordedCommand:
        """Give an order; one more than the driver declares to queue is REJECTED, as the hall does."""
        command = RecordedCommand(self.device if device is None else device, order, self._notify)
        self.commanded.append(command)
        if len(self._waiting) >= self._spec.queue:
            command.finish(Outcome(Result.REJECTED, "queue_full"))
        else:
            self._waiting.append(command)
            self._notify()
        return command

    async def outcome(self, command: RecordedCommand, limit_s: float = 10.0) -> Outcome:
        """How `command` ended. Raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            await self.until(lambda: bool(command.outcomes))
        return command.outcomes[0]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until `true()` after something was said or told; put a limit around it."""
        while not true():
            await self._changed.wait()

    def hold(self) -> None:
        """The hall is busy: `emit` waits until `release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    @property
    def is_ready(self) -> bool:
        return bool(self.own.identities)

    @property
    def alive_count(self) -> int:
        """Of the device and all its children."""
        return sum(health.alive_count for health in self._healths())

    @property
    def conditions(self) -> set[tuple[str, str]]:
        """Those that are on: device and code."""
        return {(health.device, code) for health in self._healths() for code in health.conditions}

    def undeclared(self) -> list[str]:
        """What was said that the spec does not declare."""
        codes = {spec.code for spec in self._spec.conditions}
        said = {code for health in self._healths() for code in health.ever}
        events = {type(body) for _, body in self.events}
        return sorted(said - codes) + sorted(kind.__name__ for kind in events - self._spec.events)

    def _healths(self) -> list[RecordedHealth]:
        return [self.own, *self.children.values()]

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
