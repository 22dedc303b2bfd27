"""The verbs of payments: begun and given up at a kiosk; receipts and certificates printed; days settled.

All but one are asked by who stands there, over the local socket only. A payment's answer is kept nowhere: its
code must not be shown again when it is no good any more, and its key gets the same answer again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from drivers.api import NotKept
from drivers.messages import Outcome, Result
from edge.commands import Args, Name, Verb
from edge.hall import reply_to
from edge.rules.payments_model import BeginPayment, Payment, WantReceipt
from edge.rules.payments_settled import compare
from edge.rules.rejections import rejection
from edge.store import Store
from edge.upstream.messages import Payment as Told
from edge.upstream.payments import Hall, Payments, Visit
from edge.upstream.people import Known, subject_of
from edge.upstream.port import Refused, Upstream, UpstreamError
from edge.upstream.printing import Papers
from edge.upstream.settling import Settling
from edge.upstream.verbs import PersonArgs
from edge.upstream.words import not_done
from edge.wire import MAX_FEN, PaymentsSettled, Reply, Request, Uid, rejected

BEGIN_S = 12.0  # for the services to answer an order, their own tries included
LEAVE_S = 3.0  # for a close to be answered; it goes on afterwards
PRINT_S = 40.0  # for a receipt: its text, its print, and one more after a pause
MAX_TOLD = 256  # payments of which the services have told a citizen here, newest last
MAX_LISTED = 50  # as `edge.wire.services` has it
TAIL = 8  # characters of a key that a manager finds it by

STORE_FULL = (
    "系统暂时无法保存，没有扣款，请稍候再试，或请工作人员帮助",
    "Nothing can be kept just now, and nothing was charged. Please try again shortly, or ask the staff.",
)
NOT_PRINTED = (
    "凭证没有打印出来，缴款不受影响，请再试一次，或稍后补打",
    "The receipt was not printed. The payment is safe. Please try again, or print it later.",
)
NOT_KNOWN = (
    "打印机没有说是否打完，请看出纸口；缴款不受影响，可以补打",
    "The printer has not said whether it is done. Please look at its slot. The payment is safe.",
)
NOTHING_PRINTED = (
    "没有打印出来，请再试一次，或请工作人员帮助",
    "Nothing was printed. Please try again, or ask the staff.",
)
NOT_BEGUN = (
    "付款没有开始，没有扣款，请稍后再试，或到窗口办理",
    "The payment did not begin, and nothing was charged. Please try again later, or go to a window.",
)
NO_SETTLEMENT = (
    "没有这一天的日结，请核对日期",
    "There is no settlement of that day. Please check the date.",
)

Fen = Annotated[int, Field(ge=0, le=MAX_FEN)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-11-25"])]


class BeginArgs(Args):
    key: Uid
    declaration: Uid
    total_fen: Fen
    national_fen: Fen
    local_fen: Fen
    name: Annotated[str, Field(max_length=48)]
    name_en: Annotated[str, Field(max_length=64)] = ""
    kiosk: Name


class KeyArgs(Args):
    key: Uid


class CertificateArgs(PersonArgs):
    certificate: Name
    session: Name


class OrderArgs(Args):
    order: Annotated[str, Field(pattern=r"^P[0-9]{19}$", examples=["P0000000000000000000"])]


class ReceiptArgs(KeyArgs):
    session: Name


class DayArgs(Args):
    day: Day


class PaymentVerbs:
    def __init__(
        self,
        *,
        hall: Hall,
        store: Store,
        upstream: Upstream,
        people: Known,
        payments: Payments,
        papers: Papers,
        settling: Settling,
    ) -> None:
        self._hall = hall
        self._store = store
        self._upstream = upstream
        self._people = people
        self._payments = payments
        self._papers = papers
        self._settling = settling
        self._vouched: OrderedDict[str, None] = OrderedDict()

    def verbs(self) -> list[Verb]:
        return [
            Verb("payment.begin", BeginArgs, self.begin, "take a sum that was confirmed", private=True),
            Verb("payment.state", KeyArgs, self.state, "how a payment stands", private=True),
            Verb("payment.abandon", KeyArgs, self.abandon, "nobody pays any more: close it", private=True),
            Verb("receipt.list", PersonArgs, self.list, "what who stands there has paid", private=True),
            Verb("receipt.find", OrderArgs, self.find, "a payment of these days by its order", private=True),
            Verb("receipt.print", ReceiptArgs, self.print, "print the receipt of a payment", bound=True),
            Verb(
                "certificate.print",
                CertificateArgs,
                self.certificate,
                "print a certificate of taxes paid",
                bound=True,
            ),
            Verb(
                "settlement.day",
                DayArgs,
                self.settlement,
                "a day's payments, compared with what the services have of it",
                reads=True,
            ),
            Verb("settlement.print", DayArgs, self.print_settlement, "print that comparison", bound=True),
        ]

    # --- payments ---
    async def begin(self, args: BeginArgs, request: Request, client: str) -> Reply:
        """Answers once its code may be shown, or it is known why not."""
        wish = BeginPayment(**args.model_dump())
        try:
            decision = await self._payments.begin(wish, client, BEGIN_S)
        except NotKept as error:
            return rejected(request.id, error.code, *STORE_FULL)
        if decision.rejection:
            return reply_to(request.id, decision)
        found = self._payments.find(args.key)
        if found and found[1].error:
            return _not_begun(request, found[1].error)
        return self._standing(args.key, request)

    async def state(self, args: KeyArgs, request: Request, _client: str) -> Reply:
        await self._hall.taken_up()
        return self._standing(args.key, request)

    async def abandon(self, args: KeyArgs, request: Request, _client: str) -> Reply:
        self._payments.leave(args.key)
        await self._payments.until(lambda: not self._is_open(args.key), LEAVE_S)
        return self._standing(args.key, request)

    def _standing(self, key: str, request: Request) -> Reply:
        found = self._payments.find(key)
        if found is None:
            return _refused(request, "unknown_payment")
        return Reply(id=request.id, result="done", data=self._shown(*found))

    def _shown(self, payment: Payment, visit: Visit) -> dict[str, Any]:
        """As `edge.wire.services.KioskPayment`. A code that is to be closed is shown to nobody."""
        good = payment.phase == "shown" and not visit.leaving and (left_s := self._payments.left_s(visit))
        receipt = self._hall.state.receipts.get(payment.key)
        return {
            "key": payment.key,
            "state": payment.phase,
            "order": payment.order,
            "qr": visit.qr if good else "",
            "expires_in_s": left_s if good else 0,
            "total_fen": payment.total_fen,
            "receipt": receipt.phase if receipt else "",
        }

    def _is_open(self, key: str) -> bool:
        payment = self._hall.state.payments.get(key)
        return payment is not None and payment.phase in ("created", "shown")

    # --- receipts ---
    async def list(self, args: PersonArgs, request: Request, _client: str) -> Reply:
        try:
            told = await self._upstream.payments_of(subject_of(self._people, args.person))
        except UpstreamError as error:
            return not_done(request.id, error)
        paid = [each for each in told if each.state in ("paid", "refunding", "refunded") and _kept(each)]
        self._vouch(each.key for each in paid)
        known = self._hall.state.payments
        listed = [_listed(each, known.get(each.key)) for each in paid]
        return Reply(id=request.id, result="done", data={"receipts": listed})

    async def find(self, args: OrderArgs, request: Request, _client: str) -> Reply:
        """Of those that are known here: of today and yesterday."""
        await self._hall.taken_up()
        found = [
            _listed(each)
            for each in self._hall.state.payments.values()
            if each.order == args.order and each.is_paid
        ]
        if not found:
            return _refused(request, "unknown_payment")
        return Reply(id=request.id, result="done", data={"receipts": found})

    async def print(self, args: ReceiptArgs, request: Request, client: str) -> Reply:
        """Answers once the printer has said how it ended."""
        wish = WantReceipt(args.key, self._papers.problem(), args.key in self._vouched)
        decision = await self._payments.say(wish, client)
        if decision.rejection:
            return reply_to(request.id, decision)
        await self._payments.until(lambda: self._receipt(args.key) != "printing", PRINT_S)
        return self._printed(args.key, request)

    def _printed(self, key: str, request: Request) -> Reply:
        receipt = self._hall.state.receipts.get(key)
        if receipt is None or receipt.phase in ("", "printing"):
            return _ended(request, "unknown", "not_known", NOT_KNOWN)
        if receipt.phase == "not_printed":
            return _ended(request, "failed", "not_printed", NOT_PRINTED)
        is_copy = receipt.slips > 1 or key not in self._hall.state.payments
        return Reply(id=request.id, result="done", data={"printed": True, "copy": is_copy})

    def _receipt(self, key: str) -> str:
        receipt = self._hall.state.receipts.get(key)
        return receipt.phase if receipt else ""

    def _vouch(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._vouched[key] = None
            self._vouched.move_to_end(key)
        while len(self._vouched) > MAX_TOLD:
            self._vouched.popitem(last=False)

    async def certificate(self, args: CertificateArgs, request: Request, _client: str) -> Reply:
        try:
            subject = subject_of(self._people, args.person)
            if self._papers.problem():
                return rejected(request.id, "cannot_print", *NOTHING_PRINTED)
            paper = await self._upstream.certificate(subject, args.certificate)
            outcome = await self._papers.certificate(request.id, paper)
        except UpstreamError as error:
            return not_done(request.id, error)
        return printed(request, outcome)

    # --- days ---
    async def settlement(self, args: DayArgs, request: Request, _client: str) -> Reply:
        """As `edge.wire.services.Settled`."""
        settled = await self._settled(args.day, request)
        if isinstance(settled, Reply):
            return settled
        data = settled.model_dump(exclude={"kind"})
        for each in data["differences"]:
            each["key"] = each["key"][-TAIL:]
        return Reply(id=request.id, result="done", data=data)

    async def print_settlement(self, args: DayArgs, request: Request, _client: str) -> Reply:
        settled = await self._settled(args.day, request)
        if isinstance(settled, Reply):
            return settled
        if self._papers.problem():
            return rejected(request.id, "cannot_print", *NOTHING_PRINTED)
        try:
            outcome = await self._papers.settlement(request.id, settled)
        except UpstreamError as error:
            return not_done(request.id, error)
        return printed(request, outcome)

    async def _settled(self, day: str, request: Request) -> PaymentsSettled | Reply:
        """As it was settled; a day that goes on, as it is now."""
        await self._hall.taken_up()
        if kept := await self._store.settlement_of(day):
            return kept
        known = {each.day for each in self._hall.state.payments.values()} | {self._hall.today()}
        if day not in known:
            return rejected(request.id, "no_settlement", *NO_SETTLEMENT)
        try:
            theirs = await self._settling.catch_up(day)
        except UpstreamError as error:
            return not_done(request.id, error)
        return compare(self._hall.state.payments, day, theirs)


def _kept(told: Told) -> bool:
    """Whether the sum was taken and is kept."""
    return 0 < told.total_fen <= told.paid_fen - told.refunded_fen


def _listed(paid: Told | Payment, known: Payment | None = None) -> dict[str, Any]:
    """As `edge.wire.services.KioskReceipt`. What the services do not name in English is named as here."""
    name_en = paid.name_en or (known.name_en if known else "")
    name = {"key": paid.key, "name": paid.name, "name_en": name_en}
    return name | {"total_fen": paid.total_fen, "paid_on": paid.paid_on}


def _not_begun(request: Request, error: UpstreamError) -> Reply:
    """No code was ever shown, so nobody can have paid, whatever became of the order."""
    reply = not_done(request.id, error)
    if isinstance(error, Refused):
        return reply
    return reply.model_copy(update={"zh": NOT_BEGUN[0], "en": NOT_BEGUN[1]})


def _refused(request: Request, code: str) -> Reply:
    why = rejection(code)
    return rejected(request.id, why.code, why.zh, why.en)


def _ended(request: Request, result: Any, code: str, words: tuple[str, str]) -> Reply:
    data = {"printed": False}
    return Reply(id=request.id, result=result, code=code, zh=words[0], en=words[1], data=data)


def printed(request: Request, outcome: Outcome) -> Reply:
    """What a print came to, for who waits for its paper."""
    if outcome.result is Result.DONE:
        return Reply(id=request.id, result="done", data={"printed": True})
    if outcome.result is Result.UNKNOWN:
        return _ended(request, "unknown", outcome.code or "not_known", NOT_KNOWN)
    return _ended(request, outcome.result.value, outcome.code or "not_printed", NOTHING_PRINTED)
