"""What every key at a window acts on, and how it says what it did."""

from __future__ import annotations

from dataclasses import dataclass

from edge.rules.effects import Display
from edge.rules.items import promise_min
from edge.rules.model import Decision, Hall, State, Ticket, Window, WindowState
from edge.rules.rejections import refused, refused_at
from edge.rules.strips import Sign, show
from edge.wire import Fact, ServiceFinished


@dataclass(frozen=True, slots=True)
class Desk:
    """One window with all that its keys act on."""

    state: State
    hall: Hall
    window: Window
    seat: WindowState
    ticket: Ticket | None  # called or serving here
    now_s: float  # even time

    @classmethod
    def of(cls, state: State, hall: Hall, window: Window, now_s: float = 0.0) -> Desk:
        seat = state.window(window.id)
        return cls(state, hall, window, seat, state.tickets.get(seat.ticket), now_s)

    def refuse(self, code: str, **words: str) -> Decision:
        return refused_at(self.window.id, code, **words)

    def by(self) -> dict[str, str]:
        """Where and by whom: what every fact of a window says."""
        return {"window": self.window.id, "staff": self.seat.staff}

    def idle(self, *facts: Fact) -> Decision:
        """The facts, and then no ticket is on at this window; one may still be rated."""
        if self.seat.rating:
            return self.clear("rating", *facts, ticket=self.seat.rating.ticket)
        return self.clear("free", *facts)

    def clear(self, sign: Sign, *facts: Fact, ticket: str = "") -> Decision:
        """The facts, and then no ticket is on at this window. `ticket`: the one that is rated."""
        return Decision(facts, (show(self.window, sign, ticket), Display(self.window.id, "")))


def finish(hall: Hall, ticket: Ticket, window: str, staff: str, *, rating_asked: bool) -> ServiceFinished:
    """An act is over. Whose window it was and what was promised go with it, since a later configuration
    must not change what a report says of the past. A reload may have taken both out: then nothing is said."""
    seat = hall.windows.get(window)
    return ServiceFinished(
        act=ticket.act,
        ticket=ticket.id,
        window=window,
        staff=staff,
        rating_asked=rating_asked,
        unit=seat.unit if seat else "",
        promise_min=promise_min(hall, ticket.kind),
        item=ticket.item,
    )


def attended(state: State, hall: Hall, window: str) -> Desk | Decision:
    """Where staff ask for something by a window's name; or why it is nobody's."""
    known = hall.windows.get(window)
    if known is None:
        return refused("unknown_window")
    desk = Desk.of(state, hall, known)
    if hall.login_required and not desk.seat.staff:
        return desk.refuse("not_logged_in")
    return desk
