"""What the supervisor's tests share: a clock that the test owns, and a driver and link that do as told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Never

from drivers.api import ConditionSpec, Context, DriverSpec, Identity, Link
from drivers.messages import Beep, Event, Instant, KeyPressed, ShowText
from drivers.registry import Port
from edge.life import Seams
from edge.supervisor import Supervisor
from edge.wire import DeviceStatus

WALL_S = 1_700_000_000.0
PAPER_OUT = ConditionSpec("paper_out", "error", "缺纸", "out of paper", "换纸", "load paper")
PAPER_LOW = ConditionSpec("paper_low", "warning", "纸将用完", "paper is low", "备纸", "have paper ready")
NOTE = ConditionSpec("note", "info", "提示", "a note", "无需处理", "nothing to do")
SPEC = DriverSpec(
    family="puppet",
    links=frozenset({"test"}),
    settings=dict,
    orders=frozenset({ShowText}),
    events=frozenset({KeyPressed}),
    conditions=(PAPER_OUT, PAPER_LOW, NOTE),
    heartbeat_s=None,
    max_frame=64,
    queue=2,
)
TEXT = ShowText("请 A012 号")
UNSUPPORTED = Beep()


async def settle() -> None:
    """Let every task run until each waits for something."""
    for _ in range(30):
        await asyncio.sleep(0)


class ManualClock:
    def __init__(self) -> None:
        self.mono_s = 100.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> Instant:
        return Instant(WALL_S + self.mono_s, self.mono_s, True)

    async def sleep(self, delay_s: float) -> None:
        due = (self.mono_s + delay_s, asyncio.get_running_loop().create_future())
        self._sleepers.append(due)
        try:
            await due[1]
        finally:
            self._sleepers.remove(due)

    @property
    def sleepers(self) -> int:
        return len(self._sleepers)

    def expire(self) -> None:
        """Every sleep is over, in this turn of the loop."""
        for due_s, sleeper in self._sleepers:
            self.mono_s = max(self.mono_s, due_s)
            if not sleeper.done():
                sleeper.set_result(None)

    async def advance(self, delay_s: float) -> None:
        """Let time pass, waking each sleeper at its own moment."""
        await settle()
        end_s = self.mono_s + delay_s
        while due := [each for each in self._sleepers if each[0] <= end_s]:
            first = min(due, key=lambda each: each[0])
            self.mono_s = max(self.mono_s, first[0])
            first[1].set_result(None)
            await settle()
        self.mono_s = end_s
        await settle()


class FakeLink:
    url = "test://puppet"

    def __init__(self) -> None:
        self.closed = 0
        self.close_error: Exception | None = None
        self.close_hangs = False

    async def read(self) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def write(self, data: bytes) -> None:
        raise AssertionError(data)

    async def close(self) -> None:
        self.closed += 1
        if self.close_hangs:
            await asyncio.Event().wait()
        if self.close_error:
            raise self.close_error


class Puppet:
    """A driver whose every run does `script`, or greets its device and then lives until `fail`."""

    spec: ClassVar[DriverSpec] = SPEC

    def __init__(self) -> None:
        self.greets = True
        self.script: Callable[[Link, Context[Any]], Awaitable[object]] | None = None
        self.contexts: list[Context[Any]] = []
        self._end: asyncio.Future[None] | None = None

    @property
    def ctx(self) -> Context[Any]:
        return self.contexts[-1]

    @property
    def runs(self) -> int:
        return len(self.contexts)

    async def run(self, link: Link, ctx: Context[Any]) -> Never:
        self.contexts.append(ctx)
        self._end = asyncio.get_running_loop().create_future()
        if self.script is not None:
            await self.script(link, ctx)
        elif self.greets:
            ctx.ready(Identity(model="P1", serial="7"))
        await self._end
        raise AssertionError("it only ends by an error")

    async def fail(self, error: BaseException) -> None:
        assert self._end is not None
        self._end.set_exception(error)
        await settle()


@dataclass
class FakeLoaded:
    puppet: Puppet = field(default_factory=Puppet)
    settings: Any = None
    spec: DriverSpec = SPEC
    links: list[FakeLink] = field(default_factory=list)
    port: Port | None = None
    url: str = "test://puppet"
    node: str = ""  # at the last opening
    opens: int = 0
    made: int = 0
    open_error: BaseException | None = None
    open_hangs: bool = False

    def driver(self) -> Puppet:
        self.made += 1
        return self.puppet

    def said(self, data: bytes, out: bool) -> str:
        return f"{len(data)} bytes {'out' if out else 'in'}"

    async def open(self, node: str) -> Link:
        self.opens += 1
        self.node = node
        if self.open_hangs:
            await asyncio.Event().wait()
        if self.open_error:
            raise self.open_error
        self.links.append(FakeLink())
        return self.links[-1]


@dataclass
class FakeChild:
    problems: Sequence[object] = ()


@dataclass
class FakeConfig:
    id: str
    loaded: FakeLoaded | None
    children: dict[str, FakeChild] = field(default_factory=dict)
    problems: Sequence[object] = ()


class Hall:
    """A supervisor at work with what it has told, the newest last."""

    def __init__(
        self, *configs: FakeConfig, seed: int = 1, conditions: tuple[ConditionSpec, ...] = ()
    ) -> None:
        self.clock = ManualClock()
        self.told: list[DeviceStatus] = []
        self.events: list[Event] = []
        self.room = asyncio.Event()  # cleared: the hall is busy and takes no event
        self.room.set()
        self.supervisor = Supervisor(
            configs, Seams(self.clock, random.Random(seed), self._take, self.told.append, conditions)
        )

    async def _take(self, event: Event) -> None:
        await self.room.wait()
        self.events.append(event)

    def now(self, device: str) -> DeviceStatus:
        return next(each for each in self.supervisor.statuses() if each.device == device)

    def states(self, device: str) -> list[str]:
        return [each.state for each in self.told if each.device == device]

    def codes(self, device: str) -> list[str]:
        return [each.code for each in self.now(device).conditions]


@asynccontextmanager
async def running(*configs: FakeConfig, seed: int = 1) -> AsyncIterator[Hall]:
    """A hall that runs within the block and has stopped after it."""
    hall = Hall(*configs, seed=seed)
    task = asyncio.create_task(hall.supervisor.run())
    await settle()
    try:
        yield hall
    finally:
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.result()
