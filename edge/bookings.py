"""The verbs of appointments: booked and cancelled by who books for citizens, checked in where they arrive."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from edge.bus import Bus
from edge.commands import Args, Name, Verb
from edge.hall import SETTLE_S, HallAtWork, reply_to
from edge.rules.appointments import of_person
from edge.rules.bookings import Book, CancelBooking
from edge.rules.roster import clock, minute_of
from edge.wire import Reply, Request
from edge.workdays import is_workday

MAX_OF_PERSON = 16  # appointments of one day, as `edge.wire.kiosk` has it

Ref = Annotated[str, Field(max_length=128)]  # what it may be, the rule says in plain words


class BookArgs(Args):
    ref: Ref
    service: Name
    day: Annotated[date, Field(examples=["2026-12-01"])]
    time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:30"])]
    person: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""


class RefArgs(Args):
    ref: Ref


class PersonArgs(Args):
    person: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


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
            Verb(
                "appointment.find",
                PersonArgs,
                self.find,
                "the appointments that a person has today",
                reads=True,
                bound=True,
            ),
            Verb("appointment.check_in", CheckInArgs, self.check_in, "who has an appointment is there"),
        ]

    async def book(self, args: BookArgs, request: Request, client: str) -> Reply:
        workday = is_workday(args.day) if self._by_calendar else True
        day, minute = args.day.isoformat(), minute_of(args.time)
        wish = Book(args.ref, args.service, day, minute, workday, args.person)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def cancel(self, args: RefArgs, request: Request, client: str) -> Reply:
        return reply_to(request.id, await self._bus.ask(CancelBooking(args.ref), client, request.id))

    async def find(self, args: PersonArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.kiosk.KioskAppointments`; only to who stands here, and for today."""
        await self._hall.taken_up()
        found = [
            {"ref": each.ref, "service": each.service, "time": clock(each.minute), "ticket": each.ticket}
            for each in of_person(self._hall.state, args.person)[:MAX_OF_PERSON]
        ]
        return Reply(id=request.id, result="done", data={"appointments": found})

    async def check_in(self, args: CheckInArgs, request: Request, client: str) -> Reply:
        """Answers as `ticket.take` does."""
        wish = self._hall.check_in(args.ref, args.session or request.id, can_show=args.can_show)
        reply = reply_to(request.id, await self._bus.ask(wish, client))
        return await self._hall.settled(reply, SETTLE_S) if reply.result == "done" else reply
