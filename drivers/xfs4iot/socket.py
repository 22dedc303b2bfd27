"""One WebSocket over one link: the opening handshake, messages in and out, commands and their completions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Never, Protocol
from urllib.parse import urlsplit

from drivers.api import BadFrame, DriverError, Link, LinkLost, ProtocolBreach
from drivers.xfs4iot.codec import Failed, Opened, SocketCodec
from drivers.xfs4iot.envelope import MAX_ID, Message, command

# Bytes that a service may send within FLOOD_S: far more than its longest answers, and few enough to read.
FLOOD_BYTES = 1024 * 1024
FLOOD_S = 10.0
CLOSE_S = 0.5  # for our closing frame to leave: whoever takes nothing is not waited for

Now = Callable[[], float]  # monotonic seconds


class Socket:
    """Owns `link` where `owns` is true, and then closes it."""

    def __init__(self, link: Link, now: Now, *, owns: bool = True) -> None:
        self._link = link
        self._now = now
        self._owns = owns
        self._codec = SocketCodec()
        self._writing = asyncio.Lock()
        self._heard = 0  # bytes since _since_s
        self._since_s = now()

    async def open(self, path: str) -> list[Message]:
        """The handshake, and what came right behind it. Raises LinkLost, ProtocolBreach."""
        host = urlsplit(self._link.url).netloc.rpartition("@")[2] or "terminal"
        try:
            request = self._codec.open(host, path)
        except ValueError as error:
            raise ProtocolBreach(f"{host}{path}: {error}", code="not_websocket") from None
        await self._write(request)
        while True:
            frames = await self._read()
            if frames and isinstance(frames[0], Opened):
                return [frame for frame in frames if isinstance(frame, Message)]

    async def receive(self) -> Sequence[Message | BadFrame]:
        """What one read brings, perhaps nothing. Raises LinkLost, ProtocolBreach."""
        return [frame for frame in await self._read() if not isinstance(frame, Opened)]

    async def _read(self) -> list[Opened | Message | BadFrame]:
        data = await self._link.read()
        self._count(len(data))
        frames = self._codec.feed(data)
        if owed := self._codec.owed:
            self._codec.owed = b""
            await self._write(owed)
        for frame in frames:
            if isinstance(frame, Failed):
                raise _error(self._link.url, frame)
        return [frame for frame in frames if not isinstance(frame, Failed)]

    def _count(self, size: int) -> None:
        if self._now() - self._since_s > FLOOD_S:
            self._since_s, self._heard = self._now(), 0
        self._heard += size
        if self._heard > FLOOD_BYTES:
            raise ProtocolBreach(
                f"{self._link.url}: {FLOOD_BYTES} bytes within {FLOOD_S:g} s", code="flooded"
            )

    async def send(self, text: str) -> None:
        await self._write(self._codec.encode(text))

    async def _write(self, data: bytes) -> None:
        async with self._writing:
            await self._link.write(data)

    async def close(self) -> None:
        """Say good-bye where the peer still takes it. Never raises."""
        with contextlib.suppress(LinkLost, TimeoutError):
            if data := self._codec.close():
                async with asyncio.timeout(CLOSE_S):
                    await self._write(data)
        if self._owns:
            await self._link.close()


def _error(url: str, failed: Failed) -> DriverError:
    kind = LinkLost if failed.code == "peer_closed" else ProtocolBreach
    return kind(f"{url}: {failed.reason}", code=failed.code)


class Listener(Protocol):
    """Who hears what nobody asked for."""

    def event(self, message: Message) -> None: ...
    def bad(self, frame: BadFrame) -> None: ...
    def unasked(self, message: Message) -> None: ...


class Client:
    """Commands and their completions on one WebSocket. `listen` must run while `ask` waits."""

    def __init__(self, socket: Socket, listener: Listener, answer_timeout_s: float) -> None:
        self._socket = socket
        self._listener = listener
        self._timeout_s = answer_timeout_s
        self._asked: dict[int, tuple[str, asyncio.Future[Message]]] = {}  # by request id
        self._last_id = 0

    async def listen(self) -> Never:
        while True:
            for frame in await self._socket.receive():
                if isinstance(frame, BadFrame):
                    self._listener.bad(frame)
                else:
                    self._take(frame)

    def _take(self, message: Message) -> None:
        match message.kind:
            case "event" | "unsolicited":
                self._listener.event(message)
            case "acknowledge":
                if message.status:  # refused: no completion will come
                    self._settle(replace(message, code=message.status))
            case "completion":
                self._settle(message)
            case "command":
                self._listener.unasked(message)

    def _settle(self, message: Message) -> None:
        name, waiting = self._asked.get(message.request_id or 0, ("", None))
        if waiting is None or waiting.done() or name != message.name:
            self._listener.unasked(message)
        else:
            waiting.set_result(message)

    async def ask(self, name: str, version: str) -> Message:
        """The completion; its `code` says what went wrong. Raises LinkLost, also where none came in time."""
        self._last_id = number = self._last_id % MAX_ID + 1
        done: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked[number] = name, done
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._socket.send(command(name, number, version))
                return await done
        except TimeoutError:
            detail = f"no answer to {name} within {self._timeout_s:g} s"
            raise LinkLost(detail, code="service_silent") from None
        finally:
            del self._asked[number]
