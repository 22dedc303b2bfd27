"""Doubles for the bus's tests: a recording context, and a driver at work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tomllib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.api import Command, Identity, LinkLost, NotKept
from drivers.bus68.driver import BusDriver
from drivers.bus68.settings import BusSettings, Child
from drivers.conformance import LoopClock
from drivers.messages import Body, Order, Outcome
from drivers.transport.null import pair

MODELS = Path(__file__).parents[2] / "config" / "models"


@dataclass
class RecordingHealth:
    identity: Identity | None = None
    heard: int = 0
    conditions: dict[str, str] = field(default_factory=dict)  # those that are on: code → detail

    def ready(self, identity: Identity) -> None:
        self.identity = identity

    def alive(self) -> None:
        self.heard += 1

    def condition(self, code: str, on: bool, detail: str = "") -> None:
        if on:
            self.conditions[code] = detail
        else:
            self.conditions.pop(code, None)

    def attribute(self, name: str, value: str) -> None:
        raise AssertionError(f"a bus has no {name} to tell: {value}")


class RecordingCommand:
    def __init__(self, device: str, order: Order) -> None:
        self.device = device
        self.order = order
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def finish(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    async def withdrawn(self) -> None:
        await asyncio.Event().wait()


class RecordingContext(RecordingHealth):
    def __init__(self, settings: BusSettings, device: str = "bus") -> None:
        super().__init__()
        self.device = device
        self.settings = settings
        self.clock = LoopClock()
        self.log = logging.LoggerAdapter(logging.getLogger("test.bus68"), {})
        self.children = {child.id: RecordingHealth() for child in settings.children}
        self.events: list[tuple[str, Body]] = []
        self.bad_frames: list[str] = []
        self.accepts = asyncio.Event()  # cleared: the hall is busy, `emit` waits
        self.accepts.set()
        self.refuses = 0  # so many events from now on cannot be kept
        self.on_event: Callable[[str], object] = str  # told the device of each event
        self._orders: asyncio.Queue[Command] = asyncio.Queue()

    def child(self, device: str) -> RecordingHealth:
        return self.children[device]

    async def emit(self, body: Body, device: str | None = None) -> None:
        await self.accepts.wait()
        if self.refuses:
            self.refuses -= 1
            raise NotKept("the disk is full", code="store_full")
        self.events.append((device or self.device, body))
        self.on_event(device or self.device)

    def bad_frame(self, reason: str) -> None:
        self.bad_frames.append(reason)

    async def remember(self, data: bytes) -> None:
        raise NotImplementedError  # a bus remembers nothing

    async def recall(self) -> bytes:
        return b""

    async def commands(self) -> AsyncIterator[Command]:
        while True:
            yield await self._orders.get()

    def order(self, device: str, order: Order) -> RecordingCommand:
        command = RecordingCommand(device, order)
        self._orders.put_nowait(command)
        return command


def model(name: str = "bus68-standard") -> dict[str, Any]:
    """The settings of a model file."""
    profile = tomllib.loads((MODELS / f"{name}.toml").read_text(encoding="utf-8"))
    settings: dict[str, Any] = profile["settings"]
    return settings


def settings(children: Iterable[Child], name: str = "bus68-standard", **own: Any) -> BusSettings:
    return BusSettings(**{**model(name), "children": tuple(children), **own})


def window(number: int) -> tuple[Child, Child, Child]:
    return (
        Child(f"caller-{number}", "caller", number),
        Child(f"pad-{number}", "pad", 0x80 | number),
        Child(f"strip-{number}", "strip", number),
    )


@dataclass
class Running:
    """A driver at work on one end of a null modem, and what runs at the other."""

    ctx: RecordingContext
    driver: asyncio.Task[Any]
    unplug: Callable[[], Coroutine[Any, Any, None]]
    peer: asyncio.Task[Any]

    async def stop(self) -> None:
        """Raises what either end failed with, beside the loss of the line."""
        self.driver.cancel()
        self.peer.cancel()
        for end in await asyncio.gather(self.driver, self.peer, return_exceptions=True):
            if isinstance(end, BaseException) and not isinstance(end, (asyncio.CancelledError, LinkLost)):
                raise end


def start(ctx: RecordingContext, peer: Any, driver: BusDriver | None = None, wrap: Any = None) -> Running:
    """`peer` has `run(link)`; `wrap` puts something between the driver and its end of the null modem."""
    near, far = pair()

    async def life() -> None:
        with contextlib.suppress(LinkLost):
            await peer.run(far)

    link = wrap(near) if wrap else near
    run = asyncio.ensure_future((driver or BusDriver()).run(link, ctx))
    return Running(ctx, run, near.close, asyncio.ensure_future(life()))
