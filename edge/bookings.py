"""The verbs of appointments: booked and cancelled by who books for citizens, checked in where they arrive."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from edge.bus import Bus
from edge.commands import Args, Name, Verb
from edge.hall import SETTLE_S, HallAtWork, reply_to
from edge.rules.bookings import Book, CancelBooking
from edge.rules.roster import minute_of
from edge.wire import Reply, Request
from edge.workdays import is_workday

Ref = Annotated[str, Field(max_length=128)]  # what it may be, the rule says in plain words


class BookArgs(Args):
    ref: Ref
    service: Name
    day: Annotated[date, Field(examples=["2026-12-01"])]
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:30"])]


class RefArgs(Args):
    ref: Ref


class CheckInArgs(RefArgs):
    session: Annotated[str, Field(max_length=64)] = ""  # default: the request's own id
    can_show: bool = False


class Bookings:
    """`by_calendar`: whether working days matter in this hall."""

    def __init__(self, hall: HallAtWork, bus: Bus, *, by_calendar: bool) -> None:
        self._hall = hall
        self._bus = bus
        self._by_calendar = by_calendar

    def verbs(self) -> list[Verb]:
        return [
            Verb("appointment.book", BookArgs, self.book, "somebody is to come at that time"),
            Verb("appointment.cancel", RefArgs, self.cancel, "nobody comes by that appointment"),
            Verb("appointment.check_in", CheckInArgs, self.check_in, "who has an appointment is there"),
        ]

    async def book(self, args: BookArgs, request: Request, client: str) -> Reply:
        workday = is_workday(args.day) if self._by_calendar else True
        wish = Book(args.ref, args.service, args.day.isoformat(), minute_of(args.time), workday)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def cancel(self, args: RefArgs, request: Request, client: str) -> Reply:
        return reply_to(request.id, await self._bus.ask(CancelBooking(args.ref), client, request.id))

    async def check_in(self, args: CheckInArgs, request: Request, client: str) -> Reply:
        """Answers as `ticket.take` does."""
        wish = self._hall.check_in(args.ref, args.session or request.id, can_show=args.can_show)
        reply = reply_to(request.id, await self._bus.ask(wish, client))
        return await self._hall.settled(reply, SETTLE_S) if reply.result == "done" else reply
