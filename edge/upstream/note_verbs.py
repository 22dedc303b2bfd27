"""The verbs that print how far a case is, and when somebody comes: asked anew each time, and kept nowhere."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field

from edge.commands import Args, Name, Verb
from edge.settings import Settings
from edge.upstream.messages import Case
from edge.upstream.notes import of_appointment, of_case
from edge.upstream.paying_verbs import NOTHING_PRINTED, printed
from edge.upstream.people import Known, subject_of
from edge.upstream.port import Refused, Upstream, UpstreamError
from edge.upstream.printing import Papers
from edge.upstream.words import not_done
from edge.wire import Reply, Request, Uid, rejected


class CaseNoteArgs(Args):
    """By the receipt's `number`, else of `person`."""

    case: Annotated[str, Field(pattern=r"^[0-9]{10}$", examples=["2611200001"])]
    session: Name
    number: Annotated[str, Field(pattern=r"^([0-9]{14})?$", repr=False)] = ""
    person: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$", repr=False)] = ""


class VisitNoteArgs(Args):
    person: Annotated[Uid, Field(repr=False)]
    ref: Uid
    session: Name


class NoteVerbs:
    def __init__(self, settings: Settings, upstream: Upstream, people: Known, papers: Papers) -> None:
        self._services = {id_: (each.name, each.name_en) for id_, each in settings.services.items()}
        self._upstream = upstream
        self._people = people
        self._papers = papers

    def verbs(self) -> list[Verb]:
        return [
            Verb("case.print", CaseNoteArgs, self.case, "print how far a case is", private=True),
            Verb(
                "booking.print",
                VisitNoteArgs,
                self.visit,
                "print an appointment, with the code to come with",
                private=True,
            ),
        ]

    async def case(self, args: CaseNoteArgs, request: Request, _client: str) -> Reply:
        if self._papers.problem():
            return rejected(request.id, "cannot_print", *NOTHING_PRINTED)
        try:
            case = await self._case(args)
            outcome = await self._papers.note(request.id, partial(of_case, case=case))
        except UpstreamError as error:
            return not_done(request.id, error)
        return printed(request, outcome)

    async def visit(self, args: VisitNoteArgs, request: Request, _client: str) -> Reply:
        if self._papers.problem():
            return rejected(request.id, "cannot_print", *NOTHING_PRINTED)
        try:
            every = await self._upstream.appointments_of(subject_of(self._people, args.person))
            visit = next((each for each in every if each.ref == args.ref), None)
            if visit is None:
                raise Refused("unknown_appointment", "there is none of this reference")
            service = self._services.get(visit.service, (visit.service, ""))
            write = partial(of_appointment, visit=visit, service=service)
            outcome = await self._papers.note(request.id, write)
        except UpstreamError as error:
            return not_done(request.id, error)
        return printed(request, outcome)

    async def _case(self, args: CaseNoteArgs) -> Case:
        """Raises UpstreamError."""
        if args.number:
            return await self._upstream.case(args.number)
        every = await self._upstream.cases_of(subject_of(self._people, args.person))
        case = next((each for each in every if each.number == args.case), None)
        if case is None:
            raise Refused("unknown_case", "there is none of this number")
        return case
