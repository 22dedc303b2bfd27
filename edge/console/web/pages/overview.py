"""The whole fleet at a glance: who is well, who waits, what is to be seen to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from aiohttp import web
from markupsafe import Markup

from edge.console.accounts.roles import Act
from edge.console.live.views import AlertView, HallView
from edge.console.web.drawn import DRAWN
from edge.console.web.fragments import Audience
from edge.console.web.keys import LIVE, SETTINGS
from edge.console.web.names import Names
from edge.console.web.needs import needs
from edge.console.web.pages.hall import STANDINGS, natural
from edge.console.web.render import page
from edge.console.web.visit import VISIT, Visit

MOST_ALERTS = 20  # a screen's; the others stand at their halls


@needs(Act.SEE)
async def overview(request: web.Request) -> web.Response:
    visit, drawn = request[VISIT], request.app[DRAWN]
    audience = Audience.of(visit)
    halls = halls_of(request.app, visit)
    # Markup: of a template, which has escaped all that is others'
    cards = [Markup(drawn.part("hall_card", (hall.hall,), audience)) for hall in halls if audience]
    return page(request, "overview.html", **fleet_values(request.app, visit, halls), cards=cards)


def halls_of(app: web.Application, visit: Visit) -> list[HallView]:
    """Those that the visitor may see, the ones that need somebody first."""
    configured = [each.id for each in app[SETTINGS].hall]
    known = [hall for hall in app[LIVE].fleet.halls(configured) if visit.may(Act.SEE, hall.hall)]
    return sorted(known, key=lambda hall: (rank(hall), natural(hall.hall)))


def fleet_values(app: web.Application, visit: Visit, halls: list[HallView]) -> dict[str, Any]:
    views = {hall.hall: hall for hall in halls}

    @cache
    def names(hall: str) -> Names:
        return Names(visit, app[SETTINGS], views[hall])

    alerts = in_order(halls)
    waits = [hall.longest_wait_s for hall in halls if hall.longest_wait_s is not None]
    return {
        "names_of": names,
        "with_hall": True,
        "standings": Counter(hall.standing for hall in halls),
        "waiting": sum(hall.waiting for hall in halls),
        "longest_s": max(waits, default=None),
        "alerts": alerts[:MOST_ALERTS],
        "more": len(alerts) - MOST_ALERTS if len(alerts) > MOST_ALERTS else 0,
    }


def in_order(halls: Iterable[HallView]) -> list[AlertView]:
    """Their alerts, the most urgent first."""
    return sorted((alert for hall in halls for alert in hall.alerts), key=_urgency)


def rank(hall: HallView) -> int:
    """The page's script keeps the cards in this order."""
    return STANDINGS.index(hall.standing)


def _urgency(alert: AlertView) -> tuple[bool, int, float]:
    """As within a hall: what nobody sees to first, then the graver, then the older."""
    since_s = alert.seen.good.since if alert.seen.good else 0.0
    return alert.acknowledged, STANDINGS.index(alert.standing), since_s


ROUTES = (web.get("/", overview),)
