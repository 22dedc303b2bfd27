"""The hall's own even time: seconds of its day that no step of a clock makes longer or shorter.

Within a boot it goes by the monotonic clock, so a wall clock that is set by an hour moves nobody. Over a
restart of the machine only the wall clock tells how long it was off. Where that clock was wrong there, the
time between counts as none, or as too much; either is the same for all who waited, so their order stays, and
what is too much only brings them the end of being overtaken sooner.
"""

from __future__ import annotations

from edge.rules.model import Even, Moment


def seconds(clock: Even, at: Moment) -> float:
    """The even time at `at`, never before that of `clock`."""
    if clock.at is None:
        return 0.0
    if at.boot == clock.at.boot:
        return clock.s + max(0.0, at.mono_s - clock.at.mono_s)
    return clock.s + max(0.0, at.wall_s - clock.at.wall_s)


def advanced(clock: Even, at: Moment) -> Even:
    return Even(at, seconds(clock, at))
