"""`/healthz`: whether it can do its work, for a proxy and a monitor, and nothing beyond that."""

from __future__ import annotations

from aiohttp import web

from edge.console.web.keys import DESK, LIVE
from edge.console.web.needs import open_to_all
from edge.console.web.pulse import PULSE, RECORDER


@open_to_all
async def healthz(request: web.Request) -> web.Response:
    """503 while the broker or the record is away, or keeps nothing: then pages show what was, or nothing."""
    app, recorder = request.app, request.app[RECORDER]
    broker = app[LIVE].fleet.lost_since_s is None
    record = "up" if await app[PULSE].weight() is not None else "away"
    if record == "up" and app[DESK].keeping.stuck_since_s is not None:
        record = "keeps nothing"
    well = broker and record == "up"
    said = {"status": "ok" if well else "degraded", "leads": recorder.leads if recorder else False}
    said |= {"broker": "up" if broker else "away", "record": record}
    return web.json_response(said, status=200 if well else 503)


ROUTES = (web.get("/healthz", healthz),)
