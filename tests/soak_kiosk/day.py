"""Citizens come and go through the hours, by touch; what the process takes is noted at the end of each."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from kiosk_ui import app as kiosk_app
from kiosk_ui.actions import Finish, ReadCard, Screen
from kiosk_ui.app import TICK_S, App
from kiosk_ui.messages import Act
from kiosk_ui.node import controls
from tests.kiosk.driven import kiosk, pages, tap, tree, until
from tests.soak_kiosk.hall import AWAY_S, OPENS_H, RESTARTS_H, Hall
from tests.soak_kiosk.hasty import HastyLoop

HOUR_S = 3600.0
APART_S = (60.0, 240.0)  # from one citizen to the next, in an hour in which the hall is open
TOUCHES = (4, 24)  # of one
LOOKS_S = (0.5, 6.0)  # at a page
CARDS = 0.1  # of the citizens, who lay on their card
WALK_AWAY = 0.4  # of them, without a word: the session ends by itself
QUIET_S = 600.0  # before an hour's end nobody comes: at its end nobody stands there
NO_TOUCH_H = 4  # in this hour of the day the touch device is gone


@dataclass(frozen=True, slots=True)
class Plan:
    """So many hours of the day, and then so many pages one after the other. Every page has been there by the
    end of the first hour, from which growth is counted: what citizens have come to by then is chance."""

    hours: int = 24
    pages: int = 10_000
    begin_h: int = OPENS_H
    warm_pages: int = 1000  # in the first hour, and before these, and not among them


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    resident_mb: float
    handles: int
    threads: int


@dataclass(slots=True)
class Soak:
    """What was seen. `hours`: one for each, at its end. `pages`: before and after all the pages."""

    hours: list[Sample] = field(default_factory=list)
    pages: list[Sample] = field(default_factory=list)
    citizens: int = 0
    touches: int = 0
    pictures: int = 0
    asked: int = 0
    took_s: float = 0.0


def sample(name: str) -> Sample:
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    handles, threads = (len(list(Path("/proc/self", each).iterdir())) for each in ("fd", "task"))
    return Sample(name, resident / 2**20, handles, threads)


def soak(plan: Plan, tell: Callable[[Sample], None] = lambda _: None) -> Soak:
    """Needs a process of its own, whose memory is nobody else's."""
    loop = HastyLoop()
    try:
        return loop.run_until_complete(_soak(loop, plan, tell))
    finally:
        loop.close()


async def _soak(loop: HastyLoop, plan: Plan, tell: Callable[[Sample], None]) -> Soak:
    began_s, midnight_s, found = time.monotonic(), loop.time() - plan.begin_h * HOUR_S, Soak()
    kiosk_app.REST_S = TICK_S  # a look at nothing is a look at nothing; no more than this is left out
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "control.sock"
        hall = Hall(socket, lambda: loop.time() - midnight_s)
        app = kiosk(socket)
        app.clock = loop.time
        # This hall has a code at its scanner whenever it is asked: read at any time, they would never end.
        app.model = replace(app.model, look=replace(app.model.look, scans=False))
        app.watches_touch = True
        app.window.touch_devices = lambda: () if hall.hour == NO_TOUCH_H else ("touch",)  # type: ignore[method-assign]
        loop.waits_for_others = lambda: _waits(app)
        await hall.start()
        running = asyncio.create_task(app.run())
        try:
            await until(lambda: app.model.guide.initials)
            chance = random.Random(plan.hours)
            for hour in range(plan.begin_h + 1, plan.begin_h + 1 + plan.hours):
                await _hour(app, hall, found, chance, midnight_s + hour * HOUR_S)
                if not found.hours:
                    await pages(app, plan.warm_pages)
                found.hours.append(sample(f"until {hour % 24 or 24}:00"))
                tell(found.hours[-1])
            for name, count in (("before the pages", plan.warm_pages), ("after the pages", plan.pages)):
                await pages(app, count)
                found.pages.append(sample(name))
                tell(found.pages[-1])
        finally:
            app.leave()
            await running
            await hall.stop()
        app.window.close()
    found.pictures, found.asked = len(app.frames), hall.asked
    found.took_s = time.monotonic() - began_s
    return found


def _waits(app: App) -> bool:
    """For a process that reads, a thread that checks, or the hall: these need time that is real."""
    session = app.model.session
    return session.work is not None or session.checking or not app.model.guide.initials


async def _hour(app: App, hall: Hall, found: Soak, chance: random.Random, end_s: float) -> None:
    if hall.hour == RESTARTS_H:
        await hall.stop()
        await asyncio.sleep(AWAY_S)
        await hall.start()
    while hall.is_open and app.clock() < end_s - QUIET_S:
        await _citizen(app, found, chance)
        await asyncio.sleep(chance.uniform(*APART_S))
    await asyncio.sleep(max(0.0, end_s - app.clock()))
    await until(lambda: app.model.session.screen is Screen.ATTRACT)


async def _citizen(app: App, found: Soak, chance: random.Random) -> None:
    """Touches whatever may be touched, one thing after the other, and goes."""
    found.citizens += 1
    if chance.random() < CARDS:
        app.say(Act(None))
        app.say(Act(ReadCard()))
    for _ in range(chance.randint(*TOUCHES)):
        if there := [node.id for node in controls(tree(app)) if node.enabled and node.id]:
            found.touches += 1
            await _touched(app, chance.choice(there))
        await asyncio.sleep(chance.uniform(*LOOKS_S))
    if chance.random() > WALK_AWAY:
        app.say(Act(Finish()))


async def _touched(app: App, control: str) -> None:
    try:
        await tap(app, control)
    except (TimeoutError, AssertionError):
        return  # the page has gone meanwhile, and the control with it
