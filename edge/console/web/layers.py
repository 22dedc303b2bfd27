"""What every request passes through: limits and headers, errors in words, language."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from aiohttp import web

from edge.console.accounts.refusals import Refused
from edge.console.api.base import API, PROBLEM, Misuse, Problem
from edge.console.desk import DeskBusy
from edge.console.engine import RecordError
from edge.console.web.keys import FORM
from edge.console.web.proxy import who_asks
from edge.console.web.render import READS, page
from edge.console.web.visit import LANG_COOKIE, VISIT, Visit, lang_of
from edge.console.web.words import LANGS, WORDS, Lang

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Nothing is loaded but from here, and nothing that stands in a page is a script or a style.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
RETRY: Mapping[str, str] = MappingProxyType({"Retry-After": "2"})
SECRET = {"password", "again", "present", "code", "secret"}  # fields that are not written into a page
YEAR_S = 31_536_000

TURN = web.AppKey("turn", asyncio.Lock)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """A form with what was written in it, to be sent once more."""

    path: str
    fields: Mapping[str, str]


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """On every answer, streams and errors too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    visit = request.get(VISIT)  # none for what is no HTTP
    if visit and visit.secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The language; one that the address asks for is kept."""
    address, secure = who_asks(request)
    request[VISIT] = Visit(lang_of(request), address=address, secure=secure)
    response = await handler(request)
    if request.query.get("lang") in LANGS and not response.prepared:
        keep_lang(request, response, request[VISIT].lang)
    return response


def keep_lang(request: web.Request, response: web.StreamResponse, lang: Lang) -> None:
    response.set_cookie(
        LANG_COOKIE, lang, max_age=YEAR_S, samesite="Lax", secure=request[VISIT].secure, httponly=True
    )


@web.middleware
async def excuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An error as a page that says what to do; a redirection passes."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        words, faults = getattr(error, "words", ""), getattr(error, "faults", ())
        return sorry(request, error.status, error.headers, words, faults)
    except Refused as error:
        return say_sorry(request, error.status, error.words)
    except RecordError as error:
        log.warning("%s %s: the record cannot be used: %s", request.method, route_of(request), error)
        if request.method in READS or isinstance(error, DeskBusy):  # which may yet do it
            return sorry(request, 503, RETRY)
        return sorry(request, 503, RETRY, "sorry.unkept", again=_again(request))
    except Exception:
        # Whatever is wrong with one page must not end the others; the whole of it is in the log.
        log.exception("%s %s", request.method, route_of(request))
        return sorry(request, 500)


@web.middleware
async def in_turn(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One is begun at each turn of the loop: where many come at once, pages that are open hear between two of
    them what has changed."""
    async with request.app[TURN]:
        await asyncio.sleep(0)
    return await handler(request)


def sorry(
    request: web.Request,
    status: int,
    headers: Mapping[str, str] = NO_HEADERS,
    words: str = "",
    faults: tuple[Misuse, ...] = (),
    *,
    again: Again | None = None,
) -> web.Response:
    own = f"api.{status}" if request.path.startswith(API) else ""
    key = words or next((each for each in (own, f"sorry.{status}") if each in WORDS), "sorry.400")
    answer = say_sorry(request, status, WORDS[key], faults, again)
    answer.headers.update(
        {
            name: headers[name]
            for name in ("Retry-After", "Allow", "Upgrade", "WWW-Authenticate")
            if name in headers
        }
    )
    return answer


def say_sorry(
    request: web.Request,
    status: int,
    words: tuple[str, str],
    faults: tuple[Misuse, ...] = (),
    again: Again | None = None,
) -> web.Response:
    """To a person by a page, to a program as RFC 9457 has it."""
    text = request[VISIT].name(*words)
    if not request.path.startswith(API):
        return page(request, "sorry.html", status=status, text=text, again=again)
    said = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=text,
        detail_zh=words[0],
        detail_en=words[1],
        errors=faults,
    )
    return web.Response(text=said.model_dump_json(), status=status, content_type=PROBLEM)


def _again(request: web.Request) -> Again | None:
    """None where there is no form, or a password in it."""
    fields = request.get(FORM)
    ours = str(request.rel_url).startswith("/") and not request.path.startswith("//")
    if fields is None or not ours or SECRET & fields.keys():
        return None
    return Again(str(request.rel_url), {**fields, "csrf": request[VISIT].csrf})


def route_of(request: web.Request) -> str:
    """Its address as it stands in the table of routes: what is in a link's own is nobody else's business."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "(no such page)"
