"""`/accounts`: who may come in and as what; for managers of all halls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import book, codes, links, sessions, trail
from edge.console.accounts.links import Link
from edge.console.accounts.refusals import BAD_HALL, Refused
from edge.console.accounts.roles import Account, Act, Role
from edge.console.web.acts import act_of
from edge.console.web.forms import form
from edge.console.web.keys import DESK, LIVE, SETTINGS, WALL
from edge.console.web.needs import needs
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT

T = TypeVar("T")


@needs(Act.ACCOUNTS)
async def show(request: web.Request) -> web.Response:
    app, now = request.app, request.app[WALL]()
    everyone, waiting = await app[DESK].read(lambda db: (book.everyone(db), links.open_invitations(db, now)))
    halls = await _halls(request)
    return page(request, "accounts.html", everyone=everyone, waiting=waiting, halls=halls, roles=tuple(Role))


@needs(Act.ACCOUNTS)
async def invite(request: web.Request) -> web.Response:
    told = await form(request)
    role, hall = await _place(request)
    account = Account(book.name_of(told.get("name", "")), told.get("shown", "").strip(), role, hall)

    def work(db: Connection, by: str, now: float) -> tuple[str, Link]:
        book.add(db, account, by, now)
        return links.make(db, account.name, now)

    made = await _do(request, "account.invited", account.name, f"{role} {hall}", work)
    return _linked(request, *made)


@needs(Act.ACCOUNTS)
async def change(request: web.Request) -> web.Response:
    name, (role, hall) = _name(request), await _place(request)
    await _do(
        request,
        "account.changed",
        name,
        f"{role} {hall}",
        lambda db, _by, _now: book.change(db, name, role, hall),
    )
    return see("/accounts")


@needs(Act.ACCOUNTS)
async def disable(request: web.Request) -> web.Response:
    name = _name(request)

    def work(db: Connection, _by: str, now: float) -> None:
        book.disable(db, name, now)
        sessions.end_all(db, name)
        links.drop(db, name)

    await _do(request, "account.disabled", name, "", work)
    return see("/accounts")


@needs(Act.ACCOUNTS)
async def restore(request: web.Request) -> web.Response:
    name = _name(request)
    await _do(request, "account.restored", name, "", lambda db, _by, _now: book.restore(db, name))
    return see("/accounts")


@needs(Act.ACCOUNTS)
async def link(request: web.Request) -> web.Response:
    """For who has let an invitation pass, or lost the password, which stays until the link is used."""
    name = _name(request)
    made = await _do(request, "account.link", name, "", lambda db, _by, now: links.make(db, name, now))
    return _linked(request, *made)


@needs(Act.ACCOUNTS)
async def codes_off(request: web.Request) -> web.Response:
    """Of who has lost the phone, and what was to be written down too."""
    name = _name(request)

    def work(db: Connection, _by: str, _now: float) -> None:
        book.need(db, name)
        codes.turn_off(db, name)

    await _do(request, "account.codes_off", name, "", work)
    return see("/accounts")


async def _do(
    request: web.Request, what: str, name: str, detail: str, work: Callable[[Connection, str, float], T]
) -> T:
    """With its line in the trail, or neither. Raises Refused."""
    act, now = act_of(request, what, name, detail), request.app[WALL]()

    def both(db: Connection) -> T:
        done = work(db, act.account, now)
        trail.add(db, act)
        return done

    return await request.app[DESK].write(both)


async def _place(request: web.Request) -> tuple[Role, str]:
    """Of a form: which role, in which hall."""
    told = await form(request)
    hall = told.get("hall", "")
    if told.get("role") not in set(Role):
        raise web.HTTPBadRequest
    if hall and hall not in await _halls(request):
        raise Refused(BAD_HALL)
    return Role(told["role"]), hall


async def _halls(request: web.Request) -> dict[str, str]:
    """Their names by id: those that are to be there, and those that have been heard."""
    visit, settings = request[VISIT], request.app[SETTINGS]
    heard = await request.app[DESK].read(book.halls_heard)
    named = {hall.id: visit.name(hall.name, hall.name_en) or hall.id for hall in settings.hall}
    fleet = request.app[LIVE].fleet
    return named | {hall: visit.name(*fleet.hall(hall).names) or hall for hall in heard if hall not in named}


def _name(request: web.Request) -> str:
    return request.match_info["name"]


def _linked(request: web.Request, token: str, link: Link) -> web.Response:
    """Shown this once, to be handed over."""
    scheme = "https" if request[VISIT].secure else "http"
    address = f"{scheme}://{request.host}/link/{token}"
    return page(request, "linked.html", link=link, address=address)


ROUTES = (
    web.get("/accounts", show),
    web.post("/accounts", invite),
    web.post("/accounts/{name}/change", change),
    web.post("/accounts/{name}/disable", disable),
    web.post("/accounts/{name}/restore", restore),
    web.post("/accounts/{name}/link", link),
    web.post("/accounts/{name}/codes-off", codes_off),
)
