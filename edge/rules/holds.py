"""A ticket put by for some minutes, while its holder fetches what is missing.

It leaves the window, which may call others, and joins again at its old place when its time is over, when the
citizen reports back, or when staff call its number. Its act, where one has begun, goes on then: it ends once,
and is rated once, where it is finished. Who never comes back has an act that ended unrated with the day.

The time is even time, so no clock that is set changes it, and a restart takes it up by what is left.
"""

from __future__ import annotations

from typing import Literal

from edge.rules.desk import Desk
from edge.rules.effects import CallOff, CancelTimer, SetTimer
from edge.rules.model import Decision, State, Ticket
from edge.wire import TicketHeld, TicketHoldEnded

MAX_HOLD_MIN = 120  # longer is another visit: half of a hall's morning, and three digits on a caller
MINUTE_S = 60.0


def timer(ticket: Ticket) -> str:
    return f"hold:{ticket.act}"


def hold(desk: Desk, digits: str) -> Decision:
    """`digits`: for how many minutes; without any, as the hall has it."""
    if desk.ticket is None:
        return desk.refuse("nothing_to_hold")
    minutes = int(digits) if digits.isascii() and digits.isdigit() else 0
    minutes = minutes if digits else desk.hall.hold_min
    if not 1 <= minutes <= MAX_HOLD_MIN:
        return desk.refuse("hold_minutes")
    held = TicketHeld(ticket=desk.ticket.id, minutes=minutes, **desk.by())
    effects = CallOff(desk.ticket.id, taken_back=True), SetTimer(timer(desk.ticket), minutes * MINUTE_S)
    answer: dict[str, str | int] = {"ticket": desk.ticket.id, "minutes": minutes}
    return desk.idle(held) + Decision(effects=effects, answer=answer)


def end(ticket: Ticket, reason: Literal["time", "came_back", "called"]) -> Decision:
    """It waits again. Nothing where it is not held."""
    if ticket.phase != "held":
        return Decision()
    return Decision((TicketHoldEnded(ticket=ticket.id, reason=reason),), (CancelTimer(timer(ticket)),))


def take_up(state: State, now_s: float) -> Decision:
    """After a restart the timers are gone. `now_s`: even time."""
    held = (state.tickets[id_] for id_ in state.held)
    timers = (SetTimer(timer(ticket), max(0.0, ticket.held_until_s - now_s)) for ticket in held)
    return Decision(effects=tuple(timers))
