"""What can be asked of the services that there are at any hour: cases, appointments, taxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What somebody comes for; the four that need his card have a list of their own.
Matter = Literal["cases", "bookings", "tax", "receipts", "certificates"]


@dataclass(frozen=True, slots=True)
class ByCard:
    """What there is for who lays his card on the reader, which he does once."""

    matter: Matter


@dataclass(frozen=True, slots=True)
class ScanPaper:
    """A code that is on paper or on a telephone: of a case, or of a payment."""


# --- cases ---
@dataclass(frozen=True, slots=True)
class FindCase:
    """By the number that was typed."""


@dataclass(frozen=True, slots=True)
class PickCase:
    """The one at this place of the list; so everywhere here."""

    place: int


@dataclass(frozen=True, slots=True)
class PrintCase:
    pass


# --- appointments ---
@dataclass(frozen=True, slots=True)
class PickVisit:
    place: int


@dataclass(frozen=True, slots=True)
class NewVisit:
    pass


@dataclass(frozen=True, slots=True)
class ChangeVisit:
    """To another day or time."""


@dataclass(frozen=True, slots=True)
class CancelVisit:
    pass


@dataclass(frozen=True, slots=True)
class PickService:
    service: str


@dataclass(frozen=True, slots=True)
class PickDay:
    day: str


@dataclass(frozen=True, slots=True)
class PickTime:
    time: str


@dataclass(frozen=True, slots=True)
class Book:
    """What was picked, as it was shown."""


@dataclass(frozen=True, slots=True)
class PrintVisit:
    pass


# --- taxes ---
@dataclass(frozen=True, slots=True)
class ToggleTax:
    obligation: str


@dataclass(frozen=True, slots=True)
class SetValue:
    """To what was typed."""


@dataclass(frozen=True, slots=True)
class Declare:
    pass


@dataclass(frozen=True, slots=True)
class Pay:
    """The sum that was shown."""


@dataclass(frozen=True, slots=True)
class CancelPayment:
    pass


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    place: int


@dataclass(frozen=True, slots=True)
class PrintCertificate:
    place: int


OfCases = FindCase | PickCase | PrintCase
OfVisits = (
    PickVisit | NewVisit | ChangeVisit | CancelVisit | PickService | PickDay | PickTime | Book | PrintVisit
)
OfTaxes = ToggleTax | SetValue | Declare | Pay | CancelPayment | PrintReceipt | PrintCertificate
Online = ByCard | ScanPaper | OfCases | OfVisits | OfTaxes
