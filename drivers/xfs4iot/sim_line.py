"""One connection to the simulated terminal: a WebSocket server, and what a sick one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from drivers.api import Link

QUEUE = 256  # messages to a client that takes nothing; then the oldest are lost, as in a real service
PIECE = 60_000  # bytes of one frame of a long message

Answer = Callable[["ServerLine", Mapping[str, Any]], Awaitable[None]]


class ServerLine:
    """`accepts` says whether there is a service at a path; `answer` gets each message."""

    def __init__(self, link: Link, accepts: Callable[[str], bool], answer: Answer) -> None:
        self.path = ""
        self._link = link
        self._accepts = accepts
        self._answer = answer
        self._ws = WSConnection(ConnectionType.SERVER)
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(QUEUE)
        self._writing = asyncio.Lock()
        self._text = ""

    @property
    def is_open(self) -> bool:
        return bool(self.path)

    async def run(self) -> None:
        """Until the client has gone, or said what no server bears. Raises LinkLost."""
        sender = asyncio.create_task(self._send())
        try:
            while await self._serve(await self._link.read()):
                pass
            await self._waiting.join()
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self) -> None:
        while True:
            data = await self._waiting.get()
            async with self._writing:
                await self._link.write(data)
            self._waiting.task_done()

    async def _serve(self, data: bytes) -> bool:
        try:
            self._ws.receive_data(data)
        except RemoteProtocolError as error:
            self._out(self._ws.send(error.event_hint or RejectConnection()))
            return False
        for event in self._ws.events():
            match event:
                case Request(target=path):
                    if not self._accepts(path):
                        self._out(self._ws.send(RejectConnection(status_code=404)))
                        return False
                    self._out(self._ws.send(AcceptConnection()))
                    self.path = path
                case TextMessage(data=text, message_finished=finished):
                    self._text += text
                    if finished:
                        text, self._text = self._text, ""
                        await self._hear(text)
                case Ping():
                    self._out(self._ws.send(event.response()))
                case CloseConnection():
                    if self._ws.state.name == "REMOTE_CLOSING":
                        self._out(self._ws.send(event.response()))
                    return False
        return True

    async def _hear(self, text: str) -> None:
        try:
            message = json.loads(text)
            known = {"name", "requestId"} <= message["header"].keys()
        except (ValueError, TypeError, KeyError, AttributeError):  # not JSON, or not of that shape
            known = False
        if known:
            await self._answer(self, message)
        else:
            self.tell({"header": {"type": "acknowledge", "name": "", "status": "invalidMessage"}})

    # --- to the client ---
    def tell(self, message: Mapping[str, Any]) -> None:
        self.say(json.dumps(message))

    def say(self, text: str) -> None:
        """Any text, be it a message or not."""
        if self.is_open:
            self._out(self._ws.send(TextMessage(data=text)))

    def raw(self, data: bytes) -> None:
        """Bytes that are perhaps no WebSocket."""
        self._out(data)

    def ping(self) -> None:
        self._out(self._ws.send(Ping(payload=b"there?")))

    async def endless(self, size: int) -> None:
        """One message of `size` bytes, in frames."""
        piece = "x" * PIECE
        for sent in range(0, size, PIECE):
            last = sent + PIECE >= size
            async with self._writing:
                await self._link.write(self._ws.send(TextMessage(data=piece, message_finished=last)))

    def _out(self, data: bytes) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
        self._waiting.put_nowait(data)
