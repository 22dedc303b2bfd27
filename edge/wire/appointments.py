"""What happened to appointments. Nothing in it says who somebody is: `ref` is a keyed reference, and
`person` a keyed hash that is another one on another day."""

from __future__ import annotations

from typing import Literal

from edge.wire.base import Fact


class AppointmentBooked(Fact):
    """Somebody is to come at that time. His place counts from `[appointments] place_min` before it."""

    kind: Literal["appointment.booked"] = "appointment.booked"
    ref: str  # opaque here: a keyed hash or a random number, on the citizen's code
    service: str
    day: str  # ISO date
    time: str  # "09:30", local to the hall
    person: str = ""  # a keyed hash of who it is and the day, by which a card checks in; "" for none


class AppointmentCancelled(Fact):
    kind: Literal["appointment.cancelled"] = "appointment.cancelled"
    ref: str


class AppointmentCheckedIn(Fact):
    """He is there, and has a ticket, which was reserved just before this."""

    kind: Literal["appointment.checked_in"] = "appointment.checked_in"
    ref: str
    ticket: str
    since_s: float  # so long ago its place in the queue begins
    ready_in_s: float  # until it is called at that place; before, only where nobody else waits


class AppointmentsCarried(Fact):
    """Just after a day has opened: those of this day and later ones, which are as they were."""

    kind: Literal["appointments.carried"] = "appointments.carried"
    appointments: tuple[AppointmentBooked, ...]
