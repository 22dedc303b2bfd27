"""The parts of the pages that live, and what each is touched by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.live.views import HallView, device_view
from edge.console.web.fragments import Fragment, Place, Values, touching
from edge.console.web.keys import LIVE, SETTINGS
from edge.console.web.names import Names
from edge.console.web.pages.cameras import camera_values, camera_view, wall_values
from edge.console.web.pages.device import device_values
from edge.console.web.pages.events import tail_values
from edge.console.web.pages.hall import hall_values
from edge.console.web.pages.overview import fleet_values, halls_of, rank
from edge.console.web.plans import plan_values
from edge.console.web.visit import Visit


def halls(app: web.Application, visit: Visit) -> Iterator[Place]:
    """Those that the visitor may see."""
    known = {each.id for each in app[SETTINGS].hall} | {hall for hall, _ in app[LIVE].fleet.nodes()}
    return ((hall,) for hall in sorted(known) if visit.may(Act.SEE, hall))


def devices(app: web.Application, visit: Visit) -> Iterator[Place]:
    """Those that have been heard or that their node tells of, in these halls."""
    for (hall,) in halls(app, visit):
        for node in app[LIVE].fleet.hall(hall).nodes:
            for device in node.devices.keys() | node.names.devices.keys():
                yield hall, node.node, device


def hall_there(app: web.Application, place: Place) -> HallView | None:
    hall = app[LIVE].fleet.hall(place[0])
    configured = any(each.id == hall.hall for each in app[SETTINGS].hall)
    return hall if configured or not hall.unknown else None


def _fleet_values(app: web.Application, visit: Visit, _place: Place) -> Values:
    return fleet_values(app, visit, halls_of(app, visit))


def _card_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = hall_there(app, place)
    return {"hall": hall, "rank": rank, "names": Names(visit, app[SETTINGS], hall)} if hall else None


def _hall_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = hall_there(app, place)
    return hall_values(app, visit, hall) if hall else None


def _device_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = app[LIVE].fleet.hall(place[0])
    node = next((each for each in hall.nodes if each.node == place[1]), None)
    view = device_view(node, place[2]) if node else None
    return device_values(app, visit, hall, view) if view else None


def cameras(app: web.Application, visit: Visit) -> Iterator[Place]:
    """Of which anything has been told, in these halls."""
    for (hall,) in halls(app, visit):
        for node in app[LIVE].fleet.hall(hall).nodes:
            for camera in node.camera:
                yield hall, node.node, camera


def _wall_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = hall_there(app, place)
    return wall_values(app, visit, hall) if hall else None


def _camera_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = app[LIVE].fleet.hall(place[0])
    view = camera_view(hall, place[1], place[2])
    return camera_values(app, visit, hall, view) if view else None


def _tail_values(app: web.Application, visit: Visit, _place: Place) -> Values:
    return tail_values(app, visit)


def _plan_values(app: web.Application, visit: Visit, place: Place) -> Values | None:
    hall = hall_there(app, place)
    return (
        {"hall": hall, **plan_values(app, visit, hall, Names(visit, app[SETTINGS], hall))} if hall else None
    )


_of_fleet = partial(Fragment, depth=0, places=lambda _app, _visit: ((),), values=_fleet_values)
_of_hall = partial(Fragment, depth=1, places=halls, values=_hall_values)
_of_device = partial(Fragment, depth=3, places=devices, values=_device_values)

PARTS: tuple[Fragment, ...] = (
    _of_fleet("fleet_figures", touched=touching("node", "queue", "alert", depth=0)),
    _of_fleet("fleet_alerts", touched=touching("node", "about", "alert", depth=0)),
    _of_hall(
        "hall_card",
        touched=touching("node", "health", "about", "queue", "window", "device", "alert"),
        values=_card_values,
    ),
    _of_hall("hall_head", touched=touching("node", "health", "about", "queue", "window", "alert")),
    _of_hall("hall_alerts", touched=touching("node", "about", "alert")),
    _of_hall("hall_windows", touched=touching("node", "about", "window")),
    _of_hall("hall_services", touched=touching("node", "about", "queue")),
    _of_hall("hall_devices", touched=touching("node", "about", "device")),
    _of_hall("hall_cameras", touched=touching("node", "cameras")),
    _of_hall(
        "hall_plan",
        touched=touching("node", "about", "device", "window", "camera"),
        values=_plan_values,
    ),
    _of_hall("hall_nodes", touched=touching("node", "health")),
    _of_hall("cameras_wall", touched=touching("node", "about", "cameras", "camera"), values=_wall_values),
    Fragment(
        "camera_state",
        depth=3,
        touched=touching("node", "about", "camera", depth=3),
        places=cameras,
        values=_camera_values,
    ),
    _of_fleet("events_tail", touched=touching("event", depth=0), values=_tail_values, act=Act.SEE_EVENTS),
    _of_device("device_state", touched=touching("node", "about", "device", depth=3)),
    _of_device("device_identity", touched=touching("node", "about", "device", depth=3)),
)
