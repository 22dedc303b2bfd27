"""The one-time notice: all that has to be brought for the case at hand, printed as a list to tick off.

Nothing on it is a person's own, and what was asked for is nobody's business but theirs: it is asked over the
local socket only, no event tells of it, and a job that has not begun ends with the connection that asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from datetime import datetime
from typing import Annotated, Literal, Protocol
from zoneinfo import ZoneInfo

from pydantic import Field

from drivers.api import Clock
from drivers.messages import Order, Outcome, PrintSlip, Result
from edge.checklist.paper import Notice
from edge.checklist.words import WORDS, Code
from edge.commands import Args, Name, Verb
from edge.settings import Settings
from edge.wire import Reply, Request, rejected

log = logging.getLogger(__name__)

DEADLINE_S = 30.0  # one notice before it, and its own half metre of paper on a line of 9600 baud
MAX_JOBS = 2  # at the printer at a time: who takes a ticket waits for no more
MAX_OF_SESSION = 6  # paper costs money, and children press whatever prints
MAX_SESSIONS = 64  # remembered, newest last: a kiosk has one at a time
MAX_GIVEN = 256  # requests remembered of which the printer has had a part


class NoticeArgs(Args):
    item: Annotated[str, Field(pattern=r"^[0-9]{2,12}$")]
    session: Name  # of who stands there: it comes back with the answer
    cases: Annotated[tuple[Name, ...], Field(max_length=16)] = ()
    language: Literal["zh", "en"] = "zh"


class Devices(Protocol):
    """What printing needs of the supervisor."""

    async def order(self, device: str, order: Order, deadline_s: float) -> Outcome: ...
    def problem(self, device: str) -> str: ...


class Hall(Protocol):
    """What it needs of the hall at work."""

    @property
    def clock(self) -> Clock: ...


class Checklists:
    """Prints on the printer of the tickets."""

    def __init__(self, settings: Settings, hall: Hall, devices: Devices) -> None:
        self._settings = settings  # no reload changes what is used of it
        self._hall = hall
        self._devices = devices
        self._jobs = 0
        self._printed: Counter[str] = Counter()  # by session
        self._given: OrderedDict[str, None] = OrderedDict()  # ids of requests whose end nobody knows

    def verbs(self) -> list[Verb]:
        summary = "print all that has to be brought for an item, in the case at hand"
        return [Verb("notice.print", NoticeArgs, self.print, summary, bound=True)]

    async def print(self, args: NoticeArgs, request: Request, _client: str) -> Reply:
        """Once for each id of a request. Where the printer did not say how it ended, a repeat is told so, and
        no second paper comes."""
        if refusal := self._refusal(args, request):
            return _refused(request, refusal)
        found = await asyncio.to_thread(self._find, args)
        if isinstance(found, str):
            return _refused(request, found)
        if refusal := self._refusal(args, request):  # others may have been printed for meanwhile
            return _refused(request, refusal)
        self._remember(args.session, request.id)
        self._jobs += 1
        ended = "withdrawn"
        try:
            job = PrintSlip(request.id, found.blocks(args.language))
            outcome = await self._devices.order(self._settings.printer, job, DEADLINE_S)
            ended = f"{outcome.result} {outcome.code}".strip()
        finally:
            self._jobs -= 1
            log.info("notice.print: %s", ended, extra={"session": args.session})
        return self._reply(args, request, outcome)

    def _refusal(self, args: NoticeArgs, request: Request) -> Code | None:
        if request.id in self._given:
            return "given_before"
        printer = self._settings.printer
        if self._settings.guide.folder is None:
            return "no_guide"
        if not printer or self._devices.problem(printer):
            return "cannot_print"
        if self._jobs >= MAX_JOBS:
            return "busy"
        return "enough" if self._printed[args.session] >= MAX_OF_SESSION else None

    def _find(self, args: NoticeArgs) -> Notice | Code:
        """Reads files. The catalogue is imported and read for those who ask: a node need not hold it."""
        from edge.catalogue import find_item  # noqa: PLC0415 as the docstring says

        folder = self._settings.guide.folder
        found = find_item(folder, args.item) if folder else None
        if found is None:
            return "unknown_item"
        item, catalogue = found
        if not set(args.cases) <= {case.id for case in item.cases}:
            return "unknown_case"
        zone = ZoneInfo(self._settings.hall.timezone)
        now = datetime.fromtimestamp(self._hall.clock.now().wall_s, zone)
        return Notice(item, catalogue, args.cases, self._settings.hall, f"{now:%Y-%m-%d %H:%M}")

    def _remember(self, session: str, request: str) -> None:
        count = self._printed.pop(session, 0) + 1
        self._printed[session] = count  # the newest stands last
        while len(self._printed) > MAX_SESSIONS:
            del self._printed[next(iter(self._printed))]
        self._given[request] = None
        if len(self._given) > MAX_GIVEN:
            self._given.popitem(last=False)

    def _reply(self, args: NoticeArgs, request: Request, outcome: Outcome) -> Reply:
        data = {"session": args.session, "item": args.item}
        if outcome.result is Result.DONE:
            return Reply(id=request.id, result="done", data=data)
        words: Code = "not_known" if outcome.result is Result.UNKNOWN else "not_printed"
        if outcome.result is not Result.UNKNOWN:
            self._printed[args.session] -= 1
        zh, en = WORDS[words]
        return Reply(
            id=request.id, result=outcome.result.value, code=outcome.code or words, zh=zh, en=en, data=data
        )


def _refused(request: Request, code: Code) -> Reply:
    return rejected(request.id, code, *WORDS[code])
