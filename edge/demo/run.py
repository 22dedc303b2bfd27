"""`hall-edge demo`: start everything, open the hall, close it, and say whether all went well."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import tomllib
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from drivers.camera.sim import CameraSim
from drivers.camera.sim_ills import PICTURE
from edge.demo.counts import Recorded, recorded
from edge.demo.day import hours_of
from edge.demo.figures import events_of
from edge.demo.full import full_config, township_config
from edge.demo.guest import FOLDER
from edge.demo.hall import READY_S, Hall, Pace, hall_of
from edge.demo.kiosk import show, with_kiosk
from edge.demo.observer import Observer
from edge.demo.payers import payments_of, with_services
from edge.demo.processes import Process, link_of, start_broker, start_hub, start_services
from edge.demo.report import Report, hall_report, report_of
from edge.demo.ruled import rules_of
from edge.demo.rules import (
    DAYS_WARNINGS,
    MINUTES_WARNINGS,
    with_day,
    with_minutes,
    with_rules,
    within_a_day,
    zone_of,
)
from edge.demo.table import picture

CONFIG = Path(__file__).parents[2] / "config" / "demo.toml"
PLAN = CONFIG.parent / "plans" / "demo.toml"
CONSOLE = f'[[hall]]\nid = "demo"\nplan = {json.dumps(str(PLAN))}\n'  # settings of the pages
REFRESH_PER_S = 4
ARRIVALS_PER_WINDOW_MIN = 12.0  # the panel is narrower: a slip and the next one's steps take 1.5 s
TOWNSHIP_ARRIVALS_MIN = 1.5
# Township halls that start at a time, while the centre is at work: it waits for no other hall. Starting keeps
# a processor busy for almost a second, so of two processors the other one is left to the centre.
STARTING = 1
OPEN_AT_LEAST_S = 5.0  # a hall whose turn comes late: its first citizen has a ticket after two


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: float | None = 1.0  # None: a whole day, which has to be `played`
    speed: float = 1.0
    seed: int = 1
    full: bool = False  # the centre with all its windows
    headless: bool = False
    broker: str = ""  # "": a nats-server of its own
    played: date | None = None  # the day whose time runs at `speed`; None: only people do
    townships: int = 0  # how many of their halls
    ills: tuple[
        tuple[int, str], ...
    ] = ()  # cameras by number that fall ill when the doors open, and with what
    kiosk: bool = False  # in a window, for who looks on


@dataclass(slots=True)
class Scene:
    """Everything that runs."""

    centre: Hall
    townships: list[Hall]
    observer: Observer
    hub: Process
    record: Path
    day_s: float = 0.0  # how long the centre's doors are open

    @property
    def halls(self) -> list[Hall]:
        return [self.centre, *self.townships]


async def play(plan: Plan, console: Console | None = None) -> Report:
    """Raises DemoError where a part does not start or ends too early."""
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        async with _scene(plan, Path(name)) as scene:
            await _ill_pictures(plan, scene)
            console = console or Console()
            if not plan.headless:
                told = "中心网页，用这个链接建立账号 · the pages, make your account here:"
                console.print(told, link_of(scene.hub), soft_wrap=True)
            await _day(plan, scene, console)
            return await _report(plan, scene)


@asynccontextmanager
async def _scene(plan: Plan, folder: Path) -> AsyncIterator[Scene]:
    """The parts in the order in which they need each other; ended in the opposite one. Of the halls only the
    centre is open."""
    async with AsyncExitStack() as stack:
        broker = plan.broker
        if not broker:
            process, broker = await start_broker(folder)
            stack.push_async_callback(process.stop)
        observer = Observer(broker)
        await stack.enter_async_context(_task(observer.run()))
        hub, record = await start_hub(folder, broker, "" if plan.headless else CONSOLE)
        stack.push_async_callback(hub.stop)
        texts = list(_halls(plan))
        sandbox, services = await start_services(folder, plan.seed, zone_of(texts[0][0]))
        stack.push_async_callback(sandbox.stop)
        halls = [
            await stack.enter_async_context(
                hall_of(
                    text,
                    folder / f"hall-{number}",
                    observer,
                    broker,
                    pace,
                    record=None if number else record,  # the centre shows its rules
                    guest=plan.kiosk and not number,
                    services="" if number else services,
                )
            )
            for number, (text, pace) in enumerate(texts)
        ]
        stack.push_async_callback(_stop, halls)
        async with asyncio.timeout(READY_S):
            await observer.subscribed.wait()
        await halls[0].open()
        yield Scene(halls[0], halls[1:], observer, hub, record)


def _halls(plan: Plan) -> Iterator[tuple[str, Pace]]:
    """The configuration of each hall and how its people are, the centre's first; it is the one that warns."""
    demo = CONFIG.read_text(encoding="utf-8")
    if not plan.played:
        demo = within_a_day(demo, plan.minutes or 0.0, datetime.now(UTC))
    text = full_config(demo) if plan.full else demo
    text = with_rules(text, DAYS_WARNINGS if plan.played else MINUTES_WARNINGS)
    text = with_services(with_kiosk(text) if plan.kiosk else text)
    yield _timed(text, plan), Pace(plan.seed, plan.speed, ARRIVALS_PER_WINDOW_MIN, plan.played)
    pace = Pace(plan.seed, plan.speed, TOWNSHIP_ARRIVALS_MIN, plan.played)
    for number in range(1, plan.townships + 1):
        yield _timed(township_config(demo, number), plan), pace


def _timed(text: str, plan: Plan) -> str:
    windows = [window["id"] for window in tomllib.loads(text)["window"]]
    return with_day(text, hours_of(windows)) if plan.played else with_minutes(text)


async def _ill_pictures(plan: Plan, scene: Scene) -> None:
    """The video of cameras that will fall ill, before anybody looks."""
    faults = {fault for _, fault in plan.ills if fault in PICTURE}
    for cameras in scene.centre.rig.of(CameraSim).values() if faults else ():
        await cameras.prepare(["sub"], faults)


async def _stop(halls: list[Hall]) -> None:
    """All at once: each drains for a while."""
    await asyncio.gather(*(hall.stop() for hall in halls))


@asynccontextmanager
async def _task(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _day(plan: Plan, scene: Scene, console: Console) -> None:
    """The day of all halls; the table is shown meanwhile."""
    loop = asyncio.get_running_loop()
    scene.day_s = scene.centre.doors_s(plan.minutes)
    ends_s = loop.time() + scene.day_s
    starting = asyncio.Semaphore(STARTING)

    def shown() -> RenderableType:  # in a thread of rich, where no loop runs
        return picture(scene.centre, scene.townships, ends_s - loop.time())

    async def township(hall: Hall) -> None:
        async with starting:
            await hall.open(scene.centre.day.local() if scene.centre.day else None)
        await hall.work(max(ends_s - loop.time(), OPEN_AT_LEAST_S))

    works = [scene.centre.work(ends_s - loop.time()), *(township(hall) for hall in scene.townships)]
    if plan.kiosk:
        works.append(show(scene.centre, ends_s - loop.time(), console.print))
    days = [asyncio.create_task(work) for work in works]
    for cameras in scene.centre.rig.of(CameraSim).values():
        for number, fault in plan.ills:
            cameras.cameras[number].fall_ill(fault)
    try:
        if plan.headless:
            await _until_over(scene, days)
        else:
            with Live(console=console, refresh_per_second=REFRESH_PER_S, get_renderable=shown):
                await _until_over(scene, days)
    finally:
        for day in days:
            day.cancel()
        await asyncio.gather(*days, return_exceptions=True)  # the error is told already


async def _until_over(scene: Scene, days: list[asyncio.Task[None]]) -> None:
    while going_on := [day for day in days if not day.done()]:
        scene.hub.must_live()
        for hall in scene.halls:
            hall.must_live()
        over, _ = await asyncio.wait(going_on, timeout=1.0, return_when=asyncio.FIRST_EXCEPTION)
        for day in over:
            day.result()


async def _report(plan: Plan, scene: Scene) -> Report:
    balances = await asyncio.gather(*(hall.balance() for hall in scene.halls))
    rows = recorded(scene.record)
    reports = [
        hall_report(
            hall,
            balance,
            rows.get((hall.id, hall.rig.settings.node.id), Recorded()),
            rules_of(hall, scene.record, whole_day=plan.played is not None and plan.minutes is None),
            payments_of(events_of(scene.record, hall.id, hall.rig.settings.node.id)),
            broker_lost=scene.observer.sessions > 1,
        )
        for hall, balance in zip(scene.halls, balances, strict=True)
    ]
    minutes = plan.minutes or scene.day_s / 60
    return report_of(scene.halls, reports, seed=plan.seed, minutes=minutes, speed=plan.speed)
