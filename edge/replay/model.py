"""What a day is made of: who came for what, how long each act took, and who was at the windows when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from drivers.messages import KeyAction

Ending = Literal["finished", "no_show", "held", "transferred", "cancelled", "unended"]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one call of a ticket comes to: it lasts `act_s` until its window is free, and longer where it is
    "unended", since the record stops before."""

    act_s: float
    ending: Ending = "finished"
    walk_s: float = 0.0  # of them, until service began
    calls: int = 1
    turn_s: float = 0.0  # and then until the window calls again
    then: str = ""  # and whom by number: his session
    react_s: float = 0.0  # from joining to the call, where a window was idle
    at: str = ""  # the window that called, on the recorded day
    idle: bool = False  # whether that was idle when he joined
    minutes: int = 0  # that it is put by for
    service: str = ""  # that it is sent on for
    to: str = ""  # the window that it is sent to
    way: Literal["there", "there_and_back", "back"] = "there"
    back_s: float | None = None  # after that its holder reports back; None: not, or when the hold is over


@dataclass(frozen=True, slots=True)
class Person:
    """`at_s`: seconds of the day, from its local midnight on, like all times here."""

    session: str
    at_s: float
    service: str
    priority: str = ""
    print_s: float = 0.0  # until he had the slip, and waits
    legs: tuple[Leg, ...] = ()  # none: he was never called
    booked: str = ""  # the time of his appointment, "09:30"; "" had none
    item: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody at a window does of himself. He calls nobody for `settle_s` after it."""

    at_s: float
    action: KeyAction | None  # LOGIN, LOGOUT, PAUSE, RESUME; None: a step of a project, without a ticket
    settle_s: float = 0.0
    service: str = ""  # of that step
    then: str = ""  # whom he calls by number after it: his session


@dataclass(frozen=True, slots=True)
class Day:
    """`posts`: by window, in order of time; a window without any is not manned."""

    day: str  # ISO date
    people: tuple[Person, ...]
    posts: dict[str, tuple[Act, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waited:
    """`wait_s` from the touch to the first call; None: never called. What was told, in seconds."""

    person: Person
    ticket: str
    wait_s: float | None
    told_p50_s: int | None = None
    told_p90_s: int | None = None
