"""What the kiosk knows: what the daemon told, who stands there, and what hangs on the wall.

All of it is frozen: `update` makes the next one. Nothing here outlives the process, and of a person only what
may be shown: what a card says comes masked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from edge.wire.kiosk import (
    KioskAppointment,
    KioskDevices,
    KioskPosition,
    KioskRatable,
    KioskReasons,
    KioskTicket,
    KioskView,
)
from kiosk_ui.actions import Contrast, Language, Level, Screen, TextSize, Volume
from kiosk_ui.actions_online import Matter
from kiosk_ui.catalogue import Guide
from kiosk_ui.errand import Errand
from kiosk_ui.keys import key_of
from kiosk_ui.panel import Panel, preset
from kiosk_ui.places_online import ONLINE, PAYING

MAX_TYPED = 32  # characters of a search, a reference or a PIN
MAX_DOTS = 120  # of the touch test: a hand's way from edge to edge
MAX_DEPTH = 8  # screens behind a screen; no way through the kiosk is longer
STARTING_S = 3.0  # until the daemon has answered for the first time, nobody is told that it is away
# What makes no sense while the daemon cannot be asked; all else stays as it is, the guide above all.
OF_THE_HALL = frozenset(
    {Screen.ATTRACT, Screen.HOME, Screen.SERVICES, Screen.CHECK_IN, Screen.QUEUE}
    | {Screen.BOOKINGS, Screen.POSITION, Screen.RATE_WINDOW, Screen.RATE_SLIP, Screen.RATE}
    | (ONLINE - PAYING)  # who pays is not sent away: his money is being taken elsewhere
)


# --- what the daemon told ---
@dataclass(frozen=True, slots=True)
class View:
    """`told` stays as it was while the daemon cannot be reached. Its time is in `clock`, so that a view like
    the last one is the last one, and nothing is drawn for a second that has passed."""

    told: KioskView = field(default_factory=KioskView)
    reasons: KioskReasons = field(default_factory=KioskReasons)  # that may be given with a rating
    reachable: bool = False
    clock: str = ""  # the hall's time as it was told last, "" before the first
    since_s: float = 0.0  # monotonic: when that was, or when the program began
    found: str = ""  # the hall's time when the daemon was reached, or reached again
    time: str = ""  # local to the hall, "2026-11-29T09:05", going on by our own clock

    @property
    def can_print(self) -> bool:
        return self.reachable and not self.told.printer

    @property
    def can_issue(self) -> bool:
        """Whether any ticket can be taken."""
        return self.reachable and not self.told.full


# --- who stands there ---
Asked = Literal["ticket", "booking", "position", "slip", "rating", "notice", "device", "trial"]
OfCases = Literal["case", "cases", "case_print"]
OfVisits = Literal["visits", "days", "slots", "book", "cancel", "visit_print"]
OfTaxes = Literal["obligations", "declare", "pay", "abandon", "certificates", "certificate"]
OfReceipts = Literal["receipts", "order", "receipt"]
AskedOnline = OfCases | OfVisits | OfTaxes | OfReceipts
OF_HALL = frozenset(get_args(Asked)) | {"check_in", "card_check_in", "card"}  # works of its own
Reads = Literal["check_in", "card_check_in", "card", "scan", "person"]  # at a device
Kind = Asked | AskedOnline | Reads


@dataclass(frozen=True, slots=True)
class Place:
    """A screen, what it is about, and which of its pages shows."""

    screen: Screen
    about: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """Something that the citizen waits for. `wait` is for how long: at 1 progress shows, at 2 a way out."""

    kind: Kind
    id: str  # of the request: asked again, it is the same
    since_s: float
    about: str = ""
    priority: str = ""
    wait: Literal[0, 1, 2] = 0
    tries: int = 1
    after: int = 0  # tickets of the same person and service that are over
    matter: Matter | None = None  # what a card is shown for


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that a citizen is to read: the daemon's own words, or `key` of our texts."""

    kind: Literal["good", "sorry"]
    key: str = ""
    zh: str = ""
    en: str = ""
    code: str = ""  # why, for technicians
    note: str = ""  # of our texts: what is safe, and what to do


@dataclass(frozen=True, slots=True)
class Personal:
    """What a card said, as it may be shown. `person` is a keyed hash, new with each start of the program."""

    name: str = ""  # 王*明
    number: str = ""  # 340***********1234
    person: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """The program itself, for technicians. Nothing in it is a person's."""

    version: str = ""
    up_min: int = 0
    memory_mb: int = 0
    troubles: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()  # newest first, each with its time


@dataclass(frozen=True, slots=True)
class Technical:
    """What the technician's page shows, and where the screen was touched to try it."""

    own: Own = Own()
    devices: KioskDevices | None = None
    dots: tuple[tuple[float, float], ...] = ()  # in mm, newest last
    asked_s: float | None = None  # monotonic: when it was looked at last


@dataclass(frozen=True, slots=True)
class Session:
    """From the first touch until home again; what it holds goes with it. `id` is the touch session's: one
    touch, one ticket."""

    id: str = ""
    places: tuple[Place, ...] = (Place(Screen.ATTRACT),)  # the last one shows
    language: Language = "zh"
    text: TextSize = 1
    contrast: Contrast = Contrast.NORMAL
    elder: bool = False
    low: bool = False
    speech: bool = False
    volume: Volume = 1
    typed: str = field(default="", repr=False)
    cases: frozenset[str] = frozenset()  # circumstances picked for the notice
    act: str = ""  # that is rated
    level: Level | None = None
    reasons: frozenset[int] = frozenset()
    work: Work | None = None
    said: Said | None = None
    ticket: KioskTicket | None = None
    bookings: tuple[KioskAppointment, ...] = field(default=(), repr=False)  # of the card that was read
    position: KioskPosition | None = None
    slip: KioskRatable | None = None  # whose act is rated, where it is one of a slip
    personal: Personal = Personal()
    errand: Errand = field(default=Errand(), repr=False)  # with the services that there are at any hour
    technical: Technical | None = None  # once a PIN was right
    checking: bool = False  # a PIN is being looked at
    used: bool = False  # something was asked since it began: it does not end without a warning
    touched_s: float = 0.0  # monotonic, of the last sign of life
    ends_in_s: int | None = None  # told while the warning stands
    opened_s: float = 0.0  # when this screen came

    @property
    def place(self) -> Place:
        return self.places[-1]

    @property
    def screen(self) -> Screen:
        return self.place.screen


# --- what hangs on the wall ---
@dataclass(frozen=True, slots=True)
class Look:
    """From the configuration: what every session begins with, and what a page says of the place."""

    panel: Panel = field(default_factory=lambda: preset("21.5"))
    kiosk: str = "kiosk-1"  # as the node knows it
    telephone: str = ""  # of the help desk
    languages: tuple[Language, ...] = ("zh", "en")
    text: TextSize = 1
    volumes: tuple[Volume, ...] = ()  # that differ; none where there is no sound
    has_guide: bool = True
    has_card_check_in: bool = False  # whether the reader can tell whose an appointment is
    scans: bool = False  # what is held to the scanner is read at any time
    has_technician: bool = False  # whether there is a PIN
    focus: str = ""  # id of the node that keys are at, "" while nobody uses keys
    pressed: str = ""  # id of the node under the finger
    shift: int = 0  # against burn-in: counts up every five minutes


@dataclass(frozen=True, slots=True)
class Scan:
    """The reading of codes that goes on beside all else, and the last code, which may lie there still."""

    device: str = ""  # where it goes on, "" for nowhere
    again_s: float = 0.0  # monotonic: it does not begin before
    mark: str = field(default="", repr=False)  # a keyed hash of the code
    seen_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    view: View = field(default_factory=View)
    session: Session = field(default_factory=Session)
    look: Look = field(default_factory=Look)
    guide: Guide = field(default_factory=Guide, repr=False)
    now_s: float = 0.0  # monotonic, of the last input
    speaking: bool = False
    seed: str = field(default="", repr=False)  # by chance, new with each start of the program
    scan: Scan = Scan()
    begun: int = 0  # sessions and works so far: each has an id of its own
    pin_wrong: int = 0  # in a row
    pin_free_s: float = 0.0  # monotonic: no PIN is looked at before

    @property
    def shown(self) -> Screen:
        """The screen that shows. It is of no use to offer what needs a daemon that is away; who waits for
        something is told so where he waits."""
        away = not self.view.reachable and (
            self.view.clock != "" or self.now_s - self.view.since_s >= STARTING_S
        )
        if away and not self.session.work and self.session.screen in OF_THE_HALL:
            return Screen.OUT_OF_SERVICE
        return self.session.screen

    def key(self, *parts: object) -> str:
        """32 hex digits that follow from these parts, and from nothing that anybody else knows."""
        return key_of(self.seed, *parts)
