"""The independent subscriber: aiomqtt alone in a process of its own, the same for the product and its floors.

    python -m tests.bench.observer PORT    each message to stdout: when it came, its topic, its payload

A process of its own, because ours also plays the devices: what it does for them would delay what it sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from edge.demo.processes import BIN
from tests.bench.bare import client

EVERYTHING = "#"
READY = ""  # the topic of the first frame: subscribed
_HEAD = struct.Struct("!dHI")  # monotonic seconds, which all processes share; bytes of topic and payload
START_TIMEOUT_S = 20.0


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

    async def listen(self, pipe: asyncio.StreamReader) -> None:
        while True:
            at_s, topic, payload = _HEAD.unpack(await pipe.readexactly(_HEAD.size))
            name = (await pipe.readexactly(topic)).decode()
            self.seen.append(Seen(at_s, name, await pipe.readexactly(payload)))
            self._news.set()


@contextlib.asynccontextmanager
async def observer(port: int) -> AsyncIterator[Observer]:
    """Subscribed before it is yielded."""
    eyes = Observer()
    process = await asyncio.create_subprocess_exec(
        BIN / "python", "-m", "tests.bench.observer", str(port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    listening = asyncio.create_task(eyes.listen(process.stdout))
    try:
        await eyes.until(lambda: bool(eyes.on(READY)), START_TIMEOUT_S)
        yield eyes
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        process.terminate()
        await process.wait()


async def tell(port: int) -> None:
    """In the observer's process, until it is ended."""

    def write(at_s: float, topic: str, payload: bytes) -> None:
        name = topic.encode()
        sys.stdout.buffer.write(_HEAD.pack(at_s, len(name), len(payload)) + name + payload)
        sys.stdout.buffer.flush()

    async with client(port) as broker:
        await broker.subscribe(EVERYTHING, qos=1)
        write(time.monotonic(), READY, b"")
        async for message in broker.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            write(time.monotonic(), message.topic.value, payload)


if __name__ == "__main__":
    asyncio.run(tell(int(sys.argv[1])))
