"""Who asks: the session behind a cookie, looked up anew each time, so that what changes holds at once."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import sessions, trail
from edge.console.accounts.book import Kept
from edge.console.accounts.roles import Account
from edge.console.accounts.sessions import SEEN_EVERY_S, Limits, Place, Session, Stage, Via
from edge.console.api.base import API
from edge.console.engine import RecordError
from edge.console.settings import ConsoleSettings
from edge.console.web import bearer
from edge.console.web.acts import act_of
from edge.console.web.keys import DESK, SESSIONS, WALL
from edge.console.web.layers import Handler, keep_lang
from edge.console.web.proxy import is_loopback
from edge.console.web.render import READS
from edge.console.web.visit import VISIT, Visit
from edge.console.web.words import LANGS

NOBODY = ("/static/", "/healthz", "/metrics")  # the same for all: the record is not asked who it is
STREAMS = ("/stream", "/api/v1/stream")  # a page that is left open keeps nobody logged in

log = logging.getLogger(__name__)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(NOBODY):
        return await handler(request)
    visit = request[VISIT]
    if not visit.secure and not is_loopback(visit.address):
        raise web.HTTPUpgradeRequired(headers={"Upgrade": "TLS/1.2, HTTP/1.1"})  # RFC 2817, 4.2
    if request.path.startswith(API):
        request[VISIT] = visit = await bearer.admitted(request, visit)
    found = await _found(request, visit)
    if found:
        session, kept = found
        request[VISIT] = _as(visit, session, sessions.stage_of(session, kept, request.app[SESSIONS]), kept)
        await _seen(request, session)
    return await handler(request)


def limits(settings: ConsoleSettings) -> Limits:
    table = settings.session
    asked = settings.oidc is not None and settings.oidc.ask_code
    return Limits(table.idle_min * 60.0, table.longest_h * 3600.0, code_of_oidc=asked)


async def still(request: web.Request) -> Account | None:
    """Who a long answer is for, as they are now; None when the session or token is over. Raises
    RecordError."""
    if request[VISIT].program:
        return await bearer.still(request)
    found = await _found(request, request[VISIT])
    if found and sessions.stage_of(*found, request.app[SESSIONS]) is Stage.IN:
        return found[1].account
    return None


def cookie_name(visit: Visit) -> str:
    """`__Host-`: a browser takes it over TLS only, and from no other host of the domain."""
    return "__Host-hall" if visit.secure else "hall"


async def begin(
    request: web.Request, kept: Kept, via: Via, answer: web.Response, *, proven: bool = False
) -> web.Response:
    """`answer` with the cookie of a new session, whose token nobody has seen, instead of the one that the
    browser had. `proven`: by a code too."""
    app, visit, limits, now = request.app, request[VISIT], request.app[SESSIONS], request.app[WALL]()
    complete = proven or not sessions.wants_code(kept, via, limits)
    act = act_of(request, "login" if complete else "login.half", detail=via, who=kept.account)
    place = Place(visit.address, request.headers.get("User-Agent", ""))

    def work(db: Connection) -> str:
        trail.add(db, act)
        return sessions.begin(
            db,
            kept.account.name,
            place,
            now,
            limits,
            via=via,
            complete=complete,
            instead_of=visit.session,
        )

    token = await app[DESK].write(work)
    answer.set_cookie(
        cookie_name(visit), token, httponly=True, secure=visit.secure, samesite="Strict", path="/"
    )
    if kept.lang in LANGS:
        keep_lang(request, answer, kept.lang)
    return answer


def forget(request: web.Request, answer: web.Response) -> None:
    visit = request[VISIT]
    answer.del_cookie(cookie_name(visit), path="/", secure=visit.secure, httponly=True, samesite="Strict")


def see(path: str) -> web.Response:
    """To another page, by GET."""
    return web.Response(status=303, headers={"Location": path})


async def _found(request: web.Request, visit: Visit) -> tuple[Session, Kept] | None:
    token = request.cookies.get(cookie_name(visit), "")
    if not token or visit.program or (request.path.startswith(API) and request.method not in READS):
        return None  # what a program changes it changes by a token: no other site can send that
    app = request.app
    return await app[DESK].read(partial(sessions.find, token=token, now=app[WALL](), limits=app[SESSIONS]))


async def _seen(request: web.Request, session: Session) -> None:
    now = request.app[WALL]()
    if now - session.seen_at < SEEN_EVERY_S or request.path in STREAMS:
        return
    try:
        await request.app[DESK].write(lambda db: sessions.seen(db, session.digest, now))
    except RecordError as error:
        log.warning("when %s was last here is not kept: %s", request.path, error)


def _as(visit: Visit, session: Session, stage: Stage, kept: Kept) -> Visit:
    account = kept.account if stage is Stage.IN else None
    return replace(
        visit,
        account=account,
        who=kept.account,
        stage=stage,
        via=session.via,
        csrf=session.csrf,
        session=session.digest,
    )
