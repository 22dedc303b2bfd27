"""What `update` is told, and what it wants done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from edge.wire.kiosk import (
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
from kiosk_ui.actions import Action
from kiosk_ui.catalogue import Guide
from kiosk_ui.model import Own, Personal


# --- messages ---
@dataclass(frozen=True, slots=True)
class Act:
    """Somebody touched or pressed something: None where nothing is there, which is a sign of life too."""

    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """What is under the finger, or at the keys: "" for nothing any more."""

    pressed: str | None = None
    focus: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Told:
    view: KioskView


@dataclass(frozen=True, slots=True)
class ToldReasons:
    reasons: KioskReasons


@dataclass(frozen=True, slots=True)
class ToldGuide:
    """What the hall does, as it was read: twice, the second time with the initials that it is found by."""

    guide: Guide


@dataclass(frozen=True, slots=True)
class Lost:
    """The daemon does not answer."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code of the hall's own paper: a ticket, or an item's notice with the cases that it was printed for.
    `text` is the ticket's whole code, or the item's number. Or of a case or a payment, whose number it is:
    these are of no hall."""

    kind: Literal["ticket", "item", "case", "order"]
    text: str
    hall: str
    cases: tuple[str, ...] = ()


OfServices = (
    KioskPerson
    | KioskCases
    | KioskBooking
    | KioskBookings
    | KioskSlotDays
    | KioskSlots
    | KioskObligations
    | KioskDeclaration
    | KioskCertificates
    | KioskPayment
    | KioskReceipts
    | KioskPrinted
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Of a work. "unknown" is asked again, and nobody is told that it failed. `mark`: of the code that was
    scanned, which is the same while it lies there."""

    result: Literal["done", "rejected", "failed", "unknown"]
    code: str = ""
    zh: str = ""
    en: str = ""
    ticket: KioskTicket | None = None
    personal: Personal | None = None
    appointments: tuple[KioskAppointment, ...] | None = None
    position: KioskPosition | None = None
    ratable: KioskRatable | None = None
    scanned: Scanned | None = None
    online: OfServices | None = field(default=None, repr=False)
    mark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    work: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class PinChecked:
    right: bool


@dataclass(frozen=True, slots=True)
class Inspected:
    own: Own


@dataclass(frozen=True, slots=True)
class ToldDevices:
    devices: KioskDevices


@dataclass(frozen=True, slots=True)
class Dotted:
    """The screen was touched here, in mm, where it is tried."""

    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class Speaking:
    on: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Our own program did: the session ends, so that whatever it was about does not come again."""


Message = (
    Act
    | Press
    | Tick
    | Told
    | ToldReasons
    | ToldGuide
    | Lost
    | Answered
    | PinChecked
    | Inspected
    | ToldDevices
    | Dotted
    | Speaking
    | Failed
)


# --- effects ---
@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the daemon; an `Answered` follows. The same `work` again is the same request."""

    work: str
    verb: str
    args: dict[str, Any] = field(hash=False)
    again: bool = False  # asked before, with an answer that nobody knows: let a moment pass


@dataclass(frozen=True, slots=True)
class Read:
    """Read a person's own thing at a device, in a process that ends with it; an `Answered` follows. With
    `day`, the hall's, a card tells whose appointments there are. `stands`: until there is something."""

    work: str
    what: Literal["card", "card_check_in", "code"]
    device: str
    session: str
    day: str = ""
    stands: bool = False
    online: bool = False  # numbers of cases and payments mean something here


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Nobody waits for the answer of this work any more; a reading ends."""

    work: str


@dataclass(frozen=True, slots=True)
class AskReasons:
    pass


@dataclass(frozen=True, slots=True)
class LoadGuide:
    """Read the guide's items from this folder, "" for none; a `ToldGuide` follows."""

    folder: str


@dataclass(frozen=True, slots=True)
class CheckPin:
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inspect:
    """Look at the devices and at the program itself; `ToldDevices` and `Inspected` follow."""


@dataclass(frozen=True, slots=True)
class Chime:
    """A sound that says: look here."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Say what the screen says, once more, or these words of our texts alone."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    pass


@dataclass(frozen=True, slots=True)
class Wipe:
    """The session is over: no trace of the person may stay, in caches, buffers or on the screen."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the program."""


Asked = Ask | Read | AskReasons | Withdraw  # of the daemon alone
Effect = Asked | LoadGuide | CheckPin | Inspect | Chime | Speak | Silence | Wipe | Leave
