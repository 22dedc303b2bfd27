"""What becomes of a ticket, told to who holds its slip: by the number, or by the code on the paper."""

from __future__ import annotations

from dataclasses import dataclass

from edge.rules import even
from edge.rules.model import Hall, Now, Rejection, State, Ticket
from edge.rules.rejections import rejection
from edge.rules.telling import clock_of, expected_by
from edge.rules.views import waiting_ahead
from edge.rules.waits import Wait

WAITS = ("waiting", "held")  # phases in which somebody is still to be called


@dataclass(frozen=True, slots=True)
class Position:
    """`ahead` and `wait` of who is still to be called; a wait that nobody can know is None."""

    ticket: Ticket
    ahead: int | None = None
    wait: Wait | None = None


def named(state: State, slip: str, hall: Hall) -> Ticket | Rejection:
    """The ticket of today that a number or a slip's code, "<hall>/<day>/<number>", names."""
    where, _, number = slip.strip().rpartition("/")
    ticket = state.tickets.get(number.upper())
    if ticket is None or where not in ("", state.day, f"{hall.id}/{state.day}"):
        return rejection("unknown_ticket")
    return ticket


def position(state: State, slip: str, hall: Hall, now: Now) -> Position | Rejection:
    """Where in the queue it is."""
    ticket = named(state, slip, hall)
    if isinstance(ticket, Rejection) or ticket.phase not in WAITS:
        return ticket if isinstance(ticket, Rejection) else Position(ticket)
    ahead = waiting_ahead(state, hall, ticket.service, ticket)
    if not hall.tells_waits or ticket.service not in hall.services:
        return Position(ticket, ahead)
    clock = clock_of(now, even.seconds(state.clock, now.moment), hall)
    return Position(ticket, ahead, expected_by(ticket, state, hall, clock))
