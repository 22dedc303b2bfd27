"""The present of a node, retained at the broker: each message is the whole of its topic."""

from __future__ import annotations

from math import ceil
from typing import Literal

from pydantic import ConfigDict, Field

from edge.wire.alerts import AlertLevel
from edge.wire.base import Lenient, Message, Uid

STEP_MIN = 5  # finer than anybody's wait can be told


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
    attributes: dict[str, str] = Field(default_factory=dict)


class WindowStatus(Message):
    """`window/<window>`."""

    v: Literal[1] = 1
    window: str
    staff: str = ""
    state: Literal["closed", "open", "paused"] = "closed"
    ticket: str = ""
    phase: Literal["", "called", "serving", "rating"] = ""
    rating: str = ""  # the act that may be rated here now
    last_called: str = ""
    waiting: int = 0  # tickets that this window could call


def told_min(p50_s: float, p90_s: float) -> tuple[int, int]:
    """The minutes from and to that a citizen is told of a wait: rounded up to five."""
    low, high = (STEP_MIN * ceil(wait_s / 60 / STEP_MIN) for wait_s in (p50_s, p90_s))
    return low, max(low, high)


class ServiceQueue(Message):
    service: str
    waiting: int
    issued: int
    oldest_wait_s: float
    wait_p50_s: int | None = None  # of an ordinary ticket taken now; None: nobody can know
    wait_p90_s: int | None = None
    held: int = 0  # put by for some minutes, and not among those who wait
    booked: int = 0  # appointments of today whose holders have not checked in


class QueueStatus(Message):
    """`queue`. How good what was told of waits is: of all who were told and have been called today."""

    v: Literal[1] = 1
    day: str
    services: tuple[ServiceQueue, ...]
    told: int = 0  # how many these are; of nobody there is no figure
    mean_wait_s: float | None = None
    mae_s: float | None = None  # mean of |P50 − wait|
    p90_coverage: float | None = None  # share that waited no longer than P90


class OutboxStatus(Message):
    rows: int  # kept and not yet acknowledged
    bytes: int
    oldest_age_s: float
    acked_seq: int
    last_seq: int
    dropped: int


class WarningState(Message):
    """How a warning stands: what of, how grave, who is to see to it, and who has said that he does."""

    model_config = ConfigDict(defer_build=True)  # a node that warns of nothing says none

    kind: str
    about: str  # the service, window, device or lane
    level: AlertLevel
    value: float  # when it was last told, in the unit of its kind
    to: str
    escalated: bool = False  # nobody acknowledged it in time: `to` is the next in line
    acknowledged_by: str = ""
    acknowledged_at: float | None = None
    note: str = ""


class Alert(Message):
    """`alert/<key>`: retained while raised, cleared with an empty payload. Who sees to a warning stands in
    `warning`; of all others here."""

    v: Literal[1] = 1
    key: str
    severity: Literal["warning", "error"]
    since: float
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    detail: str = ""
    warning: WarningState | None = None  # of the hall's supervision; other alerts have none
    acknowledged_by: str = ""  # until it is over, or the node starts anew and asks again
    acknowledged_at: float | None = None
    note: str = ""


CameraPhase = Literal["unknown", "learning", "ok", "suspect", "fault"]


class CameraTrouble(Message):
    """A fault that stands. `zh` and `en` say it in words, with what to do."""

    fault: str
    since: float
    unstable: bool = False
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class CameraStatus(Message):
    """`camera/<camera>`: what is known of it and of its picture; how its line stands is `device/<camera>`."""

    v: Literal[1] = 1
    camera: str
    state: CameraPhase
    since: float
    mode: str = ""  # "colour", "infrared", "lights_off"
    troubles: tuple[CameraTrouble, ...] = ()
    looked_at: float | None = None  # the last picture, to the minute
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    accepted_by: str = ""  # who accepted the view as it is
    accepted_at: float | None = None


class CamerasStatus(Message):
    """`cameras`: all of a node's at a glance."""

    v: Literal[1] = 1
    total: int
    states: dict[str, int]  # by state: how many
    faults: dict[str, int]  # by fault: how many have it
    together: str = ""  # why many changed at once: "lights", "power", "network"
    together_since: float | None = None


class NodeHealth(Message):
    """`health`."""

    v: Literal[1] = 1
    at: float
    load1: float
    rss_mb: float
    loop_lag_ms: float
    outbox: OutboxStatus
