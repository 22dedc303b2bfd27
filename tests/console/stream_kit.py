"""A browser's stream, as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientTimeout

from edge.console.live.session import Live, now
from tests.console.accounts_kit import Browser

PATIENCE_S = 60.0


@dataclass
class Listening:
    """`parts`: the last HTML of each; `states`: all; `ended`: the server said so."""

    answer: ClientResponse
    parts: dict[str, str] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    over: bool = False

    async def read(self) -> None:
        name = ""
        async for line in self.answer.content:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                self._take(name, json.loads(text.removeprefix("data: ")))
        self.over = True

    def _take(self, name: str, data: Any) -> None:
        if name == "parts":
            self.parts.update(data)
            self.puts += [id_ for id_, _ in data]
        elif name == "state":
            self.states.append(data)
        elif name == "ended":
            self.ended = True

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 of many things, none of which tells
                await asyncio.sleep(0.01)

    async def comes(self, part: str) -> None:
        await self.until(lambda: part in self.parts)


@asynccontextmanager
async def reading(read: Callable[[], Coroutine[None, None, None]]) -> AsyncIterator[None]:
    """As it comes, beside what the test does."""
    task = asyncio.create_task(read())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def listening(browser: Browser, *selections: str, query: str = "") -> AsyncIterator[Listening]:
    path = "/stream?" + "&".join(f"f={each}" for each in selections) + query
    patience = ClientTimeout(total=None)
    async with browser.session.get(path, allow_redirects=False, timeout=patience) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/event-stream"
        heard = Listening(answer)
        async with reading(heard.read):
            yield heard


def say(live: Live, topic: str, payload: bytes) -> None:
    """As if it had come from a broker."""
    live.note(live.fleet.take(topic, payload, now(), kept=False))
