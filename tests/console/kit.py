"""A console as it is at work: the real application over a record and its sums, at a moment that is said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aiohttp import web

from edge.console.desk import Desk
from edge.console.settings import ConsoleSettings
from edge.console.sums.follower import Follower
from edge.console.web import app as application
from tests.console.days import Hall
from tests.report_kit import keep, wall

NOW_S = wall("2026-10-14 13:24")  # a Wednesday, early in the afternoon
FIRST, DAYS = date(2026, 9, 14), 31
DEVICES = ("printer-1", "caller-1", "caller-2", "pad-1", "pad-2", "board-1")


@dataclass(frozen=True, slots=True)
class Console:
    address: str
    store: str


def a_month(folder: Path) -> str:
    """The record of a centre and a township's hall up to now, with its sums: its address."""
    centre = Hall("county", "desk", 6, DEVICES, seed=1)
    township = Hall("town", "node-1", 1, DEVICES[:2], seed=2)
    for each in (centre, township):
        each.open(FIRST, DAYS, NOW_S)
    store = keep(folder / "hub.db", centre.node, township.node)
    with closing(Follower(store, ConsoleSettings().zone, lambda: NOW_S)) as follower:
        follower.catch_up()
    return store


@asynccontextmanager
async def console(folder: Path, routes: Sequence[web.RouteDef] = ()) -> AsyncIterator[Console]:
    """`routes`: pages of a test beside its own."""
    store = a_month(folder)
    with closing(Desk(store)) as desk:
        app = application.make_app(desk, ConsoleSettings(), wall=lambda: NOW_S)
        application.add(app, routes)
        async with application.served(app, 0) as address:
            yield Console(address, store)
