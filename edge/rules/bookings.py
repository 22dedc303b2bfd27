"""The words of appointments: what is known of each, what is asked, and the hall's limits for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appointing:
    """Minutes, but for the last two. `early` and `late`: before and after the time, when one can check in."""

    early_min: int = 30
    late_min: int = 15
    place_min: int = 60  # so long before his time his place in the queue begins
    lead_min: int = 10  # so long before it he is called at that place
    slot_min: int = 30  # the spans that are counted
    per_window: int = 1  # appointments in each of them, for each window that is open then
    days_ahead: int = 30


@dataclass(slots=True)
class Booking:
    ref: str
    service: str
    day: str
    minute: int  # of that day
    ticket: str = ""  # that he got when he checked in, unless it was voided
    person: str = ""  # a keyed hash of who it is and the day, "" where nobody told


@dataclass(frozen=True, slots=True)
class Book:
    """`workday`: whether `day` is one, by the calendar of the hall's country."""

    ref: str
    service: str
    day: str
    minute: int
    workday: bool = True
    person: str = ""


@dataclass(frozen=True, slots=True)
class CancelBooking:
    ref: str


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Who has an appointment is there. The rest as with `TakeTicket`."""

    ref: str
    session: str
    can_show: bool = False
    printer_problem: str = ""
