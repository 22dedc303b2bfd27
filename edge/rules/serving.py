"""Whether somebody has to do with a device now. Then nobody tries it."""

from __future__ import annotations

from edge.rules.model import State


def at_window(state: State, window: str) -> bool:
    """Somebody is called to it, served there, or asked to rate."""
    seat = state.window(window)
    return bool(seat.ticket or seat.rating)


def is_calling(state: State) -> bool:
    """Somebody is on his way to a window, and looks at the boards for it."""
    seats = (seat for seat in state.windows.values() if seat.ticket in state.tickets)
    return any(state.tickets[seat.ticket].phase == "called" for seat in seats)


def is_printing(state: State) -> bool:
    """Somebody waits for his slip."""
    return any(ticket.phase == "reserved" for ticket in state.tickets.values())
