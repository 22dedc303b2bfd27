"""The loop and window of a kiosk in the test's own process, and a daemon that answers as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pygame

from kiosk_ui.actions import Screen
from kiosk_ui.app import App
from kiosk_ui.face import PageFace
from kiosk_ui.messages import Act
from kiosk_ui.node import controls, find, walk
from kiosk_ui.settings import KioskSettings, KioskTable
from kiosk_ui.window import Window
from tests.kiosk.daemon_kit import Daemon, replying
from tests.kiosk.still_kit import stands_still

TICKET = {"ticket": "A004", "service": "tax", "phase": "waiting", "ahead": 3, "printed": True}
Does = Literal["down", "up"]


@dataclass
class At:
    """The real loop and window, and a daemon that answers as the test says."""

    app: App
    daemon: Daemon

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(60.0):  # what comes within one on an idle machine
            while not holds():  # noqa: ASYNC110 the kiosk sets no Event for a test
                await asyncio.sleep(0.005)

    async def stands(self, screen: Screen) -> None:
        """At a page that came a moment ago: a touch counts."""
        await self.until(lambda: self.app.model.shown is screen and stands_still(self.app))

    def touch(self, does: Does, *controls: str) -> None:
        """All at once, a finger for each."""
        tree, panel = self.app.face.tree(self.app.model), self.app.window.panel
        for finger, control in enumerate(controls):
            node = find(tree, control)
            assert node is not None, control
            place = {
                "x": (node.rect.x + node.rect.w / 2) / panel.width_mm,
                "y": (node.rect.y + node.rect.h / 2) / panel.height_mm,
            }
            kind = pygame.FINGERDOWN if does == "down" else pygame.FINGERUP
            more = {"touch_id": 1, "finger_id": finger, "dx": 0.0, "dy": 0.0, "pressure": 1.0}
            pygame.event.post(pygame.event.Event(kind, place | more))

    @property
    def words(self) -> str:
        tree = self.app.face.tree(self.app.model)
        return "\n".join(line for node in walk(tree) for line in (node.name, *node.lines))

    @property
    def ways(self) -> list[str]:
        return [node.id for node in controls(self.app.face.tree(self.app.model)) if node.enabled]


@asynccontextmanager
async def awake(folder: Path) -> AsyncIterator[At]:
    settings = KioskSettings(kiosk=KioskTable(socket=folder / "control.sock"))
    window = Window(settings.panel.panel(), windowed=True)
    app = App(settings, window, PageFace(window.panel), "seed", watches_touch=False)
    daemon = Daemon(folder)
    daemon.says["ticket.take"] = replying(data=TICKET)
    await daemon.start()
    running = asyncio.create_task(app.run())
    at = At(app, daemon)
    try:
        await at.until(lambda: app.model.view.reachable)
        app.say(Act(None))
        yield at
    finally:
        app.leave()
        await asyncio.wait({running})
        window.close()
        await daemon.stop()
