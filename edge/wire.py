"""Every message that crosses a process boundary, and the topics it crosses on.

JSON on MQTT 3.1.1 and on the control socket. Models are frozen and refuse unknown fields where we write them;
readers of events ignore unknown fields, so that an older hub keeps what a newer node says.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

VERSION = 1  # of the topics and of every payload; a change that a reader must know raises it
MAX_PAYLOAD = 256 * 1024  # bytes of one MQTT message: a batch of 200 events stays below 100 KiB
MAX_REQUEST = 16 * 1024  # bytes of one request; no command carries more than a few names
MAX_ARGS = 32  # arguments of one request

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]  # one level of a topic
Uid = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Level = Literal[1, 2, 3, 4, 5]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lenient(BaseModel):
    """A message from another process of perhaps another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


# --- facts: what happened, as the rules say it ---
class Fact(Lenient):
    """Base of the durable acts. `acts` are never dropped from the outbox; `telemetry` may be."""

    kind: str

    @property
    def is_act(self) -> bool:
        return True


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


class TicketNoShow(Fact):
    kind: Literal["ticket.no_show"] = "ticket.no_show"
    ticket: str
    window: str
    staff: str


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


class RatingGiven(Fact):
    kind: Literal["rating.given"] = "rating.given"
    act: str
    ticket: str
    window: str
    staff: str
    level: Level
    raw: int


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


class DeviceChanged(Fact):
    """A device's state or conditions changed. Telemetry: the oldest go first when room is short."""

    kind: Literal["device.changed"] = "device.changed"
    device: str
    state: str
    conditions: tuple[str, ...]

    @property
    def is_act(self) -> bool:
        return False


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
    | CallCancelled
    | ServiceStarted
    | ServiceFinished
    | RatingGiven
    | RatingMissed
    | StaffLoggedIn
    | StaffLoggedOut
    | WindowPaused
    | WindowResumed
    | DeviceChanged
    | Dropped,
    Field(discriminator="kind"),
]
FACTS: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


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


class EventBatch(Lenient):
    """`event` topic: in order of seq. Each element is Stamp and Fact in one object."""

    v: Literal[1] = 1
    events: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class Ack(Lenient):
    """`ack` topic, hub → node, cumulative: everything up to and with `seq` is recorded."""

    v: Literal[1] = 1
    epoch: Uid
    seq: Annotated[int, Field(ge=0)]


# --- retained state ---
class NodeStatus(Lenient):
    """`status`: also the will, with `state` "lost" and the same epoch and boot."""

    v: Literal[1] = 1
    state: Literal["init", "ready", "draining", "disconnected", "lost"]
    epoch: Uid
    boot: Uid
    session: Uid  # of this connection
    version: str
    config_hash: str
    last_seq: int = 0  # newest event that the node had when it said this
    since: float


class Condition(Message):
    code: str
    severity: Literal["info", "warning", "error"]
    since: float
    detail: str = ""


DeviceStateName = Literal[
    "stopped", "connecting", "handshake", "online", "degraded", "backoff", "misconfigured", "faulted"
]


class DeviceStatus(Message):
    """`device/<device>`."""

    v: Literal[1] = 1
    device: str
    state: DeviceStateName
    conditions: tuple[Condition, ...] = ()
    since: float
    last_heard: float | None = None  # None: never heard
    restarts: int = 0
    attributes: dict[str, str] = {}


class WindowStatus(Message):
    """`window/<window>`."""

    v: Literal[1] = 1
    window: str
    staff: str = ""
    state: Literal["closed", "open", "paused"] = "closed"
    ticket: str = ""
    phase: Literal["", "called", "serving", "rating"] = ""
    last_called: str = ""
    waiting: int = 0  # tickets that this window could call


class ServiceQueue(Message):
    service: str
    waiting: int
    issued: int
    oldest_wait_s: float


class QueueStatus(Message):
    """`queue`."""

    v: Literal[1] = 1
    day: str
    services: tuple[ServiceQueue, ...]


class OutboxStatus(Message):
    rows: int  # kept and not yet acknowledged
    bytes: int
    oldest_age_s: float
    acked_seq: int
    last_seq: int
    dropped: int


class Alert(Message):
    """`alert/<key>`: retained while raised, cleared with an empty payload."""

    v: Literal[1] = 1
    key: str
    severity: Literal["warning", "error"]
    since: float
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    detail: str = ""


class NodeHealth(Message):
    """`health`."""

    v: Literal[1] = 1
    at: float
    load1: float
    rss_mb: float
    loop_lag_ms: float
    outbox: OutboxStatus


# --- requests ---
class Request(Message):
    """One command, over the control socket or `cmd/<verb>`; a repeat of `id` gets the first answer again."""

    id: Uid
    verb: Annotated[str, Field(pattern=r"^[a-z][a-z_.]{0,31}$")]
    args: Annotated[dict[str, Any], Field(max_length=MAX_ARGS)] = {}
    reply_to: Annotated[str, Field(max_length=256)] = ""
    expires: float | None = None  # wall seconds; later than this it is refused


class Reply(Lenient):
    """`result` is done, rejected, failed or unknown; a time-out is unknown, never failed."""

    v: Literal[1] = 1
    id: str
    result: Literal["done", "rejected", "failed", "unknown"]
    code: str = ""
    zh: str = ""  # for the person who meets it
    en: str = ""
    data: dict[str, Any] = {}


# --- topics ---
class Topics:
    """The topics of one node."""

    def __init__(self, hall: str, node: str) -> None:
        self.base = f"hall/{VERSION}/{hall}/{node}"
        self.status = f"{self.base}/status"
        self.queue = f"{self.base}/queue"
        self.event = f"{self.base}/event"
        self.ack = f"{self.base}/ack"
        self.health = f"{self.base}/health"
        self.commands = f"{self.base}/cmd/+"

    def device(self, device: str) -> str:
        return f"{self.base}/device/{device}"

    def window(self, window: str) -> str:
        return f"{self.base}/window/{window}"

    def alert(self, key: str) -> str:
        return f"{self.base}/alert/{key}"

    def command(self, verb: str) -> str:
        return f"{self.base}/cmd/{verb}"


def reply_topic(client: str, request_id: str) -> str:
    return f"hall/{VERSION}/reply/{client}/{request_id}"


def split_topic(topic: str) -> tuple[str, str, str] | None:
    """(hall, node, rest) of a node's topic, or None for any other."""
    parts = topic.split("/", 4)
    if len(parts) != 5 or parts[:2] != ["hall", str(VERSION)] or parts[2] == "reply":  # noqa: PLR2004 the five levels above
        return None
    return parts[2], parts[3], parts[4]
