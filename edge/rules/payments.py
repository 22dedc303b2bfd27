"""Payments: the sum of a declaration is taken once, and whatever is taken beyond it is given back.

    created → shown → paid | expired | refund_due → refunded

What the services say (`Seen`) is compared with what is known, and the difference becomes facts: so the same
told twice changes nothing, nor does what comes late or out of order, because sums taken and given back only
ever grow. Nothing follows from silence: a payment expires only where the services have said that it is
closed, and then they take nothing any more. What is still taken under it is given back, as is a second
payment of the same sum and a payment of another sum.

What is to be asked next (`ask`) follows from how a payment stands and whether who pays is still there, which
is not so after a restart. So nothing has to be remembered of what was under way: it is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypedDict

from edge.rules.model import Decision, State
from edge.rules.payments_model import OPEN, UNSETTLED, Ask, BeginPayment, Payment, Receipt, Seen
from edge.rules.payments_receipts import print_next
from edge.rules.rejections import refused
from edge.wire import (
    CarriedPayment,
    Fact,
    PaymentCreated,
    PaymentExpired,
    PaymentPaid,
    PaymentRefundDue,
    PaymentRefunded,
    PaymentsCarried,
    PaymentShown,
    ReceiptNotPrinted,
    RefundReason,
)

MAX_PAYMENTS = 600  # of two days: a state has to hold them, and a day begins with 320 KB of them at the most
MAX_NAMES = 144  # bytes of both names of one, of which these KB have so many
CARRIED = 24  # in one fact, which stays below 14 KiB


class Lasting(TypedDict):
    payments: dict[str, Payment]
    receipts: dict[str, Receipt]
    settled: str


def ask(payment: Payment, *, attended: bool) -> Ask:
    """What the services are to be asked next; "" for nothing."""
    if payment.phase == "refund_due":
        return "refund"
    if payment.phase not in OPEN:
        return ""
    if not attended:
        return "close"
    return "pay" if payment.phase == "created" else "look"


def begin(state: State, wish: BeginPayment) -> Decision:
    """Asked again with the same key, it is told so again."""
    known = state.payments.get(wish.key)
    if known:
        same = (known.declaration, known.total_fen) == (wish.declaration, wish.total_fen)
        return Decision(answer={"key": wish.key}) if same else refused("payment_key_used")
    if wish.total_fen < 1 or wish.national_fen + wish.local_fen != wish.total_fen:
        return refused("payment_sums")
    if other := _other(state, wish.declaration):
        return refused("in_payment") if other.phase in OPEN else refused("already_paid")
    if len(state.payments) >= MAX_PAYMENTS:
        return refused("payments_full")
    fact = PaymentCreated(
        key=wish.key,
        declaration=wish.declaration,
        total_fen=wish.total_fen,
        national_fen=wish.national_fen,
        local_fen=wish.local_fen,
        name=wish.name,
        name_en=wish.name_en if _have_room(wish.name, wish.name_en) else "",
        kiosk=wish.kiosk,
    )
    return Decision((fact,), answer={"key": wish.key})


def see(state: State, told: Seen) -> Decision:
    """What is new in what the services say."""
    payment = state.payments.get(told.key)
    if payment is None:
        return _find(state, told)
    if told.taken_fen < payment.taken_fen or told.refunded_fen < payment.refunded_fen:
        return Decision()
    found = Decision(tuple(_news(payment, told, state.day)))
    paid = any(isinstance(fact, PaymentPaid) for fact in found.facts)
    return found + _first_receipt(told) if paid else found


def carry_over(state: State) -> tuple[Fact, ...]:
    """A new day begins with an empty state: what is to last is said again."""
    told = iter([_told(state, payment) for payment in state.payments.values() if _lasts(state, payment)])
    facts: tuple[Fact, ...] = ()
    while some := tuple(islice(told, CARRIED)):
        facts += (PaymentsCarried(payments=some, settled=state.settled),)
    return facts


def lasting(state: State) -> Lasting:
    """What `carry_over` says, as a state holds it."""
    payments = {payment.key: payment for payment in state.payments.values() if _lasts(state, payment)}
    receipts = {key: receipt for key, receipt in state.receipts.items() if receipt.phase and key in payments}
    return {"payments": payments, "receipts": receipts, "settled": state.settled if payments else ""}


# --- what facts do ---
def learn(payments: dict[str, Payment], fact: Fact, day: str) -> None:
    """Change `payments` by what has happened on `day`."""
    match fact:
        case PaymentCreated():
            payments[fact.key] = _created(fact, day)
        case PaymentsCarried():
            for each in fact.payments:
                known = each.model_dump(exclude={"slips", "receipt"})
                payments.setdefault(each.key, Payment(**known))
        case PaymentShown():
            payments[fact.key].phase, payments[fact.key].order = "shown", fact.order
        case PaymentPaid():
            payment = payments[fact.key]
            payment.phase, payment.order, payment.paid_on = "paid", fact.order, fact.paid_on
            payment.taken_fen = payment.keep_fen = fact.total_fen
        case PaymentExpired():
            payments[fact.key].phase = "expired"
        case PaymentRefundDue():
            payment = payments.setdefault(fact.key, _found(fact, day))
            payment.phase, payment.reason = "refund_due", fact.reason
            payment.taken_fen, payment.keep_fen = fact.taken_fen, fact.keep_fen
        case PaymentRefunded():
            payment = payments[fact.key]
            payment.phase, payment.refunded_fen, payment.refunded_on = "refunded", fact.refunded_fen, fact.on


# --- how it is done ---
def _found(fact: PaymentRefundDue, day: str) -> Payment:
    """What is known of one that was forgotten: see `_find`."""
    return Payment(fact.key, day, "", fact.keep_fen, "")


def _created(fact: PaymentCreated, day: str) -> Payment:
    return Payment(fact.key, day, fact.declaration, fact.total_fen, fact.name, name_en=fact.name_en)


def _have_room(name: str, name_en: str) -> bool:
    return len(f"{name}{name_en}".encode()) <= MAX_NAMES


def _other(state: State, declaration: str) -> Payment | None:
    """A payment by which the declaration is being paid, or is paid."""
    return next(
        (
            each
            for each in state.payments.values()
            if each.declaration == declaration and (each.phase in OPEN or each.is_paid)
        ),
        None,
    )


def _find(state: State, told: Seen) -> Decision:
    """Of a payment that nobody here knows any more: what is taken under a closed key is owed by nobody, and
    no more than its sum under one that is paid. What was given back once is a matter for the manager."""
    keep_fen = {"closed": 0, "paid": told.total_fen}.get(told.state)
    if keep_fen is None or told.kept_fen <= keep_fen or len(state.payments) >= MAX_PAYMENTS:
        return Decision()
    reason: RefundReason = "paid_twice" if keep_fen else "paid_late"
    due = PaymentRefundDue(key=told.key, taken_fen=told.taken_fen, keep_fen=keep_fen, reason=reason)
    return Decision((due,))


def _news(payment: Payment, told: Seen, day: str) -> Iterator[Fact]:
    """In the order of the states, so that each is gone through."""
    if told.state == "open":  # more may be taken yet: nothing is certain but its order
        if payment.phase == "created" and told.order and told.total_fen == payment.total_fen:
            yield PaymentShown(key=payment.key, order=told.order)
        return
    keep_fen = _keep_fen(payment, told)
    if payment.phase in OPEN and keep_fen:
        yield PaymentPaid(
            key=payment.key,
            order=told.order or payment.order,
            total_fen=payment.total_fen,
            paid_on=told.paid_on or day,
        )
    elif payment.phase in OPEN and told.state == "closed":
        yield PaymentExpired(key=payment.key)
    yield from _returned(payment, told, keep_fen, day)


def _returned(payment: Payment, told: Seen, keep_fen: int, day: str) -> Iterator[Fact]:
    """What was taken beyond `keep_fen`, or was given back without being asked."""
    due = told.taken_fen > max(payment.taken_fen, keep_fen)
    if payment.phase != "refund_due":
        due = due or told.refunded_fen > payment.refunded_fen
    if due:
        yield PaymentRefundDue(
            key=payment.key,
            taken_fen=told.taken_fen,
            keep_fen=keep_fen,
            reason=payment.reason or _reason(payment, told),
        )
    is_back = told.kept_fen <= keep_fen and told.state != "refunding"
    if is_back and (due or payment.phase == "refund_due"):
        yield PaymentRefunded(key=payment.key, refunded_fen=told.refunded_fen, on=day)


def _keep_fen(payment: Payment, told: Seen) -> int:
    """Of what has been taken. Once decided it stays so."""
    if payment.phase not in OPEN:
        return payment.keep_fen
    wrong = told.total_fen != payment.total_fen or told.taken_fen < payment.total_fen
    if told.state == "closed" or wrong:
        return 0
    given_back = told.state in ("refunding", "refunded") and told.kept_fen < payment.total_fen
    return 0 if given_back else payment.total_fen


def _reason(payment: Payment, told: Seen) -> RefundReason:
    if payment.phase != "expired" and told.state != "closed":
        if told.total_fen != payment.total_fen or told.taken_fen < payment.total_fen:
            return "paid_wrong_sum"
        if told.taken_fen > payment.total_fen:
            return "paid_twice"
    return "paid_late"


def _first_receipt(told: Seen) -> Decision:
    if not told.attended or told.printer_problem:  # it can be asked for
        reason = told.printer_problem or "unattended"
        return Decision((ReceiptNotPrinted(key=told.key, slips=0, reason=reason),))
    return print_next(told.key, 0)


def _lasts(state: State, payment: Payment) -> bool:
    """The day that ends has not been settled; what was settled before it is over."""
    return payment.phase in UNSETTLED or payment.moved_on > state.settled


def _told(state: State, payment: Payment) -> CarriedPayment:
    receipt = state.receipts.get(payment.key, Receipt())
    return CarriedPayment(
        key=payment.key,
        day=payment.day,
        declaration=payment.declaration,
        total_fen=payment.total_fen,
        name=payment.name,
        name_en=payment.name_en,
        phase=payment.phase,
        order=payment.order,
        paid_on=payment.paid_on,
        taken_fen=payment.taken_fen,
        keep_fen=payment.keep_fen,
        refunded_fen=payment.refunded_fen,
        refunded_on=payment.refunded_on,
        reason=payment.reason,
        slips=receipt.slips,
        receipt=receipt.phase,
    )
