"""One hall: its windows, queues, devices and alerts as they are, and its day so far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.live.things import Seen
from edge.console.live.views import DeviceView, HallView, device_view
from edge.console.web.asking import by
from edge.console.web.keys import ANSWERS, DESK, LIVE, SETTINGS, WALL
from edge.console.web.names import FAMILIES, Names, family_of
from edge.console.web.needs import id_of, needs
from edge.console.web.pages.hall_figures import Figures, figures_of
from edge.console.web.plans import plan_values
from edge.console.web.render import page
from edge.console.web.visit import VISIT, Visit
from edge.wire import WindowStatus, told_min

STANDINGS = ("bad", "warn", "off", "good")  # what needs somebody first
_DIGITS = re.compile(r"(\d+)")


@needs(Act.SEE)
async def hall(request: web.Request) -> web.Response:
    visit, known = request[VISIT], the_hall(request)
    values = hall_values(request.app, visit, known)
    today = datetime.fromtimestamp(request.app[WALL](), ZoneInfo(request.app[SETTINGS].timezone))
    figures: Figures = await request.app[DESK].read(lambda db: figures_of(db, known.hall, today))
    answer = request.app[ANSWERS].find(by(request), request.query.get("answer", ""))
    plan = plan_values(request.app, visit, known, values["names"])
    return page(request, "hall.html", **values, **plan, **figures.charts(visit), answer=answer)


def the_hall(request: web.Request) -> HallView:
    """The one that the address names. Raises HTTPNotFound for one that nobody has told of."""
    id_ = request.match_info["hall"]
    known = request.app[LIVE].fleet.hall(id_)
    if known.unknown and id_ not in {each.id for each in request.app[SETTINGS].hall}:
        raise web.HTTPNotFound
    return known


def hall_values(app: web.Application, visit: Visit, hall: HallView) -> dict[str, Any]:
    """What the parts of the page are made of, which are fragments too."""
    names = Names(visit, app[SETTINGS], hall)
    devices = [each for each in devices_of(hall) if each.device not in names.cameras]
    return {
        "hall": hall,
        "names": names,
        "names_of": lambda _: names,
        "with_hall": False,
        "alerts": hall.alerts,
        "windows": _windows(hall),
        "troubled": [each for each in devices if _is_troubled(each)],
        "families": _families(devices),
        "queues": [node.queue.good for node in hall.nodes if node.queue and node.queue.good],
        "cameras": [node.cameras.good for node in hall.nodes if node.cameras and node.cameras.good],
        "told_min": told_min,
    }


def devices_of(hall: HallView) -> list[DeviceView]:
    """Also those of which nothing has been heard; what is worst first."""
    found = [
        view
        for node in hall.nodes
        for id_ in node.devices.keys() | node.names.devices.keys()
        if (view := device_view(node, id_))
    ]
    return sorted(found, key=lambda each: (STANDINGS.index(each.standing), natural(each.device)))


def _is_troubled(device: DeviceView) -> bool:
    said = device.seen.good if device.seen else None
    return device.standing != "good" or (said is not None and bool(said.conditions))


def _families(devices: list[DeviceView]) -> dict[str, list[DeviceView]]:
    """In the order in which a hall is looked at, each by its name."""
    found: dict[str, list[DeviceView]] = {}
    for each in sorted(devices, key=lambda each: natural(each.device)):
        found.setdefault(family_of(each), []).append(each)
    return {name: found[name] for name in FAMILIES if name in found}


@lru_cache(maxsize=4_096)  # pages sort by it; a county has no more different names
def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Window 10 comes after window 9."""
    parts = _DIGITS.split(name)
    return tuple((part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part)


def _windows(hall: HallView) -> list[tuple[str, Seen[WindowStatus]]]:
    found: Mapping[str, Seen[WindowStatus]] = {
        id_: seen for node in hall.nodes for id_, seen in node.windows.items()
    }
    return sorted(found.items(), key=lambda each: natural(each[0]))


ROUTES = (web.get(f"/halls/{id_of('hall')}", hall),)
