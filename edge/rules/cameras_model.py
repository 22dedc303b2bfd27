"""The words of the cameras' rules: what is known of a camera, and what follows.

A state is plain data: `to_json` and `from_json` carry it over a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from drivers.lean import lean

Mode = Literal["colour", "infrared", "lights_off"]
Phase = Literal["unknown", "learning", "ok", "suspect", "fault", "recovering"]
Pace = Literal["normal", "suspect"]
Cause = Literal["lights", "power", "network"]

MODES: tuple[Mode, ...] = ("colour", "infrared", "lights_off")


# --- what is known of a camera ---
@dataclass(frozen=True, slots=True)
class FaultState:
    phase: Phase = "unknown"
    since_s: float = 0.0  # of the phase
    looks: tuple[tuple[float, int], ...] = ()  # when, and 0 clean, 1 bad, 2 gross; since it became suspect
    clean: int = 0  # looks in a row
    raised_s: tuple[float, ...] = ()  # within the time that flapping is told by
    unstable: bool = False
    surplus: float = 0.0  # what the looks after the first scored beyond gross: never below nothing


@dataclass(frozen=True, slots=True)
class Baseline:
    """A mode's usual values. Learning while `approved` is empty; `unusable` says why it cannot be used."""

    began_s: float = 0.0
    last_s: float = 0.0
    count: int = 0
    samples: dict[str, tuple[float, ...]] = field(default_factory=dict)  # while learning
    centre: dict[str, float] = field(default_factory=dict)
    spread: dict[str, float] = field(default_factory=dict)
    approved: dict[str, float] = field(default_factory=dict)  # the centre at first: drift is measured from it
    approved_spread: dict[str, float] = field(default_factory=dict)
    odd: int = 0  # looks in a row that did not fit what was learnt so far
    unusable: str = ""

    @property
    def ready(self) -> bool:
        return bool(self.approved) and not self.unusable


@dataclass(frozen=True, slots=True)
class CameraState:
    mode: Mode | Literal[""] = ""
    next_mode: Mode | Literal[""] = ""  # seen, and not yet believed
    next_looks: int = 0
    baselines: dict[str, Baseline] = field(default_factory=dict)
    faults: dict[str, FaultState] = field(default_factory=dict)
    hold_until_s: float = 0.0  # picture faults wait
    away: bool = False  # with the group: the way's faults wait too
    excused: bool = False  # dark with the whole hall, until it is light again
    failing: tuple[str, ...] = ()  # rings on which it is offline, since the last that answered
    size: tuple[int, int] = (0, 0)  # usual
    codec: str = ""
    fps: float = 0.0  # usual
    accepted_by: str = ""
    accepted_s: float = 0.0


# --- what follows ---
@dataclass(frozen=True, slots=True)
class Turned:
    """A fault entered `phase`. `score` is 1 at the threshold; `details` are the measures that tell it."""

    fault: str
    before: Phase
    phase: Phase
    score: float = 0.0
    details: dict[str, float] = field(default_factory=dict)
    unstable: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """This look's blob `reference` is from now on the one of `mode`."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Forget:
    """The blobs of `mode` are of another view."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class ModeChanged:
    before: Mode | Literal[""]
    mode: Mode


@dataclass(frozen=True, slots=True)
class BaselineReady:
    mode: Mode


@dataclass(frozen=True, slots=True)
class BaselineUnusable:
    mode: Mode
    why: str


@dataclass(frozen=True, slots=True)
class Stirred:
    """For the hall: this camera has just changed. `gone`, `back`, or how its picture did."""

    kind: Literal["gone", "back", "light", "picture"]


Change = Turned | Keep | Forget | ModeChanged | BaselineReady | BaselineUnusable | Stirred


class Judgement(NamedTuple):
    state: CameraState
    changes: tuple[Change, ...]
    pace: Pace
    wants_stream: bool  # a main picture and some seconds of the stream, now


# --- over a restart ---
def to_json(state: CameraState) -> dict[str, Any]:
    return asdict(state)


def from_json(kept: Mapping[str, Any]) -> CameraState:
    """Raises KeyError, TypeError or ValueError for what is no state: begin with a new one."""
    plain = dict(kept)
    faults = {name: _fault(each) for name, each in plain.pop("faults").items()}
    baselines = {name: _baseline(each) for name, each in plain.pop("baselines").items()}
    plain |= {"failing": tuple(plain["failing"]), "size": tuple(plain["size"])}
    return CameraState(faults=faults, baselines=baselines, **plain)


def _fault(kept: Mapping[str, Any]) -> FaultState:
    looks = tuple((float(at), int(bad)) for at, bad in kept["looks"])
    return FaultState(**{**kept, "looks": looks, "raised_s": tuple(kept["raised_s"])})


def _baseline(kept: Mapping[str, Any]) -> Baseline:
    return Baseline(**{**kept, "samples": {name: tuple(each) for name, each in kept["samples"].items()}})


lean(globals())
