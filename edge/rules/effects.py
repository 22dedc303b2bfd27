"""What the rules may want done, once the facts that it follows from are kept: see `edge.effects`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drivers.lean import lean


@dataclass(frozen=True, slots=True)
class Print:
    ticket: str
    day: str  # for the `Printed` that answers it
    copy: bool = False  # marked as a copy: an earlier slip may exist


@dataclass(frozen=True, slots=True)
class PrintReceipt:
    """Of a payment: its text is had from the services first."""

    key: str
    slips: int  # that may be out then, for the `ReceiptEnded` that answers it
    copy: bool = False  # marked as one


@dataclass(frozen=True, slots=True)
class Show:
    """On the window's strip: "请 A012 号" and the like."""

    window: str
    text: str
    color: Literal["red", "green", "yellow"] = "red"


@dataclass(frozen=True, slots=True)
class Display:
    """On the window's caller: digits only, so a ticket's letter is left out. No digits: blank."""

    window: str
    digits: str


@dataclass(frozen=True, slots=True)
class InviteRating:
    window: str


@dataclass(frozen=True, slots=True)
class CallOut:
    """Call a ticket to a window, on the boards and aloud, when its turn has come."""

    ticket: str
    window: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class CallOff:
    """Whoever was called need not be called any more: the citizen came, or the call was taken back."""

    ticket: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Called:
    ticket: str
    window: str


@dataclass(frozen=True, slots=True)
class ShowCalled:
    """On the boards, newest first, in the place of all that stood or waited there; nothing is said."""

    calls: tuple[Called, ...]


@dataclass(frozen=True, slots=True)
class ShowNotice:
    """On the boards, beside the calls; "" for none."""

    text: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell the person at the window's caller that the key did nothing: a beep."""

    window: str


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Monotonic: a clock step neither shortens nor lengthens it. Setting it again replaces it."""

    timer: str
    after_s: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    timer: str


Effect = (
    Print
    | PrintReceipt
    | Show
    | Display
    | InviteRating
    | CallOut
    | CallOff
    | ShowCalled
    | ShowNotice
    | Refuse
    | SetTimer
    | CancelTimer
)


lean(globals())
