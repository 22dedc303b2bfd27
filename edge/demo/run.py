"""`hall-edge demo`: start everything, open the hall, close it, and say whether all went well."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console, RenderableType
from rich.live import Live

from edge.control import ControlClient
from edge.demo.corner import Corner, errors_of
from edge.demo.full import full_config
from edge.demo.observer import Observer
from edge.demo.people import People, now_s
from edge.demo.processes import DemoError, Process, start_broker, start_daemon, start_hub
from edge.demo.report import (
    Report,
    Visited,
    events_of,
    latency_of,
    problems_around,
    problems_of,
    recorded,
    shown_on,
    tickets_of,
)
from edge.demo.rig import Rig, rig_of
from edge.demo.table import picture

CONFIG = Path(__file__).parents[2] / "config" / "demo.toml"
READY_S = 20.0  # for every line to be open; a second is usual
SETTLE_S = 20.0  # after closing, until the hub has acknowledged all
REFRESH_PER_S = 4
ARRIVALS_PER_WINDOW_MIN = 12.0  # the panel is narrower: a slip and the next one's steps take 1.5 s


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: float = 1.0
    speed: float = 1.0
    seed: int = 1
    full: bool = False
    headless: bool = False
    broker: str = ""  # "": a nats-server of its own


@dataclass(slots=True)
class Scene:
    """Everything that runs."""

    rig: Rig
    people: People
    corner: Corner
    observer: Observer
    daemon: Process
    hub: Process
    record: Path
    socket: Path


async def play(plan: Plan, console: Console | None = None) -> Report:
    """Raises DemoError where a part does not start or ends too early."""
    with tempfile.TemporaryDirectory(prefix="hall-demo-") as name:
        async with _scene(plan, Path(name)) as scene:
            process = psutil.Process(scene.daemon.pid)
            process.cpu_percent()
            await _day(plan, scene, console or Console())
            return await _report(plan, scene, process)


@asynccontextmanager
async def _scene(plan: Plan, folder: Path) -> AsyncIterator[Scene]:
    """The parts in the order in which they need each other; ended in the opposite one."""
    config = CONFIG
    if plan.full:
        config = folder / "full.toml"
        config.write_text(full_config(CONFIG.read_text(encoding="utf-8")), encoding="utf-8")
    async with AsyncExitStack() as stack:
        broker = plan.broker
        if not broker:
            process, broker = await start_broker(folder)
            stack.push_async_callback(process.stop)
        observer = Observer(broker)
        await stack.enter_async_context(_task(observer.run()))
        hub, record = await start_hub(folder, broker)
        stack.push_async_callback(hub.stop)
        rig = await stack.enter_async_context(rig_of(config, folder, broker))
        people = _people(plan, rig, observer)
        rig.printer.on_slip = people.on_slip
        async with asyncio.timeout(READY_S):
            await observer.subscribed.wait()
        daemon = await start_daemon(config, folder, rig.env)
        stack.push_async_callback(daemon.stop)
        socket = folder / "control.sock"
        corner = Corner(rig, socket, seed=plan.seed, speed=plan.speed)
        scene = Scene(rig, people, corner, observer, daemon, hub, record, socket)
        await _lines_open(scene)
        yield scene


def _people(plan: Plan, rig: Rig, observer: Observer) -> People:
    arrivals = ARRIVALS_PER_WINDOW_MIN * len(rig.desks)
    return People(rig, observer, seed=plan.seed, speed=plan.speed, arrivals_per_min=arrivals)


@asynccontextmanager
async def _task(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _lines_open(scene: Scene) -> None:
    """Until the daemon says on the broker that every line is online."""
    lines = [device.id for device in scene.rig.settings.devices]
    deadline_s = now_s() + READY_S
    while any(
        line not in scene.observer.devices or scene.observer.devices[line].state != "online" for line in lines
    ):
        scene.daemon.must_live()
        if now_s() > deadline_s:
            raise DemoError("not every line is open: " + " | ".join(scene.daemon.tail()))
        await asyncio.sleep(0.05)


async def _day(plan: Plan, scene: Scene, console: Console) -> None:
    """The hall's day; the table is shown meanwhile."""
    loop = asyncio.get_running_loop()
    ends_s = loop.time() + plan.minutes * 60

    def shown() -> RenderableType:  # in a thread of rich, where no loop runs
        left_s = ends_s - loop.time()
        return picture(scene.rig, scene.observer, scene.people.tally, scene.corner.visits, left_s)

    playing = asyncio.create_task(scene.people.run(plan.minutes * 60))
    visiting = asyncio.create_task(scene.corner.run())
    try:
        if plan.headless:
            await _while_alive(scene, playing)
        else:
            with Live(console=console, refresh_per_second=REFRESH_PER_S, get_renderable=shown):
                await _while_alive(scene, playing)
    finally:
        playing.cancel()
        scene.corner.visits.wrong += errors_of(visiting)
        visiting.cancel()


async def _while_alive(scene: Scene, playing: asyncio.Task[None]) -> None:
    while not playing.done():
        scene.daemon.must_live()
        scene.hub.must_live()
        await asyncio.wait({playing}, timeout=1.0)
    with contextlib.suppress(TimeoutError):  # the report names who was not served
        playing.result()


async def _report(plan: Plan, scene: Scene, process: psutil.Process) -> Report:
    cpu_percent = process.cpu_percent()
    epoch, last_seq = await _settled(scene)
    tally, observer, visits = scene.people.tally, scene.observer, scene.corner.visits
    rows, different = recorded(scene.record)
    tickets = tickets_of(observer.ledger)
    events = events_of(observer.ledger, epoch, last_seq, rows)
    problems = problems_of(tickets, events, scene.people, observer, different)
    problems += problems_around(scene.rig, observer, visits, tally)
    return Report(
        ok=not problems,
        problems=tuple(problems),
        seed=plan.seed,
        minutes=plan.minutes,
        speed=plan.speed,
        windows=len(scene.rig.desks),
        devices=len(observer.devices),
        tickets=tickets,
        events=events,
        corner=Visited(cards=visits.cards, codes=visits.codes, payments=visits.payments),
        boards=shown_on(scene.rig),
        latency_ms=latency_of(observer, tally, visits),
        first_called_s=tally.first_called_s and round(tally.first_called_s, 2),
        slips=sum(tally.slips.values()),
        unanswered=tally.unanswered,
        rss_mb=round(process.memory_info().rss / 2**20, 1),
        cpu_percent=round(cpu_percent, 2),
    )


async def _settled(scene: Scene) -> tuple[str, int]:
    """Wait until the hub has acknowledged all; the node's own word of its epoch and last event."""
    deadline_s = now_s() + SETTLE_S
    async with ControlClient(scene.socket) as client:
        while True:
            reply = await client.request("status", {}, 5.0)
            outbox = reply.data["health"]["outbox"]
            if outbox["rows"] == 0 or now_s() > deadline_s:
                return str(reply.data["node"]["epoch"]), int(outbox["last_seq"])
            await asyncio.sleep(0.2)
