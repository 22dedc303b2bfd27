"""The words of payments: what is known of each, what is wished, what the services say and are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drivers.lean import lean
from drivers.messages import Result

Phase = Literal["created", "shown", "paid", "expired", "refund_due", "refunded"]
Reason = Literal["", "paid_late", "paid_twice", "paid_wrong_sum"]
Ask = Literal["", "pay", "look", "close", "refund"]

OPEN: frozenset[Phase] = frozenset({"created", "shown"})  # money may yet be taken
UNSETTLED: frozenset[Phase] = OPEN | {"refund_due"}  # something has to be done about it


@dataclass(slots=True)
class Payment:
    """What the services have is known by sums that only ever grow: `taken_fen`, and `refunded_fen` of it."""

    key: str
    day: str  # on which it was created
    declaration: str
    total_fen: int
    name: str
    phase: Phase = "created"
    order: str = ""
    paid_on: str = ""
    taken_fen: int = 0
    keep_fen: int = 0  # of what was taken, once something was
    refunded_fen: int = 0
    refunded_on: str = ""
    reason: Reason = ""
    name_en: str = ""

    @property
    def kept_fen(self) -> int:
        return self.taken_fen - self.refunded_fen

    @property
    def is_paid(self) -> bool:
        """Its sum was taken, and is kept: there is a receipt."""
        return 0 < self.total_fen == self.keep_fen <= self.kept_fen

    @property
    def moved_on(self) -> str:
        """The last day on which something is known to have come of it."""
        return max(self.day, self.paid_on, self.refunded_on)


@dataclass(slots=True)
class Receipt:
    """The printing of a receipt, of a payment that this node may not know."""

    slips: int = 0  # that may be out
    phase: Literal["", "printing", "printed", "not_printed"] = ""


@dataclass(frozen=True, slots=True)
class BeginPayment:
    key: str
    declaration: str
    total_fen: int
    national_fen: int
    local_fen: int
    name: str
    kiosk: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """How the services say that a payment stands. `attended`: who pays is still there, so the receipt is
    printed at once, unless there is a `printer_problem`."""

    key: str
    state: Literal["open", "paid", "closed", "refunding", "refunded"]
    total_fen: int
    taken_fen: int
    refunded_fen: int
    order: str = ""
    paid_on: str = ""
    attended: bool = False
    printer_problem: str = ""

    @property
    def kept_fen(self) -> int:
        return self.taken_fen - self.refunded_fen


@dataclass(frozen=True, slots=True)
class WantReceipt:
    """`vouched`: the services have told a citizen of the payment, though this node may not know it."""

    key: str
    printer_problem: str = ""
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptEnded:
    """How a `PrintReceipt` ended: exactly one for each."""

    key: str
    slips: int
    result: Result
    code: str = ""


@dataclass(frozen=True, slots=True)
class Settle:
    """What the services have of a day that is over: all of it."""

    day: str
    theirs: tuple[Seen, ...]


OfPayments = BeginPayment | Seen | WantReceipt | ReceiptEnded | Settle

lean(globals())
