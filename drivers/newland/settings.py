"""Settings of a serial scanner. The times are assumed: its manual gives none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

HEARTBEAT_S = 30.0  # it costs the scanner nothing; oftener tells nothing more


@dataclass(frozen=True, slots=True)
class NewlandSettings:
    heartbeat_s: Annotated[float, Interval(ge=1, le=300)] = HEARTBEAT_S
    answer_timeout_s: Annotated[float, Interval(ge=0.05, le=10)] = 1.0
    tries: Annotated[int, Interval(ge=1, le=10)] = 3  # unanswered commands before it counts as silent
    silent_limit_s: Annotated[float, Interval(ge=1, le=600)] = 60.0  # then the line is opened afresh
    light_s: Annotated[float, Interval(ge=0.5, le=60)] = 3.0  # it stops looking by itself: lit anew so often
    gap_s: Annotated[float, Interval(ge=0.05, le=5)] = 0.5  # a pause within a code: its end was lost
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second
