"""What is known of one camera, and how it comes back after a restart."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.messages import CameraLooked
from edge.rules import cameras_hall
from edge.rules.cameras_hall import HallState
from edge.rules.cameras_model import CameraState, Pace, from_json

log = logging.getLogger(__name__)

TIME = "time"  # beside every state that is kept: `JudgedTime.keep`


@dataclass(slots=True)
class Known:
    """One camera. `looked_at` and `since` are in the seconds of `JudgedTime`, as all in `state` is."""

    id: str
    state: CameraState = field(default_factory=CameraState)
    blobs: dict[str, bytes] = field(default_factory=dict)  # references by mode, and the two pictures
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    looked_at: float | None = None
    pace: Pace = "normal"
    wants_stream: bool = False
    since: float = 0.0
    phase: str = ""
    unsaved: set[str] = field(default_factory=set)  # names of blobs, and "state"
    saved_mono_s: float = 0.0

    def see(self, looked: CameraLooked, now_s: float) -> None:
        """What a look tells beside its judgement."""
        if looked.ring == "stream":
            self.fps = looked.fps or self.fps
            return
        if looked.codec:
            self.codec, self.width, self.height = looked.codec, looked.width, looked.height
        if looked.ring == "picture" and not looked.code:
            self.looked_at = now_s

    @property
    def is_sick(self) -> bool:
        """Proven or only suspected."""
        return any(each.phase in ("suspect", "fault", "recovering") for each in self.state.faults.values())

    def recall(self, kept: Mapping[str, bytes]) -> None:
        """As the store has it; what cannot be read is learnt anew."""
        self.blobs = {name: data for name, data in kept.items() if name not in ("state", TIME)}
        if "state" not in kept:
            return
        try:
            self.state = from_json(json.loads(kept["state"]))
        except (ValueError, TypeError, KeyError) as error:
            log.warning("%s: what was known of it cannot be read, it is learnt anew: %r", self.id, error)
            self.blobs = {}


def hall_from(kept: bytes) -> HallState:
    try:
        return cameras_hall.from_json(json.loads(kept))
    except (ValueError, TypeError, KeyError) as error:
        log.warning("cameras: what was known of the hall cannot be read: %r", error)
        return HallState()
