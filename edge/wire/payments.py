"""What happened to payments: each transition, kept before anything is done about it. Sums are in fen, days
ISO dates. Nothing in it says who somebody is: keys are 128 bits by chance, names those of what was paid."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from edge.wire.base import Count, Fact, Fen, Lenient, Uid

MAX_DIFFERENCES = 40  # of one day, in one fact, which stays below 10 KiB; `more` counts the others

PaymentPhase = Literal["created", "shown", "paid", "expired", "refund_due", "refunded"]
RefundReason = Literal["paid_late", "paid_twice", "paid_wrong_sum"]


class _PaymentFact(Fact):
    """Built when the first is said or read: a hall that takes no money has no need of them."""

    model_config = ConfigDict(defer_build=True)


class PaymentCreated(_PaymentFact):
    """A citizen has confirmed this sum. Only now it is ordered of the services, by this key."""

    kind: Literal["payment.created"] = "payment.created"
    key: Uid
    declaration: Uid
    total_fen: Fen
    national_fen: Fen
    local_fen: Fen
    name: str  # of what is paid
    name_en: str = ""
    kiosk: str


class PaymentShown(_PaymentFact):
    """It is ordered. Only now its code may be seen, so from here on somebody may have paid."""

    kind: Literal["payment.shown"] = "payment.shown"
    key: Uid
    order: str  # its number, as the payer's telephone shows it


class PaymentPaid(_PaymentFact):
    """The services have said that the sum was taken."""

    kind: Literal["payment.paid"] = "payment.paid"
    key: Uid
    order: str
    total_fen: Fen
    paid_on: str  # by the services' calendar


class PaymentExpired(_PaymentFact):
    """The services have said that it is closed: nothing was taken, and nothing will be."""

    kind: Literal["payment.expired"] = "payment.expired"
    key: Uid


class PaymentRefundDue(_PaymentFact):
    """More was taken than is to be kept. Only now it is asked to be given back."""

    kind: Literal["payment.refund_due"] = "payment.refund_due"
    key: Uid
    taken_fen: Fen  # in all
    keep_fen: Fen
    reason: RefundReason


class PaymentRefunded(_PaymentFact):
    """The services have said that it was given back."""

    kind: Literal["payment.refunded"] = "payment.refunded"
    key: Uid
    refunded_fen: Fen  # in all
    on: str  # the day that was open


class ReceiptBegun(_PaymentFact):
    """A receipt is about to be printed: from here on a slip of it may be out."""

    kind: Literal["payment.receipt_begun"] = "payment.receipt_begun"
    key: Uid
    slips: Count  # that may be out, this one included; from 2 on it is marked as a copy


class PaymentReceipted(_PaymentFact):
    """It is printed."""

    kind: Literal["payment.receipted"] = "payment.receipted"
    key: Uid
    slips: Count


class ReceiptNotPrinted(_PaymentFact):
    """It was not printed, or nobody knows: it can be asked for again."""

    kind: Literal["payment.receipt_not_printed"] = "payment.receipt_not_printed"
    key: Uid
    slips: Count  # that may be out all the same
    reason: str  # the printer's condition, "unattended", "restart", or why the services gave no receipt


class CarriedPayment(Lenient):
    """One as it stood when the day ended."""

    model_config = ConfigDict(defer_build=True)

    key: Uid
    day: str  # on which it was created
    declaration: str  # "" where it had been forgotten, and money came late
    total_fen: Fen
    name: str
    name_en: str = ""
    phase: PaymentPhase
    order: str = ""
    paid_on: str = ""
    taken_fen: Fen = 0
    keep_fen: Fen = 0
    refunded_fen: Fen = 0
    refunded_on: str = ""
    reason: RefundReason | Literal[""] = ""
    slips: Count = 0  # of its receipt
    receipt: Literal["", "printing", "printed", "not_printed"] = ""


class PaymentsCarried(_PaymentFact):
    """Just after a day has opened: those that are not settled, and all of the days that are not, yesterday
    too, so that their receipts can still be had."""

    kind: Literal["payments.carried"] = "payments.carried"
    payments: tuple[CarriedPayment, ...]
    settled: str = ""  # the last day that was settled


class Difference(Lenient):
    """A payment that the two sides do not have alike. Sums are what is kept of it, here and there."""

    model_config = ConfigDict(defer_build=True)

    key: str
    what: Literal["sum", "unknown_here", "unknown_there", "unsettled"]
    ours_fen: Fen
    theirs_fen: Fen


class PaymentsSettled(_PaymentFact):
    """A day that is over has been compared, payment by payment, with what the services have of it."""

    kind: Literal["payments.settled"] = "payments.settled"
    day: str
    created: Count
    paid: Count
    paid_fen: Fen
    expired: Count
    refunded: Count
    refunded_fen: Fen
    unsettled: Count
    differences: Annotated[tuple[Difference, ...], Field(max_length=MAX_DIFFERENCES)] = ()
    more: Count = 0  # differences that are not named


OfPayments = (
    PaymentCreated
    | PaymentShown
    | PaymentPaid
    | PaymentExpired
    | PaymentRefundDue
    | PaymentRefunded
    | ReceiptBegun
    | PaymentReceipted
    | ReceiptNotPrinted
    | PaymentsCarried
    | PaymentsSettled
)
