"""`/healthz`: whether it answers, for a proxy and a monitor."""

from __future__ import annotations

from aiohttp import web

from edge.console.web.needs import open_to_all


@open_to_all
async def healthz(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


ROUTES = (web.get("/healthz", healthz),)
