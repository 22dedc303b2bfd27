"""The services as a node asks them: the port over HTTP, with patience that ends.

What is idempotent is asked again where nothing came, within one limit of time; all of it is, but for
`identify`, of which another does no harm. Who is away is not asked by everybody in turn: see `breaker`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError
from pydantic_core import to_json

from drivers.api import Clock
from edge.ids import new_id
from edge.upstream import breaker
from edge.upstream.breaker import Breaker
from edge.upstream.cache import Cache
from edge.upstream.exchange import Asked, Exchange
from edge.upstream.messages import (
    About,
    Appointment,
    Appointments,
    Case,
    Cases,
    Certificate,
    Certificates,
    Declaration,
    Declaring,
    Notice,
    Notices,
    Obligation,
    Obligations,
    Payment,
    Payments,
    Receipt,
    Settlement,
    Slot,
    Slots,
    Subject,
)
from edge.upstream.port import Away, Nonsense, RefundReason, UpstreamError
from edge.wire.base import Lenient

log = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT", bound=Lenient)
TRIES = 3
PAUSE_S = 0.25  # before the second try, twice that before the third, each up to twice as long by chance
AGAIN = frozenset({"unreachable", "lost", "server_error"})  # what may be over in a moment
NOTICES_S, SLOTS_S = 60.0, 10.0  # that they are told again without being asked for
LEAST_S = 0.5  # that a try is worth beginning for
# That a payment is, however many ask: less than the second from one look to the next, which would else be
# told what the one before was.
POLL_S = 0.9


class HttpUpstream:
    """An `edge.upstream.port.Upstream`. `terminal` is "hall/node"; `limit_s` is for one answer, all tries
    included; `turned` is called when it goes away and when it is back."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        terminal: str,
        limit_s: float,
        clock: Clock,
        chance: random.Random,
        turned: Callable[[], None] = lambda: None,
    ) -> None:
        self._exchange = exchange
        self._terminal = terminal
        self._limit_s = limit_s
        self._clock = clock
        self._chance = chance
        self._turned = turned
        self._breaker = Breaker()
        self._was_up = True
        self._cause = ""  # why it is away
        self._notices: Cache[Notices] = Cache(NOTICES_S, clock)
        self._slots: Cache[Slots] = Cache(SLOTS_S, clock)
        self._polls: Cache[Payment] = Cache(POLL_S, clock)

    @property
    def is_up(self) -> bool:
        return self._breaker.state == "closed"

    @property
    def cause(self) -> str:
        """Why nobody answered the last time that nobody did, for technicians."""
        return self._cause

    @property
    def clock_off_s(self) -> float | None:
        return self._exchange.clock_off_s

    async def end(self) -> None:
        await self._exchange.close()

    # --- who answers ---
    async def about(self) -> About:
        about = await self._ask(Asked("about", "GET", "/v1/about"), About)
        try:
            theirs = datetime.fromisoformat(about.now)
        except ValueError:
            raise Nonsense("wrong_schema", "about: now is no moment") from None
        if theirs.tzinfo is None:
            raise Nonsense("wrong_schema", "about: now does not say its zone")
        self._exchange.clock_off_s = self._clock.now().wall_s - theirs.timestamp()
        return about

    async def notices(self) -> Sequence[Notice]:
        asked = Asked("notices", "GET", "/v1/notices")
        return (await self._notices.get("", lambda: self._ask(asked, Notices))).notices

    # --- who stands there ---
    async def identify(self, card: bytes, request_id: str = "") -> Subject:
        """`card`: its name and number as the contract's Card. Asked by a process of its own, under a name
        that the daemon logs."""
        asked = Asked("identify", "POST", "/v1/subjects", body=card, request_id=request_id)
        return await self._ask(asked, Subject)

    async def forget(self, subject: str) -> None:
        await self._do(Asked("forget", "DELETE", _of(subject)))

    # --- cases ---
    async def case(self, number: str) -> Case:
        case = await self._ask(Asked("case", "GET", f"/v1/cases/{quote(number, safe='')}"), Case)
        return _same(case, "case", case.number, number[: len(case.number)])

    async def cases_of(self, subject: str) -> Sequence[Case]:
        return (await self._ask(Asked("casesOf", "GET", _of(subject, "cases")), Cases)).cases

    # --- appointments ---
    async def slots(self, service: str, day: str) -> Sequence[Slot]:
        asked = Asked("slots", "GET", "/v1/slots", (("service", service), ("day", day)))
        found = await self._slots.get((service, day), lambda: self._ask(asked, Slots))
        return _same(found, "slots", (found.service, found.day), (service, day)).slots

    async def appointments_of(self, subject: str) -> Sequence[Appointment]:
        asked = Asked("appointmentsOf", "GET", _of(subject, "appointments"))
        return (await self._ask(asked, Appointments)).appointments

    async def book(self, subject: str, wish: Appointment) -> Appointment:
        body = to_json({"service": wish.service, "day": wish.day, "time": wish.time})
        asked = Asked("book", "PUT", _of(subject, "appointments", wish.ref), body=body)
        self._slots.clear()  # also where it ends in nothing: somebody else may have been quicker
        booked = await self._ask(asked, Appointment)
        return _same(booked, "book", booked, wish)

    async def cancel(self, subject: str, ref: str) -> None:
        self._slots.clear()
        await self._do(Asked("cancel", "DELETE", _of(subject, "appointments", ref)))

    # --- taxes ---
    async def obligations(self, subject: str) -> Sequence[Obligation]:
        asked = Asked("obligations", "GET", _of(subject, "obligations"))
        return (await self._ask(asked, Obligations)).obligations

    async def declare(self, subject: str, key: str, declared: Sequence[Declaring]) -> Declaration:
        body = to_json({"obligations": [{"id": each.id, "values": each.values} for each in declared]})
        asked = Asked("declare", "PUT", _of(subject, "declarations", key), body=body)
        found = await self._ask(asked, Declaration)
        return _summed(_same(found, "declare", found.key, key))

    async def certificates_of(self, subject: str) -> Sequence[Certificate]:
        asked = Asked("certificatesOf", "GET", _of(subject, "certificates"))
        return (await self._ask(asked, Certificates)).certificates

    async def certificate(self, subject: str, certificate: str) -> Receipt:
        return await self._ask(
            Asked("certificate", "GET", _of(subject, "certificates", certificate)), Receipt
        )

    # --- payments ---
    async def pay(self, key: str, declaration: str, total_fen: int) -> Payment:
        order = {"declaration": declaration, "total_fen": total_fen, "terminal": self._terminal}
        return await self._change("pay", key, "", order)

    async def payment(self, key: str) -> Payment:
        """Polled: not tried again, since the next poll is that."""
        asked = Asked("payment", "GET", _under(key))
        payment = await self._polls.get(key, lambda: self._ask(asked, Payment, tries=1))
        return _same(payment, "payment", payment.key, key)

    async def close(self, key: str) -> Payment:
        return await self._change("close", key, "/closed")

    async def refund(self, key: str, keep_fen: int, reason: RefundReason) -> Payment:
        return await self._change("refund", key, "/refund", {"keep_fen": keep_fen, "reason": reason})

    async def receipt(self, key: str) -> Receipt:
        return await self._ask(Asked("receipt", "GET", _under(key) + "/receipt"), Receipt)

    async def payments_of(self, subject: str) -> Sequence[Payment]:
        return (await self._ask(Asked("paymentsOf", "GET", _of(subject, "payments")), Payments)).payments

    async def settlement(self, day: str, after: str = "") -> Settlement:
        query = (("terminal", self._terminal), *((("after", after),) if after else ()))
        asked = Asked("settlement", "GET", f"/v1/settlements/{quote(day, safe='')}", query)
        found = await self._ask(asked, Settlement)
        return _same(found, "settlement", found.day, day)

    async def _change(
        self, operation: str, key: str, below: str, body: Mapping[str, Any] | None = None
    ) -> Payment:
        asked = Asked(operation, "PUT", _under(key) + below, body=None if body is None else to_json(body))
        try:
            payment = await self._ask(asked, Payment)
        finally:
            self._polls.forget(key)  # what was known of it is of before
        return _same(payment, operation, payment.key, key)

    # --- asking ---
    async def _ask(self, asked: Asked, answer: type[AnswerT], tries: int = TRIES) -> AnswerT:
        body = await self._tried(asked, tries)
        try:
            return answer.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"]))[:128]
            raise Nonsense("wrong_schema", f"{asked.operation}: {where}: {first['type']}") from None

    async def _do(self, asked: Asked) -> None:
        await self._tried(asked, TRIES)

    async def _tried(self, asked: Asked, tries: int) -> bytes:
        request_id, ends_s, number = asked.request_id or new_id(), self._now_s() + self._limit_s, 1
        while True:
            try:
                return await self._once(asked, request_id, ends_s - self._now_s())
            except Away as error:
                pause_s = PAUSE_S * number * (1 + self._chance.random())
                number += 1
                late = self._now_s() + pause_s + LEAST_S > ends_s
                if number > tries or late or error.code not in AGAIN:
                    raise
                await self._clock.sleep(pause_s)

    async def _once(self, asked: Asked, request_id: str, limit_s: float) -> bytes:
        self._breaker, may = breaker.admit(self._breaker, self._now_s())
        if not may:
            raise Away("resting", f"away, and not asked now: {self._cause}")
        try:
            body = await self._exchange.send(asked, request_id, limit_s)
        except Away as error:
            self._cause = str(error)
            self._turn(breaker.failed(self._breaker, self._now_s()))
            raise
        except UpstreamError:
            self._turn(breaker.succeeded(self._breaker, self._now_s()))
            raise
        except BaseException:  # whoever asked has gone; nothing is known
            self._breaker = breaker.withdrawn(self._breaker, self._now_s())
            raise
        self._turn(breaker.succeeded(self._breaker, self._now_s()))
        return body

    def _turn(self, after: Breaker) -> None:
        self._breaker = after
        if self._was_up == self.is_up:
            return
        self._was_up = self.is_up
        if self.is_up:
            log.info("the services are back", extra={"code": "services_away"})
        else:
            log.warning("the services are away: %s", self._cause, extra={"code": "services_away"})
        self._turned()

    def _now_s(self) -> float:
        return self._clock.now().mono_s


def _of(subject: str, *below: str) -> str:
    return "/".join(["/v1/subjects", quote(subject, safe=""), *(quote(each, safe="") for each in below)])


def _under(key: str) -> str:
    return f"/v1/payments/{quote(key, safe='')}"


def _same(answer: AnswerT, operation: str, said: object, asked: object) -> AnswerT:
    """An answer to another question is none, however well it is formed."""
    if said != asked:
        raise Nonsense("other_answer", f"{operation}: its answer is about something else")
    return answer


def _summed(declaration: Declaration) -> Declaration:
    """What a citizen is shown adds up."""
    shares = {"national": 0, "local": 0}
    for line in declaration.lines:
        shares[line.share] += line.amount_fen
    told = {"national": declaration.national_fen, "local": declaration.local_fen}
    if shares != told or sum(told.values()) != declaration.total_fen:
        raise Nonsense("wrong_sum", "declare: its lines do not add up to its sums")
    return declaration
