"""`/link/{token}`: the first manager, who was invited, and who has lost a password choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import book, links, passwords, sessions, trail
from edge.console.accounts.book import Kept
from edge.console.accounts.links import Link, Purpose
from edge.console.accounts.refusals import Refused
from edge.console.accounts.roles import Account, Role
from edge.console.accounts.sessions import Via
from edge.console.web.acts import act_of, audited
from edge.console.web.forms import form
from edge.console.web.keys import DESK, DOOR, WALL
from edge.console.web.needs import open_to_all
from edge.console.web.render import page
from edge.console.web.session import begin, see
from edge.console.web.visit import VISIT


@open_to_all
async def show(request: web.Request) -> web.Response:
    """Who was invited is called as whoever did it has written, and may change that."""
    link, shown = await _look(request), ""
    if link.purpose is Purpose.INVITE:
        kept = await request.app[DESK].read(lambda db: book.need(db, link.account))
        shown = kept.account.shown
    return _page(request, link, shown=shown)


@open_to_all
async def use(request: web.Request) -> web.Response:
    """What cannot be taken is said beside the form, and the link can still be used."""
    told, link = await form(request), await _look(request)
    account = await _account(request, link, told)
    try:
        passwords.check(told.get("password", ""), told.get("again", ""), account.name)
        encoded = await request.app[DOOR].passwords.encode(told.get("password", ""))
        kept = await _keep(request, account, encoded)
    except Refused as refused:
        await audited(request, _WHAT[link.purpose], link.account, result=f"refused: {refused.words.en}")
        return _page(request, link, told.get("name", ""), told.get("shown", ""), refused)
    return _private(await begin(request, kept, Via.PASSWORD, see("/login")))


_WHAT = {
    Purpose.FIRST: "account.first",
    Purpose.INVITE: "account.accepted",
    Purpose.RESET: "password.reset",
}


async def _account(request: web.Request, link: Link, told: Mapping[str, str]) -> Account:
    """As it will be: the first manager chooses the name, who was invited how to be called."""
    shown = told.get("shown", "").strip()
    if link.purpose is Purpose.FIRST:
        return Account(book.name_of(told.get("name", "")), shown, Role.MANAGER)
    kept = await request.app[DESK].read(lambda db: book.need(db, link.account))
    return replace(kept.account, shown=shown) if link.purpose is Purpose.INVITE else kept.account


async def _keep(request: web.Request, account: Account, encoded: str) -> Kept:
    token, now = request.match_info["token"], request.app[WALL]()

    def work(db: Connection) -> Kept:
        link = links.use(db, token, now)
        if link.purpose is Purpose.FIRST:
            book.add(db, account, account.name, now, password=encoded)
        else:
            book.set_password(db, account.name, encoded)
            book.set_shown(db, account.name, account.shown)
            sessions.end_all(db, account.name)
        trail.add(db, act_of(request, _WHAT[link.purpose], account.name, who=account))
        return book.need(db, account.name)

    return await request.app[DESK].write(work)


async def _look(request: web.Request) -> Link:
    token, now = request.match_info["token"], request.app[WALL]()
    return await request.app[DESK].read(lambda db: links.look(db, token, now))


def _page(
    request: web.Request, link: Link, name: str = "", shown: str = "", refused: Refused | None = None
) -> web.Response:
    words = request[VISIT].name(*refused.words) if refused else ""
    values = {"link": link, "name": link.account or name, "shown": shown, "refused": words}
    return _private(page(request, "link.html", status=409 if refused else 200, **values))


def _private(answer: web.Response) -> web.Response:
    """Where it leads nobody learns the address of this page, which is as good as a password."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


ROUTES = (web.get("/link/{token}", show), web.post("/link/{token}", use))
