"""What the API's stream tells: each thing of the fleet whole, whenever it has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from aiohttp import web

from edge.console.api import fleet
from edge.console.api.base import KINDS, Answer
from edge.console.live.views import AlertView, NodeView
from edge.console.web.api.present import (
    alert_of,
    camera_of,
    device_of,
    hall_of,
    node_of,
    queues_of,
    window_of,
)
from edge.console.web.fragments import Fragment, Place, Values, touching
from edge.console.web.keys import LIVE
from edge.console.web.parts import hall_there, halls
from edge.console.web.visit import Visit

PREFIX = "api."  # of their names among the parts of the pages
Tell = Callable[[NodeView, str], Answer | None]


class Telling(Fragment):
    """Drawn as an event: its kind, and the model of the API, which is `told` among its values."""

    @property
    def kind(self) -> str:
        return self.name.removeprefix(PREFIX)

    def draw(self, app: web.Application, visit: Visit, place: Place) -> str:
        told = (self.values(app, visit, place) or {}).get("told")
        return told.model_dump_json() if isinstance(told, Answer) else ""

    def sent(self, place: Place, drawn: str) -> str:
        if drawn:
            return f"event: {self.kind}\ndata: {drawn}\n\n"
        hall, node, name = (*place, "", "")[:3]
        gone = fleet.Gone(kind=self.kind, hall=hall, node=node, name=name)
        return f"event: gone\ndata: {gone.model_dump_json()}\n\n"


def _hall(app: web.Application, _visit: Visit, place: Place) -> Values:
    view = hall_there(app, place)
    return {"told": hall_of(app, view) if view else None}


def _nodes(app: web.Application, visit: Visit) -> Iterator[NodeView]:
    return (node for (hall,) in halls(app, visit) for node in app[LIVE].fleet.hall(hall).nodes)


def _of_node(
    kind: str, touched_by: Callable[..., Place | None], tell: Callable[[NodeView], Answer]
) -> Telling:
    def places(app: web.Application, visit: Visit) -> Iterator[Place]:
        return ((node.hall, node.node) for node in _nodes(app, visit))

    def values(app: web.Application, _visit: Visit, place: Place) -> Values:
        node = app[LIVE].fleet.node(place[0], place[1])
        return {"told": tell(node) if node else None}

    return Telling(PREFIX + kind, 2, touched_by, places, values, for_pages=False)


def _of_things(
    kind: str, touched_by: Callable[..., Place | None], names: Callable[[NodeView], Iterable[str]], tell: Tell
) -> Telling:
    def places(app: web.Application, visit: Visit) -> Iterator[Place]:
        return ((node.hall, node.node, name) for node in _nodes(app, visit) for name in names(node))

    def values(app: web.Application, _visit: Visit, place: Place) -> Values:
        node = app[LIVE].fleet.node(place[0], place[1])
        return {"told": tell(node, place[2]) if node else None}

    return Telling(PREFIX + kind, 3, touched_by, places, values, for_pages=False)


def _queue(node: NodeView) -> fleet.NodeQueues:
    return fleet.NodeQueues(hall=node.hall, node=node.node, items=tuple(queues_of([node])))


def _alert(node: NodeView, key: str) -> fleet.Alert | None:
    seen = node.alerts.get(key)
    return alert_of(AlertView(node.hall, node.node, key, seen, node.stale)) if seen else None


def _devices(node: NodeView) -> Iterable[str]:
    return node.devices.keys() | node.names.devices.keys()


_OF_HALL = touching("node", "health", "about", "queue", "window", "device", "alert")
TELLINGS: tuple[Telling, ...] = (
    Telling(f"{PREFIX}hall", 1, _OF_HALL, halls, _hall, for_pages=False),
    _of_node("node", touching("node", "health", depth=2), node_of),
    _of_things("device", touching("node", "about", "device", depth=3), _devices, device_of),
    _of_things("window", touching("node", "about", "window", depth=3), lambda node: node.windows, window_of),
    _of_node("queue", touching("node", "about", "queue", depth=2), _queue),
    _of_things("alert", touching("node", "alert", depth=3), lambda node: node.alerts, _alert),
    _of_things("camera", touching("node", "about", "camera", depth=3), lambda node: node.camera, camera_of),
)
assert tuple(each.kind for each in TELLINGS) == KINDS
