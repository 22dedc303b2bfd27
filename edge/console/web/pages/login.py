"""Logging in, by password and then by code, and out."""

from __future__ import annotations

import math
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import book, sessions, trail
from edge.console.accounts.door import TooOften
from edge.console.accounts.sessions import Stage, Via
from edge.console.web.acts import act_of, failed, leave_out
from edge.console.web.forms import form, inside
from edge.console.web.keys import DESK, DOOR
from edge.console.web.needs import open_to_all
from edge.console.web.render import page
from edge.console.web.session import begin, forget, see
from edge.console.web.visit import VISIT

LOGIN, CODE = "login.html", "code.html"


@open_to_all
async def ask(request: web.Request) -> web.Response:
    """Who is on the way already is led on."""
    where = inside(request.query.get("next", "/"))
    match request[VISIT].stage:
        case Stage.IN:
            return see(where)
        case Stage.ENROL:
            return see("/me/codes")
        case Stage.CODE:
            return see(f"/login/code?next={quote(where, safe='')}")
        case _:
            return _asked(request, LOGIN, where)


@open_to_all
async def log_in(request: web.Request) -> web.Response:
    told = await form(request)
    name, where = book.name_of(told.get("name", "")), inside(told.get("next", "/"))
    try:
        kept = await request.app[DOOR].by_password(name, told.get("password", ""), request[VISIT].address)
    except TooOften as error:
        return too_often(request, _asked(request, LOGIN, where, name=name, wait_s=error.wait_s), error)
    if kept is None:
        await failed(request, "login", name)
        return _asked(request, LOGIN, where, name=name, wrong=True)
    return await begin(request, kept, Via.PASSWORD, see(f"/login?next={quote(where, safe='')}"))


@open_to_all
async def ask_code(request: web.Request) -> web.Response:
    where = inside(request.query.get("next", "/"))
    return _asked(request, CODE, where) if request[VISIT].stage is Stage.CODE else see("/login")


@open_to_all
async def tell_code(request: web.Request) -> web.Response:
    told, visit = await form(request), request[VISIT]
    where = inside(told.get("next", "/"))
    if visit.stage is not Stage.CODE or visit.who is None:
        return see("/login")
    name = visit.who.name
    kept = await request.app[DESK].read(lambda db: book.find(db, name))
    if kept is None:
        return see("/login")
    try:
        right = await request.app[DOOR].by_code(kept, told.get("code", ""), visit.address)
    except TooOften as error:
        return too_often(request, _asked(request, CODE, where, wait_s=error.wait_s), error)
    if not right:
        await failed(request, "login.code", name)
        return _asked(request, CODE, where, wrong=True)
    return await begin(request, kept, visit.via, see(where), proven=True)


@open_to_all
async def log_out(request: web.Request) -> web.Response:
    visit, act = request[VISIT], act_of(request, "logout")

    def work(db: Connection) -> None:
        sessions.end(db, visit.session)
        trail.add(db, act)

    if visit.session:
        await request.app[DESK].write(work)
    else:
        leave_out(request)
    answer = see("/login")
    answer.headers["Clear-Site-Data"] = '"cache"'
    forget(request, answer)
    return answer


def too_often(request: web.Request, answer: web.Response, error: TooOften) -> web.Response:
    leave_out(request)
    answer.headers["Retry-After"] = str(math.ceil(error.wait_s))
    return answer


def _asked(
    request: web.Request,
    template: str,
    where: str,
    *,
    name: str = "",
    wrong: bool = False,
    wait_s: float | None = None,
) -> web.Response:
    status = 403 if wrong else 200 if wait_s is None else 429
    wait = None if wait_s is None else math.ceil(wait_s)
    return page(request, template, status=status, where=where, name=name, wrong=wrong, wait_s=wait)


ROUTES = (
    web.get("/login", ask),
    web.post("/login", log_in),
    web.get("/login/code", ask_code),
    web.post("/login/code", tell_code),
    web.post("/logout", log_out),
)
