"""A hall at work with a real store and the demo's configuration; its devices are a list of orders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from drivers.api import ConditionSpec
from drivers.messages import Body, Event, Order, Outcome, PrintSlip, Result
from edge.bus import Bus
from edge.clock import PlayedClock, SystemClock
from edge.effects import Effects
from edge.hall import HallAtWork
from edge.ids import new_id
from edge.settings import Settings, load
from edge.store import Recorded, Store
from edge.wire import DeviceStatus

DEMO = Path(__file__).parents[2] / "config" / "demo.toml"
NOON_S = 1_782_878_400.0  # 2026-07-01 12:00 in China
CLOCK = PlayedClock(SystemClock(), NOON_S, 1.0)  # so that no day ends within a test


@dataclass(slots=True)
class FakeDevices:
    """Takes every order; a print ends as `prints` says, in turn, the last for ever."""

    prints: list[Outcome] = field(default_factory=lambda: [Outcome(Result.DONE)])
    trouble: str = ""
    orders: list[tuple[str, Order]] = field(default_factory=list)
    told: list[DeviceStatus] = field(default_factory=list)
    meant: dict[str, dict[str, ConditionSpec]] = field(default_factory=dict)

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome:  # noqa: ARG002 as in life
        self.orders.append((device, order))
        if not isinstance(order, PrintSlip):
            return Outcome(Result.DONE)
        return self.prints.pop(0) if len(self.prints) > 1 else self.prints[0]

    def problem(self, device: str) -> str:  # noqa: ARG002 as in life
        return self.trouble

    def statuses(self) -> list[DeviceStatus]:
        return self.told

    def words(self) -> dict[str, dict[str, ConditionSpec]]:
        return self.meant

    def shown(self, kind: type) -> list[Order]:
        return [order for _, order in self.orders if isinstance(order, kind)]


@dataclass(slots=True)
class Stage:
    settings: Settings
    store: Store
    bus: Bus
    hall: HallAtWork
    devices: FakeDevices
    changes: list[None]

    async def say(self, device: str, body: Body) -> None:
        """A device says something; returns when the hall has kept or refused it."""
        await self.hall.on_event(Event(new_id(), device, CLOCK.now(), body))

    async def facts(self) -> list[str]:
        return [recorded.fact.kind for recorded in await kept(self.store)]


async def kept(store: Store) -> list[Recorded]:
    return [recorded async for recorded in store.since_day_opened()]


def demo_settings(folder: Path) -> Settings:
    ttys = {f"HALL_TTY_{name}": str(folder / name) for name in ("PRINTER", "ENTRANCE", "WINDOWS")}
    places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    return load(DEMO, env={"HALL_BROKER": "mqtt://127.0.0.1", **ttys, **places})


@asynccontextmanager
async def stage(
    folder: Path, devices: FakeDevices | None = None, settings: Settings | None = None
) -> AsyncIterator[Stage]:
    """Runs until the end; entered again on the same folder, it takes up what was kept."""
    settings, bus = settings or demo_settings(folder), Bus()
    devices = devices or FakeDevices()
    store = await Store.open(folder / "hall.db")
    effects = Effects(settings, devices, bus, CLOCK)
    changes: list[None] = []
    hall = HallAtWork(
        settings=settings,
        store=store,
        bus=bus,
        effects=effects,
        clock=CLOCK,
        changed=lambda: changes.append(None),
    )
    running = asyncio.create_task(hall.run())
    try:
        yield Stage(settings, store, bus, hall, devices, changes)
    finally:
        running.cancel()
        await asyncio.wait({running})
        await effects.close()
        await store.close()
    if not running.cancelled():
        running.result()


async def until(what: str, holds: object, limit_s: float = 60.0) -> None:
    """Wait until `holds()`; a failure says `what` was waited for."""
    assert callable(holds)
    for _ in range(int(limit_s / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never: {what}")
