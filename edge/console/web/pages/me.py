"""`/me`: one's own account: language, password, codes, and where one is logged in."""

from __future__ import annotations

import math
from functools import partial

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import Connection

from edge.console.accounts import book, codes, passwords, sessions, tokens, trail
from edge.console.accounts.book import Kept
from edge.console.accounts.door import TooOften
from edge.console.accounts.refusals import (
    CODE_WRONG,
    NOT_LOCAL,
    PASSWORD_WRONG,
    Refused,
)
from edge.console.accounts.roles import Act
from edge.console.accounts.sessions import Stage
from edge.console.web.acts import act_of, audited
from edge.console.web.forms import form
from edge.console.web.keys import DESK, DOOR, SESSIONS, SETTINGS, WALL
from edge.console.web.layers import keep_lang
from edge.console.web.needs import half_in, needs
from edge.console.web.pages.login import too_often
from edge.console.web.render import page
from edge.console.web.session import begin, see
from edge.console.web.visit import VISIT, Visit
from edge.console.web.words import LANGS


@needs(Act.SEE)
async def show(request: web.Request) -> web.Response:
    return await own_page(request)


@needs(Act.SEE)
async def set_lang(request: web.Request) -> web.Response:
    lang = (await form(request)).get("lang", "")
    if lang not in LANGS:
        raise web.HTTPBadRequest
    name, act = name_of(request), act_of(request, "me.lang", detail=lang)

    def work(db: Connection) -> None:
        book.set_lang(db, name, lang)
        trail.add(db, act)

    await request.app[DESK].write(work)
    answer = see("/me")
    keep_lang(request, answer, "zh" if lang == "zh" else "en")
    return answer


@needs(Act.SEE)
async def set_password(request: web.Request) -> web.Response:
    """Whoever else is logged in to this account is so no longer."""
    told, name = await form(request), name_of(request)
    new, act = told.get("password", ""), act_of(request, "password.changed")
    try:
        kept = await proven(request, told.get("present", ""))
        passwords.check(new, told.get("again", ""), name)
    except TooOften as error:
        return too_often(request, await own_page(request, wait_s=error.wait_s), error)
    encoded = await request.app[DOOR].passwords.encode(new)

    def work(db: Connection) -> None:
        book.set_password(db, name, encoded)
        sessions.end_all(db, name)
        trail.add(db, act)

    await request.app[DESK].write(work)
    return await begin(request, kept, request[VISIT].via, see("/me"), proven=True)


@half_in
async def ask_codes(request: web.Request) -> web.Response:
    """Who has codes takes them off first, by the password."""
    if (await kept_of(request)).totp:
        return see("/me")
    return _codes(request, codes.new_secret())


@half_in
async def turn_on(request: web.Request) -> web.Response:
    """By a code of the secret that was shown. What is to be written down is shown this once."""
    told, name = await form(request), name_of(request)
    secret, now = told.get("secret", ""), request.app[WALL]()
    if not codes.is_secret(secret) or (await kept_of(request)).totp:
        raise web.HTTPBadRequest  # no form of ours, or one that was sent twice
    step = codes.step_of(secret, told.get("code", ""), now, 0)
    if step is None:
        await audited(request, "codes.on", result=f"refused: {CODE_WRONG.en}")
        return _codes(request, secret, request[VISIT].name(*CODE_WRONG))

    act = act_of(request, "codes.on")

    def work(db: Connection) -> list[str]:
        trail.add(db, act)
        return codes.turn_on(db, name, secret, step)

    written = await request.app[DESK].write(work)
    return page(request, "codes_written.html", codes=written)


@needs(Act.SEE)
async def turn_off(request: web.Request) -> web.Response:
    name, act = name_of(request), act_of(request, "codes.off")
    try:
        await proven(request, (await form(request)).get("present", ""))
    except TooOften as error:
        return too_often(request, await own_page(request, wait_s=error.wait_s), error)

    def work(db: Connection) -> None:
        codes.turn_off(db, name)
        trail.add(db, act)

    await request.app[DESK].write(work)
    return see("/me")


@needs(Act.SEE)
async def end_session(request: web.Request) -> web.Response:
    name, id_ = name_of(request), (await form(request)).get("id", "")
    act = act_of(request, "session.ended", id_)

    def work(db: Connection) -> None:
        sessions.end_one(db, name, id_)
        trail.add(db, act)

    await request.app[DESK].write(work)
    return see("/me")


def name_of(request: web.Request) -> str:
    who = request[VISIT].who
    assert who is not None  # the mark of the page says so
    return who.name


async def kept_of(request: web.Request) -> Kept:
    name = name_of(request)
    return await request.app[DESK].read(lambda db: book.need(db, name))


async def proven(request: web.Request, password: str) -> Kept:
    """By the present password, since a desk may have been left. Raises TooOften and Refused."""
    if (await kept_of(request)).subject:
        raise Refused(NOT_LOCAL)
    kept = await request.app[DOOR].by_password(name_of(request), password, request[VISIT].address)
    if kept is None:
        raise Refused(PASSWORD_WRONG)
    return kept


async def own_page(request: web.Request, wait_s: float | None = None) -> web.Response:
    app, name = request.app, name_of(request)
    kept, now = await kept_of(request), app[WALL]()
    mine, programs = await app[DESK].read(
        lambda db: (
            sessions.of_account(db, name, now, app[SESSIONS]),
            tokens.of_account(db, name, now),
        )
    )
    named = partial(browser, request[VISIT])
    status, wait = (200, None) if wait_s is None else (429, math.ceil(wait_s))
    return page(
        request,
        "me.html",
        status=status,
        kept=kept,
        sessions=mine,
        tokens=programs,
        lives=tokens.LIVES,
        wait_s=wait,
        browser=named,
    )


# As browsers name themselves, each also by the names of those that it descends from: the first that fits.
BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")


def browser(visit: Visit, agent: str) -> str:
    name = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((system for system in SYSTEMS if system in agent), "")
    return visit.t("me.browser", name=name, system=system) if name and system else visit.t("me.browser_other")


def _codes(request: web.Request, secret: str, refused: str = "") -> web.Response:
    settings, visit = request.app[SETTINGS].web, request[VISIT]
    address = codes.uri(secret, name_of(request), visit.name(settings.name, settings.name_en))
    must, status = visit.stage is Stage.ENROL, 409 if refused else 200
    drawn = Markup(codes.svg(address))  # ours, of nothing but squares
    return page(request, "codes.html", status=status, secret=secret, qr=drawn, must=must, refused=refused)


ROUTES = (
    web.get("/me", show),
    web.post("/me/lang", set_lang),
    web.post("/me/password", set_password),
    web.get("/me/codes", ask_codes),
    web.post("/me/codes", turn_on),
    web.post("/me/codes/off", turn_off),
    web.post("/me/sessions/end", end_session),
)
