"""How hallctl reaches a node: by its control socket where it runs, or over MQTT from afar."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from edge.control import ControlClient
from edge.diag.way import far
from edge.wire import Reply


class Node(Protocol):
    """A node that is reached. Several may ask at once."""

    async def request(
        self,
        verb: str,
        args: Mapping[str, Any] | None = None,
        timeout_s: float = 10.0,
        *,
        id: str = "",  # noqa: A002 the wire's own word
    ) -> Reply:
        """As `ControlClient` does: without an answer the result is unknown. Raises ControlError where the
        node is no longer reached."""


@contextlib.asynccontextmanager
async def reached(socket: Path) -> AsyncIterator[Node]:
    """The node that the command line means: that behind `socket` unless one far away was named. Raises
    ControlError."""
    way = far.get()
    if way is None:
        async with ControlClient(socket) as client:
            yield client
    else:
        from edge.diag.afar import reached_afar  # noqa: PLC0415 a technician at the node needs no MQTT

        async with reached_afar(way) as node:
            yield node


async def asked_once(
    socket: Path,
    verb: str,
    args: Mapping[str, Any],
    timeout_s: float,
    *,
    id: str,  # noqa: A002 the wire's own word
) -> Reply:
    """Raises ControlError."""
    async with reached(socket) as node:
        return await node.request(verb, args, timeout_s, id=id)


async def pause(delay_s: float, ended: asyncio.Event) -> None:
    """Until then, or `ended`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(delay_s):
            await ended.wait()
