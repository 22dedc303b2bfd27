"""The floor plan of a hall as it is now: where each thing stands, and how it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web
from markupsafe import Markup

from edge.console.live.views import HallView, NodeView, Standing, standing_of
from edge.console.plan.drawing import Mark, draw
from edge.console.plan.model import Place, Plan, What, grid
from edge.console.web.names import Names
from edge.console.web.render import cut
from edge.console.web.visit import Visit
from edge.wire import WindowStatus

PLANS: web.AppKey[Mapping[str, Plan]] = web.AppKey("plans")  # by hall
PHASES: Mapping[str, Standing] = {"fault": "bad", "suspect": "warn", "ok": "good"}


def plan_values(app: web.Application, visit: Visit, hall: HallView, names: Names) -> dict[str, Any]:
    plan = app[PLANS].get(hall.hall) or grid(_things(hall))
    title = visit.t("plan.title", hall=names.hall)
    counts = ((level, hall.devices.get(level, 0)) for level in ("bad", "warn", "off", "good"))
    said = visit.t("plan.said", **dict(counts))
    marks = partial(_mark, visit, hall, names)
    return {"plan": draw(plan, title, said, marks, english=visit.lang == "en") if plan.place else Markup()}


def _things(hall: HallView) -> list[tuple[What, str, str]]:
    found: list[tuple[What, str, str]] = []
    for node in hall.nodes:
        cameras = node.camera.keys() | node.names.cameras.keys()
        devices = (node.devices.keys() | node.names.devices.keys()) - cameras
        found += [("window", node.node, id_) for id_ in sorted(node.windows)]
        found += [("device", node.node, id_) for id_ in sorted(devices)]
        found += [("camera", node.node, id_) for id_ in sorted(cameras)]
    return found


def _mark(visit: Visit, hall: HallView, names: Names, place: Place) -> Mark | None:
    if place.what == "entrance":
        return Mark(visit.t("plan.entrance"), "good", "")
    for node in hall.nodes:
        if place.node in ("", node.node) and (mark := _of_node(visit, node, names, place)):
            return mark
    return None


def _of_node(visit: Visit, node: NodeView, names: Names, place: Place) -> Mark | None:
    if place.what == "window":
        return _window(visit, node, names, place.id)
    if place.what == "camera":
        return _camera(visit, node, names, place.id)
    if place.id not in node.devices and place.id not in node.names.devices:
        return None
    seen = node.devices.get(place.id)
    standing = "off" if node.stale else standing_of(seen)
    said = visit.t(f"state.{seen.good.state}") if seen and seen.good else visit.t("plan.unknown")
    return Mark(place.id, standing, said, f"/halls/{node.hall}/devices/{node.node}/{place.id}")


def _window(visit: Visit, node: NodeView, names: Names, id_: str) -> Mark | None:
    seen = node.windows.get(id_)
    if seen is None:
        return None
    href, name = f"#window-{id_}", cut(names.window(id_), 32)
    if node.stale or seen.good is None:
        return Mark(name, "off", visit.t("plan.unknown"), href)
    window = seen.good
    said = visit.t(f"window.{_phase(window)}")
    standing = {"closed": "off", "paused": "warn"}.get(window.state, "good")
    return Mark(name, standing, said, href, cut(window.ticket, 16) or said)


def _phase(window: WindowStatus) -> str:
    return window.phase if window.state == "open" and window.phase else window.state


def _camera(visit: Visit, node: NodeView, names: Names, id_: str) -> Mark | None:
    seen = node.camera.get(id_)
    if seen is None and id_ not in node.names.cameras:
        return None
    status = seen.good if seen else None
    standing = PHASES.get(status.state, "off") if status and not node.stale else "off"
    said = visit.t(f"camera.{status.state}") if status else visit.t("plan.unknown")
    return Mark(cut(names.camera(id_), 32), standing, said, f"/halls/{node.hall}/cameras/{node.node}/{id_}")
