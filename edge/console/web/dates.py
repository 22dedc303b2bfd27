"""The days that an address asks about: `from` and `to`, in the centre's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from edge.console.sums.asking import MAX_DAYS
from edge.console.web.keys import SETTINGS, WALL

USUAL = 30  # days, where the address says nothing


@dataclass(frozen=True, slots=True)
class Days:
    """`wrong`: what was asked for is no such time, and these are shown instead."""

    first: date
    last: date
    wrong: bool = False


def today(app: web.Application) -> date:
    return datetime.fromtimestamp(app[WALL](), app[SETTINGS].zone).date()


def days_of(request: web.Request) -> Days:
    last = today(request.app)
    usual = Days(last - timedelta(days=USUAL - 1), last)
    told = {name: request.query.get(name, "") for name in ("from", "to")}
    try:
        end = date.fromisoformat(told["to"]) if told["to"] else last
        begin = date.fromisoformat(told["from"]) if told["from"] else end - timedelta(days=USUAL - 1)
        right = timedelta() <= end - begin < timedelta(days=MAX_DAYS)
    except (ValueError, OverflowError):
        right = False
    return Days(begin, end) if right else Days(usual.first, usual.last, wrong=True)
