"""Settings of a keyboard that is something else to the hall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval

from drivers.hid.keymap import KeyMap
from drivers.hid.keys import code_of
from drivers.levels import lacking

Level = Literal[1, 2, 3, 4, 5]


@dataclass(frozen=True, slots=True)
class HidSettings:
    """Raises ValueError, with everything that is wrong, in a technician's words."""

    use: Literal["pad", "caller", "buttons", "scanner"]
    levels: dict[str, Level] = field(default_factory=dict)  # of a pad: key = level
    keys: dict[str, str] = field(default_factory=dict)  # of a caller: grammar in keymap.py
    buttons: dict[str, Annotated[int, Interval(ge=1, le=9999)]] = field(default_factory=dict)  # key = number
    # The same rating, button or command again so soon is the same press: a person who presses hard, or a
    # contact that bounces. As on the RS-485 bus. Each such press begins the time anew.
    repeat_s: Annotated[float, Interval(ge=0, le=10)] = 1.0
    bounce_s: Annotated[float, Interval(ge=0, le=1)] = 0.03  # the same digit again so soon is a bounce
    digits_s: Annotated[float, Interval(ge=1, le=120)] = 10.0  # digits without a command are forgotten
    stuck_s: Annotated[float, Interval(ge=1, le=600)] = 10.0  # a key that is down, or comes again, so long
    gap_s: Annotated[float, Interval(ge=0.05, le=5)] = 0.5  # a pause that ends a code; scanners type in ms
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second

    def __post_init__(self) -> None:
        problems = [*_key_problems("levels", self.levels), *_key_problems("buttons", self.buttons)]
        try:
            KeyMap(self.keys)
        except ValueError as error:
            problems.append(str(error))
        maps = {
            "pad": ("levels", self.levels),
            "caller": ("keys", self.keys),
            "buttons": ("buttons", self.buttons),
        }
        name, entries = maps.get(self.use, ("", {"": ""}))
        if not entries:
            problems.append(f"a {self.use} needs {name}: name a model, or give its keys")
        elif self.use == "pad" and (lack := lacking(self.levels.values())):
            problems.append(f"levels: {lack}")
        if problems:
            raise ValueError("; ".join(problems))


def _key_problems(setting: str, entries: Mapping[str, int]) -> list[str]:
    problems = []
    for name in entries:
        try:
            code_of(name)
        except ValueError as error:
            problems.append(f"{setting}: {error}")
    return problems
