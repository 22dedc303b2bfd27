"""A hall under supervision: real rules, store and alerts on a clock that the test owns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from drivers.conformance.context import ManualClock
from drivers.messages import Body, ButtonPressed, Event, Instant, KeyAction, KeyPressed
from edge.alerts import Alerts
from edge.bus import Bus
from edge.effects import Effects
from edge.hall import HallAtWork
from edge.ids import new_id
from edge.settings import Settings, load
from edge.store import Store
from edge.supervision.part import AtWork, keys, supervision_of
from edge.uplink import Uplink
from edge.wire import Alert, DeviceStatus, Reply, Request
from tests.store_kit import flat, told
from tests.unit.hall_kit import DEMO, FakeDevices, until

LOOK_S = 5.0


class Stepped(ManualClock):
    """Its wall clock can be put right, or wrong."""

    stepped_s = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.looked = asyncio.Event()  # the next look is waited for, and none is under way

    def now(self) -> Instant:
        now = super().now()
        return replace(now, wall_s=now.wall_s + self.stepped_s)

    def suspend(self, for_s: float) -> None:
        """As while the machine sleeps: time has passed, and nobody has looked in between."""
        self._mono_s += for_s

    async def sleep(self, delay_s: float) -> None:
        if delay_s != LOOK_S:
            await super().sleep(delay_s)
            return
        self.looked.set()
        try:
            await super().sleep(delay_s)
        finally:
            self.looked.clear()


class Broker:
    """What is retained of alerts, and every change of it."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.told: list[str] = []

    def retain(self, topic: str, alert: Alert) -> None:
        self.alerts[topic.rpartition("/")[2]] = alert
        self.told.append(f"+{alert.key} {alert.warning.level if alert.warning else alert.severity}")

    def clear(self, topic: str) -> None:
        key = topic.rpartition("/")[2]
        del self.alerts[key]
        self.told.append(f"-{key}")


class Watched:
    def __init__(
        self, hall: HallAtWork, store: Store, clock: Stepped, alerts: Alerts, supervision: AtWork
    ) -> None:
        self.hall, self.store, self.clock, self.alerts = hall, store, clock, alerts
        self.supervision, self.broker = supervision, Broker()

    async def say(self, device: str, body: Body) -> None:
        await self.hall.on_event(Event(new_id(), device, self.clock.now(), body))

    async def take(self, button: int = 1) -> None:
        """Until it waits."""
        await self.say("buttons", ButtonPressed(button))
        tickets = self.hall.state.tickets
        await until("it waits", lambda: all(each.phase != "reserved" for each in tickets.values()))

    async def key(self, window: str, action: KeyAction, digits: str = "") -> None:
        await self.say(f"caller-{window}", KeyPressed(action, digits))

    async def passes(self, minutes: float) -> None:
        """In steps of a look; each look has ended before the next step."""
        for _ in range(round(minutes * 60 / LOOK_S)):
            await self.clock.advance(LOOK_S)
            await self.supervision_is_idle()

    async def supervision_is_idle(self) -> None:
        """It sleeps until the next look."""
        await asyncio.wait_for(self.clock.looked.wait(), timeout=60)

    def device(self, device: str, code: str = "") -> None:
        """Its status: with an error, or without any."""
        error = {"code": code, "severity": "error", "since": 1.0}
        status = {"device": device, "state": "online", "since": 1.0, "conditions": [error] if code else []}
        self.supervision.on_status(DeviceStatus.model_validate(status))

    async def acknowledge(self, key: str, name: str, note: str = "", request: str = "") -> Reply:
        asked = Request(id=request or new_id(), verb="alert.acknowledge")
        return await self.supervision.acknowledge(key, name, note, asked, "hallctl")

    async def facts(self) -> list[dict[str, Any]]:
        return [each for row in await told(self.store) if (each := flat(row))["kind"].startswith("alert.")]

    async def kinds(self) -> list[str]:
        return [f"{each['kind'].removeprefix('alert.')} {each['key']}" for each in await self.facts()]


def settings_with(folder: Path, *warnings: str, more: str = "") -> Settings:
    """The demo's hall, with these warnings."""
    ttys = {f"HALL_TTY_{name}": str(folder / name) for name in ("PRINTER", "ENTRANCE", "WINDOWS")}
    places = {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder)}
    tables = "".join(f"[[warning]]\n{row}\n" for row in warnings)
    path = folder / "hall.toml"
    path.write_text(DEMO.read_text(encoding="utf-8") + more + tables, encoding="utf-8")
    return load(path, env={"HALL_BROKER": "mqtt://127.0.0.1", **ttys, **places})


@asynccontextmanager
async def watched(folder: Path, settings: Settings, clock: Stepped) -> AsyncIterator[Watched]:
    """Entered again on the same folder and clock, it is the next start; nothing is said at an end, as when a
    process is killed."""
    store, bus = await Store.open(folder / "hall.db", wall=lambda: clock.now().wall_s), Bus()
    effects = Effects(settings, FakeDevices(), bus, clock)
    hall = HallAtWork(
        settings=settings, store=store, bus=bus, effects=effects, clock=clock, changed=lambda: None
    )
    alerts = Alerts(settings, [], keys(settings), clock)
    supervision = supervision_of(settings, hall=hall, store=store, alerts=alerts, clock=clock)
    here = Watched(hall, store, clock, alerts, supervision)
    tasks = [
        asyncio.create_task(hall.run()),
        asyncio.create_task(alerts.run(cast("Uplink", here.broker))),
        asyncio.create_task(supervision.run()),
    ]
    try:
        await here.supervision_is_idle()
        yield here
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await effects.close()
        await store.close()
    for task in tasks:
        if not task.cancelled():
            task.result()
