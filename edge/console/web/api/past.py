"""What the record tells: ratings and follow-ups, events, devices over days, the audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import trail
from edge.console.api import operations, record
from edge.console.api.base import Misuse, Query, Words, moment
from edge.console.finding.events import find
from edge.console.finding.wanted import BadCursor, Cursor, Wanted
from edge.console.followup import followups as followups_of
from edge.console.live.views import HallView
from edge.console.reports.watched import Device
from edge.console.sums.asking import ratings_between
from edge.console.sums.devices import Watched, device_history, period_of
from edge.console.sums.devices import availability as availability_of
from edge.console.sums.model import Desk
from edge.console.web.api.answering import BadRequest, answers
from edge.console.web.api.halls import the_device
from edge.console.web.dates import Days, days_of
from edge.console.web.keys import DESK, SETTINGS, WALL
from edge.console.web.pages.events import hall_of, sees
from edge.console.web.pages.followup import the_one
from edge.console.web.pages.hall import the_hall
from edge.console.web.pages.overview import halls_of
from edge.console.web.pages.ratings import (
    NEVER,
    Case,
    by_window,
    case_of,
    chosen,
    level_of,
    levels_given,
    tally_of,
)
from edge.console.web.visit import VISIT
from edge.rules.rates import LEVELS

MOST = 1_000  # follow-ups: a county's of a year


@answers(operations.RATINGS)
async def ratings(request: web.Request, _query: record.RatingsQuery) -> record.Ratings:
    halls, days = _halls(request), _days(request)
    hall = chosen(request, halls)
    found = await request.app[DESK].read(lambda db: ratings_between(db, days.first, days.last, hall))
    desks = {key: desk for key, desk in found.items() if key[0] in halls}
    tally = tally_of(desks.values())
    return record.Ratings(
        first=days.first,
        last=days.last,
        hall=hall,
        acts=tally.acts,
        ratings=tally.ratings,
        good_share=tally.good.rate,
        levels=_levels(levels_given(desks.values())),
        windows=tuple(
            record.WindowRatings(
                hall=row.hall,
                window=row.window,
                levels=_levels(row.tally.levels),
                missed=row.tally.acts - row.tally.ratings,
            )
            for row in by_window(desks)
        ),
        reasons=tuple(_reasons(desks, halls)),
    )


def _levels(given: Mapping[int, int]) -> dict[int, int]:
    return {level: given.get(level, 0) for level in LEVELS}


def _reasons(desks: Mapping[tuple[str, str], Desk], halls: Mapping[str, HallView]) -> list[record.Reason]:
    """Each with the words of a hall that gives it any, the most frequent first."""
    counts, words = Counter[tuple[int, str]](), dict[str, Words]()
    for (hall, _), desk in desks.items():
        for key, count in desk.reasons.items():
            level, _, code = key.partition("/")
            if level.isdecimal() and int(level) in LEVELS:
                counts[int(level), code] += count
        for node in halls[hall].nodes:
            for each in node.names.about.reasons if node.names.about else ():
                words.setdefault(str(each.code), Words(zh=each.zh, en=each.en))
    none = Words(zh="", en="")
    return [
        record.Reason(level=level, code=code, words=words.get(code, none), count=count)
        for (level, code), count in counts.most_common()
    ]


@answers(operations.FOLLOW_UPS)
async def follow_ups(request: web.Request, query: record.FollowUpsQuery) -> record.FollowUps:
    halls = _halls(request)
    hall, now_s = chosen(request, halls), request.app[WALL]()

    def work(db: Connection) -> list[Case]:
        return [case_of(each, now_s) for each in followups_of(db, hall, open_only=query.open)]

    cases = [each for each in await request.app[DESK].read(work) if each.found.node[0] in halls]
    cases.sort(key=lambda case: (case.due.day if case.due else NEVER, case.found.id))
    return record.FollowUps(items=tuple(map(_follow_up, cases[:MOST])), more=max(0, len(cases) - MOST))


@answers(operations.FOLLOW_UP)
async def follow_up(request: web.Request, _query: Query) -> record.FollowUp:
    return _follow_up(case_of(await the_one(request), request.app[WALL]()))


def _follow_up(case: Case) -> record.FollowUp:
    found, rating = case.found, case.found.rating
    codes = rating.get("reasons")
    return record.FollowUp.model_validate(
        {
            "id": found.id,
            "hall": found.node[0],
            "node": found.node[1],
            "day": found.case.day,
            "window": str(rating.get("window", "")),
            "level": level_of(rating),
            "reasons": tuple(map(str, codes[:16])) if isinstance(codes, list) else (),
            "stage": found.case.stage,
            "standing": case.stands,
            "due": case.due.day if case.due else None,
            "steps": tuple(
                record.Step(
                    stage=step.stage,
                    day=step.day,
                    by=step.by,
                    finding=step.finding,
                    until=step.until,
                    note=step.note,
                )
                for step in found.case.steps
            ),
        }
    )


@answers(operations.EVENTS)
async def events(request: web.Request, query: record.EventsQuery) -> record.Events:
    visit, wanted = request[VISIT], _wanted(request, query)
    found = await request.app[DESK].read(lambda db: find(db, wanted, query.limit))
    return record.Events(
        items=tuple(
            record.Event(
                hall=each.hall,
                node=each.node,
                epoch=each.epoch,
                seq=each.seq,
                id=each.id,
                kind=each.kind,
                at=moment(each.at),
                told=each.told,
            )
            for each in found.events
            if sees(visit, each.hall, each.kind)
        ),
        next=found.more.text if found.more else None,
        complete=found.complete,
        looked_at=found.looked,
    )


def _wanted(request: web.Request, query: record.EventsQuery) -> Wanted:
    """Raises the HTTP error for what is not the visitor's, and for what can be no question."""
    try:
        before = Cursor.parse(query.before) if query.before else None
    except BadCursor as error:
        raise BadRequest(Misuse(name="before", message=str(error))) from None
    return Wanted(
        hall_of(request[VISIT], query.hall, query.kind, before),
        query.node,
        (query.kind,) if query.kind else (),
        _wall_s(request, query.since),
        _wall_s(request, query.until),
        ticket=query.ticket,
        window=query.window,
        device=query.device,
        staff=query.staff,
        text=query.text,
        before=before,
    )


def _wall_s(request: web.Request, at: datetime | None) -> float | None:
    """In the centre's zone where it names none."""
    if at is None:
        return None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=request.app[SETTINGS].zone)).timestamp()
    except (OverflowError, ValueError):
        raise BadRequest(Misuse(name="from, to", message="no time that clocks can say")) from None


@answers(operations.HISTORY)
async def history(request: web.Request, _query: record.Days) -> record.History:
    device, days, period = the_device(request), _days(request), _period(request)
    which = Device(device.hall, device.node, device.device)
    found = await request.app[DESK].read(lambda db: device_history(db, which, period))
    changes = (
        record.Change(at=moment(each.at), state=each.state, conditions=each.conditions) for each in found
    )
    return record.History(
        hall=device.hall,
        node=device.node,
        device=device.device,
        first=days.first,
        last=days.last,
        items=tuple(changes),
    )


@answers(operations.AVAILABILITY)
async def availability(request: web.Request, _query: record.Days) -> record.Availability:
    hall, days, period = the_hall(request).hall, _days(request), _period(request)
    found = await request.app[DESK].read(lambda db: availability_of(db, hall, days.first, days.last, period))
    return record.Availability(
        hall=hall, first=days.first, last=days.last, items=tuple(map(_available, found))
    )


def _available(watched: Watched) -> record.Available:
    found = watched.found
    return record.Available(
        node=watched.device.node,
        device=watched.device.device,
        up_s=found.up_s,
        degraded_s=found.degraded_s,
        down_s=found.down_s,
        unknown_s=found.unknown_s,
        rate=found.rate,
        open_rate=found.open_rate,
        outages=found.outages,
        longest_outage_s=found.longest_s,
        mean_repair_s=found.mttr_s,
    )


@answers(operations.AUDIT)
async def audit(request: web.Request, query: record.AuditQuery) -> record.Audit:
    """Of an auditor of one hall: what was done to it."""
    account = request[VISIT].account
    hall = account.hall if account else ""
    lines = await request.app[DESK].read(
        lambda db: trail.find(
            db, account=query.account, what=query.what, hall=hall, before=query.before, limit=query.limit
        )
    )
    acts = (
        record.Act(
            number=number,
            at=moment(act.at),
            account=act.account,
            role=act.role,
            hall=act.hall,
            what=act.what,
            on=act.on,
            detail=act.detail,
            result=act.result,
            address=act.address,
        )
        for number, act in lines
    )
    return record.Audit(items=tuple(acts), next=lines[-1][0] if len(lines) == query.limit else None)


def _halls(request: web.Request) -> dict[str, HallView]:
    return {hall.hall: hall for hall in halls_of(request.app, request[VISIT])}


def _days(request: web.Request) -> Days:
    days = days_of(request)
    if days.wrong:
        raise BadRequest(Misuse(name="from, to", message="from is after to, or they are too far apart"))
    return days


def _period(request: web.Request) -> tuple[float, float]:
    days, app = _days(request), request.app
    return period_of(days.first, days.last, app[SETTINGS].zone, app[WALL]())


ROUTES = (ratings, follow_ups, follow_up, events, history, availability, audit)
