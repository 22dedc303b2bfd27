"""The independent subscriber: aiomqtt alone, the same for the product and for its floors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiomqtt

from tests.bench.bare import client

EVERYTHING = "#"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it came: `at_s` of the loop's clock."""

    at_s: float
    topic: str
    payload: bytes


@dataclass(slots=True)
class Observer:
    """All that the broker says, in order."""

    seen: list[Seen] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def on(self, topic: str, since: int = 0) -> list[Seen]:
        """The messages on `topic`, from the `since`th message of all on."""
        return [message for message in self.seen[since:] if message.topic == topic]

    async def until(self, ready: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Asked after each message; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not ready():
                self._news.clear()
                await self._news.wait()

    async def listen(self, broker: aiomqtt.Client) -> None:
        loop = asyncio.get_running_loop()
        async for message in broker.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self.seen.append(Seen(loop.time(), message.topic.value, payload))
            self._news.set()


@contextlib.asynccontextmanager
async def observer(port: int) -> AsyncIterator[Observer]:
    """Subscribed before it is yielded."""
    eyes = Observer()
    async with client(port) as broker:
        await broker.subscribe(EVERYTHING, qos=1)
        listening = asyncio.create_task(eyes.listen(broker))
        try:
            yield eyes
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
