"""Who stands there: a card is read, a process of its own asks the services, and is gone."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated

from pydantic import Field, ValidationError

from drivers.messages import IdCard, Outcome, ReadCard, Result
from edge.private import Own, as_line
from edge.readings import ReadArgs, Readings, not_read, own
from edge.upstream.credentials import Access
from edge.upstream.messages import MAX_VISIT_S
from edge.upstream.people import People
from edge.upstream.port import Away, Nonsense, Refused, UpstreamError
from edge.upstream.words import not_done
from edge.wire import PERSONAL, Reply, Request
from edge.wire.base import Lenient, Uid

log = logging.getLogger(__name__)

START_S = 10.0  # that a slow machine needs for the process, beyond what the services are given
MAX_ANSWER = 4096
# -P: what is imported is what is installed, not what lies in the current directory.
COMMAND = (sys.executable, "-P", "-m", "edge.upstream.identify")


class _Told(Lenient):
    """What the process answers where it was done."""

    subject: Annotated[Uid, Field(repr=False)]
    expires_in_s: Annotated[int, Field(ge=1, le=MAX_VISIT_S)]
    name: Annotated[str, Field(max_length=64, repr=False)]
    number: Annotated[str, Field(max_length=32, repr=False)]


class _NotTold(Lenient):
    result: str
    code: Annotated[str, Field(max_length=64)]
    cause: Annotated[str, Field(max_length=1024)]


class Identifying:
    """`person.identify`. The process starts while the card is looked for, so that nobody waits for it."""

    def __init__(
        self, readings: Readings, people: People, access: Access, terminal: str, is_up: Callable[[], bool]
    ) -> None:
        self._is_up = is_up
        self._readings = readings
        self._people = people
        self._limit_s = access.timeout_s + START_S
        files = {name: str(getattr(access, name) or "") for name in ("token_file", "ca", "cert", "key")}
        way = {"url": access.url, "timeout_s": access.timeout_s, "terminal": terminal, **files}
        self._way = json.dumps(way | {"daemon": os.getpid()})

    async def identify(self, args: ReadArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.services.KioskPerson`. Nobody lays his card there for nothing while they are away."""
        if not self._is_up():
            return not_done(request.id, Away("resting", "away, and not asked now"))
        try:
            async with self._process(request.id) as process:
                outcome = await self._readings.read(ReadCard(args.within_s), args, request.verb)
                if outcome.result is not Result.DONE or not isinstance(outcome.reading, IdCard):
                    return not_read(request, args.session, outcome)
                told = await self._ask(process, outcome)
        except UpstreamError as error:
            how = f"{type(error).__name__}, {error.code}: {error}"
            log.info("identify: %s", how, extra={"request": request.id})
            return not_done(request.id, error)
        log.info("identify: answered", extra={"request": request.id})
        person = self._people.came(told.subject, told.expires_in_s)
        shown = Own({"name": told.name, "number": told.number}, lambda: None)  # masked: it may stay
        data = {"session": args.session, "person": person, PERSONAL: shown}
        return Reply(id=request.id, result="done", data=data)

    @asynccontextmanager
    async def _process(self, request_id: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Gone at the end, whatever happened. Raises Away."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *COMMAND, self._way, request_id, stdin=pipe, stdout=pipe
            )
        except OSError as error:
            raise Away("no_process", f"no process can be started: {error.strerror}") from error
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, process: asyncio.subprocess.Process, outcome: Outcome) -> _Told:
        """Raises UpstreamError."""
        assert process.stdin is not None
        assert process.stdout is not None
        assert isinstance(outcome.reading, IdCard)
        card = Reply(id="", result="done", data={PERSONAL: _needed(outcome.reading)})
        try:
            async with asyncio.timeout(self._limit_s):
                with as_line(card) as line:
                    process.stdin.write(line)  # the pipe takes it at once: it is empty, and has 64 KiB
                answer = await process.stdout.read(MAX_ANSWER)
        except TimeoutError:
            raise Away("timeout", "no answer in time from who asks them") from None
        return _heard(answer)


def _needed(card: IdCard) -> Own:
    """The name and the number; all of the card is overwritten once they are told."""
    whole = own(card)
    return Own({"name": card.name, "number": card.number}, whole.forget)


def _heard(answer: bytes) -> _Told:
    """Raises UpstreamError."""
    try:
        if json.loads(answer).get("result") == "done":
            return _Told.model_validate_json(answer)
        told = _NotTold.model_validate_json(answer)
    except (ValidationError, ValueError, AttributeError):
        raise Away("no_process", "who asks them ended without an answer; see the log") from None
    match told.result:
        case "refused":
            raise Refused(told.code, told.cause)
        case "nonsense":
            raise Nonsense(told.code, told.cause)
        case _:
            raise Away(told.code, told.cause)
