"""One device: what it is, how it stands and stood, what it counts, and what a technician may ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts.roles import Act
from edge.console.charts.strip import strips
from edge.console.live.views import DeviceView, HallView, device_view
from edge.console.reports.watched import Device
from edge.console.sums.devices import Told, Watched, availability, device_history, period_of
from edge.console.web.acts import audited
from edge.console.web.answers import Answer
from edge.console.web.asking import ask, by, outcome
from edge.console.web.forms import form
from edge.console.web.keys import ANSWERS, DESK, LIVE, SETTINGS, WALL
from edge.console.web.names import Names, family_of
from edge.console.web.needs import id_of, needs
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT, Visit
from edge.console.web.watching import strip_of
from edge.wire import Reply

DAYS = 30
CHANGES = 50  # of its history, as a table
ASK_S = 4.0  # for what a page shows beside itself: a page that waits longer is thought broken


@dataclass(frozen=True, slots=True)
class Order:
    verb: str
    args: Mapping[str, str]
    timeout_s: float  # longer than the node works at it


# A check asks for up to 15 seconds, and prints for 20; a pattern stands for 10, and is told within 5 each.
ORDERS: Mapping[str, Order] = {
    "check_internal": Order("device.check", {"level": "internal"}, 30.0),
    "check_external": Order("device.check", {"level": "external"}, 60.0),
    "show_all": Order("device.show", {"pattern": "all"}, 45.0),
    "show_colors": Order("device.show", {"pattern": "colors"}, 45.0),
    "show_columns": Order("device.show", {"pattern": "columns"}, 45.0),
    "test_print": Order("device.test_print", {}, 30.0),
    "restart": Order("device.restart", {}, 20.0),
}


@dataclass(frozen=True, slots=True)
class Past:
    """Of the last DAYS: its changes, newest first, and how it was within them."""

    changes: list[Told]
    watched: Watched | None
    begin_s: float
    end_s: float


@needs(Act.SEE)
async def device(request: web.Request) -> web.Response:
    visit, (hall, view) = request[VISIT], _device(request)
    zone, now_s = ZoneInfo(request.app[SETTINGS].timezone), request.app[WALL]()
    asked = asyncio.gather(*(_ask(request, view, verb) for verb in _beside(visit, view)))
    past = await request.app[DESK].read(lambda db: _past(db, view, zone, now_s))
    told = dict(zip(_beside(visit, view), await asked, strict=True))
    answer = request.app[ANSWERS].find(by(request), request.query.get("answer", ""))
    return page(
        request,
        "device.html",
        **device_values(request.app, visit, hall, view),
        changes=past.changes[:CHANGES],
        history_chart=_history(visit, view, past, zone),
        share=_share(past),
        frames=told.get("device.frames"),
        statistics=told.get("device.statistics"),
        answer=answer,
        orders=_offered(view) if visit.may(Act.COMMAND, hall.hall) else (),
    )


@needs(Act.COMMAND)
async def command(request: web.Request) -> web.Response:
    _, view = _device(request)
    name = (await form(request)).get("order", "")
    if name not in _offered(view):
        raise web.HTTPBadRequest
    order = ORDERS[name]
    reply = await _ask(request, view, order.verb, {**order.args, "by": by(request)}, order.timeout_s)
    await audited(request, f"device.{name}", f"{view.node}/{view.device}", result=outcome(reply))
    answer = Answer(by(request), name, request.app[WALL](), reply)
    return see(f"{request.path}?answer={request.app[ANSWERS].keep(answer)}")


def device_values(app: web.Application, visit: Visit, hall: HallView, view: DeviceView) -> dict[str, Any]:
    """What the live part of the page is made of."""
    names = Names(visit, app[SETTINGS], hall)
    return {"hall": hall, "device": view, "names": names, "family": family_of(view)}


def _device(request: web.Request) -> tuple[HallView, DeviceView]:
    info = request.match_info
    hall = request.app[LIVE].fleet.hall(info["hall"])
    node = next((each for each in hall.nodes if each.node == info["node"]), None)
    view = device_view(node, info["device"]) if node else None
    if view is None:
        raise web.HTTPNotFound
    return hall, view


def _beside(visit: Visit, view: DeviceView) -> tuple[str, ...]:
    """What is asked of the node for the page itself. Of a node that is away nothing is."""
    if view.stale:
        return ()
    frames = ("device.frames",) if visit.may(Act.SEE_FRAMES, view.hall) else ()
    return (*frames, "device.statistics")


def _offered(view: DeviceView) -> tuple[str, ...]:
    """Nothing that its node would refuse, and nothing of a node that has not told what it can."""
    about = view.about
    if about is None:
        return ("restart",)
    checks = (f"check_{level}" for level in about.checks)
    shows = (f"show_{pattern}" for pattern in about.shows)
    return (*checks, *shows, *(("test_print",) if about.prints else ()), "restart")


async def _ask(
    request: web.Request,
    view: DeviceView,
    verb: str,
    args: Mapping[str, str] | None = None,
    timeout_s: float = ASK_S,
) -> Reply:
    asked = {"device": view.device, **(args or {})}
    return await ask(request, (view.hall, view.node), verb, asked, timeout_s)


def _past(db: Connection, view: DeviceView, zone: ZoneInfo, now_s: float) -> Past:
    last = datetime.fromtimestamp(now_s, zone).date()
    first = last - timedelta(days=DAYS - 1)
    period = period_of(first, last, zone, now_s)
    which = Device(view.hall, view.node, view.device)
    all_ = availability(db, view.hall, first, last, period)
    mine = next((each for each in all_ if each.device == which), None)
    return Past(device_history(db, which, period), mine, *period)


def _history(visit: Visit, view: DeviceView, past: Past, zone: ZoneInfo) -> Any:
    title, strip = visit.t("device.history", days=DAYS), strip_of(view.device, past.watched)
    return strips(visit.t, title, [strip], begin_s=past.begin_s, end_s=past.end_s, zone=zone)


def _share(past: Past) -> float | None:
    """Of the hours in which the hall was open, how much it was there."""
    return past.watched.found.open_rate if past.watched else None


_PATH = f"/halls/{id_of('hall')}/devices/{id_of('node')}/{id_of('device')}"
ROUTES = (web.get(_PATH, device), web.post(_PATH, command))
