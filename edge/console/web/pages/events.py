"""What happened: the record searched, a page at a time; and what happens now, as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from edge.console.accounts.roles import Act
from edge.console.finding.events import Event, Found, find
from edge.console.finding.wanted import BadCursor, Cursor, Wanted
from edge.console.live.tail import Happened, text_of
from edge.console.web.keys import DESK, LIVE, SETTINGS
from edge.console.web.needs import needs
from edge.console.web.pages.overview import halls_of
from edge.console.web.render import page
from edge.console.web.visit import VISIT, Visit
from edge.wire import ACTS, Seal, Stamp

ROWS = 50  # of a page: two screens
TAIL = 30  # newest, while one looks on
OWN = frozenset({*Stamp.model_fields, *Seal.model_fields, "kind"})  # of every event: not what happened
RATINGS = "rating."  # who was rated how is for those who see ratings
KINDS = tuple(sorted({*ACTS, "device.changed", "camera.fault", "cameras.together"}))
FIELDS = ("node", "ticket", "window", "device", "staff", "text")
LONGEST = 64  # characters of a field


@dataclass(frozen=True, slots=True)
class Row:
    hall: str
    node: str
    seq: int
    at_s: float
    kind: str
    by: str
    fields: tuple[tuple[str, str], ...]


@needs(Act.SEE_EVENTS)
async def events(request: web.Request) -> web.Response:
    visit, asked = request[VISIT], _asked(request)
    wanted = _wanted(request, visit, asked)
    found: Found = await request.app[DESK].read(lambda db: find(db, wanted, ROWS))
    rows = [row for event in found.events if (row := _row(event)) and sees(visit, row.hall, row.kind)]
    older = urlencode({**asked, "before": found.more.text}) if found.more else ""
    return page(
        request,
        "events.html",
        **tail_values(request.app, visit),
        asked=asked,
        first=not asked and "before" not in request.query,
        rows=rows,
        found=found,
        older=older,
        kinds=[kind for kind in KINDS if sees(visit, "", kind)],
        halls=[hall.hall for hall in halls_of(request.app, visit)],
    )


def tail_values(app: web.Application, visit: Visit) -> dict[str, Any]:
    """What the live part shows: the newest of the halls that the visitor may see."""
    seen = (each for each in app[LIVE].tail.newest(10 * TAIL) if sees(visit, each.hall, each.kind))
    return {"tail": [_happened(each) for each, _ in zip(seen, range(TAIL), strict=False)]}


def sees(visit: Visit, hall: str, kind: str) -> bool:
    act = Act.SEE_RATINGS if kind.startswith(RATINGS) else Act.SEE_EVENTS
    return visit.may(act, hall)


def _asked(request: web.Request) -> dict[str, str]:
    names = ("hall", "kind", "from", "to", *FIELDS)
    return {name: value for name in names if (value := request.query.get(name, "").strip())}


def hall_of(visit: Visit, hall: str, kind: str, before: Cursor | None) -> str:
    """Where to look. Raises the HTTP error for what is not the visitor's."""
    own = visit.account.hall if visit.account else ""
    hall = hall or own
    if own and hall != own:
        raise web.HTTPForbidden
    if kind and not sees(visit, hall, kind):
        raise web.HTTPForbidden
    if before and own and before.hall != own:
        raise web.HTTPBadRequest
    return hall


def _wanted(request: web.Request, visit: Visit, asked: dict[str, str]) -> Wanted:
    """Raises the HTTP error for what is not the visitor's, and for what can be no question."""
    kind = asked.get("kind", "")
    zone = request.app[SETTINGS].zone
    try:
        since, until = (_moment(asked.get(name, ""), zone) for name in ("from", "to"))
        before = Cursor.parse(text) if (text := request.query.get("before", "")) else None
    except (BadCursor, ValueError, OverflowError):
        raise web.HTTPBadRequest from None
    hall = hall_of(visit, asked.get("hall", ""), kind, before)
    fields = {name: asked.get(name, "")[:LONGEST] for name in FIELDS}
    return Wanted(hall, kinds=(kind,) if kind else (), since_s=since, until_s=until, before=before, **fields)


def _moment(text: str, zone: Any) -> float | None:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() if text else None


def _row(event: Event) -> Row:
    told = event.told
    return Row(
        event.hall,
        event.node,
        event.seq,
        event.at,
        event.kind,
        str(told.get("by", "")),
        _fields(told.items()),
    )


def _happened(each: Happened) -> Row:
    return Row(each.hall, each.node, each.seq, each.at_s, each.kind, each.by, each.fields)


def _fields(told: Iterable[tuple[str, Any]]) -> tuple[tuple[str, str], ...]:
    def shown() -> Iterator[tuple[str, str]]:
        for name, value in told:
            if name not in OWN and value not in ("", None, [], {}):
                yield name, text_of(value)

    return tuple(shown())


ROUTES = (web.get("/events", events),)
