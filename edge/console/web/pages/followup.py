"""What follows one bad rating: what was done, what is to be done next, and a form for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts import trail
from edge.console.accounts.roles import Act
from edge.console.followup import CHINA, FollowUp, Overtaken, add_step, followups, local_day
from edge.console.web.acts import act_of, audited
from edge.console.web.forms import form
from edge.console.web.keys import DESK, LIVE, SETTINGS, WALL
from edge.console.web.names import Names
from edge.console.web.needs import needs
from edge.console.web.pages.ratings import case_of, level_of, reasons_of
from edge.console.web.render import page
from edge.console.web.session import see
from edge.console.web.visit import VISIT
from edge.rules.followup import NEXT, Finding, Stage, Step, latest_promise
from edge.rules.followup_steps import FINDING_WORDS, MAX_NOTE, STAGE_WORDS, Refusal, refusal

ID = re.compile(r"[0-9a-f]{8,64}")
_OPTION = re.compile(r"\s?[（(]--\w+[^）)]*[）)]")
STEP = "followup.step"  # in the trail
OVERTAKEN = Refusal(
    "overtaken",
    "刚才有人先办了一步，请看最新情况再办。",
    "Somebody has just taken a step: please look at it and try again.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a form says: kept in it where the step is refused. `number`: of the step that it was made for."""

    stage: str = ""
    finding: str = ""
    until: str = ""
    note: str = ""
    number: str = ""


@needs(Act.SEE_RATINGS)
async def followup(request: web.Request) -> web.Response:
    return _shown(request, await the_one(request))


@needs(Act.FOLLOW_UP)
async def take(request: web.Request) -> web.Response:
    """A step further, with its line in the trail, or neither."""
    found, told = await the_one(request), _told(await form(request))
    hall = found.node[0]
    if not request[VISIT].may(Act.FOLLOW_UP, hall):
        raise web.HTTPForbidden
    by = request[VISIT].account
    step = _step(told, local_day(found.case.limits, request.app[WALL]()), by.name if by else "")
    if step is None:
        raise web.HTTPBadRequest
    refused = OVERTAKEN if told.number != str(len(found.case.steps)) else refusal(found.case, step, CHINA)
    if refused is None:
        line = act_of(request, STEP, found.id, step.stage, hall=hall)
        try:
            await request.app[DESK].write(partial(_taken, found=found, step=step, line=line))
            return see(request.path)
        except Overtaken:
            refused, found = OVERTAKEN, await the_one(request)
    await audited(request, STEP, found.id, step.stage, f"refused: {refused.code}", hall=hall)
    return _shown(request, found, told, refused)


def _taken(db: Connection, *, found: FollowUp, step: Step, line: trail.Act) -> None:
    add_step(db, found, step, line.at)
    trail.add(db, line)


async def the_one(request: web.Request) -> FollowUp:
    """Of a hall that the visitor may see; of others there is none."""
    id_ = request.match_info["id"]
    found = await request.app[DESK].read(partial(_find, id_=id_)) if ID.fullmatch(id_) else None
    if found is None or not request[VISIT].may(Act.SEE_RATINGS, found.node[0]):
        raise web.HTTPNotFound
    return found


def _find(db: Connection, id_: str) -> FollowUp | None:
    return next((each for each in followups(db, prefix=id_) if each.id == id_), None)


def _told(fields: Mapping[str, str]) -> Told:
    return Told(**{name: fields.get(name, "").strip() for name in Told.__slots__})


def _step(told: Told, today: date, by: str) -> Step | None:
    """None for what no page of ours sends. What does not belong to the step that was chosen is left out."""
    try:
        stage = Stage(told.stage)
        finding = Finding(told.finding) if told.finding and stage is Stage.VERIFIED else None
        until = date.fromisoformat(told.until) if told.until and stage is Stage.RECTIFY_BY else None
    except ValueError:
        return None
    return Step(stage, today, by, finding, until, told.note)


def _shown(
    request: web.Request, found: FollowUp, told: Told | None = None, refused: Refusal | None = None
) -> web.Response:
    app, visit, (hall, node) = request.app, request[VISIT], found.node
    view = app[LIVE].fleet.hall(hall)
    case = found.case
    return page(
        request,
        "followup.html",
        status=409 if refused else 200,
        found=found,
        case=case_of(found, app[WALL]()),
        hall=hall,
        node=node,
        names=Names(visit, app[SETTINGS], view),
        level=level_of(found.rating),
        reasons=reasons_of(visit, view, found.rating),
        stage_words=STAGE_WORDS,
        finding_words=FINDING_WORDS,
        next_stages=NEXT[case.stage] if visit.may(Act.FOLLOW_UP, hall) else (),
        latest=latest_promise(case, CHINA),
        today=local_day(case.limits, app[WALL]()),
        most_note=MAX_NOTE,
        told=told or Told(),
        refused=visit.name(*_words(refused)) if refused else "",
    )


def _words(refused: Refusal) -> tuple[str, str]:
    """As of the command, without its options."""
    return _OPTION.sub("", refused.zh), _OPTION.sub("", refused.en)


ROUTES = (
    web.get("/ratings/{id}", followup),
    web.post("/ratings/{id}", take),
)
