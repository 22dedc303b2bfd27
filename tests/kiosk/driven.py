"""`python -m tests.kiosk.run_driven SOCKET`: the kiosk as a process that a test plays with.

Lines on standard input: `tap ID` touches the control with that id, as a finger does; `knock` touches the
strip with the hall's name as often as opens the technicians' way in; `key ID` goes there by a keypad;
`do card` does what a control may do that not every hall has; `look` asks what shows; `frames` asks for the
frame log; `pages N` draws so many pages; `later N` puts its clock forward by so many seconds; the end of the
input ends it. Each is answered by a line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import random
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from edge import heap
from kiosk_ui.actions import Action, Contrast, Finish, Language, ReadCard, TextSize
from kiosk_ui.app import App
from kiosk_ui.face import PageFace
from kiosk_ui.hand import KNOCKS
from kiosk_ui.messages import Act
from kiosk_ui.node import HEADER, Node, controls, find, named, walk
from kiosk_ui.samples import everything
from kiosk_ui.settings import KioskSettings, KioskTable
from kiosk_ui.window import Window
from tests.kiosk.pin_kit import HASHED
from tests.kiosk.still_kit import stands_still

DOES: dict[str, Action] = {"card": ReadCard(), "finish": Finish()}
SESSION_PAGES = 24
LOW = 0.2  # of the pages, that are shown as to somebody in a wheelchair
HOLD_S = 0.06  # that a finger stays down: a quick tap
LONG_S = 60.0  # for what comes at once on an idle machine


def kiosk(socket: Path) -> App:
    heap.spare()
    key = os.environ.get("HALL_PERSON_KEY", "")
    table = KioskTable(socket=socket, telephone="12345", pin=HASHED, person_key=Path(key) if key else "")
    settings = KioskSettings(kiosk=table)
    window = Window(settings.panel.panel(), windowed=True)
    app = App(settings, window, PageFace(window.panel), secrets.token_hex(16), watches_touch=False)
    gc.collect()
    gc.freeze()
    return app


def tree(app: App) -> Node:
    return app.face.tree(app.model)


def shown(app: App) -> dict[str, Any]:
    page = tree(app)
    session = app.model.session
    return {
        "screen": str(app.model.shown),
        "ids": [node.id for node in controls(page) if node.enabled],
        "text": "\n".join(line for node in walk(page) for line in (node.name, *node.lines)),
        "ticket": session.ticket.ticket if session.ticket else "",
        "working": session.work is not None,
        "said": session.said.key or session.said.code if session.said else "",
        "personal": [session.personal.name, session.personal.number],
        "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * 4 / 1024,
        "cpu_s": time.process_time(),
        "down_s": 0.0,
        "up_s": 0.0,
    }


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG_S):
        while not holds():  # noqa: ASYNC110 the kiosk sets no Event for a test
            await asyncio.sleep(0.005)


async def tap(app: App, control: str) -> tuple[float, float]:
    """As a finger does, on a page that stands still; when it went down, and up."""
    await until(lambda: find(tree(app), control))
    await until(lambda: stands_still(app))
    return await touch(app, find(tree(app), control))


async def touch(app: App, node: Node | None) -> tuple[float, float]:
    assert node is not None
    x = (node.rect.x + node.rect.w / 2) / app.window.panel.width_mm
    y = (node.rect.y + node.rect.h / 2) / app.window.panel.height_mm
    finger = {"touch_id": 1, "finger_id": 0, "x": x, "y": y, "dx": 0.0, "dy": 0.0, "pressure": 1.0}
    down_s = time.monotonic()
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, finger))
    await asyncio.sleep(HOLD_S)
    up_s = time.monotonic()
    pygame.event.post(pygame.event.Event(pygame.FINGERUP, finger))
    await asyncio.sleep(0.15)
    return down_s, up_s


async def key(app: App, control: str) -> None:
    """As somebody does who has a keypad only: on and on until the control has the focus, then OK."""
    await until(lambda: find(tree(app), control))
    for _ in range(2 * len(controls(tree(app)))):
        if app.model.look.focus == control:
            break
        await strike(pygame.K_DOWN)
    await strike(pygame.K_RETURN)


async def strike(code: int) -> None:
    """Until it is felt, and no faster than a hand: a burst of keys is a scanner's."""
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, {"key": code, "mod": 0}))
    await until(lambda: not pygame.event.peek(pygame.KEYDOWN, pump=False))
    await asyncio.sleep(0.05)


async def pages(app: App, count: int) -> None:
    """A walk by chance over every page, in every size of text, colour and language, also in low mode, and a
    session's end now and then."""
    models, chance = list(everything(app.window.panel).values()), random.Random(count)
    languages: tuple[Language, ...] = ("zh", "en")
    sizes: tuple[TextSize, ...] = (0, 1, 2, 3)
    for number in range(count):
        plain = chance.choice(models)
        session = replace(
            plain.session,
            language=chance.choice(languages),
            text=chance.choice(sizes),
            contrast=chance.choice(tuple(Contrast)),
            low=chance.random() < LOW,
        )
        model = replace(plain, session=session)
        app.window.show(app.face.paint(app.window.surface, model, app.face.tree(model)))
        if number % SESSION_PAGES == 0:
            app.say(Act(Finish()))
        await asyncio.sleep(0)
    app.say(Act(Finish()))
    await asyncio.sleep(0.5)


def glass(app: App) -> dict[str, Any]:
    """What is on the glass, and what nothing but the model would bring there."""
    fresh = pygame.Surface(app.window.surface.get_size(), 0, app.window.surface)
    PageFace(app.window.panel).paint(fresh, app.model, tree(app))
    shown, wanted = (sha256(each.get_buffer().raw).hexdigest() for each in (app.window.surface, fresh))
    return {"shown": shown, "wanted": wanted}


async def obey(app: App, line: str) -> dict[str, Any]:
    does, _, rest = line.strip().partition(" ")
    if does == "tap":
        down_s, up_s = await tap(app, rest)
        return shown(app) | {"down_s": down_s, "up_s": up_s}
    if does == "knock":
        await until(lambda: stands_still(app))
        for _ in range(KNOCKS):
            await touch(app, named(tree(app), HEADER))
        return shown(app)
    if does == "key":
        await key(app, rest)
        return shown(app)
    if does == "pages":
        await pages(app, int(rest))
    if does == "do":
        app.say(Act(DOES[rest]))
        return shown(app)
    if does == "later":
        since_s, ahead_s = app.clock, float(rest)
        app.clock = lambda: since_s() + ahead_s
    if does == "glass":
        return glass(app)
    if does == "frames":
        return {"frames": [asdict(frame) for frame in app.frames]}
    return shown(app)


async def play(app: App) -> None:
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode():
        try:
            answer = await obey(app, line)
        except (TimeoutError, AssertionError) as error:
            answer = shown(app) | {"error": f"{line.strip()}: {type(error).__name__}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    app.leave()


async def main(socket: Path) -> int:
    app = kiosk(socket)
    playing = asyncio.create_task(play(app))
    try:
        return await app.run()
    finally:
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing


def run(socket: Path) -> int:
    logging.basicConfig(level=logging.INFO)
    return asyncio.run(main(socket))
