"""Ratings: one for each act, never a default, never forced, and never corrected.

The invitation at the window stands until it is answered, its limit has passed, the window's next act has
ended, the member of staff has logged out, or the day has ended. A call does not end it: the citizen may still
be at the pad. Who has left may rate by the number of the slip until the day ends, be that over or not.
What has been given stands. Where an appeal against it is granted, the hub's follow-up says so beside it.
"""

from __future__ import annotations

from typing import Literal

from edge.rules.effects import CancelTimer, Effect, InviteRating, SetTimer
from edge.rules.finding import named
from edge.rules.model import (
    Decision,
    Hall,
    PendingRating,
    Rate,
    RateTicket,
    Rejection,
    State,
    Ticket,
    Window,
    WindowState,
)
from edge.rules.reasons import Reasons
from edge.rules.rejections import refused, rejection
from edge.rules.strips import show
from edge.wire import RatingGiven, RatingMissed

MissedReason = Literal["time_limit", "next_call", "logout", "day_end"]


def timer(act: str) -> str:
    return f"rating:{act}"


def invite(window: Window, act: str, hall: Hall) -> tuple[Effect, ...]:
    return InviteRating(window.id), SetTimer(timer(act), hall.rating_limit_s)


def rate(state: State, press: Rate, hall: Hall) -> Decision:
    """A level pressed on a pad counts for the act that waits for it; without one it is nothing.

    Who names an act rates that one or none: the answer of a screen that was slow is not for the next citizen.
    """
    window = hall.windows.get(press.window)
    if window is None:
        return refused("unknown_window")
    seat = state.window(window.id)
    pending = seat.rating
    if press.act and (pending is None or pending.act != press.act):
        return _cannot(state, press.act)
    if pending is None:
        return refused("nothing_to_rate")
    if unfit := _unfit(press, hall.reasons):
        return unfit
    given = _given(window.id, pending, press, hall)
    effects = (CancelTimer(timer(pending.act)), *_strip(window, seat))
    return Decision((given,), effects, answer={"ticket": pending.ticket, "level": press.level})


def rate_ticket(state: State, wish: RateTicket, hall: Hall) -> Decision:
    """At the window while its invitation stands, else without it: late, but the citizen's own."""
    ticket = ratable(state, wish.ticket, hall)
    if isinstance(ticket, Rejection):
        return Decision(rejection=ticket)
    press = Rate(ticket.window, wish.level, wish.level, wish.reasons, ticket.act)
    pending = state.window(ticket.window).rating
    if pending and pending.act == ticket.act and ticket.window in hall.windows:
        return rate(state, press, hall)
    if unfit := _unfit(press, hall.reasons):
        return unfit
    given = _given(ticket.window, PendingRating(ticket.act, ticket.id, ticket.staff), press, hall)
    return Decision((given,), answer={"ticket": ticket.id, "level": wish.level})


def ratable(state: State, slip: str, hall: Hall) -> Ticket | Rejection:
    """The ticket of today that a number or a slip's code names, if its act is over and not rated yet."""
    ticket = named(state, slip, hall)
    if isinstance(ticket, Rejection):
        return ticket
    if ticket.rated:
        return rejection("rated_already")
    if ticket.phase in ("no_show", "expired", "voided"):
        return rejection("not_served")
    return ticket if ticket.phase == "done" else rejection("act_not_over")


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


def _cannot(state: State, act: str) -> Decision:
    """Why an act that waits for no rating here is not rated."""
    ticket = state.of_act(act)
    if ticket is None:
        return refused("unknown_act")
    return refused("rating_over") if ticket.phase == "done" else refused("act_not_over")


def _unfit(press: Rate, table: Reasons) -> Decision | None:
    """A rating carries any number of codes of its own level, each once."""
    for place, code in enumerate(press.reasons):
        reason = table.by_code.get(code)
        if reason is None:
            return refused("unknown_reason", reason=str(code))
        if reason.level != press.level:
            return refused("reason_of_other_level", reason=str(code))
        if code in press.reasons[:place]:
            return refused("reason_twice", reason=str(code))
    return None


def _given(window: str, pending: PendingRating, press: Rate, hall: Hall) -> RatingGiven:
    return RatingGiven(
        act=pending.act,
        ticket=pending.ticket,
        window=window,
        staff=pending.staff,
        level=press.level,
        raw=press.raw,
        reasons=press.reasons,
        indicator_version=hall.reasons.version if press.reasons else "",
    )


def _missed(window: str, pending: PendingRating, reason: MissedReason) -> RatingMissed:
    return RatingMissed(
        act=pending.act, ticket=pending.ticket, window=window, staff=pending.staff, reason=reason
    )


def _strip(window: Window, seat: WindowState) -> tuple[Effect, ...]:
    """Once the rating is over a window with nothing else on is free again."""
    return () if seat.ticket or seat.paused or seat.sent else (show(window, "free"),)
