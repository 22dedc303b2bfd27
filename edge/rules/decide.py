"""The one door of the rules: an input goes in, what follows from it comes out, and nothing else changes."""

from __future__ import annotations

from edge.rules import (
    absence,
    appointments,
    charging,
    day,
    even,
    express,
    holds,
    notices,
    payments,
    payments_receipts,
    payments_settled,
    ratings,
    roster,
    tickets,
    windows,
)
from edge.rules.bookings import Book, CancelBooking, CheckIn
from edge.rules.fees import ChargeFee, RefundFee
from edge.rules.model import (
    ComeBack,
    Decision,
    Hall,
    Input,
    Key,
    Now,
    Printed,
    Rate,
    RateTicket,
    SetNotice,
    Started,
    State,
    TakeTicket,
    TimerFired,
    Transfer,
)
from edge.rules.payments_model import BeginPayment, OfPayments, ReceiptEnded, Seen, Settle, WantReceipt
from edge.rules.projects import OpenProject, StepDone, WithdrawProject
from edge.rules.telling import clock_of, expect


def decide(state: State, given: Input, now: Now, hall: Hall) -> Decision:
    """Which facts follow from `given`, and which effects to run once those facts are kept.

    Reads only. Its facts go through `evolve` in their order, all of them or none. A refused input may still
    have opened a new day.
    """
    if day.turns(state, now):
        bookings = appointments.lasting(state, now.day)
        fresh = State(
            now.day,
            notice=state.notice,
            bookings=bookings,
            projects=state.projects,
            **payments.lasting(state),
        )
        return day.turn(state, now, hall) + _rule(fresh, given, now, hall)
    return _rule(state, given, now, hall)


def _rule(state: State, given: Input, now: Now, hall: Hall) -> Decision:
    now_s, when = even.seconds(state.clock, now.moment), roster.when(now, hall)
    match given:
        case TakeTicket():
            taken = tickets.take(state, given, hall, when)
            return expect(taken, state, hall, clock_of(now, now_s, hall))
        case Book():
            return appointments.book(state, given, hall, when)
        case CancelBooking():
            return appointments.cancel(state, given)
        case CheckIn():
            return appointments.check_in(state, given, hall, when)
        case OpenProject() | StepDone() | WithdrawProject():
            return express.decide_project(state, given, hall)
        case ChargeFee() | RefundFee():
            return charging.decide_fee(state, given, hall)
        case BeginPayment() | Seen() | WantReceipt() | ReceiptEnded() | Settle():
            return _payment(state, given)
        case Printed():
            return tickets.printed(state, given)
        case ComeBack():
            return absence.come_back(state, given, hall)
        case Key():
            return windows.press(state, given, hall, now_s, when)
        case Transfer():
            return windows.send_on(state, given, hall, when)
        case Rate():
            return ratings.rate(state, given, hall)
        case RateTicket():
            return ratings.rate_ticket(state, given, hall)
        case TimerFired(timer):
            return _timer(state, timer, hall)
        case SetNotice():
            return notices.set_notice(state, given, hall)
        case Started():
            taken_up = tickets.take_up(state, hall) + payments_receipts.take_up(state)
            return taken_up + holds.take_up(state, now_s) + windows.take_up(state, hall)


def _payment(state: State, given: OfPayments) -> Decision:
    match given:
        case BeginPayment():
            return payments.begin(state, given)
        case Seen():
            return payments.see(state, given)
        case WantReceipt():
            return payments_receipts.want(state, given)
        case ReceiptEnded():
            return payments_receipts.ended(state, given)
        case Settle():
            return payments_settled.settle(state, given)


def _timer(state: State, timer: str, hall: Hall) -> Decision:
    """A timer is named "<what>:<act>", so one that fires too late finds nothing to do. Any other name only
    lets a new day open."""
    what, _, act = timer.partition(":")
    if what == "receipt":
        return payments_receipts.print_again(state, act)
    ticket = state.of_act(act)
    if ticket is None:
        return Decision()
    match what:
        case "print":
            return tickets.print_again(ticket)
        case "print_limit":
            return tickets.give_up(ticket)
        case "hold":
            return holds.end(ticket, "time")
        case "rating":
            return ratings.timed_out(state, ticket, hall)
    return Decision()
