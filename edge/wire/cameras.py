"""What happened to cameras, as durable facts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edge.wire.base import Fact


class CameraFault(Fact):
    """A fault of a camera or its picture has been proven, or is over. Telemetry."""

    kind: Literal["camera.fault"] = "camera.fault"
    camera: str
    fault: str
    on: bool
    unstable: bool = False  # it comes and goes: told once, and over when it has been quiet for long
    details: dict[str, float] = Field(default_factory=dict)  # the measures that tell it: dx, dy, degrees, …

    @property
    def is_act(self) -> bool:
        return False


class CamerasTogether(Fact):
    """Many cameras changed at once: one event, of the lights, the power or the network. Telemetry."""

    kind: Literal["cameras.together"] = "cameras.together"
    cause: str
    on: bool
    cameras: tuple[str, ...]  # at its end those that have not come back

    @property
    def is_act(self) -> bool:
        return False


class CameraViewAccepted(Fact):
    """Somebody said that what a camera shows now is what it is to show: it is learnt anew."""

    kind: Literal["camera.view_accepted"] = "camera.view_accepted"
    camera: str


class CameraPictureShown(Fact):
    """Somebody was shown a camera's picture from afar: `by` in the stamp says who."""

    kind: Literal["camera.picture_shown"] = "camera.picture_shown"
    camera: str
    which: Literal["before", "fault"]
