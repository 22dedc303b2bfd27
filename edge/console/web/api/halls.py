"""The fleet's present: halls, devices, queues, alerts."""

from __future__ import annotations

from aiohttp import web

from edge.console.api import fleet, operations, record
from edge.console.api.base import Query, Words
from edge.console.live.views import HallView, NodeView
from edge.console.sums.asking import today as sums_of
from edge.console.web.api.answering import answers, body_of
from edge.console.web.api.present import alert_of, detail_of, device_of, hall_of, queues_of
from edge.console.web.dates import today
from edge.console.web.keys import DESK, LIVE
from edge.console.web.pages.alerts import take_on
from edge.console.web.pages.hall import devices_of, the_hall
from edge.console.web.pages.overview import halls_of, in_order
from edge.console.web.pages.ratings import chosen
from edge.console.web.visit import VISIT


@answers(operations.HALLS)
async def halls(request: web.Request, _query: Query) -> fleet.Halls:
    seen = halls_of(request.app, request[VISIT])
    return fleet.Halls(items=tuple(hall_of(request.app, hall) for hall in seen))


@answers(operations.HALL)
async def hall(request: web.Request, _query: Query) -> fleet.HallDetail:
    view, day = the_hall(request), today(request.app)
    found = await request.app[DESK].read(lambda db: sums_of(db, day, view.hall))
    return detail_of(request.app, view, found.get(view.hall))


@answers(operations.DEVICES)
async def devices(request: web.Request, _query: Query) -> fleet.Devices:
    view = the_hall(request)
    nodes = {node.node: node for node in view.nodes}
    found = (device_of(nodes[each.node], each.device) for each in devices_of(view))
    return fleet.Devices(items=tuple(each for each in found if each))


@answers(operations.DEVICE)
async def device(request: web.Request, _query: Query) -> fleet.Device:
    return the_device(request)


@answers(operations.QUEUES)
async def queues(request: web.Request, _query: record.OfHall) -> fleet.Queues:
    nodes = (node for hall in _asked(request) for node in hall.nodes)
    return fleet.Queues(items=tuple(queues_of(nodes)))


@answers(operations.ALERTS)
async def alerts(request: web.Request, _query: record.OfHall) -> fleet.Alerts:
    return fleet.Alerts(items=tuple(map(alert_of, in_order(_asked(request)))))


@answers(operations.ACKNOWLEDGE)
async def acknowledge(request: web.Request, _query: Query) -> fleet.Outcome:
    told, info = await body_of(request, fleet.Acknowledgement), request.match_info
    reply = await take_on(request, (info["hall"], info["node"]), info["key"], told.note)
    return fleet.Outcome(result=reply.result, code=reply.code, words=Words(zh=reply.zh, en=reply.en))


def the_device(request: web.Request) -> fleet.Device:
    """Raises HTTPNotFound."""
    info = request.match_info
    node: NodeView | None = request.app[LIVE].fleet.node(info["hall"], info["node"])
    found = device_of(node, info["device"]) if node else None
    if found is None:
        raise web.HTTPNotFound
    return found


def _asked(request: web.Request) -> list[HallView]:
    """Those that the visitor may see, or the one of them that the address asks for."""
    seen = {hall.hall: hall for hall in halls_of(request.app, request[VISIT])}
    one = chosen(request, seen)
    return [hall for hall in seen.values() if one in ("", hall.hall)]


ROUTES = (halls, hall, devices, device, queues, alerts, acknowledge)
