"""Settings of a bus: who is on it, what their keys mean, and the line's timings.

A model file holds the maps by name and which are the defaults; a child names another where its model differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval

from drivers.bus68.keymap import KeyMap
from drivers.levels import lacking

Seconds = Annotated[float, Interval(ge=0.0, le=60.0)]
Byte = Annotated[int, Interval(ge=0, le=255)]

_BYTES = frozenset(map(str, range(256)))
PAD_BIT = 0x80  # pads answer at 0x80|caller on some models, at the caller's own address on others


@dataclass(frozen=True, slots=True)
class Child:
    """One device on the line. Maps and `pad_model` left empty are the bus's own defaults."""

    id: str
    kind: Literal["caller", "pad", "strip", "buttons"]
    address: Annotated[int, Interval(ge=1, le=255)]
    key_map: str = ""  # callers and buttons
    level_map: str = ""  # pads
    pad_model: Literal["", "A", "B"] = ""
    columns: Annotated[int, Interval(ge=4, le=80)] = 16  # a strip's width in half-width characters
    display_digits: Annotated[int, Interval(ge=1, le=16)] = 6  # a caller's own display

    def __post_init__(self) -> None:
        if self.kind in {"caller", "buttons"} and self.address >= PAD_BIT:
            raise ValueError(
                f"address {self.address} of a {self.kind} must be 1 to 127: the higher ones are the pads'"
            )


@dataclass(frozen=True, slots=True)
class BusSettings:
    """Raises ValueError, with everything that is wrong, in a technician's words."""

    children: tuple[Child, ...] = ()
    key_maps: dict[str, dict[str, str]] = field(default_factory=dict)  # grammar in keymap.py
    level_maps: dict[str, dict[str, Literal[1, 2, 3, 4, 5]]] = field(default_factory=dict)
    key_map: str = "standard"
    button_map: str = "panel"
    level_map: str = "four"
    # "A" is acknowledged by `68 02 02 68 addr 01 ..` and started by us; "B" by its value, and starts itself.
    pad_model: Literal["A", "B"] = "A"
    pad_start_lead: bool = False  # FF before the start of model A; assumed to be left out like in its answers
    colors: dict[Literal["red", "green", "yellow"], Byte] = field(
        default_factory=lambda: {"red": 0, "green": 1, "yellow": 2}  # 0 is documented, 1 and 2 are assumed
    )
    baud: Annotated[int, Interval(ge=1200, le=115_200)] = 9600  # how long a byte takes; the URL sets the port
    ack_silence_s: Seconds = 0.08  # the line stays free after an acknowledgement, by the callers' manual
    turnaround_s: Seconds = 0.002  # from the last byte on the line to our first: drivers let go of the pair
    listen_s: Seconds = 0.015  # the same before an order; callers that listen wait for 2 to 12 ms (assumed)
    gap_s: Seconds = 0.1  # silence within a frame after which it is given up (a byte takes 1 ms)
    answer_timeout_s: Seconds = 0.2  # for a strip's answer after our last byte; assumed
    retries: Annotated[int, Interval(ge=0, le=2)] = 2  # of an order that a strip did not answer
    # The same frame again so soon after its first acknowledgement is the same press: the caller did not hear
    # us. Assumed: callers repeat within a second. Shorter counts presses twice, longer swallows real ones.
    repeat_window_s: Seconds = 1.0
    silent_after_s: Annotated[float, Interval(ge=0, le=31 * 86_400)] = 8 * 3600.0  # 0: never told
    local_echo: bool = False  # the adapter hears its own bytes
    bad_frames: Annotated[int, Interval(ge=1, le=1000)] = 60  # within bad_frames_s: the line is reopened
    bad_frames_s: Seconds = 10.0

    def __post_init__(self) -> None:
        problems = [*_twins(self.children), *_map_problems(self), *_level_problems(self)]
        if missing := {"red", "green", "yellow"} - set(self.colors):
            problems.append(f"colors lacks {', '.join(sorted(missing))}")
        if problems:
            raise ValueError("; ".join(problems))

    def key_map_of(self, child: Child) -> str:
        return child.key_map or (self.button_map if child.kind == "buttons" else self.key_map)

    def level_map_of(self, child: Child) -> str:
        return child.level_map or self.level_map

    def pad_model_of(self, child: Child) -> str:
        return child.pad_model or self.pad_model

    def rates_by_itself(self, device: str) -> bool:
        """A pad of model B: its invitation is its own, and nothing is sent to it."""
        return any(child.id == device and self.pad_model_of(child) == "B" for child in self.children)


def place(child: Child) -> tuple[str, int]:
    """Where a child is heard. Callers and panels speak the same frames; a pad has two possible addresses."""
    if child.kind == "pad":
        return "pad", child.address & ~PAD_BIT
    return "strip" if child.kind == "strip" else "caller", child.address


def _twins(children: tuple[Child, ...]) -> Iterator[str]:
    for name, count in Counter(child.id for child in children).items():
        if count > 1:
            yield f"{count} children are named {name!r}: every child needs its own id"
    seen: dict[tuple[str, int], Child] = {}
    for child in children:
        other = seen.setdefault(place(child), child)
        if other is not child:
            yield (
                f"{other.id} and {child.id} would both answer at address {child.address} "
                f"(0x{child.address:02X}): set another address on one of the devices and here"
            )


def _map_problems(settings: BusSettings) -> Iterator[str]:
    maps: dict[str, KeyMap] = {}
    for name, entries in settings.key_maps.items():
        try:
            maps[name] = KeyMap(name, entries)
        except ValueError as error:
            yield str(error)
    for child in settings.children:
        if child.kind not in {"caller", "buttons"}:
            continue
        name = settings.key_map_of(child)
        if name not in settings.key_maps:
            yield f"{child.id}: no key map {name!r}; there are: {', '.join(settings.key_maps) or 'none'}"
        elif name in maps and (maps[name].has_actions if child.kind == "buttons" else maps[name].has_buttons):
            yield f"{child.id}: key map {name!r} is not one for {child.kind}"


def _level_problems(settings: BusSettings) -> Iterator[str]:
    for name, levels in settings.level_maps.items():
        for raw, level in levels.items():
            if raw not in _BYTES or level not in range(1, 6):
                yield f"level map {name!r}: {raw!r} = {level} must be a value 0 to 255 = a level 1 to 5"
        for level, count in Counter(levels.values()).items():
            if count > 1:
                yield f"level map {name!r}: {count} values mean level {level}; each key is a level of its own"
        if problem := lacking(levels.values()):
            yield f"level map {name!r}: {problem}"
    for child in settings.children:
        name = settings.level_map_of(child)
        if child.kind == "pad" and name not in settings.level_maps:
            yield f"{child.id}: no level map {name!r}; there are: {', '.join(settings.level_maps) or 'none'}"
