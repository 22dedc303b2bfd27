"""What a day teaches about waits: how long acts take, who does not come, and what became of what was told.

All of it is in the facts, so a node that starts again knows it again, and anybody who has the events can
reckon it after us. An act is counted from its call until its window is free: a citizen who has to walk across
the hall holds up a window too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from edge import wire
from edge.rules.items import Kind

if TYPE_CHECKING:
    from edge.rules.model import State

AWAY_S = 300.0  # a longer pause between two calls is somebody's who is away, and no pace


@dataclass(slots=True)
class Tally:
    """Of durations. `n` is not whole where those of earlier days count for less."""

    n: float = 0
    total_s: float = 0.0
    squares: float = 0.0

    def add(self, value_s: float) -> None:
        self.n, self.total_s, self.squares = self.n + 1, self.total_s + value_s, self.squares + value_s**2


class Told(NamedTuple):
    """What the holder of a ticket was told when he took it, at `at_s` of even time."""

    at_s: float
    p50_s: int
    p90_s: int


@dataclass(slots=True)
class Errors:
    """What was told, beside what came: of all who were told something and have been called."""

    n: int = 0
    wait_s: float = 0.0  # sum of what came
    error_s: float = 0.0  # sum of |P50 − what came|
    within: int = 0  # of them, who waited no longer than P90


class Busy(NamedTuple):
    """A window and the ticket that was called to it, at `since_s` of even time."""

    ticket: str
    kind: Kind
    since_s: float


@dataclass(slots=True)
class Taught:
    """How long what takes."""

    acts: dict[Kind, Tally] = field(default_factory=dict)  # from the call until the window is free
    missed: Tally = field(default_factory=Tally)  # the same, of those who did not come
    turns: Tally = field(default_factory=Tally)  # from one ticket to the next where others waited
    reacts: Tally = field(default_factory=Tally)  # from the touch to the call where a window was idle


@dataclass(slots=True)
class Pace(Taught):
    """Of a day. Bounded by the day's tickets, and by the hall's windows."""

    busy: dict[str, Busy] = field(default_factory=dict)  # by window
    free_s: dict[str, float] = field(default_factory=dict)  # window → when its last ticket left it
    told: dict[str, Told] = field(default_factory=dict)  # by ticket, until it is called
    errors: Errors = field(default_factory=Errors)


_Ended = wire.ServiceFinished | wire.TicketTransferred | wire.TicketHeld


def learn(state: State, fact: wire.Fact) -> None:
    """From a fact that `state` has not taken up yet, but for its clock."""
    pace, now_s = state.pace, state.clock.s
    match fact:
        case wire.TicketReserved():
            if fact.wait_p50_s is not None and fact.wait_p90_s is not None:
                pace.told[fact.ticket] = Told(now_s, fact.wait_p50_s, fact.wait_p90_s)
        case wire.TicketVoided():
            pace.told.pop(fact.ticket, None)
        case wire.TicketCalled():
            if fact.times == 1:
                _called(state, fact)
        case wire.ServiceFinished() | wire.TicketTransferred() | wire.TicketHeld():
            _ended(pace, fact, now_s)
        case wire.TicketNoShow():
            if busy := pace.busy.pop(fact.window, None):
                pace.missed.add(now_s - busy.since_s)
                pace.free_s[fact.window] = now_s
        case wire.ProjectStepDone():
            if fact.window in pace.free_s:  # without a ticket: until now that kept it from calling
                pace.free_s[fact.window] = now_s
        case wire.CallCancelled():
            pace.busy.pop(fact.window, None)
            pace.free_s.pop(fact.window, None)
        case wire.StaffLoggedIn() | wire.StaffLoggedOut() | wire.WindowPaused() | wire.WindowResumed():
            pace.free_s.pop(fact.window, None)  # not the pause between two tickets


def _called(state: State, fact: wire.TicketCalled) -> None:
    pace, now_s, ticket = state.pace, state.clock.s, state.tickets[fact.ticket]
    told, free_s = pace.told.pop(ticket.id, None), pace.free_s.pop(fact.window, None)
    # He may have his place from earlier on: put by, sent on, missed, or with an appointment.
    if free_s is not None and max(ticket.waits_s, ticket.ready_s) <= free_s:
        pace.turns.add(min(now_s - free_s, AWAY_S))
    elif free_s is not None and told and free_s <= told.at_s:
        pace.reacts.add(min(now_s - told.at_s, AWAY_S))
    pace.busy[fact.window] = Busy(ticket.id, ticket.kind, now_s)
    if told:
        wait_s, errors = now_s - told.at_s, pace.errors
        errors.n += 1
        errors.wait_s += wait_s
        errors.error_s += abs(told.p50_s - wait_s)
        errors.within += wait_s <= told.p90_s


def _ended(pace: Pace, fact: _Ended, now_s: float) -> None:
    """What the end of the day ends says nothing of how long such an act takes."""
    busy = pace.busy.pop(fact.window, None)
    if busy and not (isinstance(fact, wire.ServiceFinished) and not fact.rating_asked):
        pace.acts.setdefault(busy.kind, Tally()).add(now_s - busy.since_s)
        pace.free_s[fact.window] = now_s
