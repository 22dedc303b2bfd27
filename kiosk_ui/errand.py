"""What somebody does with the services of the government network: what he was told, and has picked so far.

It is a person's own and goes with the session. What belongs to a page goes with the page; who he is, for the
daemon, stays until the session ends: `person` is a handle by chance, and says so to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from edge.wire.services import (
    KioskBooking,
    KioskCase,
    KioskCertificate,
    KioskDeclaration,
    KioskObligation,
    KioskPayment,
    KioskReceipt,
    KioskSlotDay,
    KioskSlots,
    KioskTaxField,
)
from kiosk_ui.actions import Screen
from kiosk_ui.places_online import ONLINE, PAYING

CASE_DIGITS = 14  # of a case's number, with the four behind it that nobody can guess
_OPEN = frozenset({"created", "shown"})  # states of a payment that may still be paid


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody would like to come. `ref`: of the appointment that he has, "" for a new one."""

    ref: str = ""
    service: str = ""
    day: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """A value of an obligation, other than was known."""

    obligation: str
    field: str
    value: int


@dataclass(frozen=True, slots=True)
class Paying:
    """A payment under way. `until_s`: monotonic, when its code ends, `whole_s` after it came; `poll`: the
    question that is out."""

    key: str
    told: KioskPayment | None = None
    until_s: float | None = None
    whole_s: float = 0.0
    left_s: int = 0
    poll: str = ""
    polled_s: float = 0.0

    @property
    def is_open(self) -> bool:
        """Money may still be taken: nothing is concluded from silence."""
        return self.told is None or self.told.state in _OPEN

    @property
    def is_shown(self) -> bool:
        return self.told is not None and self.told.state == "shown" and bool(self.told.qr)

    def ticked(self, now_s: float) -> Paying:
        if self.until_s is None:
            return self
        left_s = max(0, ceil(self.until_s - now_s))
        return self if left_s == self.left_s else replace(self, left_s=left_s)


@dataclass(frozen=True, slots=True)
class Errand:
    person: str = ""
    number: str = ""  # of the case that was found by it, all fourteen digits
    cases: tuple[KioskCase, ...] = ()
    bookings: tuple[KioskBooking, ...] = ()
    wish: Wish = Wish()
    days: tuple[KioskSlotDay, ...] = ()
    slots: KioskSlots | None = None
    booked: KioskBooking | None = None
    obligations: tuple[KioskObligation, ...] = ()
    picked: frozenset[str] = frozenset()  # of these
    changed: tuple[Changed, ...] = ()
    declaration: KioskDeclaration | None = None
    paying: Paying | None = None
    settled: str = ""  # the payment before, of which the daemon knows that nobody pays it any more
    receipts: tuple[KioskReceipt, ...] = ()
    certificates: tuple[KioskCertificate, ...] = ()

    def value(self, obligation: str, known: KioskTaxField) -> int:
        """As it is to be declared."""
        mine = (each for each in self.changed if (each.obligation, each.field) == (obligation, known.id))
        return next((each.value for each in mine), known.value)

    def with_value(self, obligation: str, known: KioskTaxField, value: int) -> Errand:
        kept = tuple(each for each in self.changed if (each.obligation, each.field) != (obligation, known.id))
        changed = kept if value == known.value else (*kept, Changed(obligation, known.id, value))
        return replace(self, changed=changed)

    def to_declare(self) -> tuple[KioskObligation, ...]:
        """Those that were picked, in the order in which they are due."""
        return tuple(each for each in self.obligations if each.id in self.picked)

    def field_of(self, about: str) -> tuple[KioskObligation, KioskTaxField] | None:
        """Of a place's `about`: "obligation/field"."""
        obligation, _, name = about.partition("/")
        for each in self.to_declare():
            for known in each.fields:
                if (each.id, known.id) == (obligation, name):
                    return each, known
        return None


def kept(errand: Errand, screens: Iterable[Screen]) -> Errand:
    """What of it stays, once these are the screens that there are: of who has gone elsewhere, only that he
    has shown his card."""
    there = set(screens)
    if not there & ONLINE:
        return Errand(person=errand.person, settled=errand.settled)
    if not there & PAYING:
        errand = replace(errand, paying=None)
    return errand


def obligation_of(errand: Errand, id_: str) -> KioskObligation | None:
    return next((each for each in errand.obligations if each.id == id_), None)
