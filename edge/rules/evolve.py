"""The only thing that changes a state: a fact that has happened. It judges nothing; `decide` has.

The facts of a day from its DayOpened on give the same state as was live, whatever came before.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import fields
from typing import TypeAlias

from edge import wire
from edge.rules import payments, payments_receipts
from edge.rules.appointments import booked
from edge.rules.boards import SHOWN
from edge.rules.charging import charged
from edge.rules.earlier import carried
from edge.rules.effects import Called
from edge.rules.even import advanced
from edge.rules.express import opened
from edge.rules.model import Even, Moment, PendingRating, State, Ticket, WindowState
from edge.rules.pace import learn
from edge.rules.priority import overtaken

_Away: TypeAlias = wire.TicketNoShow | wire.CallCancelled | wire.TicketHeld | wire.TicketTransferred


def evolve(state: State, fact: wire.Fact, at: Moment) -> None:
    """Change `state` in place by a fact of the moment `at`. Facts of no rule change nothing."""
    if fact.is_act:  # telemetry may have been dropped before the next start: nothing may hang on it
        state.clock = advanced(state.clock, at)
    learn(state, fact)
    match fact:
        case wire.DayOpened():
            _open_day(state, fact.day, at)
        case wire.TicketReserved():
            _reserve(state, fact, at.wall_s)
        case wire.TicketInDoubt():
            state.tickets[fact.ticket].doubts = fact.slips
        case wire.TicketPrinted():
            state.tickets[fact.ticket].copies = fact.copies
            _join(state, state.tickets[fact.ticket])
        case wire.TicketShown() | wire.TicketAssumed():
            _join(state, state.tickets[fact.ticket])
        case wire.TicketVoided():
            _void(state, state.tickets[fact.ticket])
        case wire.TicketCalled():
            _call(state, fact)
        case wire.TicketNoShow():
            ticket = _uncall(state, fact)
            ticket.phase, ticket.no_shows = "no_show", ticket.no_shows + 1
        case wire.TicketExpired():
            state.tickets[fact.ticket].phase = "expired"
        case wire.TicketCameBack():
            ticket = state.tickets[fact.ticket]
            _wait(state, ticket)
            ticket.after = fact.after
            state.called = _others(state, fact.ticket)
        case wire.TicketHeld():
            _hold(state, fact)
        case wire.TicketHoldEnded():
            state.held.remove(fact.ticket)
            state.tickets[fact.ticket].resumes = True
            _wait(state, state.tickets[fact.ticket])
        case wire.TicketTransferred():
            _transfer(state, fact)
        case wire.CallCancelled():
            _wait(state, _uncall(state, fact))
            state.called = _others(state, fact.ticket)
        case wire.NoticeSet():
            state.notice = fact.text
        case wire.PaceCarried():
            state.earlier = carried(state.earlier, fact)
        case _:
            for others in (_at_window, _of_appointments, _of_projects, _of_fees, _of_payments):
                others(state, fact)


def _at_window(state: State, fact: wire.Fact) -> None:
    match fact:
        case wire.ServiceStarted():
            ticket = state.tickets[fact.ticket]
            ticket.phase, ticket.begun, ticket.staff = "serving", True, fact.staff
        case wire.ServiceFinished():
            _finish(state, fact)
        case wire.RatingGiven() | wire.RatingMissed():
            seat = _seat(state, fact.window)
            if seat.rating and seat.rating.act == fact.act:
                seat.rating = None
            if isinstance(fact, wire.RatingGiven) and (rated := state.of_act(fact.act)):
                rated.rated = True
        case wire.StaffLoggedIn():
            seat = _seat(state, fact.window)
            seat.staff, seat.paused, seat.sent = fact.staff, False, ""
        case wire.StaffLoggedOut():
            seat = _seat(state, fact.window)
            seat.staff, seat.paused, seat.sent = "", False, ""
            _release(state, fact.window)
        case wire.WindowPaused() | wire.WindowResumed():
            seat = _seat(state, fact.window)
            seat.paused, seat.sent = isinstance(fact, wire.WindowPaused), ""


def _of_appointments(state: State, fact: wire.Fact) -> None:
    match fact:
        case wire.AppointmentBooked():
            state.bookings[fact.ref] = booked(fact)
        case wire.AppointmentCancelled():
            del state.bookings[fact.ref]
        case wire.AppointmentCheckedIn():
            ticket = state.tickets[fact.ticket]
            ticket.appointment, state.bookings[fact.ref].ticket = fact.ref, fact.ticket
            ticket.joined_s, ticket.ready_s = state.clock.s - fact.since_s, state.clock.s + fact.ready_in_s
        case wire.AppointmentsCarried():
            state.bookings |= {each.ref: booked(each) for each in fact.appointments}


def _of_projects(state: State, fact: wire.Fact) -> None:
    match fact:
        case wire.ProjectOpened():
            state.projects[fact.project] = opened(fact)
            if ticket := state.of_act(fact.project):
                ticket.express = True
        case wire.ProjectStepDone():
            state.projects[fact.project].done += (fact.step,)
        case wire.ProjectClosed():
            del state.projects[fact.project]
        case wire.ProjectsCarried():
            state.projects |= {each.project: opened(each) for each in fact.projects}


def _of_fees(state: State, fact: wire.Fact) -> None:
    match fact:
        case wire.FeeCharged():
            state.fees[fact.receipt] = charged(fact)
        case wire.FeeRefunded():
            if fee := state.fees.get(fact.receipt):
                fee.refunded_fen += fact.amount_fen
            else:
                before = state.returned.get(fact.receipt, 0)
                state.returned[fact.receipt] = before + fact.amount_fen


def _of_payments(state: State, fact: wire.Fact) -> None:
    payments.learn(state.payments, fact, state.day)
    payments_receipts.learn(state.receipts, fact)
    match fact:
        case wire.PaymentsCarried():
            state.settled = fact.settled
        case wire.PaymentsSettled():
            state.settled = fact.day


def _open_day(state: State, day: str, at: Moment) -> None:
    fresh = State(day, Even(at))
    for part in fields(State):
        setattr(state, part.name, getattr(fresh, part.name))


def _void(state: State, ticket: Ticket) -> None:
    ticket.phase = "voided"
    del state.sessions[ticket.session]
    if ticket.appointment:
        state.bookings[ticket.appointment].ticket = ""


def _seat(state: State, window: str) -> WindowState:
    return state.windows.setdefault(window, WindowState())


def _reserve(state: State, fact: wire.TicketReserved, at: float) -> None:
    state.tickets[fact.ticket] = Ticket(
        fact.ticket,
        state.day,
        fact.service,
        fact.number,
        fact.session,
        fact.can_show,
        at,
        priority=fact.priority,
        item=fact.item,
    )
    state.sessions[fact.session] = fact.ticket
    state.next_number[fact.service] = fact.number + 1


def _join(state: State, ticket: Ticket) -> None:
    state.joined += 1
    state.issued[ticket.service] = state.issued.get(ticket.service, 0) + 1
    ticket.order = state.joined
    ticket.joined_s = ticket.joined_s if ticket.appointment else state.clock.s
    _wait(state, ticket)


def _wait(state: State, ticket: Ticket) -> None:
    ticket.phase, ticket.waits_s = "waiting", state.clock.s
    insort(state.waiting.setdefault(ticket.service, []), (ticket.place, ticket.id))


def _call(state: State, fact: wire.TicketCalled) -> None:
    ticket = state.tickets[fact.ticket]
    _overtake(state, ticket, fact.overtook, fact.window)
    if ticket.phase == "waiting":
        queue = state.waiting[ticket.service]
        del queue[bisect_left(queue, (ticket.place, ticket.id))]
    if fact.times == 1:
        _count_down(state, ticket)
    ticket.phase, ticket.window, ticket.calls = "called", fact.window, fact.times
    ticket.resumes, ticket.only = False, ""
    if ticket.back == fact.window:  # it is there, whichever way it came
        ticket.back = ticket.back_service = ""
    for other in state.windows.values():
        if other.sent == ticket.id:
            other.sent = ""
    seat = _seat(state, fact.window)
    seat.sent = ""
    seat.ticket = seat.last_called = fact.ticket
    state.called = (Called(fact.ticket, fact.window), *_others(state, fact.ticket))[:SHOWN]


def _count_down(state: State, called: Ticket) -> None:
    """One call less for those of its service who have come back."""
    called.after = 0
    for _, id_ in state.waiting.get(called.service, ()):
        other = state.tickets[id_]
        other.after = max(0, other.after - 1)


def _overtake(state: State, ticket: Ticket, services: tuple[str, ...], window: str) -> None:
    for service in services:
        for other in overtaken(state, service, ticket, window, state.clock.s):
            other.overtaken += 1
            if other.overtaken_s is None:
                other.overtaken_s = state.clock.s


def _others(state: State, ticket: str) -> tuple[Called, ...]:
    return tuple(called for called in state.called if called.ticket != ticket)


def _hold(state: State, fact: wire.TicketHeld) -> None:
    ticket = _uncall(state, fact)
    ticket.phase, ticket.held_until_s = "held", state.clock.s + 60 * fact.minutes
    state.held.append(ticket.id)
    state.called = _others(state, ticket.id)


def _transfer(state: State, fact: wire.TicketTransferred) -> None:
    ticket = _uncall(state, fact)
    if fact.way == "there_and_back":
        ticket.back, ticket.back_service = fact.window, ticket.service
    elif fact.way == "back":
        ticket.back, ticket.back_service, ticket.resumes = "", "", True
    ticket.service, ticket.only, ticket.calls = fact.service, fact.to, 0
    seat = _seat(state, fact.window)
    seat.sent, seat.sent_to = ticket.id, fact.to
    state.called = _others(state, ticket.id)
    _wait(state, ticket)


def _release(state: State, window: str) -> None:
    """Nobody is there any more: who was sent to this window is anybody's."""
    for ticket in state.tickets.values():
        if ticket.only == window:
            ticket.only = ""


def _uncall(state: State, fact: _Away) -> Ticket:
    _seat(state, fact.window).ticket = ""
    return state.tickets[fact.ticket]


def _finish(state: State, fact: wire.ServiceFinished) -> None:
    ticket, seat = state.tickets[fact.ticket], _seat(state, fact.window)
    ticket.phase, ticket.begun, ticket.done_s = "done", False, state.clock.s
    if seat.ticket == fact.ticket:  # where the day ends its act, it may be at no window
        seat.ticket = ""
    if fact.rating_asked:
        seat.rating = PendingRating(fact.act, fact.ticket, fact.staff)
