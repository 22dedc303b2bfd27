"""What a citizen, or a technician, can ask of the kiosk: every touch and key comes to one of these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from kiosk_ui.actions_online import Online

Language = Literal["zh", "en"]
TextSize = Literal[0, 1, 2, 3]
Level = Literal[1, 2, 3, 4, 5]
Volume = Literal[0, 1, 2]  # soft, as the hall has set it, loud


class Screen(StrEnum):
    ATTRACT = "attract"
    HOME = "home"
    SERVICES = "services"  # take a ticket
    TICKET = "ticket"  # it is printed, or shown
    CHECK_IN = "check_in"
    BOOKINGS = "bookings"  # which of a person's appointments
    POSITION = "position"  # where in the queue a ticket is
    GUIDE = "guide"  # categories, or the items of one
    SEARCH = "search"  # by pinyin initials or by number
    ITEM = "item"
    NOTICE = "notice"  # the one-time notice, for the case at hand
    RATE_WINDOW = "rate_window"  # which window it was
    RATE_SLIP = "rate_slip"  # by the number on the slip
    RATE = "rate"  # levels, then reasons
    QUEUE = "queue"
    ACCESS = "access"  # text size, contrast, low mode, speech
    ONLINE = "online"  # the services that there are at any hour
    CASES = "cases"  # how a case is found
    CASE_NUMBER = "case_number"
    CASE_LIST = "case_list"
    CASE = "case"  # how far it is
    VISITS = "visits"  # the appointments of who has shown his card
    VISIT = "visit"
    VISIT_SERVICE = "visit_service"
    VISIT_DAY = "visit_day"
    VISIT_TIME = "visit_time"
    VISIT_SURE = "visit_sure"  # is it to be booked?
    VISIT_CANCEL = "visit_cancel"
    VISIT_DONE = "visit_done"
    TAX = "tax"  # what is owed
    TAX_CHECK = "tax_check"  # the values that are declared
    TAX_VALUE = "tax_value"  # one of them, typed
    TAX_SUM = "tax_sum"  # the shares and the sum
    PAY = "pay"
    PAID = "paid"
    RECEIPTS = "receipts"  # how a receipt is found
    RECEIPT_LIST = "receipt_list"
    CERTIFICATES = "certificates"
    OUT_OF_SERVICE = "out_of_service"
    PIN = "pin"
    TECHNICIAN = "technician"


class Contrast(StrEnum):
    NORMAL = "normal"
    DARK_ON_LIGHT = "dark_on_light"
    LIGHT_ON_DARK = "light_on_dark"


# --- the way through the screens ---
@dataclass(frozen=True, slots=True)
class Wake:
    """The first touch of somebody who comes: it wakes the screen and does nothing else."""


@dataclass(frozen=True, slots=True)
class Open:
    """`about`: the category, item, window or service that the screen is to be of."""

    screen: Screen
    about: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Home:
    pass


@dataclass(frozen=True, slots=True)
class Turn:
    """To another page of the same screen."""

    to: int


@dataclass(frozen=True, slots=True)
class Stay:
    """ "I am still here": the answer to the warning before a session ends."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The session ends now, and everything of the person's with it."""


@dataclass(frozen=True, slots=True)
class Dismiss:
    """What was said has been read."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No longer wait for what takes so long."""


# --- what the hall does ---
@dataclass(frozen=True, slots=True)
class TakeTicket:
    service: str
    priority: str = ""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """By the code of the appointment, or by the card of who has one."""

    by: Literal["code", "card"] = "code"


@dataclass(frozen=True, slots=True)
class PickBooking:
    """The one at this place of the list."""

    place: int


@dataclass(frozen=True, slots=True)
class ReadCard:
    pass


@dataclass(frozen=True, slots=True)
class FindSlip:
    """Whether this ticket can be rated; "" is the number that was typed."""

    ticket: str = ""


@dataclass(frozen=True, slots=True)
class PickLevel:
    level: Level


@dataclass(frozen=True, slots=True)
class ToggleReason:
    code: int


@dataclass(frozen=True, slots=True)
class SendRating:
    pass


@dataclass(frozen=True, slots=True)
class ToggleCase:
    """A circumstance of the case at hand, by which the notice's materials go: in the place of those that
    exclude it, or beside the others."""

    case: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintNotice:
    item: str


# --- typing: on keys of the screen ---
@dataclass(frozen=True, slots=True)
class Type:
    """`secret`: nothing that is seen or heard tells what it was."""

    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Erase:
    pass


@dataclass(frozen=True, slots=True)
class Clear:
    pass


# --- how it looks and sounds ---
@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: Language


@dataclass(frozen=True, slots=True)
class SetText:
    size: TextSize


@dataclass(frozen=True, slots=True)
class SetContrast:
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class SetElder:
    """Larger, fewer, slower: for who wants it, of whatever age."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetLow:
    """Everything within reach of a wheelchair."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetSpeech:
    on: bool


@dataclass(frozen=True, slots=True)
class SetVolume:
    volume: Volume


@dataclass(frozen=True, slots=True)
class Louder:
    """A step, as by a key."""


@dataclass(frozen=True, slots=True)
class Softer:
    pass


@dataclass(frozen=True, slots=True)
class SayAgain:
    pass


@dataclass(frozen=True, slots=True)
class Hush:
    pass


# --- the technician's page ---
@dataclass(frozen=True, slots=True)
class EnterPin:
    pass


@dataclass(frozen=True, slots=True)
class RestartDevice:
    device: str


@dataclass(frozen=True, slots=True)
class TryPrinter:
    """Print a page on the printer of the tickets."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Close the program; its unit starts it again."""


Way = Wake | Open | Back | Home | Turn | Stay | Finish | Dismiss | GiveUp
Coming = TakeTicket | CheckIn | PickBooking | ReadCard
Rating = FindSlip | PickLevel | ToggleReason | SendRating
Hall = Coming | Rating | ToggleCase | PrintNotice
Typing = Type | Erase | Clear
Looks = SetLanguage | SetText | SetContrast | SetElder | SetLow
Sounds = SetSpeech | SetVolume | Louder | Softer | SayAgain | Hush
Manner = Looks | Sounds
Technical = EnterPin | RestartDevice | TryPrinter | Quit
Action = Way | Hall | Online | Typing | Manner | Technical
