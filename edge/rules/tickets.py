"""Tickets up to the queue: two-phase, tied to what the printer really did.

RESERVED → printed, shown or assumed → WAITING; or voided, and then it never waits. Where the printer did not
say what became of a slip, someone may hold it: from then on the number is never voided. It is printed again
as a marked copy, and in the end it joins the queue.
"""

from __future__ import annotations

from drivers.messages import Result
from edge.rules.effects import CancelTimer, Effect, Print, SetTimer
from edge.rules.items import is_code
from edge.rules.model import Decision, Hall, Printed, Service, State, TakeTicket, Ticket
from edge.rules.rejections import refused
from edge.rules.roster import When, clock, offer
from edge.rules.views import waiting_ahead
from edge.wire import (
    Fact,
    TicketAssumed,
    TicketInDoubt,
    TicketPrinted,
    TicketReserved,
    TicketShown,
    TicketVoided,
)

PRINT_RETRY_S = 5.0  # a printer that fell silent needs about this long to start again
PRINT_LIMIT_S = 60.0  # from the first doubt: then it waits in the queue, with the slip or without
MAX_SLIPS = 3  # a printer that prints but never answers must not give one person a handful of copies
MAX_NUMBER = 9999  # four digits are what callers and strips have room for


def take(state: State, wish: TakeTicket, hall: Hall, moment: When | None = None) -> Decision:
    """Reserve a number and have it printed, or show it where nothing can be printed.

    A session that has a ticket is told the same one again, whatever it asks for. One whose ticket was voided
    may try again.
    """
    if wish.session in state.sessions:
        return again(state, wish.session, hall)
    service = hall.services.get(wish.service)
    if service is None:
        return refused("unknown_service")
    offered = offer(hall, service.id, moment)
    if offered.opens is not None:
        return refused("closed_until", time=clock(offered.opens))
    if not offered.is_open:
        return refused("closed_today")
    if wish.priority and wish.priority not in hall.priorities:
        return refused("unknown_priority")
    if unfit := wish.item and unfit_item(hall, service.id, wish.item):
        return unfit
    problem = wish.printer_problem or ("" if hall.printer else "no_printer")
    if problem and not wish.can_show:
        return refused("cannot_print")
    number = _free_number(state, service)
    if number > MAX_NUMBER:
        return refused("numbers_spent")
    reserved = TicketReserved(
        ticket=ticket_id(service, number),
        service=service.id,
        number=number,
        session=wish.session,
        can_show=wish.can_show,
        priority=wish.priority,
        item=wish.item,
    )
    return _issue(state, hall, reserved, problem)


def unfit_item(hall: Hall, service: str, item: str) -> Decision | None:
    """Why `service` has no such item; None where it may have. A hall that lists none keeps any code."""
    if not hall.items:
        return None if is_code(item) else refused("item_code")
    known = hall.items.get(item)
    if known is None:
        return refused("unknown_item")
    return None if known.service == service else refused("item_elsewhere")


def again(state: State, session: str, hall: Hall) -> Decision:
    """The ticket that the session has."""
    return Decision(answer=_answer(state, hall, state.tickets[state.sessions[session]]))


def ticket_id(service: Service, number: int) -> str:
    """A001 … A999, A1000."""
    return f"{service.prefix}{number:03d}"


def printed(state: State, outcome: Printed) -> Decision:
    """What a print's outcome means for its ticket; nothing once the ticket has left the printer's hands."""
    ticket = state.tickets.get(outcome.ticket)
    if ticket is None or ticket.day != outcome.day or ticket.phase != "reserved":
        return Decision()
    if outcome.result is Result.DONE:
        return _settle(ticket, TicketPrinted(ticket=ticket.id, copies=ticket.doubts + 1))
    if outcome.result is Result.UNKNOWN:
        limit = () if ticket.doubts else (SetTimer(limit_timer(ticket), PRINT_LIMIT_S),)
        return _doubt(ticket, outcome.code, *limit, SetTimer(print_timer(ticket), PRINT_RETRY_S))
    if ticket.can_show:
        return _settle(ticket, TicketShown(ticket=ticket.id, reason=outcome.code))
    if ticket.doubts:
        return Decision(effects=(SetTimer(print_timer(ticket), PRINT_RETRY_S),))
    return _settle(ticket, TicketVoided(ticket=ticket.id, reason=outcome.code))


def print_again(ticket: Ticket) -> Decision:
    """The pause between two tries is over."""
    if ticket.phase != "reserved" or not ticket.doubts:
        return Decision()
    return Decision(effects=(Print(ticket.id, ticket.day, copy=True),))


def give_up(ticket: Ticket) -> Decision:
    """The printer has not said anything good within the limit."""
    if ticket.phase != "reserved" or not ticket.doubts:
        return Decision()
    return _settle(ticket, TicketAssumed(ticket=ticket.id, reason="time_limit"))


def take_up(state: State, hall: Hall) -> Decision:
    """After a restart nobody knows what became of the prints under way: each is tried again as a copy."""
    decision = Decision()
    for ticket in state.tickets.values():
        if ticket.phase != "reserved":
            continue
        if hall.printer:
            limit = SetTimer(limit_timer(ticket), PRINT_LIMIT_S)
            decision += _doubt(ticket, "restart", limit, Print(ticket.id, ticket.day, copy=True))
        else:
            decision += _settle(ticket, TicketAssumed(ticket=ticket.id, reason="no_printer"))
    return decision


def print_timer(ticket: Ticket) -> str:
    return f"print:{ticket.act}"


def limit_timer(ticket: Ticket) -> str:
    return f"print_limit:{ticket.act}"


def _free_number(state: State, service: Service) -> int:
    """Next of the series. A configuration changed during the day may have given two services one prefix."""
    number = state.next_number.get(service.id, 1)
    while ticket_id(service, number) in state.tickets:
        number += 1
    return number


def _issue(state: State, hall: Hall, reserved: TicketReserved, problem: str) -> Decision:
    """Print it; or, where a `problem` forbids that, show it at once."""
    ticket = reserved.ticket
    answer: dict[str, str | int] = {
        "ticket": ticket,
        "service": reserved.service,
        "phase": "waiting" if problem else "reserved",
        "ahead": waiting_ahead(state, hall, reserved.service),
    }
    if problem:
        return Decision((reserved, TicketShown(ticket=ticket, reason=problem)), answer=answer)
    return Decision((reserved,), (Print(ticket, state.day),), answer=answer)


def _answer(state: State, hall: Hall, ticket: Ticket) -> dict[str, str | int]:
    """`ahead` speaks of a ticket that waits, or will."""
    answer: dict[str, str | int] = {"ticket": ticket.id, "service": ticket.service, "phase": ticket.phase}
    if ticket.phase in {"reserved", "waiting"}:
        answer["ahead"] = waiting_ahead(state, hall, ticket.service, ticket)
    return answer


def _doubt(ticket: Ticket, reason: str, *again: Effect) -> Decision:
    """One more slip may be out. Try `again`, unless enough may be out already."""
    slips = ticket.doubts + 1
    doubt = Decision((TicketInDoubt(ticket=ticket.id, slips=slips, reason=reason),))
    if slips >= MAX_SLIPS:
        return doubt + _settle(ticket, TicketAssumed(ticket=ticket.id, reason=reason))
    return doubt + Decision(effects=again)


def _settle(ticket: Ticket, fact: Fact) -> Decision:
    timers = (print_timer(ticket), limit_timer(ticket)) if ticket.doubts else ()
    return Decision((fact,), tuple(CancelTimer(timer) for timer in timers))
