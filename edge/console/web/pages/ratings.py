"""How citizens rate: levels and reasons, by window, and the follow-ups of bad ratings by their deadlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from edge.console.accounts.roles import Act
from edge.console.charts.bars import bars, levels
from edge.console.followup import CHINA, FollowUp, followups, local_day
from edge.console.live.views import HallView
from edge.console.sums.asking import ratings_between
from edge.console.sums.model import Desk
from edge.console.web.dates import Days, days_of, today
from edge.console.web.keys import DESK, SETTINGS, WALL
from edge.console.web.names import Names
from edge.console.web.needs import needs
from edge.console.web.pages.overview import halls_of
from edge.console.web.render import page
from edge.console.web.visit import VISIT, Visit
from edge.rules.deadlines import Deadline
from edge.rules.followup import Standing, deadline, standing
from edge.rules.followup_steps import STAGE_WORDS
from edge.rules.rates import LEVELS, Tally

MOST = 100  # follow-ups on the page: the most urgent
FIRST = 8  # of them that are seen at once
SPANS = (7, 30, 90, 365)  # days, of the links to other times
MARKS = {  # how a standing is marked
    Standing.OVERDUE: "bad",
    Standing.DUE: "warn",
    Standing.SOON: "warn",
    Standing.OPEN: "off",
    Standing.CLOSED: "good",
}
NEVER = date.max


@dataclass(frozen=True, slots=True)
class Case:
    """A follow-up as it is listed."""

    found: FollowUp
    stands: Standing
    due: Deadline | None

    @property
    def mark(self) -> str:
        return MARKS[self.stands]


@dataclass(frozen=True, slots=True)
class WindowRow:
    hall: str
    window: str
    tally: Tally


@needs(Act.SEE_RATINGS)
async def ratings(request: web.Request) -> web.Response:
    app, visit = request.app, request[VISIT]
    halls = {hall.hall: hall for hall in halls_of(app, visit)}
    hall, days = chosen(request, halls), days_of(request)
    found, cases = await app[DESK].read(lambda db: _asked(db, days, hall, app[WALL]()))
    names = {id_: Names(visit, app[SETTINGS], view) for id_, view in halls.items()}
    desks = {key: desk for key, desk in found.items() if key[0] in names}
    cases = [case for case in cases if case.found.node[0] in names]
    given = levels_given(desks.values())
    return page(
        request,
        "ratings.html",
        halls=names,
        hall=hall,
        days=days,
        spans=[(n, today(app) - timedelta(days=n - 1)) for n in SPANS],
        levels_chart=levels(visit.t, visit.t("ratings.levels"), given),
        reasons_chart=bars(visit.t, visit.t("ratings.reasons"), _reasons(visit, desks, halls)),
        total=tally_of(desks.values()),
        rows=by_window(desks),
        cases=cases[:MOST],
        first=FIRST,
        level_of=level_of,
        stage_words=STAGE_WORDS,
        more=max(0, len(cases) - MOST),
        counts=Counter(case.stands for case in cases),
    )


def chosen(request: web.Request, halls: Mapping[str, object]) -> str:
    """The hall that the address asks for; "" is all that the visitor may see. Of another there is none."""
    hall = request.query.get("hall", "")
    if hall and hall not in halls:
        raise web.HTTPNotFound
    account = request[VISIT].account
    return hall or (account.hall if account else "")


def case_of(found: FollowUp, now_s: float) -> Case:
    day = local_day(found.case.limits, now_s)
    return Case(found, standing(found.case, day, CHINA), deadline(found.case, CHINA))


def _asked(
    db: Connection, days: Days, hall: str, now_s: float
) -> tuple[dict[tuple[str, str], Desk], list[Case]]:
    """What was rated in these days, and what is open now, the most urgent first."""
    cases = [case_of(found, now_s) for found in followups(db, hall, open_only=True)]
    cases.sort(key=lambda case: (case.due.day if case.due else NEVER, case.found.id))
    return ratings_between(db, days.first, days.last, hall), cases


def levels_given(desks: Iterable[Desk]) -> dict[int, int]:
    given: Counter[int] = Counter()
    for desk in desks:
        given.update({level: count for level, count in desk.levels.items() if level in LEVELS})
    return dict(given)


def tally_of(desks: Iterable[Desk]) -> Tally:
    """An act is rated once or missed."""
    each = list(desks)
    given = levels_given(each)
    return Tally(sum(given.values()) + sum(sum(desk.missed.values()) for desk in each), given)


def by_window(desks: Mapping[tuple[str, str], Desk]) -> list[WindowRow]:
    """Those with the most bad ratings first."""
    rows = [WindowRow(hall, window, tally_of([desk])) for (hall, window), desk in desks.items()]
    return sorted(rows, key=lambda row: (-row.tally.bad.k, -row.tally.ratings, row.hall, row.window))


def _reasons(
    visit: Visit, desks: Mapping[tuple[str, str], Desk], halls: Mapping[str, HallView]
) -> dict[str, int]:
    """Of bad ratings, by what they mean."""
    counts: Counter[str] = Counter()
    for (hall, _), desk in desks.items():
        words = reason_words(visit, halls[hall])
        for key, count in desk.reasons.items():
            level, _, code = key.partition("/")
            if level in ("2", "1"):
                counts[words.get(code) or visit.t("ratings.reason", code=code)] += count
    return dict(counts)


def reason_words(visit: Visit, hall: HallView) -> dict[str, str]:
    """By code, as the hall says."""
    abouts = [node.names.about for node in hall.nodes if node.names.about]
    return {str(each.code): visit.name(each.zh, each.en) for about in abouts for each in about.reasons}


def level_of(rating: Mapping[str, Any]) -> int | None:
    """None where it is no level, whatever else a node has told."""
    level = rating.get("level")
    return level if type(level) is int and level in LEVELS else None


def reasons_of(visit: Visit, hall: HallView, rating: Mapping[str, Any]) -> list[str]:
    """Those of one rating, of which anything may have become."""
    words, codes = reason_words(visit, hall), rating.get("reasons")
    told = [str(code) for code in codes[:16]] if isinstance(codes, list) else []
    return [words.get(code) or visit.t("ratings.reason", code=code) for code in told]


ROUTES = (web.get("/ratings", ratings),)
