"""What the pages find in their application."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from edge.console.desk import Desk
from edge.console.settings import ConsoleSettings

DESK = web.AppKey("desk", Desk)
SETTINGS = web.AppKey("settings", ConsoleSettings)
WALL: web.AppKey[Callable[[], float]] = web.AppKey("wall")  # wall time
