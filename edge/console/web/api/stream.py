"""`/api/v1/stream`: what changes, as server-sent events with the models of the API.

Each event tells a thing whole. First all that there is, unless the program was away for so short a time that
what has changed meanwhile is known: it says by `Last-Event-ID` up to where it has been told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from edge.console.api import fleet, operations
from edge.console.api.base import KINDS, Answer, moment
from edge.console.live.views import HallView
from edge.console.web.api.answering import let_in, query_of, route
from edge.console.web.api.tellings import PREFIX
from edge.console.web.fragments import FRAGMENTS, Audience, Selection
from edge.console.web.keys import DESK, LIVE
from edge.console.web.pages.overview import halls_of
from edge.console.web.pages.ratings import chosen
from edge.console.web.stream import is_here, serve
from edge.console.web.streams import STREAMS, Address, Client, Streams
from edge.console.web.visit import VISIT


@dataclass(eq=False, slots=True)
class Program(Client):
    """`told_to`: up to where it has been told all. What it has is not kept here: a county's things are some
    thousands, and it may have them from before."""

    told_to: str = ""

    def has(self, _address: Address) -> bool:
        return True

    def showed(self, address: Address, *, there: bool) -> None:
        """Nothing to remember."""

    def beat(self, streams: Streams) -> bytes:
        app = streams.app
        away_s, unkept_s = app[LIVE].fleet.lost_since_s, app[DESK].keeping.stuck_since_s
        state = fleet.State(now=_now(), away_since=moment(away_s), unkept_since=moment(unkept_s))
        return _event("state", state)

    def whole(self, parts: Sequence[str]) -> bytes:
        return "".join(parts).encode()

    def at_rest(self, streams: Streams) -> bytes | None:
        if self.told_to == streams.past.place:
            return None
        self.told_to = streams.past.place
        return f"id: {self.told_to}\n".encode() + _event("synced", fleet.Synced(now=_now()))


def _event(name: str, told: Answer) -> bytes:
    return f"event: {name}\ndata: {told.model_dump_json()}\n\n".encode()


def _now() -> datetime:
    return datetime.now(UTC)


async def stream(request: web.Request) -> web.StreamResponse:
    let_in(request, operations.STREAM)
    query, visit = query_of(request, operations.STREAM.query), request[VISIT]
    halls: dict[str, HallView] = {hall.hall: hall for hall in halls_of(request.app, visit)}
    hall = chosen(request, halls)
    audience = Audience.of(visit)
    assert audience is not None  # it has been let in
    fragments = [request.app[FRAGMENTS][PREFIX + kind] for kind in query.kind.split(",") if kind] or [
        request.app[FRAGMENTS][PREFIX + kind] for kind in KINDS
    ]
    place = (hall,) if hall else ()
    selections = tuple(Selection(each, place, wild=len(place) < each.depth) for each in fragments)
    changed = request.app[STREAMS].past.since(request.headers.get("Last-Event-ID", ""))
    client = Program(
        audience._replace(lang="zh"),  # all are told the same
        visit.session,
        selections,
        partial(is_here, request),
    )
    begin = _event("begin", fleet.Begin(resumed=changed is not None))
    return await serve(request, client, begin, changed)


ROUTES = (route(operations.STREAM, stream),)
