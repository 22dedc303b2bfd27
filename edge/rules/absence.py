"""Who was called and did not come: back into the queue a few calls later, a few times, and then no more.

After `no_show_calls` calls staff skip the ticket. The citizen may report back: at a window, whose staff call
the number at once if they will; or at a kiosk or the enquiry desk, and then he is called at his old place
after `no_show_back_after` further calls of his service, or sooner where nobody else of it waits. A ticket
that was missed more than `no_show_times` times has expired: its holder takes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.rules import holds
from edge.rules.effects import CallOff
from edge.rules.model import ComeBack, Decision, Hall, State, Ticket
from edge.rules.rejections import refused
from edge.rules.views import waiting_ahead
from edge.wire import Fact, TicketCameBack, TicketExpired, TicketNoShow


def missed(ticket: Ticket, hall: Hall, by: Mapping[str, str]) -> tuple[Fact, ...]:
    """The called one has not come. `by`: the window and its staff."""
    no_show = TicketNoShow(ticket=ticket.id, **by)
    if ticket.no_shows < hall.no_show_times:
        return (no_show,)
    return no_show, TicketExpired(ticket=ticket.id)


def come_back(state: State, wish: ComeBack, hall: Hall) -> Decision:
    """Who waits already is told so again."""
    ticket = state.tickets.get(wish.ticket)
    match ticket.phase if ticket else "":
        case "called" | "serving":
            return refused("called_now")
        case "done":
            return refused("ticket_done")
        case "expired":
            return refused("ticket_expired")
        case "waiting" | "no_show" | "held":
            assert ticket
            return _back(state, ticket, hall)
    return refused("unknown_ticket")


def _back(state: State, ticket: Ticket, hall: Hall) -> Decision:
    ahead = waiting_ahead(state, hall, ticket.service, None if ticket.phase == "no_show" else ticket)
    answer: dict[str, str | int] = {"ticket": ticket.id, "service": ticket.service, "phase": "waiting"}
    said = Decision(answer=answer | {"ahead": ahead})
    if ticket.phase == "held":
        return holds.end(ticket, "came_back") + said
    if ticket.phase == "waiting":
        return said
    back = TicketCameBack(ticket=ticket.id, after=hall.no_show_back_after)
    return Decision((back,), (CallOff(ticket.id, taken_back=True),)) + said
