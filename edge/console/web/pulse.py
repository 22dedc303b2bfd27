"""Whether what this console stands on answers: asked at most once a second, whoever wants to know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from aiohttp import web

from edge.console.desk import Desk
from edge.console.engine import RecordError
from edge.console.weight import Weight, weigh

ASK_S = 2.0  # a monitor waits no longer
KEPT_S = 1.0  # anybody may ask, as often as they like


class Recorder(Protocol):
    """What the console does beside its pages, as `Leading` has it."""

    @property
    def leads(self) -> bool: ...
    @property
    def applied(self) -> int: ...
    @property
    def duplicates(self) -> int: ...


class Pulse:
    """Of the record."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk, self._clock = desk, clock
        self._turn = asyncio.Lock()
        self._weight: Weight | None = None
        self._until_s = -1.0  # what was found holds

    async def weight(self) -> Weight | None:
        """None where it does not answer in time."""
        async with self._turn:
            if self._clock() >= self._until_s:
                try:
                    async with asyncio.timeout(ASK_S):
                        self._weight = await self._desk.read(weigh)
                except (RecordError, TimeoutError):
                    self._weight = None
                self._until_s = self._clock() + KEPT_S
            return self._weight


PULSE = web.AppKey("pulse", Pulse)
RECORDER: web.AppKey[Recorder | None] = web.AppKey("recorder")
