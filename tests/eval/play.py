"""A camera under the rules through simulated time, at the pace that they want: what is raised, and when."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from drivers.camera.metrics import measure
from drivers.camera.settings import CameraSettings
from drivers.messages import CameraLooked
from edge.rules.cameras import judge
from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import CameraState, Forget, Keep, ModeChanged, Stirred, Turned
from tests.eval.ills import Ill
from tests.eval.scenes import Picture
from tests.eval.world import Camera

SETTINGS = CameraSettings()  # as the daemon comes
FRAME_S = 0.04  # between two pictures of a stream
LOOK_S = 1.2  # a look itself: half a group of two seconds, until the key frame comes, and the answers


@dataclass(frozen=True, slots=True)
class Event:
    """A fault was raised, or is over."""

    at_s: float
    fault: str
    raised: bool
    details: dict[str, float] = field(default_factory=dict)

    def told(self) -> str:
        return " ".join(f"{name}={value:.3g}" for name, value in self.details.items())


@dataclass(slots=True)
class Play:
    """One camera, its state, and the blobs that the daemon would keep."""

    camera: Camera
    rules: CameraRules
    rng: np.random.Generator
    state: CameraState = field(default_factory=CameraState)
    references: dict[str, bytes] = field(default_factory=dict)
    previous: bytes = b""
    measures: dict[str, float] = field(default_factory=dict)  # of the last look
    events: list[Event] = field(default_factory=list)
    stirred: list[Stirred] = field(default_factory=list)  # by the last look: for the hall
    switches: int = 0
    looks: int = 0
    urgent: bool = False  # the last look: it was not measured together with others

    def copy(self) -> Play:
        """From here on by itself, its chance included: a state is immutable, and so are the blobs."""
        references, measures, rng = dict(self.references), dict(self.measures), deepcopy(self.rng)
        return Play(self.camera, self.rules, rng, self.state, references, self.previous, measures)

    def until(self, now_s: float, end_s: float, ill: Ill | None = None) -> float:
        """Look until `end_s`, `ill` all the time; the time at which the next look is due."""
        while now_s < end_s:
            now_s += self.pause_s(self.look(now_s, ill))
        return now_s

    def pause_s(self, pace: str) -> float:
        """To the next picture, as the driver's schedule has it. What is not urgent waits to be measured."""
        waited_s = 0.0 if self.urgent else float(self.rng.uniform(0.0, SETTINGS.together_s))
        self.urgent = pace == "suspect"
        period_s = SETTINGS.suspect_s if pace == "suspect" else SETTINGS.picture_s
        return (
            waited_s + LOOK_S + period_s * float(self.rng.uniform(1 - SETTINGS.jitter, 1 + SETTINGS.jitter))
        )

    def look(self, now_s: float, ill: Ill | None = None) -> str:
        camera = self.camera
        walk = camera.walk(now_s)

        def sees(number: int) -> Picture:
            light = camera.optical(now_s, walk, number * FRAME_S)
            sensed = camera.sense(ill.optical(light) if ill else light, now_s)
            return ill.electric(sensed) if ill else sensed

        picture, stir = camera.encoder.through(sees)
        given = {"reference": self.references.get(self.state.mode, b""), "previous": self.previous}
        self.measures, blobs = measure(ill.decoded(picture) if ill else picture, given)
        if stir is not None:
            self.measures["stir"] = stir
        self.previous = blobs["previous"]
        self.looks += 1
        return self.check(
            CameraLooked("picture", "", self.measures, 640, 360, "h264"), now_s, blobs["reference"]
        )

    def check(self, check: CameraLooked, now_s: float, reference: bytes = b"") -> str:
        self.state, changes, pace, _ = judge(self.state, check, now_s, self.rules)
        self.stirred = [change for change in changes if isinstance(change, Stirred)]
        for change in changes:
            match change:
                case Keep(mode):
                    self.references[mode] = reference
                case Forget(mode):
                    self.references.pop(mode, None)
                case ModeChanged(before, _) if before:
                    self.switches += 1
                case Turned(fault, "suspect", "fault", _, details):
                    self.events.append(Event(now_s, fault, True, details))
                case Turned(fault, "recovering", "ok"):
                    self.events.append(Event(now_s, fault, False))
        return pace

    def sick(self) -> bool:
        return any(each.phase in ("fault", "recovering") for each in self.state.faults.values())
