"""What the record tells a program: ratings, follow-ups, events, availability, reports, the audit."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from edge.console.api.base import KINDS, Answer, Day, Query, Time, Words
from edge.console.reports.period import Kind
from edge.console.reports.sheets import Form, Value
from edge.console.reports.sheets import Report as Made


class OfHall(Query):
    """`hall`: of one of the halls that the account may see; without it of all of them."""

    hall: str = Field(default="", max_length=64)


class StreamQuery(OfHall):
    """`kind`: which kinds of things, with commas between; without it all."""

    kind: str = Field(default="", pattern=rf"^(({'|'.join(KINDS)})(,({'|'.join(KINDS)}))*)?$")


class Days(Query):
    """Days of the centre, both included; without them the last 30. At most 800 days."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class RatingsQuery(Days):
    hall: str = Field(default="", max_length=64)


class WindowRatings(Answer):
    """`levels`: ratings by level, 5 the best. `missed`: acts that nobody rated."""

    hall: str
    window: str
    levels: dict[int, int]
    missed: int


class Reason(Answer):
    level: int
    code: str
    words: Words
    count: int


class Ratings(Answer):
    """`good_share`: of levels 5, 4 and 3 among all ratings; null where there are none."""

    first: dt.date
    last: dt.date
    hall: str
    acts: int
    ratings: int
    good_share: float | None
    levels: dict[int, int]
    windows: tuple[WindowRatings, ...]
    reasons: tuple[Reason, ...]


class FollowUpsQuery(OfHall):
    """`open`: only those that are not closed yet."""

    open: bool = True


class Step(Answer):
    """Of a follow-up. `finding`, `until`: null where the step has none."""

    stage: str
    day: dt.date
    by: str
    finding: str | None
    until: dt.date | None
    note: str


class FollowUp(Answer):
    """Of a bad rating. `due` null: nothing is to be done any more."""

    id: str
    hall: str
    node: str
    day: dt.date
    window: str
    level: int | None
    reasons: tuple[str, ...]
    stage: str
    standing: Literal["open", "soon", "due", "overdue", "closed"]
    due: dt.date | None
    steps: tuple[Step, ...]


class FollowUps(Answer):
    """By their deadlines, at most 1,000; `more`: how many beyond."""

    items: tuple[FollowUp, ...]
    more: int


class EventsQuery(Query):
    """As on the page of events: newest first. `from` and `to`: wall time of the nodes, in the centre's zone
    where none is given. `before`: `next` of the page before."""

    hall: str = Field(default="", max_length=64)
    node: str = Field(default="", max_length=64)
    kind: str = Field(default="", max_length=64)
    since: Time | None = Field(default=None, alias="from")
    until: Time | None = Field(default=None, alias="to")
    ticket: str = Field(default="", max_length=64)
    window: str = Field(default="", max_length=64)
    device: str = Field(default="", max_length=64)
    staff: str = Field(default="", max_length=64)
    text: str = Field(default="", max_length=64)
    before: str = Field(default="", max_length=250)
    limit: int = Field(default=50, ge=1, le=200)


class Event(Answer):
    """`told`: all that the node told of it, as on `hall/1/<hall>/<node>/event`."""

    hall: str
    node: str
    epoch: str
    seq: int
    id: str
    kind: str
    at: dt.datetime | None
    told: dict[str, Any]


class Events(Answer):
    """`next` null: there are no older ones. `complete` false: only so many were looked at, `next` goes on.
    A page may have fewer than were asked for, and still a next one."""

    items: tuple[Event, ...]
    next: str | None
    complete: bool
    looked_at: int


class Change(Answer):
    at: dt.datetime | None
    state: str
    conditions: tuple[str, ...]


class History(Answer):
    """Of a device, newest first, 500 changes at most."""

    hall: str
    node: str
    device: str
    first: dt.date
    last: dt.date
    items: tuple[Change, ...]


class Available(Answer):
    """Of a device. `open_*`: while the hall was open. Rates are up ÷ (up + down), null where nothing is
    known; what is not known is in neither."""

    node: str
    device: str
    up_s: float
    degraded_s: float
    down_s: float
    unknown_s: float
    rate: float | None
    open_rate: float | None
    outages: int
    longest_outage_s: float
    mean_repair_s: float | None


class Availability(Answer):
    hall: str
    first: dt.date
    last: dt.date
    items: tuple[Available, ...]


class Column(Words):
    form: Form


class Sheet(Answer):
    """A table. `totals` null: it has none."""

    key: str
    name: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    totals: tuple[Value, ...] | None


class Report(Answer):
    """`version` 0: made now, and not published. `final`: its period was over. `until`: the last day in it, ""
    where none is over yet."""

    kind: Kind
    period: str
    version: int
    hall: str
    final: bool
    until: str
    digest: str
    sheets: tuple[Sheet, ...]
    notes: tuple[Words, ...]

    @classmethod
    def of(cls, made: Made, version: int = 0) -> Report:
        sheets = (
            Sheet(
                key=sheet.key,
                name=Words(zh=sheet.zh, en=sheet.en),
                columns=tuple(Column(zh=each.zh, en=each.en, form=each.form) for each in sheet.columns),
                rows=sheet.rows,
                totals=sheet.totals,
            )
            for sheet in made.sheets
        )
        return cls(
            kind=made.kind,
            period=made.period,
            version=version,
            hall=made.hall,
            final=made.final,
            until=made.until,
            digest=made.digest,
            sheets=tuple(sheets),
            notes=tuple(Words(zh=zh, en=en) for zh, en in made.notes),
        )


class Published(Answer):
    kind: Kind
    period: str
    version: int
    made_at: dt.datetime | None
    digest: str


class Reports(Answer):
    """Those that are published, which are of all halls: none for an account of one hall."""

    items: tuple[Published, ...]


class Wanted(Answer):
    """Which report to make: `period` as 2026-10, 2026Q4 or 2026."""

    kind: Kind
    period: str = Field(max_length=10)
    hall: str = Field(default="", max_length=64)


class AuditQuery(Query):
    """`what`: how it begins. `before`: `next` of the page before."""

    account: str = Field(default="", max_length=32)
    what: str = Field(default="", max_length=64)
    before: int = Field(default=0, ge=0, lt=2**62)
    limit: int = Field(default=100, ge=1, le=200)


class Act(Answer):
    """What somebody did, or was refused: `result` says why."""

    number: int
    at: dt.datetime | None
    account: str
    role: str
    hall: str
    what: str
    on: str
    detail: str
    result: str
    address: str


class Audit(Answer):
    """Newest first. `next` null: there are no older ones."""

    items: tuple[Act, ...]
    next: int | None
