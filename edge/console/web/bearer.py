"""Programs that ask by a token (RFC 6750): who they ask for, and how often they may."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from functools import partial

from aiohttp import web

from edge.console.accounts import tokens
from edge.console.accounts.book import Kept
from edge.console.accounts.roles import Account
from edge.console.accounts.sessions import Stage
from edge.console.accounts.tokens import SEEN_EVERY_S, Token
from edge.console.engine import RecordError
from edge.console.web.keys import DESK, PROGRAMS, SESSIONS, WALL
from edge.console.web.visit import Visit

REFUSED = {"WWW-Authenticate": 'Bearer realm="hall-console", error="invalid_token"'}

log = logging.getLogger(__name__)


async def admitted(request: web.Request, visit: Visit) -> Visit:
    """As the program's account; as it was without a token. Raises the HTTP error for one that is none, and
    for who asks too often."""
    text = _token(request)
    if text is None:
        return visit
    found = await _found(request, text)
    if found is None:
        raise web.HTTPUnauthorized(headers=REFUSED)
    token, kept = found
    if wait_s := request.app[PROGRAMS].wait_s(token.digest):
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(math.ceil(wait_s))})
    await _used(request, token)
    account = kept.account
    return replace(
        visit, account=account, who=account, stage=Stage.IN, session=token.digest, program=token.label
    )


async def still(request: web.Request) -> Account | None:
    """Whose token it is, as the account is now; None when either is over. Raises RecordError."""
    found = await _found(request, _token(request) or "")
    return found[1].account if found else None


def _token(request: web.Request) -> str | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


async def _found(request: web.Request, text: str) -> tuple[Token, Kept] | None:
    if not tokens.is_one(text):
        return None
    app = request.app
    find = partial(tokens.find, token=text, now=app[WALL](), limits=app[SESSIONS])
    return await app[DESK].read(find)


async def _used(request: web.Request, token: Token) -> None:
    now = request.app[WALL]()
    if token.used_at is not None and now - token.used_at < SEEN_EVERY_S:
        return
    try:
        await request.app[DESK].write(lambda db: tokens.used(db, token.digest, now))
    except RecordError as error:
        log.warning("when a token was last used is not kept: %s", error)
