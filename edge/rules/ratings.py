"""Ratings: one for each act, never a default, never forced.

The invitation stands until it is answered, its limit has passed, the window's next act has ended, the member
of staff has logged out, or the day has ended. A call does not end it: the citizen may still be at the pad.
"""

from __future__ import annotations

from typing import Literal

from edge.rules.model import (
    CancelTimer,
    Decision,
    Effect,
    Hall,
    InviteRating,
    PendingRating,
    Rate,
    SetTimer,
    State,
    Ticket,
    Window,
    WindowState,
)
from edge.rules.rejections import refused
from edge.rules.strips import show
from edge.wire import RatingGiven, RatingMissed

MissedReason = Literal["time_limit", "next_call", "logout", "day_end"]


def timer(act: str) -> str:
    return f"rating:{act}"


def invite(window: Window, act: str, hall: Hall) -> tuple[Effect, ...]:
    return InviteRating(window.id), SetTimer(timer(act), hall.rating_limit_s)


def rate(state: State, press: Rate, hall: Hall) -> Decision:
    """A level pressed on a pad counts for the act that waits for it; without one it is nothing."""
    window = hall.windows.get(press.window)
    if window is None:
        return refused("unknown_window")
    seat = state.window(window.id)
    pending = seat.rating
    if pending is None:
        return refused("nothing_to_rate")
    given = RatingGiven(
        act=pending.act,
        ticket=pending.ticket,
        window=window.id,
        staff=pending.staff,
        level=press.level,
        raw=press.raw,
    )
    effects = (CancelTimer(timer(pending.act)), *_strip(window, seat))
    return Decision((given,), effects, answer={"ticket": pending.ticket, "level": press.level})


def timed_out(state: State, ticket: Ticket, hall: Hall) -> Decision:
    """The limit of the ticket's act has passed."""
    window, seat = hall.windows.get(ticket.window), state.window(ticket.window)
    if seat.rating is None or seat.rating.act != ticket.act:
        return Decision()
    missed = _missed(ticket.window, seat.rating, "time_limit")
    return Decision((missed,), _strip(window, seat) if window else ())


def close(window: str, seat: WindowState, reason: MissedReason) -> Decision:
    """End the invitation at a window, if there is one, as not rated."""
    if seat.rating is None:
        return Decision()
    return Decision((_missed(window, seat.rating, reason),), (CancelTimer(timer(seat.rating.act)),))


def _missed(window: str, pending: PendingRating, reason: MissedReason) -> RatingMissed:
    return RatingMissed(
        act=pending.act, ticket=pending.ticket, window=window, staff=pending.staff, reason=reason
    )


def _strip(window: Window, seat: WindowState) -> tuple[Effect, ...]:
    """Once the rating is over a window with nothing else on is free again."""
    return () if seat.ticket or seat.paused or seat.sent else (show(window, "free"),)
