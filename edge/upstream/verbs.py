"""The verbs of the services: what a kiosk may ask for who stands there. Money has its own.

Answers are a person's own: none is kept with its request, in the store or anywhere. What is to be done is
idempotent there by a reference that the kiosk chooses, so that a repeat does no harm.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import wraps
from typing import Annotated, Any, TypeVar

from pydantic import Field

from edge.commands import Args, Name, Verb
from edge.hall import HallAtWork
from edge.readings import ReadArgs
from edge.rules import roster
from edge.settings import Settings
from edge.upstream.booked import Booked
from edge.upstream.identifying import Identifying
from edge.upstream.messages import Appointment, Declaring
from edge.upstream.people import People, subject_of
from edge.upstream.port import Upstream, UpstreamError
from edge.upstream.words import not_done, refusal
from edge.wire import Reply, Request
from edge.wire.base import Lenient, Uid
from edge.workdays import is_workday

MAX_DAYS = 62  # ahead, as `edge.wire.services` has it
KIOSK = "kiosk"  # who has an appointment kept or dropped
MAX_DECLARED = 20  # obligations at a time, as the contract has it

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-12-01"])]
Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:30"])]


class PersonArgs(Args):
    person: Annotated[Uid, Field(repr=False)]


class CaseArgs(Args):
    number: Annotated[str, Field(pattern=r"^[0-9]{14}$")]  # the case's, and the four behind it


class ServiceArgs(Args):
    service: Name


class SlotArgs(ServiceArgs):
    day: Day


class BookArgs(PersonArgs):
    ref: Uid
    service: Name
    day: Day
    time: Time


class RefArgs(PersonArgs):
    ref: Uid


class DeclareArgs(PersonArgs):
    key: Uid
    obligations: Annotated[tuple[Declaring, ...], Field(min_length=1, max_length=MAX_DECLARED)]


ArgsT = TypeVar("ArgsT", bound=Args)
_Asks = Callable[[ArgsT], Awaitable[dict[str, Any]]]
_Handler = Callable[[ArgsT, Request, str], Awaitable[Reply]]


class OnlineVerbs:
    def __init__(
        self,
        upstream: Upstream,
        people: People,
        identifying: Identifying,
        *,
        settings: Settings,
        hall: HallAtWork,
        booked: Booked,
    ) -> None:
        self._upstream = upstream
        self._people = people
        self._identifying = identifying
        self._rules_hall = settings.rules_hall()
        self._settings = settings  # no reload changes what is used of it
        self._hall = hall
        self._booked = booked

    def all(self) -> list[Verb]:
        identify = self._identifying.identify
        return [
            Verb("person.identify", ReadArgs, identify, "who lays a card on the reader", private=True),
            _own("person.forget", PersonArgs, self.forget, "the visit is over"),
            _own("case.find", CaseArgs, self._asks(self.case), "how far a case is, by its receipt"),
            _own("case.list", PersonArgs, self._asks(self.cases), "the cases of who stands there"),
            _own("slot.days", ServiceArgs, self.days, "the days on which a service is open"),
            _own("slot.find", SlotArgs, self._asks(self.slots), "the free times of a day"),
            _own(
                "booking.list",
                PersonArgs,
                self._asks(self.bookings),
                "what has been booked by who stands there",
            ),
            _own("booking.make", BookArgs, self._does(self.book), "book, or change what `ref` is"),
            _own("booking.cancel", RefArgs, self._does(self.cancel), "cancel what was booked"),
            _own("tax.obligations", PersonArgs, self._asks(self.obligations), "what is to be declared"),
            _own("tax.declare", DeclareArgs, self._does(self.declare), "declare, and hear what to pay"),
            _own("certificate.list", PersonArgs, self._asks(self.certificates), "certificates to print"),
        ]

    # --- who stands there ---
    async def forget(self, args: PersonArgs, request: Request, _client: str) -> Reply:
        self._people.forget(args.person)
        return Reply(id=request.id, result="done")

    # --- cases ---
    async def case(self, args: CaseArgs) -> dict[str, Any]:
        return {"cases": [_plain(await self._upstream.case(args.number))]}

    async def cases(self, args: PersonArgs) -> dict[str, Any]:
        return {
            "cases": [
                _plain(each) for each in await self._upstream.cases_of(subject_of(self._people, args.person))
            ]
        }

    # --- appointments ---
    async def days(self, args: ServiceArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.services.KioskSlotDays`: of the hall's own roster, so that nobody need be asked."""
        if args.service not in self._rules_hall.services:
            return refusal(request.id, "unknown_service")
        today = date.fromisoformat(self._hall.today())
        ahead = min(self._settings.appointments.days_ahead, MAX_DAYS - 1)
        days = [today + timedelta(number) for number in range(ahead + 1)]
        told = [{"day": day.isoformat(), "open": self._is_open(args.service, day)} for day in days]
        return Reply(id=request.id, result="done", data={"days": told})

    async def slots(self, args: SlotArgs) -> dict[str, Any]:
        found = await self._upstream.slots(args.service, args.day)
        return {"day": args.day, "slots": [_plain(each) for each in found]}

    async def bookings(self, args: PersonArgs) -> dict[str, Any]:
        found = await self._upstream.appointments_of(subject_of(self._people, args.person))
        return {"bookings": [_plain(each) for each in found]}

    async def book(self, args: BookArgs) -> dict[str, Any]:
        wish = Appointment(ref=args.ref, service=args.service, day=args.day, time=args.time)
        made = await self._upstream.book(subject_of(self._people, args.person), wish)
        await self._booked.keep(made, KIOSK)
        return _plain(made)

    async def cancel(self, args: RefArgs) -> dict[str, Any]:
        await self._upstream.cancel(subject_of(self._people, args.person), args.ref)
        await self._booked.drop(args.ref, KIOSK)
        return {}

    # --- taxes ---
    async def obligations(self, args: PersonArgs) -> dict[str, Any]:
        found = await self._upstream.obligations(subject_of(self._people, args.person))
        return {"obligations": [_plain(each) for each in found]}

    async def declare(self, args: DeclareArgs) -> dict[str, Any]:
        return _plain(
            await self._upstream.declare(subject_of(self._people, args.person), args.key, args.obligations)
        )

    async def certificates(self, args: PersonArgs) -> dict[str, Any]:
        found = await self._upstream.certificates_of(subject_of(self._people, args.person))
        return {"certificates": [_plain(each) for each in found]}

    # --- asking ---
    def _asks(self, asks: _Asks[ArgsT]) -> _Handler[ArgsT]:
        return self._handler(asks, changes=False)

    def _does(self, asks: _Asks[ArgsT]) -> _Handler[ArgsT]:
        return self._handler(asks, changes=True)

    def _handler(self, asks: _Asks[ArgsT], *, changes: bool) -> _Handler[ArgsT]:
        @wraps(asks)
        async def handler(args: ArgsT, request: Request, _client: str) -> Reply:
            try:
                return Reply(id=request.id, result="done", data=await asks(args))
            except UpstreamError as error:
                if error.code == "visit_over" and isinstance(args, PersonArgs):
                    self._people.forget(args.person)
                return not_done(request.id, error, changes=changes)

        return handler

    def _is_open(self, service: str, day: date) -> bool:
        workday = is_workday(day) if self._settings.roster else True
        offered = roster.offer(self._rules_hall, service, roster.When(day, 0, workday))
        return offered.is_open or offered.opens is not None


def _own(name: str, args: type[ArgsT], handler: _Handler[ArgsT], summary: str) -> Verb:
    return Verb(name, args, handler, summary, private=True)


def _plain(answer: Lenient) -> dict[str, Any]:
    return answer.model_dump(mode="json")
