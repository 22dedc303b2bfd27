"""Which page is whose: a handler without one of these marks is refused when the application is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.accounts.sessions import Stage
from edge.console.web.visit import VISIT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
H = TypeVar("H", bound=Handler)
_MARK = "__needs__"


def needs(act: Act) -> Callable[[Handler], Handler]:
    """Only for who may do that in the hall that the address names, if it names one. Others log in first, or
    are told that it is not theirs."""

    def marked(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            visit = request[VISIT]
            if visit.account is None:
                raise web.HTTPSeeOther(_login(request))
            if not visit.may(act, request.match_info.get("hall", "")):
                raise web.HTTPForbidden
            return await handler(request)

        setattr(guarded, _MARK, act)
        return guarded

    return marked


def half_in(handler: Handler) -> Handler:
    """Also for who has logged in but has still to set up codes."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if request[VISIT].stage not in (Stage.ENROL, Stage.IN):
            raise web.HTTPSeeOther(_login(request))
        return await handler(request)

    setattr(guarded, _MARK, None)
    return guarded


def mark(handler: H, act: Act) -> H:
    """Who sees to it itself that only those come who may do that."""
    setattr(handler, _MARK, act)
    return handler


def open_to_all(handler: H) -> H:
    """Also for who has not logged in."""
    setattr(handler, _MARK, None)
    return handler


def is_marked(handler: object) -> bool:
    return hasattr(handler, _MARK)


def _login(request: web.Request) -> str:
    """And back to where it was; what a form did is not done by coming back."""
    back = request.path_qs if request.method == "GET" else "/"
    return f"/login?next={quote(back, safe='')}"


def id_of(name: str) -> str:
    """Of a hall, a node, a device, in a route's path: what could be none leads nowhere."""
    return "{" + name + ":[a-z0-9][a-z0-9_-]{0,63}}"
