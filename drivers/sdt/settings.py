"""Settings of an identity card reader. The time-outs are those of the SDT module's documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

HEARTBEAT_S = 30.0  # the status needs no card and no motion; oftener tells nothing more
Seconds = Annotated[float, Interval(ge=0.02, le=60)]


@dataclass(frozen=True, slots=True)
class SdtSettings:
    poll_s: Annotated[float, Interval(ge=0.1, le=5)] = 0.3  # from one look for a card to the next
    # Each is the reader's own time for the command; `slack_s` comes on top.
    find_timeout_s: Seconds = 1.0
    select_timeout_s: Seconds = 1.0
    read_timeout_s: Seconds = 2.0
    status_timeout_s: Seconds = 1.0
    slack_s: Seconds = 0.3  # for the line, where a card takes 113 ms at 115200 baud, and this machine
    retries: Annotated[int, Interval(ge=0, le=5)] = 2  # of a command that the reader has not understood
    tries: Annotated[int, Interval(ge=1, le=10)] = 3  # unanswered commands before it counts as silent
    heartbeat_s: Annotated[float, Interval(ge=1, le=300)] = HEARTBEAT_S
    recheck_s: Annotated[float, Interval(ge=0.1, le=300)] = 5.0  # while it is silent, in self-test …
    silent_limit_s: Annotated[float, Interval(ge=1, le=600)] = 60.0  # then the line is opened afresh
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second
