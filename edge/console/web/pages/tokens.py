"""`/me/tokens`: tokens for programs, made and ended by whose account it is."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import tokens, trail
from edge.console.accounts.door import TooOften
from edge.console.accounts.roles import Act
from edge.console.web.acts import act_of
from edge.console.web.forms import form
from edge.console.web.keys import DESK, WALL
from edge.console.web.needs import needs
from edge.console.web.pages.login import too_often
from edge.console.web.pages.me import kept_of, name_of, own_page, proven
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT


@needs(Act.SEE)
async def make(request: web.Request) -> web.Response:
    """By the present password, where the account has one. The token is shown this once."""
    told, name, now = await form(request), name_of(request), request.app[WALL]()
    label, days = told.get("label", "").strip(), told.get("days", "")
    if not (days.isascii() and days.isdecimal() and len(days) <= len("365")):
        raise web.HTTPBadRequest
    act = act_of(request, "token.made", detail=f"{label} {days}")
    if not (await kept_of(request)).subject:
        try:
            await proven(request, told.get("present", ""))
        except TooOften as error:
            return too_often(request, await own_page(request, wait_s=error.wait_s), error)

    def work(db: Connection) -> str:
        trail.add(db, act)
        return tokens.make(db, name, label, int(days), now, via=request[VISIT].via)

    token = await request.app[DESK].write(work)
    scheme = "https" if request[VISIT].secure else "http"
    return page(request, "token.html", token=token, label=label, address=f"{scheme}://{request.host}")


@needs(Act.SEE)
async def end(request: web.Request) -> web.Response:
    name, id_ = name_of(request), (await form(request)).get("id", "")
    act = act_of(request, "token.ended", id_)

    def work(db: Connection) -> None:
        tokens.end(db, name, id_)
        trail.add(db, act)

    await request.app[DESK].write(work)
    return see("/me")


ROUTES = (web.post("/me/tokens", make), web.post("/me/tokens/end", end))
