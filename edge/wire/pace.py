"""What a day begins with of the pace of those before it: sums, and nothing of any citizen or staff."""

from __future__ import annotations

from typing import Literal

from edge.wire.base import Fact, Lenient


class DurationSums(Lenient):
    """Of durations in seconds. One of an earlier day counts for less than one: `n` need not be whole."""

    n: float = 0.0
    total_s: float = 0.0
    squares: float = 0.0


class KindSums(DurationSums):
    """Of acts, from the call until the window is free. `usual_s`: what was configured for them."""

    service: str
    item: str = ""  # "" where nobody told it
    usual_s: float


class PaceCarried(Fact):
    """Just after a day has opened: how long acts took on the days before, each day weighing less the longer
    it is past. Where there are more kinds of acts than one fact holds, several follow."""

    kind: Literal["pace.carried"] = "pace.carried"
    days: float  # so many days weigh so much
    acts: tuple[KindSums, ...]
    missed: DurationSums  # the calls to which nobody came
    turns: DurationSums  # from one ticket to the next, where others waited
    reacts: DurationSums  # from the touch to the call, where a window was idle
