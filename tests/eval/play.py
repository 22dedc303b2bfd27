"""A camera under the rules through simulated time, at the pace that they want: what is raised, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from drivers.camera.metrics import measure
from edge.rules.cameras import judge
from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import CameraCheck, CameraState, Change, Forget, Keep, Turned
from tests.eval.ills import Ill
from tests.eval.world import Camera

SIZE = {"width": 640, "height": 360, "codec": "h264"}


@dataclass(frozen=True, slots=True)
class Event:
    """A fault was raised, or is over."""

    at_s: float
    fault: str
    raised: bool
    details: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Play:
    """One camera, its state, and the blobs that the daemon would keep."""

    camera: Camera
    rules: CameraRules
    rng: np.random.Generator
    state: CameraState = field(default_factory=CameraState)
    references: dict[str, bytes] = field(default_factory=dict)
    previous: bytes = b""
    events: list[Event] = field(default_factory=list)
    log: Callable[[float, dict[str, float], CameraState, tuple[Change, ...]], None] | None = None
    looks: int = 0

    def copy(self) -> Play:
        """From here on by itself: a state is immutable, and so are the blobs."""
        twin = Play(self.camera, self.rules, self.rng, self.state, dict(self.references), self.previous)
        twin.log = self.log
        return twin

    def until(self, now_s: float, end_s: float, ill: Ill | None = None) -> float:
        """Look until `end_s`, `ill` all the time; the time at which the next look is due."""
        while now_s < end_s:
            pace = self.look(now_s, ill)
            now_s += self.rules.suspect_s if pace == "suspect" else self.rules.normal_s * self.rng.uniform(0.9, 1.0)
        return now_s

    def look(self, now_s: float, ill: Ill | None = None) -> str:
        camera = self.camera
        light = camera.optical(now_s)
        sensed = camera.sense(ill.optical(light) if ill else light, now_s)
        picture = camera.encoder.through(ill.electric(sensed) if ill else sensed)
        given = {"reference": self.references.get(self.state.mode, b""), "previous": self.previous}
        measures, blobs = measure(ill.decoded(picture) if ill else picture, given)
        self.previous = blobs["previous"]
        self.looks += 1
        self.state, changes, pace, _ = judge(
            self.state, CameraCheck("picture", "", measures, **SIZE), now_s, self.rules  # type: ignore[arg-type]
        )
        for change in changes:
            if isinstance(change, Keep):
                self.references[change.mode] = blobs["reference"]
            elif isinstance(change, Forget):
                self.references.pop(change.mode, None)
            elif isinstance(change, Turned):
                self._turned(change, now_s)
        if self.log:
            self.log(now_s, measures, self.state, changes)
        return pace

    def _turned(self, change: Turned, now_s: float) -> None:
        if change.phase == "fault" and change.before != "recovering":
            self.events.append(Event(now_s, change.fault, True, change.details))
        elif change.phase == "ok" and change.before == "recovering":
            self.events.append(Event(now_s, change.fault, False))
