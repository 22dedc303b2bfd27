"""The whole fleet at a glance."""

from __future__ import annotations

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.web.needs import needs
from edge.console.web.render import page


@needs(Act.SEE)
async def overview(request: web.Request) -> web.Response:
    return page(request, "overview.html")


ROUTES = (web.get("/", overview),)
