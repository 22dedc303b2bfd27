"""What happened: the durable facts, the stamp that each carries, and how they travel and are acknowledged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter

from edge.wire.alerts import AlertAcknowledged, AlertCleared, AlertRaised, AlertUpdated
from edge.wire.appointments import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentsCarried,
)
from edge.wire.base import Fact, Lenient, Level, Uid
from edge.wire.cameras import CameraFault, CameraPictureShown, CamerasTogether, CameraViewAccepted
from edge.wire.fees import FeeCharged, FeeRefunded
from edge.wire.pace import PaceCarried
from edge.wire.payments import OfPayments
from edge.wire.projects import ProjectClosed, ProjectOpened, ProjectsCarried, ProjectStepDone


class DayOpened(Fact):
    """A new day, on an empty state. What the day before left open at a window has been closed by facts just
    before this one; its tickets that still waited, or were reserved, end here without a fact of their own."""

    kind: Literal["day.opened"] = "day.opened"
    day: str  # ISO date of the hall's local day; numbering begins again


class TicketReserved(Fact):
    """A number has been set aside; it is no ticket until it has been printed or shown."""

    kind: Literal["ticket.reserved"] = "ticket.reserved"
    ticket: str  # "A012", unique within the day
    service: str
    number: int  # 12, of the service's own series
    session: str  # one touch, one ticket: the same session gets the same ticket
    can_show: bool  # whether who asks has a screen for the number
    priority: str = ""  # a class of citizens, "" is ordinary
    wait_p50_s: int | None = None  # seconds until its call, as expected then; told rounded up to 5 minutes
    wait_p90_s: int | None = None  # None: nobody could know, and nothing was told
    item: str = ""  # of the service, "" where nobody told what exactly


class TicketInDoubt(Fact):
    """The printer did not say what became of a slip: someone may hold it, so the number stays good."""

    kind: Literal["ticket.in_doubt"] = "ticket.in_doubt"
    ticket: str
    slips: int  # of this ticket that may be out, this one included
    reason: str  # the printer's condition, or "restart"


class TicketPrinted(Fact):
    kind: Literal["ticket.printed"] = "ticket.printed"
    ticket: str
    copies: int  # 1 where it was printed once; above that each further slip is marked as a copy


class TicketShown(Fact):
    """Not printed, but shown to the citizen on a screen: it waits like any other."""

    kind: Literal["ticket.shown"] = "ticket.shown"
    ticket: str
    reason: str  # the printer's condition


class TicketAssumed(Fact):
    """The printer never said whether the slip came out: someone may hold it, so it waits like any other."""

    kind: Literal["ticket.assumed"] = "ticket.assumed"
    ticket: str
    reason: str


class TicketVoided(Fact):
    """Neither printed nor shown: the number is spent and never waits."""

    kind: Literal["ticket.voided"] = "ticket.voided"
    ticket: str
    reason: str


class TicketCalled(Fact):
    kind: Literal["ticket.called"] = "ticket.called"
    ticket: str
    window: str
    staff: str
    times: int  # 1 at the first call
    overtook: tuple[str, ...] = ()  # services in which who joined before it waits on, for its class


class TicketNoShow(Fact):
    kind: Literal["ticket.no_show"] = "ticket.no_show"
    ticket: str
    window: str
    staff: str


class TicketExpired(Fact):
    """It was missed too often: its holder takes a new one."""

    kind: Literal["ticket.expired"] = "ticket.expired"
    ticket: str


class TicketCameBack(Fact):
    """Who had not come is there again: it waits at its old place once it has let some others pass."""

    kind: Literal["ticket.came_back"] = "ticket.came_back"
    ticket: str
    after: int  # calls of its service


class TicketHeld(Fact):
    """Put by for some minutes, while its holder fetches something: the window is free for others."""

    kind: Literal["ticket.held"] = "ticket.held"
    ticket: str
    window: str
    staff: str
    minutes: int


class TicketHoldEnded(Fact):
    """It waits again at its old place, and is the next of its service."""

    kind: Literal["ticket.hold_ended"] = "ticket.hold_ended"
    ticket: str
    reason: Literal["time", "came_back", "called"]


class TicketTransferred(Fact):
    """Sent on with its act under way: it waits for another window or service at the place that it had."""

    kind: Literal["ticket.transferred"] = "ticket.transferred"
    ticket: str
    window: str  # that sends it
    staff: str
    service: str  # for which it waits from now on
    to: str  # the window, "" for any of the service
    way: Literal["there", "there_and_back", "back"]


class CallCancelled(Fact):
    """A call was taken back before service began: the ticket waits again at its old place."""

    kind: Literal["ticket.call_cancelled"] = "ticket.call_cancelled"
    ticket: str
    window: str
    staff: str


class ServiceStarted(Fact):
    kind: Literal["service.started"] = "service.started"
    ticket: str
    window: str
    staff: str


class ServiceFinished(Fact):
    """An act is over. `act` is what a rating belongs to."""

    kind: Literal["service.finished"] = "service.finished"
    act: str  # "<day>/<ticket>"
    ticket: str
    window: str
    staff: str
    rating_asked: bool  # False only where the end of the day ended the act
    unit: str = ""  # whose window it is, as configured then
    promise_min: float = 0.0  # what was promised for the item or service then; 0 is no promise
    item: str = ""  # of the service that its ticket was taken for


class RatingGiven(Fact):
    kind: Literal["rating.given"] = "rating.given"
    act: str
    ticket: str
    window: str
    staff: str
    level: Level
    raw: int
    reasons: tuple[int, ...] = ()  # codes of the level
    indicator_version: str = ""  # the edition of the table that they are of, "" where there are none


class RatingMissed(Fact):
    """No answer in time: not rated, which is not satisfied. `next_call`: the next act there ended first."""

    kind: Literal["rating.missed"] = "rating.missed"
    act: str
    ticket: str
    window: str
    staff: str
    reason: Literal["time_limit", "next_call", "logout", "day_end"]


class StaffLoggedIn(Fact):
    kind: Literal["staff.logged_in"] = "staff.logged_in"
    window: str
    staff: str


class StaffLoggedOut(Fact):
    kind: Literal["staff.logged_out"] = "staff.logged_out"
    window: str
    staff: str
    reason: Literal["key", "command", "day_end"]


class WindowPaused(Fact):
    kind: Literal["window.paused"] = "window.paused"
    window: str
    staff: str


class WindowResumed(Fact):
    kind: Literal["window.resumed"] = "window.resumed"
    window: str
    staff: str


class NoticeSet(Fact):
    """The boards' notice was changed; it is said again when a day opens while it lasts."""

    kind: Literal["notice.set"] = "notice.set"
    text: str  # "" is the configuration's own


class DeviceChanged(Fact):
    """A device's state or conditions changed. Telemetry: the oldest go first when room is short."""

    kind: Literal["device.changed"] = "device.changed"
    device: str
    state: str
    conditions: tuple[str, ...]

    @property
    def is_act(self) -> bool:
        return False


class DeviceOrdered(Fact):
    """A technician is about to have a device do something: `by` in the stamp says who it is."""

    kind: Literal["device.ordered"] = "device.ordered"
    device: str
    order: Literal["restart", "release", "test_print", "check", "show"]
    how: str = ""  # the level of a check, the pattern that is shown, for how long it is released


class KioskLooked(Fact):
    """Somebody was shown from afar what a kiosk showed: `by` in the stamp says who."""

    kind: Literal["kiosk.looked"] = "kiosk.looked"
    kiosk: str
    screen: str  # which page it was, and nothing of what stood on it


class Dropped(Fact):
    """Stands in the place of a telemetry event that had to make room, so that `seq` stays gapless."""

    kind: Literal["dropped"] = "dropped"

    @property
    def is_act(self) -> bool:
        return False


AnyFact = Annotated[
    DayOpened
    | TicketReserved
    | TicketInDoubt
    | TicketPrinted
    | TicketShown
    | TicketAssumed
    | TicketVoided
    | TicketCalled
    | TicketNoShow
    | TicketExpired
    | TicketCameBack
    | TicketHeld
    | TicketHoldEnded
    | TicketTransferred
    | CallCancelled
    | AppointmentBooked
    | AppointmentCancelled
    | AppointmentCheckedIn
    | AppointmentsCarried
    | ProjectOpened
    | ProjectStepDone
    | ProjectClosed
    | ProjectsCarried
    | ServiceStarted
    | ServiceFinished
    | FeeCharged
    | FeeRefunded
    | OfPayments
    | RatingGiven
    | RatingMissed
    | StaffLoggedIn
    | StaffLoggedOut
    | WindowPaused
    | WindowResumed
    | NoticeSet
    | PaceCarried
    | DeviceChanged
    | DeviceOrdered
    | CameraFault
    | CamerasTogether
    | CameraViewAccepted
    | CameraPictureShown
    | KioskLooked
    | AlertRaised
    | AlertUpdated
    | AlertAcknowledged
    | AlertCleared
    | Dropped,
    Field(discriminator="kind"),
]
FACTS: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)
ACTS = frozenset(  # the kinds that are never dropped, as far as this version knows
    str(fact.model_fields["kind"].default)
    for fact in get_args(get_args(AnyFact)[0])
    if fact.model_construct().is_act
)


class Stamp(Lenient):
    """What every durable event carries beside its fact: on the wire both are one flat JSON object.

    Order is by `seq`, which is gapless from 1 within an `epoch` (new with each new database).
    """

    epoch: Uid
    seq: Annotated[int, Field(ge=1)]
    id: Uid
    at: float  # wall time, seconds since 1970 UTC
    boot: Uid
    mono: float  # seconds, comparable within one boot
    clock_ok: bool
    by: str  # the device, command client or "node" whose act this was


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]  # SHA-256


class Seal(Lenient):
    """What every act carries last, beside its stamp and its fact; see `edge.wire.chain`.

    Those that a node kept before it made chains have none.
    """

    follows: Digest  # link of the act before; of the first, the chain's genesis
    link: Digest  # of this one


class EventBatch(Lenient):
    """`event` topic: in order of seq. Each element is Stamp, Fact and an act's Seal in one object."""

    v: Literal[1] = 1
    events: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class Ack(Lenient):
    """`ack` topic, hub → node, cumulative: everything up to and with `seq` is recorded."""

    v: Literal[1] = 1
    epoch: Uid
    seq: Annotated[int, Field(ge=0)]
