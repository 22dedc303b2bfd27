"""A floor plan: a TOML file in metres, x to the right and y down, from the corner at the upper left."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from annotated_types import Interval, Len
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.console.settings import BadConsoleSettings, ConsoleSettings

MAX_PLACES = 1_500  # more than a hall of 52 windows has
MAX_WALLS = 500
MAX_FILE = 512 * 1024  # bytes
GRID_M = 2.0  # between things where nobody has drawn a plan
ACROSS = 12  # of them in a row

What = Literal["window", "device", "camera", "entrance"]
Metres = Annotated[float, Field(ge=0.0, le=500.0, allow_inf_nan=False)]
Point = tuple[Metres, Metres]
Name = Annotated[str, Field(max_length=32)]


class BadPlan(BadConsoleSettings):
    """The file cannot be used. Its text says why, with each key."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wall(_Table):
    points: Annotated[tuple[Point, ...], Len(2, 100)]


class Room(_Table):
    """A part of the hall that has a name, which stands at its middle."""

    name: Name
    name_en: Name = ""
    at: Point  # its upper left corner
    size: Point


class Place(_Table):
    """Where a thing stands. `node`: whose the device is, where several nodes have one of that name."""

    what: What
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    node: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,63})?$")] = ""
    at: Point
    turn: Annotated[float, Interval(ge=-360.0, le=360.0)] = 0.0  # degrees; where a camera looks, 0 is down


class Plan(_Table):
    size: tuple[Annotated[float, Interval(gt=1.0, le=500.0)], Annotated[float, Interval(gt=1.0, le=500.0)]]
    wall: Annotated[tuple[Wall, ...], Len(0, MAX_WALLS)] = ()
    room: Annotated[tuple[Room, ...], Len(0, 100)] = ()
    place: Annotated[tuple[Place, ...], Len(0, MAX_PLACES)] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name, (x, y) in self._points():
            if x > self.size[0] or y > self.size[1]:
                raise ValueError(f"{name}: {x:g}, {y:g} is outside of {self.size[0]:g} × {self.size[1]:g} m")
        seen: set[tuple[str, str, str]] = set()
        for number, place in enumerate(self.place):
            key = (place.what, place.node, place.id)
            if key in seen:
                raise ValueError(f"place.{number}: {place.what} {place.id} is there twice")
            seen.add(key)
        return self

    def _points(self) -> Iterator[tuple[str, Point]]:
        for number, wall in enumerate(self.wall):
            yield from ((f"wall.{number}.points", point) for point in wall.points)
        for number, room in enumerate(self.room):
            yield f"room.{number}", (room.at[0] + room.size[0], room.at[1] + room.size[1])
        for number, place in enumerate(self.place):
            yield f"place.{number}.at", place.at

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Raises BadPlan."""
        try:
            if path.stat().st_size > MAX_FILE:
                raise BadPlan(f"{path}: larger than {MAX_FILE // 1024} KiB")
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            each = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors())
            raise BadPlan(f"{path}: {'; '.join(each)}") from None
        except (OSError, ValueError) as error:
            raise BadPlan(f"{path}: {error}") from error


def plans_of(settings: ConsoleSettings) -> dict[str, Plan]:
    """By hall. Raises BadPlan."""
    return {hall.id: Plan.load(hall.plan) for hall in settings.hall if hall.plan}


def grid(things: Sequence[tuple[What, str, str]]) -> Plan:
    """Of a hall that nobody has drawn: (what, node, id) of each, kinds apart, in rows."""
    places: list[Place] = []
    row = 0
    for what in ("window", "device", "camera"):
        each = [(node, id_) for kind, node, id_ in things if kind == what][: MAX_PLACES // 3]
        for number, (node, id_) in enumerate(each):
            at = (GRID_M * (number % ACROSS + 0.5), GRID_M * (row + number // ACROSS + 0.5))
            places.append(Place(what=what, node=node, id=id_, at=at))
        row += -(-len(each) // ACROSS)
    return Plan(size=(GRID_M * ACROSS, max(GRID_M, GRID_M * row)), place=tuple(places))
