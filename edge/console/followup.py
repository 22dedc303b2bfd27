"""Follow-ups of bad ratings in the record: opened as the ratings come, and then only added to.

Who steps through one is named by staff; of the citizen there is nothing here. Each follow-up keeps the limits
that it was opened under, so that others, later, do not move its deadlines.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, insert, select
from sqlalchemy.exc import IntegrityError

from edge.console import tables
from edge.console.batch import Parsed
from edge.console.fleet import NodeKey
from edge.rules.deadlines import Calendar
from edge.rules.followup import BAD_LEVELS, Case, Finding, Limits, Stage, Step
from edge.wire import RatingGiven
from edge.workdays import is_workday, knows

CHINA = Calendar(is_workday, knows)
RATING: str = RatingGiven.model_fields["kind"].default

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Somebody else has taken a step meanwhile. Next: look again."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`id`: that of the rating's event. `rating`: the event itself, as its node told it."""

    id: str
    node: NodeKey
    case: Case
    rating: dict[str, Any]


def local_day(limits: Limits, wall_s: float) -> date:
    return datetime.fromtimestamp(wall_s, ZoneInfo(limits.timezone)).date()


def open_for(db: Connection, node: NodeKey, item: Parsed, limits: Limits, now: float) -> None:
    """Of a rating that is being recorded, in the same transaction: where it is a bad one, and once."""
    rating = from_json(item.body)
    if rating.get("level") not in BAD_LEVELS:
        return
    table = tables.followup
    if db.execute(select(table.c.id).where(table.c.id == item.id)).first():
        return
    day = _day(rating, local_day(limits, now))
    row = {"id": item.id, "hall": node[0], "node": node[1], "epoch": item.epoch, "seq": item.seq}
    row |= {"day": day.isoformat(), "limits": json.dumps(asdict(limits)), "opened_at": now}
    db.execute(insert(table), row)
    log.info("%s/%s: follow-up %s opened, of the rating of %s", *node, item.id, day)


def _day(rating: dict[str, Any], today: date) -> date:
    """The hall's, as the act says; today where the node did not know the time, or says that it is later."""
    try:
        told = date.fromisoformat(str(rating.get("act")).partition("/")[0])
    except ValueError:
        return today
    return told if rating.get("clock_ok") is True and told <= today else today


def followups(db: Connection, hall: str = "", prefix: str = "", *, open_only: bool = False) -> list[FollowUp]:
    """In the order of their days."""
    table, step = tables.followup, tables.followup_step
    chosen = table.c.id.startswith(prefix, autoescape=True)
    if hall:
        chosen = and_(chosen, table.c.hall == hall)
    if open_only:
        chosen = and_(chosen, is_open(table.c.id))
    steps: dict[str, list[Row[Any]]] = {}
    wanted = select(step).join(table, table.c.id == step.c.id).where(chosen)
    for row in db.execute(wanted.order_by(step.c.id, step.c.number)):
        steps.setdefault(row.id, []).append(row)
    found = (_followup(row, steps.get(row.id, [])) for row in db.execute(_with_ratings().where(chosen)))
    return [each for each in found if each]


def is_open(id_: ColumnElement[str]) -> ColumnElement[bool]:
    """Of the follow-up with this id: not closed yet."""
    done = tables.followup_step.alias("done")  # the query itself may join the steps
    return ~exists().where(done.c.id == id_, done.c.stage == Stage.CLOSED)


def _with_ratings() -> Select[Any]:
    """Also those whose event somebody has taken out of the record."""
    table, event = tables.followup, tables.event
    same = and_(*(table.c[name] == event.c[name] for name in ("hall", "node", "epoch", "seq")))
    return select(table, event.c.body).outerjoin(event, same).order_by(table.c.day, table.c.id)


def _followup(row: Row[Any], kept: Sequence[Row[Any]]) -> FollowUp | None:
    """None where somebody has written into the tables what cannot be there: that must not stop the hub."""
    try:
        limits = Limits(**json.loads(row.limits))
        case = Case(date.fromisoformat(row.day), limits, tuple(map(_step, kept)))
    except (ValueError, TypeError) as error:
        _tell(row.id, str(error))
        return None
    return FollowUp(row.id, (row.hall, row.node), case, _rating(row.body))


def _rating(body: Any) -> dict[str, Any]:
    """Empty where the event is not there or not readable any more, which the walk along the chain tells."""
    try:
        rating = from_json(body)
    except (ValueError, TypeError):
        return {}
    return rating if isinstance(rating, dict) else {}


@lru_cache(maxsize=64)  # once each; the hub looks every minute
def _tell(id_: str, reason: str) -> None:
    log.error("follow-up %s cannot be read, and is left out: %s", id_, reason)


def _step(row: Row[Any]) -> Step:
    return Step(
        stage=Stage(row.stage),
        day=date.fromisoformat(row.day),
        by=row.taken_by,
        finding=Finding(row.finding) if row.finding else None,
        until=date.fromisoformat(row.until) if row.until else None,
        note=row.note,
    )


def add_step(db: Connection, followup: FollowUp, step: Step, now: float) -> None:
    """A step that the rules allow for what `followup` is. Raises Overtaken where it is no more that."""
    row = {"id": followup.id, "number": len(followup.case.steps) + 1, "taken_at": now}
    row |= {"stage": step.stage, "day": step.day.isoformat(), "taken_by": step.by, "note": step.note}
    row |= {"finding": step.finding or "", "until": step.until.isoformat() if step.until else ""}
    try:
        db.execute(insert(tables.followup_step), row)
    except IntegrityError:
        raise Overtaken from None
