"""The business day: the hall's local day, read from the clock and from nothing else.

A new day opens with its first input, whatever that is. It only moves forward, and only on a clock that had
been set; just where no day is open yet, any clock will do. Days on which nothing happens leave no trace.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from drivers.messages import Instant
from edge.rules import appointments, earlier, express, holds, payments, ratings
from edge.rules.desk import finish
from edge.rules.effects import CancelTimer, Display, Effect, ShowCalled
from edge.rules.model import Decision, Hall, Now, State, Ticket
from edge.rules.notices import carry_over
from edge.rules.strips import strip_of
from edge.rules.tickets import limit_timer, print_timer
from edge.wire import (
    DayOpened,
    Fact,
    RatingMissed,
    StaffLoggedOut,
    TicketNoShow,
)


def local_day(instant: Instant, zone: tzinfo) -> str:
    """The ISO date that the hall's own clocks show."""
    return datetime.fromtimestamp(instant.wall_s, zone).date().isoformat()


def turns(state: State, now: Now) -> bool:
    """Whether the input of `now` belongs to a new day."""
    return now.day > state.day and (now.instant.clock_ok or not state.day)


def turn(state: State, now: Now, hall: Hall) -> Decision:
    """Close what the old day left open at the windows, then open the new one on a clean slate.

    Everybody is logged out: acts count for whoever is logged in, so nobody may inherit a window overnight.
    """
    facts: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()
    for window in state.windows:
        closing = _close(state, hall, window)
        facts, effects = facts + closing.facts, effects + closing.effects
    facts += _unfinished(state, hall)
    effects += tuple(CancelTimer(holds.timer(state.tickets[id_])) for id_ in state.held)
    for ticket in state.tickets.values():
        if ticket.phase == "reserved" and ticket.doubts:
            effects += (CancelTimer(print_timer(ticket)), CancelTimer(limit_timer(ticket)))
    fresh = State(now.day)
    for configured in hall.windows.values():
        effects += (strip_of(fresh, hall, configured), Display(configured.id, ""))
    effects += (ShowCalled(()),)
    lasting = (
        *carry_over(state),
        *earlier.carry_over(state, now.day, hall),
        *appointments.carry_over(state, now.day),
        *express.carry_over(state),
        *payments.carry_over(state),
    )
    return Decision((*facts, DayOpened(day=now.day), *lasting), effects)


def _unfinished(state: State, hall: Hall) -> tuple[Fact, ...]:
    """Acts that began and are at no window now: put by, or called again in vain. They have ended unrated."""
    facts: tuple[Fact, ...] = ()
    for ticket in state.tickets.values():
        if ticket.begun and state.window(ticket.window).ticket != ticket.id:
            facts += _ended(hall, ticket, ticket.window, ticket.staff)
    return facts


def _ended(hall: Hall, ticket: Ticket, window: str, staff: str) -> tuple[Fact, ...]:
    finished = finish(hall, ticket, window, staff, rating_asked=False)
    missed = RatingMissed(act=ticket.act, ticket=ticket.id, window=window, staff=staff, reason="day_end")
    return finished, missed


def _close(state: State, hall: Hall, window: str) -> Decision:
    """An act under way is over, and no rating can be given any more; who was called has not come."""
    seat = state.window(window)
    by = {"window": window, "staff": seat.staff}
    closing = ratings.close(window, seat, "day_end")
    ticket = state.tickets.get(seat.ticket)
    if ticket and ticket.phase == "called":
        began = _ended(hall, ticket, window, ticket.staff) if ticket.begun else ()
        closing += Decision((TicketNoShow(ticket=ticket.id, **by), *began))
    elif ticket:
        closing += Decision(_ended(hall, ticket, window, seat.staff))
    if seat.staff:
        closing += Decision((StaffLoggedOut(reason="day_end", **by),))
    return closing
