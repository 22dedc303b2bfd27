"""A kiosk's loop with a window in memory, told of a hall by the test, and with what it said written down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk_ui.actions import Screen
from kiosk_ui.app import App
from kiosk_ui.face import PageFace
from kiosk_ui.messages import Act, Told
from kiosk_ui.model import Model, Session
from kiosk_ui.node import Node
from kiosk_ui.settings import KioskSettings, KioskTable
from kiosk_ui.window import Window
from tests.kiosk.update_kit import VIEW

SECRET = "340123199003071234"


class Sick(PageFace):
    """Fails on one page, with something in its error that no log may have."""

    ill: Screen | None = None

    def tree(self, model: Model) -> Node:
        if model.shown is self.ill:
            raise KeyError(SECRET)
        return super().tree(model)


@dataclass
class Voice:
    busy: bool = False
    trouble: str = ""
    said: list[str] = field(default_factory=list)

    def say(self, said: Sequence[str], session: Session) -> None:
        self.said.append(f"{session.language} {session.volume} {said[0]}")

    def chime(self, session: Session) -> None:
        self.said.append(f"chime {session.volume}")

    def silence(self) -> None:
        self.said.append("silence")

    async def close(self) -> None:
        self.said.append("closed")


@dataclass
class Stage:
    app: App
    face: Sick
    voice: Voice
    running: asyncio.Task[int]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(40.0):
            while not holds():  # noqa: ASYNC110 the kiosk sets no Event for a test
                await asyncio.sleep(0.005)

    async def drawn(self) -> None:
        """Until the picture is that of the model."""
        count = len(self.app.frames)
        await self.until(lambda: len(self.app.frames) > count)

    def touch(self, *actions: Any) -> None:
        for action in actions:
            self.app.say(Act(action))


@asynccontextmanager
async def stage(folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    """A kiosk that is told of a hall; there is no daemon. Its clock begins at 0, so that no page is shifted
    against burn-in meanwhile."""
    table = KioskTable(socket=folder / "nowhere.sock")
    given = KioskSettings(kiosk=table, **settings)
    window = Window(given.panel.panel(), windowed=True)
    face, voice = Sick(window.panel), Voice()
    began_s = time.monotonic()
    app = App(given, window, face, "seed", speaker=voice, clock=lambda: time.monotonic() - began_s)
    app.link.run = forever  # type: ignore[method-assign]  # who tells of the hall is the test
    running = asyncio.create_task(app.run())
    app.say(Told(VIEW))
    try:
        yield Stage(app, face, voice, running)
    finally:
        app.leave()
        await asyncio.wait({running})
        window.close()


async def forever() -> None:
    await asyncio.Future[None]()
