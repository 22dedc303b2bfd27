"""To the login service and back from it."""

from __future__ import annotations

import base64
import logging
from urllib.parse import quote

from aiohttp import web

from edge.console.accounts import people
from edge.console.accounts.oidc import OLD_S, LoginService, Way
from edge.console.accounts.refusals import NOT_BELIEVED, Refused
from edge.console.accounts.sessions import Via
from edge.console.web.acts import audited
from edge.console.web.forms import inside
from edge.console.web.keys import DESK, OIDC, WALL
from edge.console.web.needs import open_to_all
from edge.console.web.render import page
from edge.console.web.session import begin, see
from edge.console.web.visit import VISIT, Visit

BACK = "/login/oidc/back"
MAX_COOKIE = 2500  # bytes; browsers keep 4096

log = logging.getLogger(__name__)


@open_to_all
async def go(request: web.Request) -> web.Response:
    service, visit = _service(request), request[VISIT]
    way = Way.new(inside(request.query.get("next", "/"))[:1000], request.app[WALL]())
    answer = see(await service.leads_to(way, _back(request)))
    kept = base64.urlsafe_b64encode(way.model_dump_json().encode()).decode()
    # Lax and not Strict, since it comes back from another site
    answer.set_cookie(
        _cookie(visit), kept, max_age=int(OLD_S), httponly=True, secure=visit.secure, samesite="Lax", path="/"
    )
    return answer


@open_to_all
async def back(request: web.Request) -> web.Response:
    """A page that leads on by itself: a cookie of this site alone is not sent where another has led to."""
    service, visit, now = _service(request), request[VISIT], request.app[WALL]()
    try:
        way = _way(request)
        claims = await service.claims(way, dict(request.query), _back(request))
        subject, account = people.person(claims, service.settings)
        kept = await request.app[DESK].write(
            lambda db: people.adopt(db, subject, account, now, visit.address)
        )
    except Refused as refused:
        await audited(request, "login.oidc", result=f"refused: {refused.words.en}")
        raise
    onward = page(request, "onward.html", where=inside(way.where))
    onward.headers["Refresh"] = f"0; url=/login?next={quote(inside(way.where), safe='')}"
    answer = await begin(request, kept, Via.OIDC, onward)
    answer.del_cookie(_cookie(visit), path="/", secure=visit.secure, httponly=True, samesite="Lax")
    return answer


def _way(request: web.Request) -> Way:
    """As its browser has kept it."""
    kept = request.cookies.get(_cookie(request[VISIT]), "")
    try:
        return Way.model_validate_json(base64.urlsafe_b64decode(kept[:MAX_COOKIE]))
    except ValueError:
        log.warning("somebody comes back from the login service without having been sent there")
        raise Refused(NOT_BELIEVED) from None


def _service(request: web.Request) -> LoginService:
    service = request.app.get(OIDC)
    if service is None:
        raise web.HTTPNotFound
    return service


def _back(request: web.Request) -> str:
    return f"{'https' if request[VISIT].secure else 'http'}://{request.host}{BACK}"


def _cookie(visit: Visit) -> str:
    return "__Host-oidc" if visit.secure else "oidc"


ROUTES = (web.get("/login/oidc", go), web.get(BACK, back))
