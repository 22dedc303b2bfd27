"""Settings of a board: its areas by name, what its colours are called, and its timetables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from annotated_types import Interval

from drivers.bx5k.commands import LEVELS
from drivers.bx5k.timetable import Timetable

HEARTBEAT_S = 30.0
CELL = 8  # pixels
_FONT = re.compile(r"[0-9]{3}")

Pixels = Annotated[int, Interval(ge=0, le=0x7FFF)]
Seconds = Annotated[float, Interval(ge=0.02, le=600.0)]


@dataclass(frozen=True, slots=True)
class AreaSettings:
    """One dynamic area of the board. Orders name it; its place is the installer's."""

    name: str
    id: Annotated[int, Interval(ge=0, le=31)]  # the controller counts its dynamic areas from 0
    x: Pixels
    y: Pixels
    width: Annotated[int, Interval(ge=8, le=0x7FFF)]
    height: Annotated[int, Interval(ge=8, le=0x7FFF)]
    columns: Annotated[int, Interval(ge=2, le=200)]  # half-width characters of a line; longer ones are broken
    effect: Literal["static", "quick", "left", "right", "up", "down"] = "static"
    speed: Annotated[int, Interval(ge=0, le=24)] = 4  # 0 is the fastest
    stay_s: Annotated[float, Interval(ge=0.0, le=127.5)] = 5.0  # each page of the board's own
    run: Literal["loop", "last"] = "loop"  # pages again and again, or once and the last stays
    font: str = ""  # three digits, put behind \FO; "" is the board's own
    line_gap: Annotated[int, Interval(ge=0, le=255)] = 0
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["top", "center", "bottom"] = "top"
    single_line: bool = False  # all lines as one, for texts that move
    # Of a text longer than the receive buffer, which goes part by part: how long a part is left alone.
    part_s: Annotated[float, Interval(ge=2.0, le=600.0)] = 15.0


@dataclass(frozen=True, slots=True)
class BrightnessStep:
    at: str
    level: Annotated[int, Interval(ge=0, le=LEVELS)]


@dataclass(frozen=True, slots=True)
class PowerStep:
    at: str
    on: bool


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """Raises ValueError, with everything that is wrong, in a technician's words."""

    areas: tuple[AreaSettings, ...] = ()
    brightness: tuple[BrightnessStep, ...] = ()  # empty: it is left as it is
    power: tuple[PowerStep, ...] = ()  # empty: on, unless ordered otherwise
    timezone: str = "Asia/Shanghai"  # of both timetables and of the board's clock
    # --- the controller ---
    address: Annotated[int, Interval(ge=0, le=0xFFFF)] = 1
    device_type: Annotated[int, Interval(ge=0, le=0xFF)] = 0xFE  # FE is any
    # How X and width are written. Vendor's papers say "8 pixels, or pixels where the highest bit is set"; an
    # example of a distributor contradicts the first, so pixels with that bit are assumed to be understood.
    units: Literal["pixels", "cells"] = "pixels"
    brightness_table: bool = True  # 48 levels behind the one that counts, as the vendor's SDK sends them
    colors: dict[Literal["red", "green", "yellow"], Annotated[int, Interval(ge=0, le=9)]] = field(
        default_factory=lambda: {"red": 1, "green": 2, "yellow": 3}  # the digit of \C; 3 is assumed
    )
    programs: tuple[str, ...] = ()  # that may be on show, such as "P000"; empty: any
    # --- the line ---
    heartbeat_s: Annotated[float, Interval(ge=0.05, le=600.0)] = HEARTBEAT_S
    answer_timeout_s: Annotated[float, Interval(ge=0.02, le=30.0)] = 1.0  # 1024 bytes take 0.18 s at 57600
    tries: Annotated[int, Interval(ge=1, le=10)] = 3  # unanswered, until the board counts as silent
    busy_tries: Annotated[int, Interval(ge=1, le=100)] = 10
    busy_pause_s: Seconds = 0.5
    verify_s: Seconds = 3.0  # from a correction to the look whether it holds
    max_drift_s: Annotated[float, Interval(ge=2.0, le=3600.0)] = 5.0  # of the clock; it counts whole seconds
    silent_limit_s: Annotated[float, Interval(ge=0.1, le=600.0)] = 120.0  # then the line is opened afresh
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second

    def __post_init__(self) -> None:
        problems = [*_area_problems(self), *_time_problems(self)]
        if missing := {"red", "green", "yellow"} - set(self.colors):
            problems.append(f"colors lacks {', '.join(sorted(missing))}")
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def brightness_times(self) -> Timetable[int]:
        return Timetable(((step.at, step.level) for step in self.brightness), self.zone)

    def power_times(self) -> Timetable[bool]:
        return Timetable(((step.at, step.on) for step in self.power), self.zone)

    def area(self, name: str) -> AreaSettings | None:
        return next((area for area in self.areas if area.name == name), None)


def _area_problems(settings: BoardSettings) -> Iterator[str]:
    for what, values in (
        ("named", [area.name for area in settings.areas]),
        ("numbered", [str(area.id) for area in settings.areas]),
    ):
        for value, count in Counter(values).items():
            if count > 1:
                yield f"{count} areas are {what} {value!r}: each needs its own"
    for area in settings.areas:
        if area.font and not _FONT.fullmatch(area.font):
            yield f"{area.name}: font {area.font!r} must be three digits"
        if settings.units == "cells" and (area.x % CELL or area.width % CELL):
            yield f"{area.name}: x and width must be multiples of {CELL} where they are written in cells"


def _time_problems(settings: BoardSettings) -> Iterator[str]:
    try:
        _ = settings.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"timezone {settings.timezone!r} is not known"
        return
    for name, make in (("brightness", settings.brightness_times), ("power", settings.power_times)):
        try:
            make()
        except ValueError as error:
            yield f"{name}: {error}"
