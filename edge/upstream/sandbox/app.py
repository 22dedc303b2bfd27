"""The sandbox as a web application, and `hall-edge sandbox`, which serves it."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from aiohttp import web
from aiohttp.typedefs import Middleware

from edge.upstream.sandbox.faults import BadFault, Faults, spoken
from edge.upstream.sandbox.pages import Pages
from edge.upstream.sandbox.reading import MAX_BODY
from edge.upstream.sandbox.service import Handler, Service
from edge.upstream.sandbox.world import Problem

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
HANG_S = 3600.0  # longer than anybody waits
STOP_S = 1.0  # that requests in hand have at the end
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def app_of(service: Service, token: str = "") -> web.Application:
    """`token`: who does not bring it is refused; "" lets everybody in."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_dated(service), _as_problems])
    for method, path, operation, handler in service.routes():
        guarded = _guarded(handler, token)
        app.router.add_route(method, path, _ailing(guarded, operation, service.faults))
    app.add_routes(Pages(service).routes())
    return app


def _dated(service: Service) -> Middleware:
    """Every answer has the request's id, and the time as the sandbox's clock shows it."""

    @web.middleware
    async def dated(request: web.Request, handler: _Next) -> web.StreamResponse:
        response = await handler(request)
        response.headers["Date"] = format_datetime(service.now().replace(microsecond=0), usegmt=True)
        if name := request.headers.get("X-Request-Id", "")[:64]:
            response.headers["X-Request-Id"] = name
        return response

    return dated


@web.middleware
async def _as_problems(request: web.Request, handler: _Next) -> web.StreamResponse:
    """What is refused, in the contract's words."""
    try:
        return await handler(request)
    except Problem as problem:
        return _problem(problem)
    except web.HTTPException as error:
        if error.status < 400 or not request.path.startswith("/v1/"):
            raise
        answer = _problem(Problem(error.status, "wrong_request", error.reason))
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = error.headers["Allow"]
        return answer


def _problem(problem: Problem) -> web.Response:
    told: dict[str, Any] = {"type": "about:blank", "title": problem.title, "status": problem.status}
    told["code"] = problem.code
    if problem.total_fen is not None:
        told["total_fen"] = problem.total_fen
    return web.json_response(told, status=problem.status, content_type="application/problem+json")


def _guarded(handler: Handler, token: str) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        if token and request.headers.get("Authorization") != f"Bearer {token}":
            raise Problem(401, "unauthorised", "the token is not known here")
        return await handler(request)

    return guarded


def _ailing(handler: Handler, operation: str, faults: Faults) -> Handler:
    """The handler with all that can go wrong around it."""
    strikes = partial(faults.strikes, operation=operation)

    async def ailing(request: web.Request) -> web.Response:
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        if strikes("down"):
            return _cut(request)
        if strikes("hang"):
            await asyncio.sleep(HANG_S)
        if strikes("error"):
            return web.Response(status=500, text="Internal Server Error")
        if strikes("nonsense"):
            return web.Response(text="<html>?", content_type="application/json")
        response = await handler(request)
        if strikes("twice"):
            response = await handler(request)
        if strikes("lost"):
            return _cut(request)
        return web.json_response({"state": 7, "items": [None]}) if strikes("schema") else response

    return ailing


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


# --- the command ---
async def serve(
    host: str, port: int, *, seed: int, zone: str, latency_ms: float, faults: list[str], token: str = ""
) -> int:
    """Until SIGTERM or SIGINT; the exit status."""
    try:
        service = Service(seed, zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such file, no such name, a directory of zones
        sys.stderr.write(f"✗ {zone}: no such time zone, 没有这个时区\n")
        return 2
    try:
        service.faults.set({"latency_ms": latency_ms})
        service.faults.faults += [spoken(each) for each in faults]
    except BadFault as error:
        sys.stderr.write(f"✗ {error}\n")
        return 2
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app_of(service, token), access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            sys.stderr.write(f"✗ {host}:{port}: {error.strerror}\n")
            return 1
        _tell(service, f"http://{host}:{runner.addresses[0][1]}")
        await stop.wait()
    finally:
        await runner.cleanup()
    return 0


def _tell(service: Service, url: str) -> None:
    """The first line is the address alone, for who starts it as a program."""
    cases = ", ".join(service.some_cases())
    sys.stdout.write(
        f"{url}\n演示数据 · SANDBOX. Any card with a right check digit is known here. Cases: {cases}\n"
        f"Payers pay at /pay/<order>; faults: PUT /sandbox/faults\n"
    )
    sys.stdout.flush()
