"""Who did what at the console: the trail, newest first."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from edge.console.accounts import trail
from edge.console.accounts.roles import Act
from edge.console.web import outcomes
from edge.console.web.keys import DESK
from edge.console.web.needs import needs
from edge.console.web.render import page
from edge.console.web.visit import VISIT

ROWS = 100
MAX_NUMBER = 2**62  # of a line; more than a record ever has


@needs(Act.SEE_AUDIT)
async def audit(request: web.Request) -> web.Response:
    """Of an auditor of one hall: what was done to it."""
    account = request[VISIT].account
    who, what = (request.query.get(name, "").strip() for name in ("account", "what"))
    try:
        before = int(request.query.get("before", "0"))
    except ValueError:
        raise web.HTTPBadRequest from None
    if not 0 <= before < MAX_NUMBER:
        raise web.HTTPBadRequest
    hall = account.hall if account else ""
    lines = await request.app[DESK].read(
        lambda db: trail.find(db, account=who, what=what, hall=hall, before=before, limit=ROWS)
    )
    older = urlencode({"account": who, "what": what, "before": lines[-1][0]}) if len(lines) == ROWS else ""
    acts = [act for _, act in lines]
    return page(request, "audit.html", who=who, what=what, lines=acts, older=older, words=outcomes)


ROUTES = (web.get("/audit", audit),)
