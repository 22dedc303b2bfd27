"""Appointments: known beforehand, checked in when the citizen is there, called close to their time.

Who checks in has a place in the queue as though he had come `place_min` before his time, when nobody who
comes later could be told otherwise; so he goes before no one who was there before that, and the bound on
overtaking is not touched. He is called at that place from `lead_min` before his time on, and earlier only
where nobody else waits. So many appointments a span are taken as leave room for those who just come: at most
`per_window` for each window that is to be open then, counting all that these windows could be wanted for. A
window is then left for each, however the others were given theirs.

Whoever comes late has no claim on his time any more, and after `late_min` none on his place: he takes an
ordinary ticket.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import islice

from edge.rules import tickets
from edge.rules.bookings import Book, Booking, CancelBooking, CheckIn
from edge.rules.model import Decision, Hall, State, TakeTicket
from edge.rules.rejections import refused
from edge.rules.roster import MINUTES, When, clock, minute_of, offer, open_windows
from edge.rules.views import rivals
from edge.wire import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentsCarried,
    Fact,
)

MAX_BOOKINGS = 2000  # a month of a full hall; half a megabyte at the most, said again as each day opens
CARRIED = 60  # bookings in one fact, which stays below 10 KiB
REF = re.compile(r"[A-Za-z0-9_-]{8,64}")
PERSONAL = re.compile(r"\d{17}[\dXx]|1\d{10}")  # a resident's identity number, a mobile number


def book(state: State, wish: Book, hall: Hall, moment: When | None) -> Decision:
    """Asked again with the same reference and time, it is told so again."""
    if not REF.fullmatch(wish.ref) or PERSONAL.fullmatch(wish.ref):
        return refused("appointment_reference")
    if wish.service not in hall.services:
        return refused("unknown_service")
    answer: dict[str, str | int] = {
        "ref": wish.ref,
        "service": wish.service,
        "day": wish.day,
        "time": clock(wish.minute),
    }
    known = state.bookings.get(wish.ref)
    if known and _is_of(known, wish):
        return Decision(answer=answer)
    if known:
        return refused("appointment_known")
    fact = _told(Booking(wish.ref, wish.service, wish.day, wish.minute, person=wish.person))
    no = _untimely(state, wish, hall, moment) or _full(state, wish, hall)
    return no or Decision((fact,), answer=answer)


def cancel(state: State, wish: CancelBooking) -> Decision:
    booking = state.bookings.get(wish.ref)
    if booking is None:
        return refused("unknown_appointment")
    if booking.ticket:
        return refused("appointment_used", ticket=booking.ticket)
    return Decision((AppointmentCancelled(ref=wish.ref),), answer={"ref": wish.ref})


def check_in(state: State, wish: CheckIn, hall: Hall, moment: When | None) -> Decision:
    """A ticket, as though he had pressed the button of his service; or why not. Where nobody knows the time,
    his time is now."""
    if wish.session in state.sessions:
        return tickets.again(state, wish.session, hall)
    booking = state.bookings.get(wish.ref)
    if booking is None:
        return refused("unknown_appointment")
    if booking.ticket:
        return refused("appointment_used", ticket=booking.ticket)
    if booking.day != state.day:
        return refused("appointment_day", day=booking.day, time=clock(booking.minute))
    moment = _of_day(state, moment)
    early_min = booking.minute - moment.minute if moment else 0
    rules = hall.appointing
    if early_min > rules.early_min:
        return refused("appointment_early", time=clock(max(0, booking.minute - rules.early_min)))
    if -early_min > rules.late_min:
        return refused("appointment_late")
    at = When(moment.day, max(moment.minute, booking.minute), moment.workday) if moment else None
    taken = tickets.take(
        state, TakeTicket(booking.service, wish.session, wish.can_show, "", wish.printer_problem), hall, at
    )
    return _placed(taken, booking, hall, 60.0 * early_min)


def carry_over(state: State, day: str) -> tuple[Fact, ...]:
    """A new day begins with an empty state: what is to last is said again."""
    lasting = iter([_told(booking) for booking in state.bookings.values() if booking.day >= day])
    facts: tuple[Fact, ...] = ()
    while some := tuple(islice(lasting, CARRIED)):
        facts += (AppointmentsCarried(appointments=some),)
    return facts


def lasting(state: State, day: str) -> dict[str, Booking]:
    """What `carry_over` says, as a state holds it."""
    told = (_told(booking) for booking in state.bookings.values() if booking.day >= day)
    return {each.ref: booked(each) for each in told}


def booked(fact: AppointmentBooked) -> Booking:
    return Booking(fact.ref, fact.service, fact.day, minute_of(fact.time), person=fact.person)


def of_person(state: State, person: str) -> tuple[Booking, ...]:
    """Those of today, by their time."""
    found = (each for each in state.bookings.values() if each.person == person and each.day == state.day)
    return tuple(sorted(found, key=lambda each: each.minute)) if person else ()


def _told(booking: Booking) -> AppointmentBooked:
    return AppointmentBooked(
        ref=booking.ref,
        service=booking.service,
        day=booking.day,
        time=clock(booking.minute),
        person=booking.person,
    )


def _is_of(known: Booking, wish: Book) -> bool:
    same = (wish.service, wish.day, wish.minute, wish.person)
    return (known.service, known.day, known.minute, known.person) == same


def _placed(taken: Decision, booking: Booking, hall: Hall, early_s: float) -> Decision:
    """The ticket that was just `taken` has the place of the appointment, which comes right after it."""
    if taken.rejection:
        return taken
    reserved, *after = taken.facts
    fact = AppointmentCheckedIn(
        ref=booking.ref,
        ticket=str(taken.answer["ticket"]),
        since_s=max(0.0, 60.0 * hall.appointing.place_min - early_s),
        ready_in_s=max(0.0, early_s - 60.0 * hall.appointing.lead_min),
    )
    answer = taken.answer | {"appointment": booking.ref, "time": clock(booking.minute)}
    return Decision((reserved, fact, *after), taken.effects, answer=answer)


def _untimely(state: State, wish: Book, hall: Hall, moment: When | None) -> Decision | None:
    moment = _of_day(state, moment)  # a day that is open stays so where a clock is set back
    last = date.fromisoformat(state.day) + timedelta(days=hall.appointing.days_ahead)
    if wish.day < state.day or (moment and wish.day == state.day and wish.minute < moment.minute):
        return refused("appointment_past")
    if wish.day > last.isoformat():
        return refused("appointment_far")
    if not offer(hall, wish.service, _when(wish)).is_open:
        return refused("appointment_closed")
    return None


def _of_day(state: State, moment: When | None) -> When | None:
    """The time of the day that is open; None where the clock shows another."""
    return moment if moment and moment.day.isoformat() == state.day else None


def _full(state: State, wish: Book, hall: Hall) -> Decision | None:
    if len(state.bookings) >= MAX_BOOKINGS:
        return refused("appointments_full")
    others = rivals(hall, wish.service)
    span = wish.minute // hall.appointing.slot_min
    same = [
        booking
        for booking in state.bookings.values()
        if booking.day == wish.day
        and booking.service in others
        and booking.minute // hall.appointing.slot_min == span
    ]
    room = hall.appointing.per_window * len(open_windows(hall, wish.service, _when(wish)))
    return refused("appointment_slot") if len(same) >= room else None


def _when(wish: Book) -> When:
    return When(date.fromisoformat(wish.day), wish.minute % MINUTES, wish.workday)
