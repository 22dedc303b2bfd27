"""What supervision remembers of the acts: the only thing that changes a `Watch`.

The same acts give the same `Watch` live, after a restart, and from any point on at which it was kept.
"""

from __future__ import annotations

from dataclasses import replace

from edge import wire
from edge.rules.even import advanced
from edge.rules.model import Moment
from edge.rules.supervision_kinds import ABOUT, MAX_OUTCOMES, MAX_RATINGS, MINUTE_S
from edge.rules.supervision_model import Acknowledged, Warned, Watch


def observe(watch: Watch, fact: wire.Fact, at: Moment, seq: int) -> None:
    """An act of the moment `at`, in its order."""
    watch.clock, watch.seq = advanced(watch.clock, at), seq
    match fact:
        case wire.DayOpened():
            watch.called, watch.begun, watch.outcomes = {}, {}, {}
        case wire.StaffLoggedIn():
            watch.outcomes.pop(fact.window, None)  # whoever sits there now has called nobody yet
        case wire.RatingGiven():
            levels = (*watch.ratings.get(fact.window, ()), fact.level)
            watch.ratings[fact.window] = levels[-MAX_RATINGS:]
        case wire.AlertRaised() | wire.AlertUpdated() | wire.AlertAcknowledged() | wire.AlertCleared():
            _warned(watch, fact, at)
        case _:
            _called(watch, fact)


def _called(watch: Watch, fact: wire.Fact) -> None:
    """Of a call: how it began and ended."""
    now_s = watch.clock.s
    match fact:
        case wire.TicketCalled():
            watch.called[fact.window] = now_s if fact.times == 1 else watch.called.get(fact.window, now_s)
        case wire.ServiceStarted():
            watch.begun[fact.window] = now_s
        case wire.TicketNoShow():
            _ended(watch, fact.window, 0.0)
        case wire.ServiceFinished():
            # Of an act that the day's end, or a restart without its call, has ended nobody knows how long.
            began_s = watch.called.get(fact.window) if fact.rating_asked else None
            _ended(watch, fact.window, None if began_s is None else now_s - began_s)
        case wire.TicketHeld() | wire.TicketTransferred() | wire.CallCancelled():
            _ended(watch, fact.window, None)


def _ended(watch: Watch, window: str, seconds: float | None) -> None:
    watch.called.pop(window, None)
    watch.begun.pop(window, None)
    if seconds is not None:
        watch.outcomes[window] = (*watch.outcomes.get(window, ()), seconds)[-MAX_OUTCOMES:]


def _warned(
    watch: Watch,
    fact: wire.AlertRaised | wire.AlertUpdated | wire.AlertAcknowledged | wire.AlertCleared,
    at: Moment,
) -> None:
    known, now_s = watch.warned.get(fact.key), watch.clock.s
    match fact:
        case wire.AlertRaised() if fact.warning in ABOUT:
            told = fact.level, fact.value, fact.limit, fact.to
            times = fact.since, now_s - MINUTE_S * fact.value, now_s
            watch.warned[fact.key] = Warned(fact.key, fact.warning, fact.about, *told, *times)
        case wire.AlertUpdated() if known:
            new = replace(known, level=fact.level, value=fact.value, limit=fact.limit, to=fact.to)
            if fact.reason == "red":
                new = replace(new, level_s=now_s, escalated=False)
            else:
                new = replace(new, escalated=True, above=True)
            watch.warned[fact.key] = new
        case wire.AlertAcknowledged() if known:
            watch.warned[fact.key] = replace(
                known, acknowledged=Acknowledged(fact.name, fact.note, at.wall_s)
            )
        case wire.AlertCleared():
            watch.warned.pop(fact.key, None)
