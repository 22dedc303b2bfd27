"""A daemon that answers a kiosk as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edge.control import ControlServer
from edge.wire import Reply, Request
from kiosk_ui.messages import Message
from tests.kiosk.update_kit import VIEW

_M = TypeVar("_M")
Says = Callable[[Request], Awaitable[Reply]]


@dataclass
class Daemon:
    """Answers as a test says, by verb; and what it was asked."""

    folder: Path
    says: dict[str, Says] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    heard: list[Message] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    page: tuple[str, dict[str, Any]] | None = None  # that shows
    server: ControlServer | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    async def start(self) -> None:
        self.server = ControlServer(self.socket, self._handle)
        await self.server.start()

    async def stop(self) -> None:
        if self.server:
            await self.server.stop()

    async def _handle(self, request: Request, _client: str) -> Reply:
        self.asked.append(request)
        if say := self.says.get(request.verb):
            return await say(request)
        data = VIEW.model_dump(mode="json") if request.verb == "kiosk.view" else {}
        return Reply(id=request.id, result="done", data=data)

    def all(self, kind: type[_M]) -> list[_M]:
        return [message for message in self.heard if isinstance(message, kind)]

    async def until(self, holds: Callable[[], object], limit_s: float = 60.0) -> None:
        async with asyncio.timeout(limit_s):
            while not holds():  # noqa: ASYNC110 a link sets no Event
                await asyncio.sleep(0.01)

    def verbs(self, verb: str) -> list[Request]:
        return [request for request in self.asked if request.verb == verb]


def replying(**fields: object) -> Says:
    async def reply(request: Request) -> Reply:
        return Reply.model_validate({"id": request.id, "result": "done"} | fields)

    return reply


def never() -> Says:
    async def hang(_request: Request) -> Reply:
        return await asyncio.Future[Reply]()

    return hang
