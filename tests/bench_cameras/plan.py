"""What the driver's process is asked for, and what it says: JSON on one line each way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

Decoder = Literal["av", "cv2"]
Kind = Literal["sweep", "steady", "held", "hung"]
Profile = Literal["sub", "main"]


@dataclass(frozen=True, slots=True)
class Plan:
    """`port`: of all cameras. `profile`: whose pictures a sweep looks at."""

    kind: Kind
    port: int
    cameras: int
    decoder: Decoder = "av"
    profile: Profile = "sub"
    sessions: int = 256  # at a time
    measured: bool = True  # all measures taken beside a reference; else pictures are decoded alone
    rounds: int = 1
    settle_s: float = 0.0
    seconds: float = 0.0

    @classmethod
    def read(cls, text: str) -> Plan:
        return cls(**json.loads(text))

    def write(self) -> str:
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Findings:
    """Numbers by name, durations in seconds by name, and how looks ended by code."""

    numbers: dict[str, float] = field(default_factory=dict)
    series_s: dict[str, list[float]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Findings:
        return cls(**json.loads(text))

    def write(self) -> str:
        return json.dumps(asdict(self))
