"""The cameras of a hall: a wall of how each stands, and of one the pictures of before and of its fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.live.things import Seen, Stale
from edge.console.live.views import HallView, NodeView, Standing
from edge.console.web.acts import audited
from edge.console.web.answers import Answer
from edge.console.web.asking import ask, by, outcome
from edge.console.web.forms import form
from edge.console.web.keys import ANSWERS, LIVE, PICTURES, SETTINGS, WALL
from edge.console.web.names import Names
from edge.console.web.needs import id_of, needs
from edge.console.web.pages.hall import STANDINGS, natural
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT, Visit
from edge.wire import CameraStatus

PHASES: dict[str, Standing] = {
    "fault": "bad",
    "suspect": "warn",
    "learning": "off",
    "unknown": "off",
    "ok": "good",
}
SHOW_S = 10.0  # for a picture of 30 KiB over a slow line
LOOK_S = 30.0  # a node waits for a key frame
PICTURED = ("before", "fault")


@dataclass(frozen=True, slots=True)
class CameraView:
    node: str
    id: str
    seen: Seen[CameraStatus]
    stale: Stale | None

    @property
    def standing(self) -> Standing:
        return PHASES[self.seen.good.state] if self.seen.good else "off"


@dataclass(frozen=True, slots=True)
class Shown:
    """`picture`: its id; "" where there is none, and `why` then says it."""

    which: str
    picture: str
    why: tuple[str, str] = ("", "")


@needs(Act.SEE)
async def cameras(request: web.Request) -> web.Response:
    hall = request.app[LIVE].fleet.hall(request.match_info["hall"])
    if hall.unknown:
        raise web.HTTPNotFound
    return page(request, "cameras.html", **wall_values(request.app, request[VISIT], hall))


@needs(Act.SEE)
async def camera(request: web.Request) -> web.Response:
    """With `?pictures=1` its pictures are asked of the node, which keeps who saw them."""
    hall, view = _camera(request)
    visit = request[VISIT]
    wanted = request.query.get("pictures") == "1" and visit.may(Act.SEE_PICTURES, hall.hall)
    shown = await asyncio.gather(*(_show(request, view, which) for which in PICTURED)) if wanted else ()
    answer = request.app[ANSWERS].find(by(request), request.query.get("answer", ""))
    return page(
        request,
        "camera.html",
        **camera_values(request.app, visit, hall, view),
        shown=shown,
        answer=answer,
    )


@needs(Act.ACCEPT_VIEW)
async def accept(request: web.Request) -> web.Response:
    return await _order(request, "camera.accept", "accept", {"by": by(request)}, LOOK_S)


@needs(Act.COMMAND)
async def look(request: web.Request) -> web.Response:
    return await _order(request, "camera.look", "look", {}, LOOK_S)


@needs(Act.SEE_PICTURES)
async def picture(request: web.Request) -> web.Response:
    jpeg = request.app[PICTURES].find(by(request), request.match_info["id"], request.app[WALL]())
    if jpeg is None:
        raise web.HTTPNotFound
    return web.Response(body=jpeg, content_type="image/jpeg")


def wall_values(app: web.Application, visit: Visit, hall: HallView) -> dict[str, Any]:
    """What the live part of the wall is made of: what needs somebody first."""
    views = [view for node in hall.nodes for view in _views(node)]
    views.sort(key=lambda each: (STANDINGS.index(each.standing), natural(each.id)))
    said = [node.cameras.good for node in hall.nodes if node.cameras and node.cameras.good]
    return {"hall": hall, "names": Names(visit, app[SETTINGS], hall), "wall": views, "cameras": said}


def camera_values(app: web.Application, visit: Visit, hall: HallView, view: CameraView) -> dict[str, Any]:
    return {"hall": hall, "names": Names(visit, app[SETTINGS], hall), "camera": view}


def _views(node: NodeView) -> list[CameraView]:
    return [CameraView(node.node, id_, seen, node.stale) for id_, seen in node.camera.items()]


def camera_view(hall: HallView, node: str, camera: str) -> CameraView | None:
    """None where nothing has been told of it."""
    views = (view for each in hall.nodes if each.node == node for view in _views(each))
    return next((view for view in views if view.id == camera), None)


def _camera(request: web.Request) -> tuple[HallView, CameraView]:
    info = request.match_info
    hall = request.app[LIVE].fleet.hall(info["hall"])
    view = camera_view(hall, info["node"], info["camera"])
    if view is None:
        raise web.HTTPNotFound
    return hall, view


async def _show(request: web.Request, view: CameraView, which: str) -> Shown:
    info, name = request.match_info, by(request)
    asked = {"camera": view.id, "which": which, "by": name}
    reply = await ask(request, (info["hall"], view.node), "camera.show", asked, SHOW_S)
    await audited(request, "camera.picture", f"{view.node}/{view.id}", which, outcome(reply))
    if reply.result != "done":
        return Shown(which, "", (reply.zh, reply.en))
    id_ = request.app[PICTURES].keep(name, request.app[WALL](), reply.data.get("jpeg"))
    return Shown(which, id_ or "")


async def _order(
    request: web.Request, verb: str, name: str, args: dict[str, str], timeout_s: float
) -> web.Response:
    hall, view = _camera(request)
    await form(request)
    reply = await ask(request, (hall.hall, view.node), verb, {"camera": view.id, **args}, timeout_s)
    await audited(request, f"camera.{name}", f"{view.node}/{view.id}", result=outcome(reply))
    answer = Answer(by(request), f"camera_{name}", request.app[WALL](), reply)
    return see(f"{_path(hall.hall, view)}?answer={request.app[ANSWERS].keep(answer)}")


def _path(hall: str, view: CameraView) -> str:
    return f"/halls/{hall}/cameras/{view.node}/{view.id}"


_ONE = f"/halls/{id_of('hall')}/cameras/{id_of('node')}/{id_of('camera')}"
ROUTES = (
    web.get(f"/halls/{id_of('hall')}/cameras", cameras),
    web.get(_ONE, camera),
    web.post(f"{_ONE}/accept", accept),
    web.post(f"{_ONE}/look", look),
    web.get("/pictures/{id:[0-9a-f]{32}}", picture),
)
