"""The words of the rules: what they are asked, what they may want done, and what they know.

A rule is `decide(state, input, now, hall) -> Decision`: it reads, says which facts follow and which effects
to run once they are safely kept. `evolve(state, fact, at)` alone changes a state, live and after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from drivers.lean import lean
from drivers.messages import Instant, KeyAction, Result
from edge.rules.bookings import Appointing, Book, Booking, CancelBooking, CheckIn
from edge.rules.earlier import Earlier
from edge.rules.effects import Called, Effect
from edge.rules.fees import ChargeFee, Fee, RefundFee
from edge.rules.items import Item, Kind
from edge.rules.pace import Pace
from edge.rules.payments_model import OfPayments, Payment, Receipt
from edge.rules.projects import Lane, OpenProject, Project, StepDone, WithdrawProject
from edge.rules.reasons import Reasons
from edge.wire import Fact


# --- the hall, from the configuration ---
@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str
    prefix: str  # "A": tickets are A001, A002 … A999, A1000
    usual_s: float = 480.0  # that an act takes, until the day tells better
    promise_min: float = 0.0  # within which an act is promised to be done; 0 is no promise


@dataclass(frozen=True, slots=True)
class Priority:
    """A class of citizens: before all others, or as though they had joined `credit_s` earlier."""

    id: str
    name: str
    strict: bool = False
    credit_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    id: str
    name: str
    services: tuple[str, ...]  # what it can call, all alike
    strip_columns: int = 16  # of its strip; a Chinese character takes two
    unit: str = ""  # the authority whose window it is


@dataclass(frozen=True, slots=True)
class Shift:
    """A row of the roster. No windows or services: all of them."""

    days: tuple[str, ...]  # workdays, restdays, mon … sun, 2027-02-10
    hours: tuple[tuple[int, int], ...]  # minutes of the day, the end not in them
    windows: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hall:
    """`printer` is the device that tickets are printed on, "" where there is none."""

    id: str
    name: str
    zone: tzinfo
    services: dict[str, Service]
    windows: dict[str, Window]
    priorities: dict[str, Priority] = field(default_factory=dict)
    roster: tuple[Shift, ...] = ()
    express: dict[str, Lane] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)  # none: any code is one
    appointing: Appointing = field(default_factory=Appointing)
    overtake_most: int = 5  # times, and then nobody overtakes a ticket any more
    overtake_most_s: float = 1200.0  # after the first time
    printer: str = ""
    rating_limit_s: float = 30.0  # no answer within it means not rated
    reasons: Reasons = field(default_factory=Reasons)  # that may be given with a rating
    no_show_calls: int = 3  # "skip" before so many calls is allowed; recall beyond is refused
    no_show_back_after: int = 3  # calls of the service, until who came back has his turn
    no_show_times: int = 2  # that a ticket may be missed and come back; then it has expired
    hold_min: int = 10  # minutes that a ticket is put by, where staff say no others
    login_required: bool = True
    notice: str = ""  # on the boards while nobody has set another
    tells_waits: bool = True  # a day played again with other staffing has nobody to tell
    slip_columns: int = 24  # of double-size characters: 24 on 80 mm paper, 16 on 58 mm


# --- inputs ---
@dataclass(frozen=True, slots=True)
class TakeTicket:
    service: str
    session: str  # one touch, one ticket
    can_show: bool = False  # the asker has a screen that can show the number
    priority: str = ""  # a class of the hall's, "" is ordinary
    printer_problem: str = ""  # a condition that stops printing now, "" when the printer can print
    item: str = ""  # what exactly, "" where nobody told


@dataclass(frozen=True, slots=True)
class Printed:
    """How a `Print` ended: exactly one for each. The same number comes again every day: `day` says whose."""

    ticket: str
    day: str
    result: Result
    code: str = ""  # the printer's condition


@dataclass(frozen=True, slots=True)
class ComeBack:
    """The holder of a ticket that was called in vain is there again."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Key:
    """A caller's key at a window, or the same wish over the control socket."""

    window: str
    action: KeyAction
    digits: str = ""  # a ticket, or a staff number at login


@dataclass(frozen=True, slots=True)
class Transfer:
    """Send the ticket at `window` on: to the window `to`, for `service` there, or for a service anywhere."""

    window: str
    to: str = ""
    service: str = ""
    back: bool = False  # and then back here


@dataclass(frozen=True, slots=True)
class Rate:
    window: str
    level: Literal[1, 2, 3, 4, 5]
    raw: int
    reasons: tuple[int, ...] = ()  # codes of that level; a pad sends none
    act: str = ""  # that it is meant for, "" for the one that waits; a pad cannot know


@dataclass(frozen=True, slots=True)
class RateTicket:
    """Of who has left the window: by the number on the slip, or by its code "<hall>/<day>/<ticket>"."""

    ticket: str
    level: Literal[1, 2, 3, 4, 5]
    reasons: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerFired:
    timer: str


@dataclass(frozen=True, slots=True)
class SetNotice:
    """What the boards are to say beside the calls; "" is the configuration's own notice."""

    text: str


@dataclass(frozen=True, slots=True)
class Started:
    """The node has started again on a kept state: what was under way is taken up."""


Ticketing = TakeTicket | Book | CancelBooking | CheckIn | Printed | ComeBack
OfProjects = OpenProject | StepDone | WithdrawProject
Input = (
    Ticketing
    | OfProjects
    | ChargeFee
    | RefundFee
    | OfPayments
    | Key
    | Transfer
    | Rate
    | RateTicket
    | TimerFired
    | SetNotice
    | Started
)


# --- what comes of it ---
@dataclass(frozen=True, slots=True)
class Rejection:
    """Why nothing happened, in the words of who asked."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Decision:
    facts: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()
    rejection: Rejection | None = None
    answer: dict[str, str | int] = field(default_factory=dict)  # for the one who asked: {"ticket": "A012", …}

    def __add__(self, later: Decision) -> Decision:
        """First this, then the later one, whose rejection and answer stand."""
        return Decision(self.facts + later.facts, self.effects + later.effects, later.rejection, later.answer)


# --- the state ---
Place = tuple[float, int]  # in the queue: even time, and the order of joining
Phase = Literal["reserved", "waiting", "called", "serving", "held", "done", "no_show", "expired", "voided"]


@dataclass(slots=True)
class Ticket:
    id: str
    day: str
    service: str
    number: int
    session: str
    can_show: bool
    reserved_at: float  # wall seconds, for people
    phase: Phase = "reserved"
    priority: str = ""
    item: str = ""  # of the service that it was taken for
    order: int = 0  # of joining the queue within the day
    joined_s: float = 0.0  # even time of its place: when it joined, or as its appointment has it
    appointment: str = ""  # its reference
    ready_s: float = 0.0  # even time from which it is called at its place
    waits_s: float = 0.0  # even time from which it has waited, this time
    express: bool = False  # a project was opened in its act
    overtaken: int = 0  # by later ones of a class
    overtaken_s: float | None = None  # even time of the first time
    doubts: int = 0  # slips that may be out although the printer never said so
    copies: int = 0  # slips that are out, as far as known; 0 until the printer says so
    calls: int = 0  # in a row, since it was last taken from the queue
    no_shows: int = 0
    after: int = 0  # calls of its service that it lets pass, having come back
    window: str = ""  # where it was last called
    begun: bool = False  # its act has begun, and not ended
    staff: str = ""  # who was the last to begin it
    done_s: float = 0.0  # even time of its act's end
    rated: bool = False
    held_until_s: float = 0.0  # even time
    resumes: bool = False  # it was put by or sent back, and has not been called since: it goes before all
    only: str = ""  # the window that it was sent to: no other calls it unasked
    back: str = ""  # the window that it is to go back to
    back_service: str = ""  # what it is to be there for

    @property
    def act(self) -> str:
        """ "<day>/<ticket>": unique for good, where the number alone comes again every day."""
        return f"{self.day}/{self.id}"

    @property
    def kind(self) -> Kind:
        """What it waits for now."""
        return self.service, self.item

    @property
    def place(self) -> Place:
        """First come, first served goes by it. Even time never runs back, whatever a clock is set to."""
        return self.joined_s, self.order


@dataclass(slots=True)
class PendingRating:
    act: str
    ticket: str
    staff: str


@dataclass(slots=True)
class WindowState:
    """A window's day. A window that nothing has happened at has none: it is like a fresh one of these."""

    staff: str = ""
    paused: bool = False
    ticket: str = ""  # called or serving here
    last_called: str = ""
    rating: PendingRating | None = None
    sent: str = ""  # the ticket that was sent on from here last, until this window does anything else
    sent_to: str = ""  # the window, "" for any of a service


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, by the clocks of the machine. `mono_s` compares within one `boot`."""

    wall_s: float
    mono_s: float
    boot: str


@dataclass(frozen=True, slots=True)
class Even:
    """The hall's own even time: `s` seconds of its day at the moment `at`. None: the day has not begun."""

    at: Moment | None = None
    s: float = 0.0


@dataclass(slots=True)
class State:
    """One day of the hall: the fold of its facts from its DayOpened on. Only `evolve` changes it."""

    day: str = ""
    clock: Even = Even()  # as of the last fact
    tickets: dict[str, Ticket] = field(default_factory=dict)  # of the day, by id
    sessions: dict[str, str] = field(default_factory=dict)  # session → ticket, unless voided
    next_number: dict[str, int] = field(default_factory=dict)  # service → next of its series
    joined: int = 0  # tickets that have joined the queue today
    issued: dict[str, int] = field(default_factory=dict)  # service → of those, its own
    waiting: dict[str, list[tuple[Place, str]]] = field(default_factory=dict)  # service → sorted by place
    held: list[str] = field(default_factory=list)  # tickets put by
    bookings: dict[str, Booking] = field(default_factory=dict)  # of today and later, by reference
    projects: dict[str, Project] = field(default_factory=dict)  # open ones, by the act that opened each
    fees: dict[str, Fee] = field(default_factory=dict)  # of today, by receipt
    returned: dict[str, int] = field(default_factory=dict)  # fen today, by receipt of an earlier day
    payments: dict[str, Payment] = field(default_factory=dict)  # of today, and not settled, by key
    receipts: dict[str, Receipt] = field(default_factory=dict)  # by key of the payment
    settled: str = ""  # the last day whose payments have been settled
    windows: dict[str, WindowState] = field(default_factory=dict)
    called: tuple[Called, ...] = ()  # the last that were called, newest first: what boards show
    notice: str = ""  # "" is the configuration's
    pace: Pace = field(default_factory=Pace)  # what the day teaches about waits
    earlier: Earlier = field(default_factory=Earlier)  # and what it knows of the days before it

    def window(self, window: str) -> WindowState:
        """To read. A window that nothing has happened at yet is as good as new."""
        return self.windows.get(window) or WindowState()

    def of_act(self, act: str) -> Ticket | None:
        """The ticket of "<day>/<ticket>" if that day is today."""
        day, _, ticket = act.partition("/")
        return self.tickets.get(ticket) if day == self.day else None


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of an input, with the hall's local day already read from it."""

    instant: Instant
    day: str  # ISO date, local to the hall
    boot: str = ""
    workday: bool = True  # by the calendar of the hall's country

    @property
    def moment(self) -> Moment:
        return Moment(self.instant.wall_s, self.instant.mono_s, self.boot)


lean(globals())
