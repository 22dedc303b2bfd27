"""The application: its pages, what they find in it, and where it listens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from edge.console.accounts.door import Door
from edge.console.accounts.limits import Programs
from edge.console.accounts.oidc import LoginService
from edge.console.accounts.passwords import Passwords
from edge.console.desk import Desk
from edge.console.errors import Errors
from edge.console.live.session import Live
from edge.console.plan.model import plans_of
from edge.console.reports.apart import Apart
from edge.console.settings import ConsoleSettings
from edge.console.web import acts, forms, layers, session, stream
from edge.console.web.answers import Answers
from edge.console.web.api import document, halls, past
from edge.console.web.api import reports as api_reports
from edge.console.web.api import stream as api_stream
from edge.console.web.api.tellings import TELLINGS
from edge.console.web.doors import DOORS, HANDSHAKE_S, KEPT_S, Doors
from edge.console.web.drawn import DRAWN, Drawn
from edge.console.web.fragments import FRAGMENTS
from edge.console.web.keys import (
    ANSWERS,
    APART,
    DESK,
    DOOR,
    ERRORS,
    LIVE,
    OIDC,
    PICTURES,
    PROGRAMS,
    SESSIONS,
    SETTINGS,
    WALL,
)
from edge.console.web.meter import METER, Meter
from edge.console.web.needs import is_marked
from edge.console.web.pages import (
    accounts,
    alerts,
    audit,
    cameras,
    device,
    events,
    followup,
    hall,
    health,
    link,
    login,
    me,
    metrics,
    oidc,
    overview,
    ratings,
    reports,
    tokens,
)
from edge.console.web.pages.metrics import SCRAPE, Scrape
from edge.console.web.pages.reports import MADE, Made
from edge.console.web.parts import PARTS
from edge.console.web.pictures import Pictures
from edge.console.web.plans import PLANS
from edge.console.web.pulse import PULSE, RECORDER, Pulse, Recorder
from edge.console.web.render import FOLDER
from edge.console.web.streams import STREAMS, Streams

AT_ONCE = 32  # connections taken before others have their turn: those just taken have asked nothing yet
WAITING = 1024  # to be taken, half a second's work: who finds no room there tries again after one
MAX_BODY = 64 * 1024  # of a form: notes and names
GOODBYE_S = 2.0  # for answers under way, when it ends

ROUTES: tuple[web.RouteDef, ...] = (
    *health.ROUTES,
    *metrics.ROUTES,
    *overview.ROUTES,
    *hall.ROUTES,
    *alerts.ROUTES,
    *device.ROUTES,
    *cameras.ROUTES,
    *login.ROUTES,
    *oidc.ROUTES,
    *link.ROUTES,
    *me.ROUTES,
    *tokens.ROUTES,
    *accounts.ROUTES,
    *stream.ROUTES,
    *ratings.ROUTES,
    *events.ROUTES,
    *audit.ROUTES,
    *followup.ROUTES,
    *reports.ROUTES,
    *document.ROUTES,
    *halls.ROUTES,
    *past.ROUTES,
    *api_reports.ROUTES,
    *api_stream.ROUTES,
)


def make_app(
    desk: Desk,
    settings: ConsoleSettings,
    live: Live | None = None,
    *,
    report_settings: Path | None = None,
    recorder: Recorder | None = None,
    errors: Errors | None = None,
    wall: Callable[[], float] = time.time,
    clock: Callable[[], float] = time.monotonic,
) -> web.Application:
    """`live`: without it nothing is known of any hall; `recorder`: what leads beside it. Raises BadPlan."""
    doors, meter = Doors(), Meter()
    each = [
        doors.working,
        meter.counting,
        layers.speak,
        layers.excuse,
        stream.turn_away,
        session.identify,
        layers.in_turn,
        acts.account_for,
        forms.guard,
        acts.could_be_kept,
    ]
    app = web.Application(middlewares=each, client_max_size=MAX_BODY)
    app[DOORS], app[METER], app[layers.TURN] = doors, meter, asyncio.Lock()
    app[DESK], app[SETTINGS], app[WALL], app[LIVE] = desk, settings, wall, live or Live()
    app[RECORDER], app[ERRORS], app[PULSE] = recorder, errors or Errors(), Pulse(desk, clock)
    app[SESSIONS] = session.limits(settings)
    app[APART], app[MADE] = Apart(desk.url, report_settings), Made()
    app[ANSWERS], app[PICTURES] = Answers(), Pictures()
    app[PROGRAMS] = Programs(clock)
    app[DOOR] = door = Door(desk, Passwords(), wall, clock)
    if settings.oidc:
        app[OIDC] = LoginService(settings.oidc, wall, clock)
    app.on_cleanup.append(partial(_close, door))
    app[PLANS] = plans_of(settings)
    app[FRAGMENTS] = {part.name: part for part in (*PARTS, *TELLINGS)}
    app[DRAWN], app[STREAMS], app[SCRAPE] = Drawn(app), Streams(app), Scrape(app)
    app.cleanup_ctx.extend((_streaming, _mending))
    app.on_shutdown.append(_end_streams)
    app.on_response_prepare.append(layers.protect)
    add(app, ROUTES)
    app.router.add_static("/static/", FOLDER / "static", name="static")
    return app


async def _close(door: Door, _app: web.Application) -> None:
    door.passwords.close()


async def _streaming(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[STREAMS].run(), name="streams")
    yield
    task.cancel()
    await asyncio.wait({task})


async def _mending(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[DESK].mend(), name="mend")
    yield
    task.cancel()
    await asyncio.wait({task})


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].close()


def add(app: web.Application, routes: Iterable[web.RouteDef]) -> None:
    """Each of which says whose it is."""
    for route in routes:
        assert is_marked(route.handler), f"{route.path}: nobody has said who may see it"
        app.router.add_route(route.method, route.path, route.handler)


@asynccontextmanager
async def served(app: web.Application, port: int) -> AsyncIterator[str]:
    """Until left; gives the address. `port` 0 takes a free one. Raises OSError where it cannot listen."""
    web_settings = app[SETTINGS].web
    context = None
    if web_settings.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(web_settings.cert, web_settings.key)
    options: dict[str, Any] = {"shutdown_timeout": GOODBYE_S, "keepalive_timeout": KEPT_S}
    runner = web.AppRunner(app, access_log=None, handle_signals=False, **options)
    await runner.setup()
    listening: asyncio.Server | None = None
    try:
        assert runner.server is not None  # it is set up
        listening = await asyncio.get_running_loop().create_server(
            partial(app[DOORS].accept, runner.server),
            web_settings.listen,
            port,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_S if context else None,
            backlog=AT_ONCE,
        )
        for each in listening.sockets:
            with socket.fromfd(each.fileno(), each.family, each.type) as same:
                same.listen(WAITING)  # asyncio has one number for both
        bound = listening.sockets[0].getsockname()[1]
        host = f"[{web_settings.listen}]" if ":" in web_settings.listen else web_settings.listen
        yield f"{'https' if context else 'http'}://{host}:{bound}"
    finally:
        if listening:
            listening.close()
        with contextlib.suppress(OSError):
            await runner.cleanup()
