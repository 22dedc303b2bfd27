"""Appointments of the services in the hall's own queue: who has booked here checks in here, by that code."""

from __future__ import annotations

import logging
from datetime import date

from drivers.api import NotKept
from edge.bus import Bus
from edge.hall import HallAtWork
from edge.rules.bookings import Book, Booking, CancelBooking
from edge.rules.roster import minute_of
from edge.upstream.messages import Appointment
from edge.workdays import is_workday

log = logging.getLogger(__name__)


class Booked:
    """What the services have accepted stands, whatever the hall makes of it: then the log says why it cannot
    be checked in. `by_calendar`: whether working days matter in this hall."""

    def __init__(self, hall: HallAtWork, bus: Bus, *, by_calendar: bool) -> None:
        self._hall = hall
        self._bus = bus
        self._by_calendar = by_calendar

    async def keep(self, made: Appointment, client: str) -> None:
        """In the place of what this reference was before."""
        workday = is_workday(date.fromisoformat(made.day)) if self._by_calendar else True
        wish = Book(made.ref, made.service, made.day, minute_of(made.time), workday)
        known = self._hall.state.bookings.get(made.ref)
        if known and not _is(known, wish):
            await self.drop(made.ref, client)
        await self._say(wish, client)

    async def drop(self, ref: str, client: str) -> None:
        """Also where the hall never knew it."""
        if ref in self._hall.state.bookings:
            await self._say(CancelBooking(ref), client)

    async def _say(self, wish: Book | CancelBooking, client: str) -> None:
        try:
            decision = await self._bus.ask(wish, client)
            why = decision.rejection.en if decision.rejection else ""
        except NotKept as error:
            why = str(error)
        if why:
            log.warning("appointment …%s of the services is not the hall's: %s", wish.ref[-4:], why)


def _is(known: Booking, wish: Book) -> bool:
    return (known.service, known.day, known.minute) == (wish.service, wish.day, wish.minute)
