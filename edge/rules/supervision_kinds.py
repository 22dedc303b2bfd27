"""The kinds of warnings, and what each is about. Apart, since every node loads it."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "wait",
    "appointment",
    "service",
    "idle",
    "unstaffed",
    "unserved",
    "uniform",
    "stopped",
    "project",
    "fee_amiss",
    "fee_without_act",
    "fee_missing",
]
About = Literal["service", "window", "device", "lane"]
Stops = Literal["tickets", "calls", "ratings", "users"]  # what a broken device keeps from being done

ABOUT: dict[Kind, About] = {
    "wait": "service",
    "appointment": "service",
    "service": "window",
    "idle": "window",
    "unstaffed": "window",
    "unserved": "window",
    "uniform": "window",
    "stopped": "device",
    "project": "lane",
    "fee_amiss": "window",
    "fee_without_act": "window",
    "fee_missing": "window",
}
MINUTE_S = 60.0
MAX_RATINGS = 200  # of a window, kept: two to three weeks of one that is rated at every second act
MAX_OUTCOMES = 50  # calls in a row, kept: no rule asks for as many


def key_of(kind: Kind, about: str) -> str:
    return f"{kind}-{about}"
