"""`/stream`: what changes of a page, as server-sent events, for as long as its session lasts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from functools import partial

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.accounts.sessions import digest_of
from edge.console.engine import RecordError
from edge.console.live.things import Key
from edge.console.web.fragments import FRAGMENTS, Audience, Selection, select
from edge.console.web.layers import Handler, sorry
from edge.console.web.needs import needs
from edge.console.web.session import cookie_name, still
from edge.console.web.streams import STREAMS, Client, TooMany, event
from edge.console.web.visit import VISIT

MAX_SELECTIONS = 64  # of one page
BEAT_S = 5.0
WRITE_S = 20.0  # who takes nothing for so long is dropped, and comes again when he can
BLIND_S = 60.0  # without a look at the session, where the record cannot be read
RETRY = b"retry: 2000\n\n"  # ms, until a browser that has lost us comes again
AGAIN_S = "5"

PATH = "/stream"

log = logging.getLogger(__name__)


@web.middleware
async def turn_away(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A crowd is sent away before each of it costs a look into the record, and a page its turn there."""
    if request.path == PATH:
        token = request.cookies.get(cookie_name(request[VISIT]), "")
        if request.app[STREAMS].is_full(digest_of(token)):
            return _refused(web.Response(status=503, headers={"Retry-After": AGAIN_S}))
    return await handler(request)


def _refused(answer: web.Response) -> web.Response:
    """Its connection makes room, too."""
    answer.force_close()
    return answer


@needs(Act.SEE)
async def stream(request: web.Request) -> web.StreamResponse:
    visit = request[VISIT]
    audience = Audience.of(visit)
    asked = request.query.getall("f", [])
    if not asked or audience is None:
        return web.Response(status=204)  # who asks whether the session lasts
    selections = _selections(request, asked)
    if not all(each.may(visit) for each in selections):
        raise web.HTTPForbidden
    client = Client(audience, visit.session, tuple(selections), partial(is_here, request))
    return await serve(request, client)


async def serve(
    request: web.Request, client: Client, first: bytes = b"", changed: Iterable[Key] | None = None
) -> web.StreamResponse:
    """To its end. `first`: what it is told before all else; `changed`: all that is new to it."""
    streams = request.app[STREAMS]
    try:
        streams.join(client, changed)
    except TooMany:
        return _refused(sorry(request, 503, {"Retry-After": AGAIN_S}))
    try:
        return await _serve(request, client, first)
    finally:
        streams.leave(client)


def is_here(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _selections(request: web.Request, asked: list[str]) -> list[Selection]:
    if len(asked) > MAX_SELECTIONS:
        raise web.HTTPBadRequest
    pages = {name: each for name, each in request.app[FRAGMENTS].items() if each.for_pages}
    found = [select(pages, text) for text in asked]
    selections = [each for each in found if each]
    if len(selections) < len(found):
        raise web.HTTPBadRequest
    return selections


async def _serve(request: web.Request, client: Client, first: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    with contextlib.suppress(ConnectionError):  # he has gone
        await response.prepare(request)
        try:
            async for message in _messages(request, client, first):
                async with asyncio.timeout(WRITE_S):
                    await response.write(message)
        except TimeoutError:
            log.info("%s takes nothing any more and is dropped", request[VISIT].address)
            if request.transport:
                request.transport.abort()
    return response


async def _messages(request: web.Request, client: Client, first: bytes) -> AsyncIterator[bytes]:
    """Until the session is over, or is another's."""
    streams, loop = request.app[STREAMS], asyncio.get_running_loop()
    was, known_s = request[VISIT].account, loop.time()
    yield RETRY + first
    while True:
        beat_s = loop.time() + BEAT_S
        while (left_s := beat_s - loop.time()) > 0:
            if streams.over:
                return
            while message := streams.message(client):
                yield message
                await asyncio.sleep(0)
            client.ring.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await client.ring.wait()
        with contextlib.suppress(RecordError):
            if await still(request) != was:
                yield event("ended", {})
                return
            known_s = loop.time()
        if loop.time() - known_s > BLIND_S:
            return
        yield client.beat(streams)


ROUTES = (web.get(PATH, stream),)
