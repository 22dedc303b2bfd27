"""The time that cameras are judged by: it passes evenly, whatever is done to the wall clock.

A fault is raised and cleared after so many seconds. By a wall clock that is put back an hour, as happens to
a node that finds its time server late, nothing would be raised or cleared for an hour; put forward, all at
once would.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable

from drivers.api import Clock

STEP_S = 1.0  # between this time and the wall's: less is drift, which time servers even out, and is not told

log = logging.getLogger(__name__)


class JudgedTime:
    """Seconds that look like wall time where that was never put right. `resume` before all else."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        now = clock.now()
        self._ahead_s = now.wall_s - now.mono_s  # of the monotonic clock
        self._of_wall_s = 0.0  # what the wall clock is ahead of this time, without drift

    def resume(self, kept: Iterable[bytes]) -> None:
        """Go on from the latest of what `keep` gave before the restart: by the wall clock for as long as the
        node was off, and not at all where that has been put back meanwhile."""
        times = [time for each in kept if (time := _read(each)) is not None]
        if not times:
            return
        judged_s, wall_s = max(times)
        now = self._clock.now()
        self._ahead_s = judged_s + max(0.0, now.wall_s - wall_s) - now.mono_s

    def keep(self) -> bytes:
        """For `resume`, with whatever is kept that holds times of this kind."""
        return json.dumps([self.now_s(), self._clock.now().wall_s]).encode()

    def now_s(self) -> float:
        return self._clock.now().mono_s + self._ahead_s

    def wall_s(self, judged_s: float) -> float:
        """When that was, by the wall clock as it goes now."""
        of_wall_s = self._clock.now().wall_s - self.now_s()
        if abs(of_wall_s - self._of_wall_s) >= STEP_S:
            self._of_wall_s = of_wall_s
        return judged_s + self._of_wall_s


def _read(kept: bytes) -> tuple[float, float] | None:
    try:
        judged_s, wall_s = (float(each) for each in json.loads(kept))
    except (ValueError, TypeError) as error:
        log.warning("cameras: the time that they were judged by cannot be read: %r", error)
        return None
    return (judged_s, wall_s) if math.isfinite(judged_s) and math.isfinite(wall_s) else None
