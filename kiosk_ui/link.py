"""The kiosk's line to the daemon: it looks at the hall each second, says that it is alive, and asks.

What the daemon says is checked before anybody believes it: an answer that makes no sense is no answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge import __version__
from edge.control import MAX_IN_FLIGHT, ControlClient, ControlError
from edge.ids import new_id
from edge.wire import Reply
from edge.wire.kiosk import (
    MAX_OF_PERSON,
    KioskAppointment,
    KioskDevices,
    KioskPosition,
    KioskRatable,
    KioskReasons,
    KioskTicket,
    KioskView,
)
from edge.wire.services import (
    KioskBooking,
    KioskBookings,
    KioskCases,
    KioskCertificates,
    KioskDeclaration,
    KioskObligations,
    KioskPayment,
    KioskPerson,
    KioskPrinted,
    KioskReceipts,
    KioskSlotDays,
    KioskSlots,
)
from kiosk_ui.ending import Ending
from kiosk_ui.messages import (
    Answer,
    Answered,
    Ask,
    Asked,
    AskReasons,
    Inspect,
    Lost,
    Message,
    Read,
    Scanned,
    Told,
    ToldDevices,
    ToldReasons,
    Withdraw,
)
from kiosk_ui.model import Personal
from kiosk_ui.update_questions import READ_WITHIN_S

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # a daemon that is gone is told within two
LOOK_TIMEOUT_S = 0.9
ASK_TIMEOUT_S = 35.0  # a print, its time-out and one more try
IDENTIFY_TIMEOUT_S = 60.0  # a card that is laid on late, and who it is asked of the network
AGAIN_S = 1.0  # before a question is asked again whose answer nobody knows
READ_TIMEOUT_S = 90.0  # and to print his ticket; then the process that reads is ended
STAND_TIMEOUT_S = 3600.0  # one that waits for whoever comes; then it begins afresh
# Verbs that end with the connection that asked. Those that follow from a session's end are not among them.
BOUND = frozenset(
    {"notice.print", "person.identify", "case.find", "case.list", "case.print"}
    | {"slot.days", "slot.find", "booking.list", "booking.make", "booking.cancel", "booking.print"}
    | {"tax.obligations", "tax.declare", "certificate.list", "certificate.print", "payment.begin"}
    | {"receipt.list", "receipt.find", "receipt.print"}
)
MAX_ANSWER = 64 * 1024  # bytes of what a reading tells
MAX_SENTENCE = {"zh": 120, "en": 240}  # characters that a page has room for; the daemon's have 40 and 100
MAX_ASKING = MAX_IN_FLIGHT - 2  # the look and the sign of life are the other two

Tell = Callable[[Message], None]
Shown = tuple[str, dict[str, Any]]


class Person(BaseModel):
    """What a reading may tell of a card: nothing but what is masked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(default="", max_length=64)
    number: str = Field(default="", max_length=32, pattern=r"^[*0-9A-Za-z]*$")
    person: str = Field(default="", pattern=r"^[0-9a-f]{64}$", repr=False)


class Code(BaseModel):
    """A code of the hall's own paper, or of a case's or a payment's."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["ticket", "item", "case", "order"]
    text: str = Field(max_length=160)
    hall: str = Field(default="", max_length=64)
    cases: tuple[str, ...] = Field(default=(), max_length=16)


class Reading(BaseModel):
    """What the process says that read a card or a code."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    result: Literal["done", "rejected", "failed", "unknown"]
    code: str = Field(default="", max_length=64)
    zh: str = ""
    en: str = ""
    ticket: KioskTicket | None = None
    personal: Person | None = None
    appointments: tuple[KioskAppointment, ...] | None = Field(default=None, max_length=MAX_OF_PERSON)
    scanned: Code | None = None
    mark: str = Field(default="", pattern=r"^([0-9a-f]{32})?$", repr=False)

    def answer(self) -> Answer:
        person, code = self.personal, self.scanned
        return Answer(
            self.result,
            self.code,
            *_sentence(self.zh, self.en),
            ticket=self.ticket,
            personal=Personal(**person.model_dump()) if person else None,
            appointments=self.appointments,
            scanned=Scanned(**code.model_dump()) if code else None,
            mark=self.mark,
        )


class Link:
    """`run` looks and says it is alive until it is cancelled; `carry` begins what is to be asked. What comes
    of it is told to `tell`, in the same loop."""

    def __init__(
        self,
        socket: Path,
        kiosk: str,
        secret: str,
        tell: Tell,
        troubles: Callable[[], Mapping[str, str]],
        *,
        shows: Callable[[], Shown | None],
    ) -> None:
        """`shows`: which screen, and its page for who looks from afar; None where nothing can be told now."""
        self._socket = socket
        self._kiosk = kiosk
        self._secret = secret  # of this run: the hash of a person means nothing to anybody else
        self._run = new_id()
        self._tell = tell
        self._troubles = troubles
        self._shows = shows
        self._client = ControlClient(socket)
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by work
        self._withdrawn = Ending()
        self._said: str | None = None  # why the daemon is away, once in the log
        self._refused = ""
        self.person_key: Path | None = None  # where cards check in

    async def run(self) -> None:
        try:
            while True:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._look())
                    both.create_task(self._alive())
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await self._withdrawn.gone()
            await self._client.close()

    def carry(self, effect: Asked | Inspect) -> None:
        match effect:
            case Withdraw(work):
                if task := self._tasks.pop(work, None):
                    task.cancel()
                    self._withdrawn.see_off(task)
            case AskReasons():
                self._start("reasons", self._reasons())
            case Inspect():
                self._start("devices", self._devices())
            case Ask(work, verb, args, again):
                self._start(work, self._ask(work, verb, args, again=again))
            case Read():
                self._start(effect.work, self._read(effect))

    @property
    def asking(self) -> int:
        """How many answers are waited for."""
        return len(self._tasks)

    # --- each second ---
    async def _look(self) -> None:
        try:
            reply = await self._client.request("kiosk.view", {}, LOOK_TIMEOUT_S)
            if reply.result != "done":
                self._lost(f"{reply.result} {reply.code}")
                return
            view = KioskView.model_validate(reply.data)
        except ControlError as error:
            self._lost(str(error))
        except ValidationError as error:  # its text may be long, and quotes what was said
            self._lost(f"the answer to kiosk.view makes no sense: {error.error_count()} errors")
        else:
            if self._said is not None:
                log.info("the daemon answers")
            self._said = None
            self._tell(Told(view))

    def _lost(self, why: str) -> None:
        if self._said != why:
            log.warning("the daemon cannot be asked: %s", why)
        self._said = why
        self._tell(Lost())

    async def _alive(self) -> None:
        args = {"kiosk": self._kiosk, "run": self._run, "version": __version__}
        try:
            reply = await self._client.request(
                "kiosk.alive", args | {"troubles": dict(self._troubles())}, LOOK_TIMEOUT_S
            )
        except (ControlError, ValidationError):
            return  # `_look` says why
        refused = reply.code if reply.result == "rejected" else ""
        if refused and refused != self._refused:
            log.warning("the daemon does not know this kiosk: %s", reply.en)
        self._refused = refused
        if look := reply.data.get("look"):
            await self._show(look)

    async def _show(self, look: object) -> None:
        """Somebody looks. Asked again with the next sign of life, as long as somebody waits."""
        shown = self._shows()
        if shown is None:
            return
        screen, page = shown
        args = {"kiosk": self._kiosk, "look": look, "screen": screen, "page": page}
        with suppress(ControlError, ValidationError):
            await self._client.request("kiosk.shows", args, LOOK_TIMEOUT_S)

    # --- asked ---
    def _start(self, work: str, task: Any) -> None:
        """The same work again takes the place of its first question, which has been answered."""
        if len(self._tasks) >= MAX_ASKING and work not in self._tasks:
            task.close()
            self._tell(
                Answered(work, Answer("rejected", "busy", "系统正忙，请稍候再试", "Busy. Please try again."))
            )
            return
        running = asyncio.create_task(task)
        self._tasks[work] = running
        running.add_done_callback(lambda done: self._done(work, done))

    def _done(self, work: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(work) is task:
            del self._tasks[work]
        if not task.cancelled() and (error := task.exception()):
            log.error("asking failed: %s", type(error).__name__, exc_info=error)
            self._tell(Answered(work, Answer("failed", "internal_error")))

    async def _ask(self, work: str, verb: str, args: dict[str, Any], *, again: bool) -> None:
        if again:
            await asyncio.sleep(AGAIN_S)
        limit_s = IDENTIFY_TIMEOUT_S if verb == "person.identify" else ASK_TIMEOUT_S
        try:
            if verb in BOUND:  # who withdraws it closes the line, and what has not begun ends
                async with ControlClient(self._socket) as client:
                    reply = await client.request(verb, args, limit_s, id=work)
            else:
                reply = await self._client.request(verb, args, limit_s, id=work)
        except ControlError:
            self._tell(Answered(work, Answer("unknown", "unreachable")))
        except ValidationError:
            self._tell(Answered(work, Answer("failed", "bad_request")))
        else:
            if reply.code == "bad_reply" and not again:
                log.warning("the answer to %s is no reply, or too long for one", verb)
            self._tell(Answered(work, answer_of(verb, reply)))

    async def _reasons(self) -> None:
        try:
            reply = await self._client.request("rating.reasons", {}, ASK_TIMEOUT_S)
            reasons = KioskReasons.model_validate(reply.data)
        except (ControlError, ValidationError) as error:
            log.warning("no reasons for ratings: %s", type(error).__name__)
        else:
            self._tell(ToldReasons(reasons))

    async def _devices(self) -> None:
        try:
            reply = await self._client.request("kiosk.devices", {}, LOOK_TIMEOUT_S)
            devices = KioskDevices.model_validate(reply.data)
        except (ControlError, ValidationError) as error:
            log.info("nothing is told of the devices: %s", type(error).__name__)
        else:
            self._tell(ToldDevices(devices))

    async def _read(self, effect: Read) -> None:
        order = {
            "what": effect.what,
            "socket": str(self._socket),
            "device": effect.device,
            "session": effect.session,
            "within_s": READ_WITHIN_S,
            "secret": self._secret,
            "key_file": str(self.person_key or ""),
            "day": effect.day,
            "stands": effect.stands,
            "online": effect.online,
            "kiosk": os.getpid(),
        }
        limit_s = STAND_TIMEOUT_S if effect.stands else READ_TIMEOUT_S
        self._tell(Answered(effect.work, await _reading(order, limit_s)))


def answer_of(verb: str, reply: Reply) -> Answer:
    """What a reply means to who waits; one that is not what was asked for is a failure."""
    if reply.result != "done" or verb not in _TELLS:
        return Answer(reply.result, reply.code[:64], *_sentence(reply.zh, reply.en))
    part, kind = _TELLS[verb]
    try:
        told: dict[str, Any] = {part: kind.model_validate(reply.data)}
        return Answer("done", **told)
    except ValidationError as error:
        log.warning("the answer to %s makes no sense: %d errors", verb, error.error_count())
        return Answer("failed", "bad_reply")


_TELLS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "ticket.take": ("ticket", KioskTicket),
    "appointment.check_in": ("ticket", KioskTicket),
    "ticket.find": ("position", KioskPosition),
    "rating.find": ("ratable", KioskRatable),
    "person.identify": ("online", KioskPerson),
    "case.find": ("online", KioskCases),
    "case.list": ("online", KioskCases),
    "case.print": ("online", KioskPrinted),
    "slot.days": ("online", KioskSlotDays),
    "slot.find": ("online", KioskSlots),
    "booking.list": ("online", KioskBookings),
    "booking.make": ("online", KioskBooking),
    "booking.print": ("online", KioskPrinted),
    "tax.obligations": ("online", KioskObligations),
    "tax.declare": ("online", KioskDeclaration),
    "certificate.list": ("online", KioskCertificates),
    "certificate.print": ("online", KioskPrinted),
    "payment.begin": ("online", KioskPayment),
    "payment.state": ("online", KioskPayment),
    "payment.abandon": ("online", KioskPayment),
    "receipt.list": ("online", KioskReceipts),
    "receipt.find": ("online", KioskReceipts),
    "receipt.print": ("online", KioskPrinted),
}


def _sentence(zh: str, en: str) -> tuple[str, str]:
    """Of the daemon's, as far as it can be one; else the kiosk has its own."""
    if len(zh) <= MAX_SENTENCE["zh"] and len(en) <= MAX_SENTENCE["en"]:
        return zh, en
    log.warning("the daemon's words are too long to be shown: %d and %d characters", len(zh), len(en))
    return "", ""


async def _reading(order: dict[str, Any], limit_s: float) -> Answer:
    """By a process of its own, which is ended with its connection where nobody waits any more."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk_ui.reader"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_ANSWER,
    )
    try:
        async with asyncio.timeout(limit_s):
            said, _ = await process.communicate(json.dumps(order).encode() + b"\n")
        reading = Reading.model_validate_json(said)
    except (TimeoutError, ValidationError) as error:
        planned = order["stands"] and isinstance(error, TimeoutError)  # it begins afresh each hour
        log.log(logging.DEBUG if planned else logging.WARNING, "reading failed: %s", type(error).__name__)
        return Answer("failed", "no_reading")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return reading.answer()
