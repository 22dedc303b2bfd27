"""What a kiosk is answered of the services that the government network has at any hour.

None of it says who somebody is: `person` is a handle by chance that ends with the visit, and sums, days and
numbers are those that its holder asked for. Models are built when the first is read: a hall without these
services has no need of them.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from edge.wire.base import MAX_FEN, Count, Day, Fen, Lenient, Uid
from edge.wire.kiosk import Name, Text

MAX_CASES = 50  # of one citizen; so many obligations, receipts and certificates too
MAX_STEPS = 20  # of one case, and papers that are missing
MAX_DAYS = 62  # ahead that can be booked
MAX_SLOTS = 96  # of one day: one each quarter of an hour
MAX_BOOKINGS = 16  # of one citizen
MAX_FIELDS = 12  # of one obligation
MAX_LINES = 40  # of one declaration
MAX_DIFFERENCES = 50  # of one day that are named; `more` says how many are not

MaybeDay = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
OrderNumber = Annotated[str, Field(pattern=r"^(P[0-9]{19})?$")]
Share = Literal["national", "local"]


class _Answer(Lenient):
    model_config = ConfigDict(defer_build=True)


class KioskMasked(_Answer):
    """What a card said, as it may be shown: 王*明, 340***********1234."""

    name: Annotated[str, Field(max_length=64)] = ""
    number: Annotated[str, Field(max_length=32, pattern=r"^[*0-9A-Za-z]*$")] = ""


class KioskPerson(_Answer):
    """The answer to `person.identify`. `personal`: as `edge.wire.PERSONAL`."""

    person: Annotated[Uid, Field(repr=False)]
    personal: Annotated[KioskMasked, Field(repr=False)] = KioskMasked()


# --- cases ---
class KioskCaseStep(_Answer):
    name: Text
    name_en: Text = ""
    state: Literal["done", "current", "to_come"]
    on: MaybeDay = ""


class Lacking(_Answer):
    """`missing_en`: the same papers in the same order, or nothing."""

    missing: Annotated[tuple[Text, ...], Field(max_length=MAX_STEPS)] = ()
    missing_en: Annotated[tuple[Text, ...], Field(max_length=MAX_STEPS)] = ()

    @model_validator(mode="after")
    def _one_for_one(self) -> Self:
        if len(self.missing_en) not in (0, len(self.missing)):
            raise ValueError("missing_en is not one for one")
        return self


CaseState = Literal["accepted", "in_progress", "to_supplement", "done", "refused", "withdrawn"]


class KioskCase(Lacking):
    number: Annotated[str, Field(pattern=r"^[0-9]{10}$")]  # without the four that nobody can guess
    name: Text
    name_en: Text = ""
    state: CaseState
    due: MaybeDay = ""  # promised
    window: Text = ""  # where a result waits, or something is to be handed in
    steps: Annotated[tuple[KioskCaseStep, ...], Field(max_length=MAX_STEPS)] = ()


class KioskCases(_Answer):
    """The answer to `case.find` and `case.list`."""

    cases: Annotated[tuple[KioskCase, ...], Field(max_length=MAX_CASES)] = ()


# --- appointments ---
class KioskSlotDay(_Answer):
    day: Day
    open: bool = True


class KioskSlotDays(_Answer):
    """The answer to `slot.days`: the next ones, as the hall's roster has them."""

    days: Annotated[tuple[KioskSlotDay, ...], Field(max_length=MAX_DAYS)] = ()


class KioskSlot(_Answer):
    time: Time
    free: Count


class KioskSlots(_Answer):
    """The answer to `slot.find`."""

    day: Day
    slots: Annotated[tuple[KioskSlot, ...], Field(max_length=MAX_SLOTS)] = ()


class KioskBooking(_Answer):
    """The answer to `booking.make`."""

    ref: Uid
    service: Name
    day: Day
    time: Time


class KioskBookings(_Answer):
    """The answer to `booking.list`: from today on, by time."""

    bookings: Annotated[tuple[KioskBooking, ...], Field(max_length=MAX_BOOKINGS)] = ()


# --- taxes ---
class KioskTaxField(_Answer):
    """A value that is declared, as it is known already."""

    id: Name
    name: Text
    name_en: Text = ""
    unit: Literal["fen", "count"] = "fen"
    value: Fen
    highest: Fen = MAX_FEN
    editable: bool = False


class KioskObligation(_Answer):
    id: Name
    name: Text
    name_en: Text = ""
    period: Text = ""
    period_en: Text = ""
    due: Day
    state: Literal["to_declare", "in_payment", "paid"]
    fields: Annotated[tuple[KioskTaxField, ...], Field(max_length=MAX_FIELDS)] = ()


class KioskObligations(_Answer):
    """The answer to `tax.obligations`: by the day that each is due."""

    obligations: Annotated[tuple[KioskObligation, ...], Field(max_length=MAX_CASES)] = ()


class KioskTaxLine(_Answer):
    name: Text
    name_en: Text = ""
    share: Share
    amount_fen: Fen


class KioskDeclaration(_Answer):
    """The answer to `tax.declare`: what is to be paid, and to whom."""

    key: Uid
    lines: Annotated[tuple[KioskTaxLine, ...], Field(min_length=1, max_length=MAX_LINES)]
    national_fen: Fen
    local_fen: Fen
    total_fen: Fen


class KioskCertificate(_Answer):
    id: Name
    name: Text
    name_en: Text = ""
    period: Text = ""
    period_en: Text = ""
    total_fen: Fen


class KioskCertificates(_Answer):
    """The answer to `certificate.list`: newest first."""

    certificates: Annotated[tuple[KioskCertificate, ...], Field(max_length=MAX_CASES)] = ()


# --- payments ---
class KioskPayment(_Answer):
    """The answer to `payment.begin`, `payment.state` and `payment.abandon`: how it stands here."""

    key: Uid
    state: Literal["created", "shown", "paid", "expired", "refund_due", "refunded"]
    order: OrderNumber = ""
    qr: Annotated[str, Field(max_length=512)] = ""  # while it is shown
    expires_in_s: Annotated[int, Field(ge=0, le=900)] = 0  # while it is shown
    total_fen: Fen
    receipt: Literal["", "printing", "printed", "not_printed"] = ""

    @property
    def is_paid(self) -> bool:
        """The sum was taken and is kept. Where a receipt is made and it is not `paid`, more was, and goes
        back."""
        return self.state == "paid" or bool(self.receipt)


class KioskReceipt(_Answer):
    key: Uid
    name: Text = ""  # of what was paid
    name_en: Text = ""
    total_fen: Fen
    paid_on: MaybeDay = ""


class KioskReceipts(_Answer):
    """The answer to `receipt.list` and `receipt.find`: newest first."""

    receipts: Annotated[tuple[KioskReceipt, ...], Field(max_length=MAX_CASES)] = ()


class KioskPrinted(_Answer):
    """The answer to `receipt.print`, `certificate.print` and `settlement.print`."""

    printed: bool
    is_copy: Annotated[bool, Field(alias="copy")] = False  # it had been printed before


class SettledDifference(_Answer):
    """A payment that the two sides do not have alike. `key`: its last characters."""

    key: Annotated[str, Field(max_length=8)]
    what: Name
    ours_fen: Fen
    theirs_fen: Fen


class Settled(_Answer):
    """The answer to `settlement.day`, for the hall's managers."""

    day: Day
    created: Count
    paid: Count
    paid_fen: Fen
    expired: Count
    refunded: Count
    refunded_fen: Fen
    unsettled: Count
    differences: Annotated[tuple[SettledDifference, ...], Field(max_length=MAX_DIFFERENCES)] = ()
    more: Count = 0
