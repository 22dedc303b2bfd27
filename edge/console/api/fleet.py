"""Halls as they are now: what a program is told of the fleet's present."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from edge.console.api.base import Answer, Words
from edge.console.live.things import Why
from edge.console.live.views import Standing
from edge.wire import CameraPhase


class Stale(Answer):
    """What is told is from before: why, and since when at the latest."""

    why: Why
    since: datetime | None


class Hall(Answer):
    """`heard_at` null: nothing has ever been heard of it. `device_counts` by how they stand."""

    hall: str
    name: Words
    standing: Standing
    stale: Stale | None
    heard_at: datetime | None
    waiting: int
    longest_wait_s: float | None
    windows_open: int
    windows_total: int
    device_counts: dict[Standing, int]
    alerts_raised: int


class Node(Answer):
    """`state`: as it says, or why it cannot be trusted. `outbox_*`: events not yet in the record."""

    hall: str
    node: str
    state: str
    stale: Stale | None
    heard_at: datetime | None
    version: str
    outbox_rows: int | None
    outbox_oldest_s: float | None


class Window(Answer):
    hall: str
    node: str
    window: str
    name: str
    state: Literal["closed", "open", "paused"]
    staff: str
    ticket: str
    phase: Literal["", "called", "serving", "rating"]
    waiting: int
    stale: Stale | None


class Queue(Answer):
    """Of a service. `wait_*`: of a ticket taken now, that half and nine in ten do not exceed; null where
    nobody can know."""

    hall: str
    node: str
    service: str
    name: Words
    waiting: int
    longest_wait_s: float
    issued: int
    held: int
    booked: int
    wait_p50_s: int | None
    wait_p90_s: int | None
    stale: Stale | None


class Condition(Answer):
    """`words` and `remedy`: as its node explains it, "" where it does not."""

    code: str
    severity: Literal["info", "warning", "error"]
    since: datetime | None
    detail: str
    words: Words
    remedy: Words


class Device(Answer):
    """`state` "unheard": its node knows of it and nothing has been heard; "unreadable": what it says cannot
    be read."""

    hall: str
    node: str
    device: str
    name: Words
    family: str
    kind: str
    window: str
    standing: Standing
    state: str
    since: datetime | None
    last_heard: datetime | None
    restarts: int
    conditions: tuple[Condition, ...]
    stale: Stale | None


class Camera(Answer):
    hall: str
    node: str
    camera: str
    name: str
    state: CameraPhase
    since: datetime | None
    faults: tuple[str, ...]
    stale: Stale | None


class Alert(Answer):
    """`acknowledgeable`: somebody may take it on. `acknowledged_by` "": nobody has. `note`: theirs."""

    hall: str
    node: str
    key: str
    severity: Literal["error", "warning", "unreadable"]
    since: datetime | None
    words: Words
    remedy: Words
    detail: str
    acknowledgeable: bool
    acknowledged_by: str
    note: str
    stale: Stale | None


class Day(Answer):
    """Of a hall, counted from the record. Times in seconds."""

    arrivals: int
    called: int
    served: int
    no_show: int
    mean_wait_s: float | None
    longest_wait_s: float
    ratings_good: int
    ratings_bad: int
    ratings_missed: int


class HallDetail(Hall):
    """`today` null: it has not opened."""

    nodes: tuple[Node, ...]
    windows: tuple[Window, ...]
    queues: tuple[Queue, ...]
    cameras: tuple[Camera, ...]
    today: Day | None


class Halls(Answer):
    """Those that need somebody first."""

    items: tuple[Hall, ...]


class Devices(Answer):
    items: tuple[Device, ...]


class Queues(Answer):
    items: tuple[Queue, ...]


class NodeQueues(Answer):
    """All queues of a node."""

    hall: str
    node: str
    items: tuple[Queue, ...]


class Alerts(Answer):
    """What nobody has taken on first, then the graver, then the older."""

    items: tuple[Alert, ...]


class Begin(Answer):
    """First on a stream. `resumed` false: forget all that you have, since all that there is follows."""

    resumed: bool


class Gone(Answer):
    """A thing that is there no more. `name`: its id, or an alert's key; "" of a hall, a node, its
    queues. With a node all that is its has gone."""

    kind: str
    hall: str
    node: str
    name: str


class Synced(Answer):
    """All has been told up to the `id` of this event."""

    now: datetime


class State(Answer):
    """Every five seconds: the console's clock, and since when it has no connection to the halls, and since
    when its record keeps nothing; null while all is well."""

    now: datetime
    away_since: datetime | None
    unkept_since: datetime | None


class Acknowledgement(Answer):
    """What a program says of who sees to it."""

    note: str = Field(default="", max_length=200)


class Outcome(Answer):
    """What the node has answered. "unknown": it did not in time, and may have done it."""

    result: Literal["done", "rejected", "failed", "unknown"]
    code: str
    words: Words
