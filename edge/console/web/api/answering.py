"""From a request to an answer of the API: who asks, what for, and what is wrong with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from edge.console.api.base import Answer, Misuse, Query
from edge.console.api.operations import PATTERNS, ROOT, Operation
from edge.console.web.forms import BODY_S
from edge.console.web.needs import mark
from edge.console.web.visit import VISIT
from edge.wire.plain import plain

Q = TypeVar("Q", bound=Query)
B = TypeVar("B", bound=BaseModel)
MOST_FAULTS = 10  # that are told of one request
BEARER = {"WWW-Authenticate": 'Bearer realm="hall-console"'}


class BadRequest(web.HTTPBadRequest):
    """`faults`: which parameters or members, and why."""

    def __init__(self, *faults: Misuse) -> None:
        super().__init__()
        self.faults = faults


def answers(
    operation: Operation[Q],
) -> Callable[[Callable[[web.Request, Q], Awaitable[Answer]]], web.RouteDef]:
    """The route of that operation, for who may do what it is marked with; its answer is written as JSON."""

    def routed(handler: Callable[[web.Request, Q], Awaitable[Answer]]) -> web.RouteDef:
        async def answer(request: web.Request) -> web.Response:
            let_in(request, operation)
            said = await handler(request, query_of(request, operation.query))
            return web.Response(text=said.model_dump_json(), content_type="application/json")

        return route(operation, answer)

    return routed


def route(
    operation: Operation[Q], handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.RouteDef:
    """`handler` calls `let_in` first."""
    path = re.sub(r"{(\w+)}", lambda found: f"{{{found[1]}:{PATTERNS[found[1]]}}}", operation.path)
    return web.route(operation.method, ROOT + path, mark(handler, operation.act))


def let_in(request: web.Request, operation: Operation[Q]) -> None:
    """Raises the HTTP error for who may not."""
    visit = request[VISIT]
    if visit.account is None:
        raise web.HTTPUnauthorized(headers=BEARER)
    if not visit.may(operation.act, request.match_info.get("hall", "")):
        raise web.HTTPForbidden


def query_of(request: web.Request, model: type[Q]) -> Q:
    """What the address asks for behind its `?`; the language is everybody's. Raises BadRequest."""
    asked = {name: value for name, value in request.query.items() if name != "lang"}
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        raise BadRequest(*_faults(error)) from None


async def body_of(request: web.Request, model: type[B]) -> B:
    """Raises the HTTP error for what is no such JSON."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await asyncio.wait_for(request.read(), BODY_S)
        return model.model_validate_json(body, extra="forbid")
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except ValidationError as error:
        raise BadRequest(*_faults(error)) from None


def _faults(error: ValidationError) -> list[Misuse]:
    """Nothing of what was sent is sent back, but names."""
    told = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_FAULTS]
    return [
        Misuse(name=plain(".".join(map(str, each["loc"])))[:64], message=plain(each["msg"])[:200])
        for each in told
    ]
