"""What the API can be asked: the one table by which it is served, described and tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from edge.console.accounts.roles import Act
from edge.console.api import fleet, record
from edge.console.api.base import Answer, Query

ROOT = "/api/v1"
# What can stand in a path: what could be none leads nowhere.
_ID = "[a-z0-9][a-z0-9_-]{0,63}"
PATTERNS = {
    "hall": _ID,
    "node": _ID,
    "device": _ID,
    "key": "[a-z0-9][a-z0-9_.:-]{0,199}",
    "id": "[0-9a-f]{8,64}",
    "kind": "month|quarter|year",
    "period": "[0-9]{4}(-?(Q[1-4]|[0-9]{2}))?",
    "version": "[1-9][0-9]{0,5}",
}
Q_co = TypeVar("Q_co", bound=Query, covariant=True)


@dataclass(frozen=True, slots=True)
class Operation(Generic[Q_co]):
    """`path`: below ROOT. `act`: what the account must be allowed, in the hall of the path if it has one."""

    id: str
    path: str
    act: Act
    summary: str
    answer: type[Answer]
    query: type[Q_co]
    method: Literal["GET", "POST"] = "GET"
    body: type[BaseModel] | None = None
    content: str = "application/json"


HALLS = Operation("halls", "/halls", Act.SEE, "All halls as they are now", fleet.Halls, Query)
HALL = Operation(
    "hall", "/halls/{hall}", Act.SEE, "A hall: nodes, windows, queues, today", fleet.HallDetail, Query
)
_DEVICES = "/halls/{hall}/devices"
DEVICES = Operation("devices", _DEVICES, Act.SEE, "Devices of a hall", fleet.Devices, Query)
_DEVICE = f"{_DEVICES}/{{node}}/{{device}}"
DEVICE = Operation("device", _DEVICE, Act.SEE, "A device as it is now", fleet.Device, Query)
HISTORY = Operation(
    "deviceHistory", f"{_DEVICE}/history", Act.SEE, "What became of it", record.History, record.Days
)
AVAILABILITY = Operation(
    "availability",
    "/halls/{hall}/availability",
    Act.SEE,
    "How long each device of a hall was there",
    record.Availability,
    record.Days,
)
QUEUES = Operation("queues", "/queues", Act.SEE, "Who waits, by service", fleet.Queues, record.OfHall)
ALERTS = Operation("alerts", "/alerts", Act.SEE, "Alerts that are raised now", fleet.Alerts, record.OfHall)
ACKNOWLEDGE = Operation(
    "acknowledgeAlert",
    "/halls/{hall}/alerts/{node}/{key}/acknowledge",
    Act.ACKNOWLEDGE,
    "Say who sees to an alert",
    fleet.Outcome,
    Query,
    "POST",
    fleet.Acknowledgement,
)
RATINGS = Operation(
    "ratings", "/ratings", Act.SEE_RATINGS, "How citizens rate", record.Ratings, record.RatingsQuery
)
FOLLOW_UPS = Operation(
    "followUps",
    "/followups",
    Act.SEE_RATINGS,
    "What follows bad ratings",
    record.FollowUps,
    record.FollowUpsQuery,
)
FOLLOW_UP = Operation(
    "followUp", "/followups/{id}", Act.SEE_RATINGS, "What follows one bad rating", record.FollowUp, Query
)
EVENTS = Operation("events", "/events", Act.SEE_EVENTS, "What happened", record.Events, record.EventsQuery)
REPORTS = Operation("reports", "/reports", Act.REPORTS, "Published reports", record.Reports, Query)
REPORT = Operation(
    "report",
    "/reports/{kind}/{period}/{version}",
    Act.REPORTS,
    "A published report as it was",
    record.Report,
    Query,
)
MAKE_REPORT = Operation(
    "makeReport",
    "/reports",
    Act.REPORTS,
    "Make a report of the record as it is now",
    record.Report,
    Query,
    "POST",
    record.Wanted,
)
AUDIT = Operation(
    "audit", "/audit", Act.SEE_AUDIT, "Who did what at the console", record.Audit, record.AuditQuery
)
STREAM = Operation(
    "stream",
    "/stream",
    Act.SEE,
    "What changes, as server-sent events",
    fleet.Begin,
    record.StreamQuery,
    content="text/event-stream",
)
# What each event of the stream has as its data; all but the first come again and again.
EVENTS_TOLD: dict[str, type[Answer]] = {
    "begin": fleet.Begin,
    "hall": fleet.Hall,
    "node": fleet.Node,
    "device": fleet.Device,
    "window": fleet.Window,
    "queue": fleet.NodeQueues,
    "alert": fleet.Alert,
    "camera": fleet.Camera,
    "gone": fleet.Gone,
    "synced": fleet.Synced,
    "state": fleet.State,
}

OPERATIONS: tuple[Operation[Query], ...] = (
    *(HALLS, HALL, DEVICES, DEVICE, HISTORY, AVAILABILITY, QUEUES, ALERTS, ACKNOWLEDGE),
    *(RATINGS, FOLLOW_UPS, FOLLOW_UP, EVENTS, REPORTS, REPORT, MAKE_REPORT, AUDIT, STREAM),
)
