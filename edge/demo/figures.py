"""How good the rules were to people, from the hub's record alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from statistics import fmean
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from edge.demo.fairness import Event

SLOT_GRACE_MIN = 10.0  # after his time, within which one with an appointment is to be called


class Waits(BaseModel):
    """Of all who were told a wait and have been called. None where there is nobody."""

    told: int
    mean_wait_s: float | None
    mae_s: float | None  # mean of |P50 − wait|
    p90_coverage: float | None  # share that waited no longer than P90


class Warned(BaseModel):
    """A warning; times are the hall's local ones."""

    key: str
    level: str  # the gravest
    raised: str
    acknowledged_by: str = ""
    cleared: str = ""  # empty: it stands


class Appointments(BaseModel):
    booked: int
    checked_in: int
    called: int
    in_time: float | None  # share of the called who were so by SLOT_GRACE_MIN after their time


class FollowUps(BaseModel):
    opened: int
    closed: int
    steps: int


def events_of(record: Path, hall: str, node: str) -> list[Event]:
    """A node's, in its own order, read beside the running hub."""
    with closing(_reading(record)) as db:
        query = "SELECT body FROM event WHERE hall = ? AND node = ? ORDER BY epoch, seq"
        return [json.loads(body) for (body,) in db.execute(query, (hall, node))]


def waits_of(events: Sequence[Event]) -> Waits:
    told: dict[str, Event] = {}
    pairs: list[tuple[float, float, float]] = []  # wait, P50, P90
    for event in events:
        if event["kind"] == "ticket.reserved" and event.get("wait_p50_s") is not None:
            told[event["ticket"]] = event
        elif event["kind"] == "ticket.called" and (said := told.pop(event["ticket"], None)):
            pairs.append((event["mono"] - said["mono"], said["wait_p50_s"], said["wait_p90_s"]))
    if not pairs:
        return Waits(told=0, mean_wait_s=None, mae_s=None, p90_coverage=None)
    return Waits(
        told=len(pairs),
        mean_wait_s=round(fmean(wait for wait, _, _ in pairs), 1),
        mae_s=round(fmean(abs(p50 - wait) for wait, p50, _ in pairs), 1),
        p90_coverage=round(fmean(wait <= p90 for wait, _, p90 in pairs), 3),
    )


def warnings_of(events: Sequence[Event], zone: ZoneInfo) -> tuple[Warned, ...]:
    """In the order in which they were raised."""
    found: list[Warned] = []
    standing: dict[str, Warned] = {}
    for event in events:
        key, time = event.get("key", ""), datetime.fromtimestamp(event["at"], zone).strftime("%H:%M:%S")
        match event["kind"]:
            case "alert.raised":
                standing[key] = Warned(key=key, level=event["level"], raised=time)
                found.append(standing[key])
            case "alert.updated":
                standing[key].level = event["level"]
            case "alert.acknowledged":
                standing[key].acknowledged_by = event["name"]
            case "alert.cleared":
                standing.pop(key).cleared = time
    return tuple(found)


def appointments_of(events: Sequence[Event], zone: ZoneInfo) -> Appointments:
    times: dict[str, float] = {}  # reference → wall time of the appointment
    tickets: dict[str, str] = {}
    late_s: dict[str, float] = {}  # ticket → after its time, of the first call
    for event in events:
        match event["kind"]:
            case "appointment.booked":
                local = datetime.fromisoformat(f"{event['day']}T{event['time']}").replace(tzinfo=zone)
                times[event["ref"]] = local.timestamp()
            case "appointment.checked_in":
                tickets[event["ticket"]] = event["ref"]
            case "ticket.called" if event["ticket"] in tickets:
                late_s.setdefault(event["ticket"], event["at"] - times[tickets[event["ticket"]]])
    in_time = [late <= 60 * SLOT_GRACE_MIN for late in late_s.values()]
    return Appointments(
        booked=len(times),
        checked_in=len(tickets),
        called=len(in_time),
        in_time=round(fmean(in_time), 3) if in_time else None,
    )


def follow_up_of(record: Path, hall: str, ticket: str) -> str:
    """The id of the follow-up of this ticket's act, "" where there is none yet."""
    with closing(_reading(record)) as db:
        query = (
            "SELECT followup.id, body FROM followup JOIN event USING (hall, node, epoch, seq) WHERE hall = ?"
        )
        return next(
            (id_ for id_, body in db.execute(query, (hall,)) if json.loads(body)["ticket"] == ticket), ""
        )


def follow_ups_of(record: Path, hall: str) -> FollowUps:
    with closing(_reading(record)) as db:
        ids = {id_ for (id_,) in db.execute("SELECT id FROM followup WHERE hall = ?", (hall,))}
        stages = [row for row in db.execute("SELECT id, stage FROM followup_step") if row[0] in ids]
    closed = sum(stage == "closed" for _, stage in stages)
    return FollowUps(opened=len(ids), closed=closed, steps=len(stages))


def _reading(record: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{record}?mode=ro", uri=True)
