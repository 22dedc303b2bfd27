"""A plan as SVG: walls, rooms, and each thing where it stands, a link that says how it is. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from edge.console.charts.svg import fitting, join, rect, tag, text, wide
from edge.console.plan.model import Place, Plan, Room

WIDTH = 960.0  # units of the drawing, whatever the hall's metres
EDGE = 24.0  # around it: a thing at a wall is seen whole
REACH = 32.0  # of what is touched: 24 px and more where the page shows it
WINDOW_W, WINDOW_H = 64.0, 34.0
SHAPES = {  # how a thing stands is also seen by its shape
    "good": ("circle", {"r": "8"}),
    "warn": ("polygon", {"points": "0,-10 10,8 -10,8"}),
    "bad": ("rect", {"x": "-9", "y": "-9", "width": "18", "height": "18"}),
    "off": ("circle", {"r": "7"}),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How a thing is: `standing` good, warn, bad or off; `said` in words; `below` a few letters."""

    name: str
    standing: str
    said: str
    href: str = ""
    below: str = ""


Marks = Callable[[Place], Mark | None]  # None: the hall knows of no such thing


def draw(plan: Plan, title: str, said: str, marks: Marks, *, english: bool = False) -> Markup:
    """`title` and `said` are for who hears it; what `marks` does not know is drawn as unknown."""
    scale = WIDTH / plan.size[0]
    box = f"{-EDGE:g} {-EDGE:g} {WIDTH + 2 * EDGE:g} {plan.size[1] * scale + 2 * EDGE:.0f}"
    rooms = [_room(room, scale, english=english) for room in plan.room]
    walls = [
        tag(
            "polyline",
            class_="plan-wall",
            points=" ".join(f"{x * scale:.1f},{y * scale:.1f}" for x, y in wall.points),
        )
        for wall in plan.wall
    ]
    things = [_thing(place, marks(place), scale) for place in plan.place]
    return tag(
        "svg",
        tag("title", title),
        tag("desc", said),
        *rooms,
        *walls,
        *things,
        class_="plan",
        viewBox=box,
        role="group",
        aria_label=f"{title}. {said}",
    )


def _room(room: Room, scale: float, *, english: bool) -> Markup:
    (x, y), (width, height) = room.at, room.size
    name = fitting((english and room.name_en) or room.name, width * scale)
    middle = (x + width / 2) * scale, (y + height / 2) * scale
    area = rect(x * scale, y * scale, width * scale, height * scale, "plan-room")
    return join(area, text(*middle, name, "plan-name mid"))


def _thing(place: Place, mark: Mark | None, scale: float) -> Markup:
    shown = mark or Mark(place.id, "off", place.id)
    x, y = place.at[0] * scale, place.at[1] * scale
    inner = _window(place, shown) if place.what == "window" else _point(place, shown)
    at = {"transform": f"translate({x:.1f} {y:.1f})"}
    kind = f"plan-{place.what} {shown.standing}"
    told = tag("title", f"{shown.name}: {shown.said}" if shown.said else shown.name)
    if not shown.href:
        return tag("g", told, inner, class_=kind, **at)
    label = f"{shown.name}: {shown.said}"
    return tag("a", told, inner, class_=kind, href=shown.href, aria_label=label, **at)


def _window(place: Place, mark: Mark) -> Markup:
    """By its number, where its name has no room."""
    left, top, room = -WINDOW_W / 2, -WINDOW_H / 2, WINDOW_W - 4
    name = mark.name if wide(mark.name) <= room else place.id
    return join(
        rect(left, top, WINDOW_W, WINDOW_H, "plan-body"),
        text(0, -2, fitting(name, room), "mid"),
        text(0, 13, fitting(mark.below, room), "mid soft"),
    )


def _point(place: Place, mark: Mark) -> Markup:
    reach = rect(-REACH / 2, -REACH / 2, REACH, REACH, "plan-reach")
    if place.what == "entrance":
        return join(
            tag("path", class_="plan-body", d="M-16,6 L0,-10 L16,6"), text(0, 22, mark.name, "mid soft")
        )
    name, attributes = SHAPES.get(mark.standing, SHAPES["off"])
    body = tag(name, class_="plan-body", **attributes)
    view = Markup()
    if place.what == "camera":
        turned = {"transform": f"rotate({place.turn:g})"}
        view = tag("path", class_="plan-view", d="M0,0 L-18,30 L18,30 Z", **turned)
    return join(reach, view, body)
