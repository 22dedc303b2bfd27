"""Connections, bounded: who opens many and asks nothing makes room for who asks."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

MAX_CONNECTIONS = 600  # 200 streams and the pages beside them; below the 1,024 files that a process often has
KEPT_S = 75.0  # a browser's connection between two requests
HANDSHAKE_S = 10.0  # of TLS


class Doors:
    """Makes the protocol of each connection that is accepted; `working` marks those that are being answered.

    Beyond MAX_CONNECTIONS the oldest that is not is closed: a browser opens another when it needs one, and a
    new one has asked before it is the oldest.
    """

    def __init__(self) -> None:
        self._working: set[asyncio.BaseProtocol] = set()
        self._closed: set[asyncio.BaseProtocol] = set()
        self.turned_away = 0

    @property
    def working(self) -> Middleware:
        @web.middleware
        async def mark(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._working.add(request.protocol)
            try:
                return await handler(request)
            finally:
                self._working.discard(request.protocol)

        return mark

    def accept(self, server: web.Server) -> asyncio.Protocol:
        connections = server.connections  # the oldest first
        self._closed.intersection_update(connections)
        if len(connections) - len(self._closed) >= MAX_CONNECTIONS:
            self.turned_away += 1
            leaving = self._closed | self._working
            oldest = next((each for each in connections if each not in leaving), None)
            if oldest is None:
                return _Full()
            self._closed.add(oldest)
            oldest.force_close()
        return server()


class _Full(asyncio.Protocol):
    """All are at work: who comes is sent away without a word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


DOORS = web.AppKey("doors", Doors)
