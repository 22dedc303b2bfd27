"""Reports on time: the hub publishes each on the first day after its period, and looks again every hour.

Each is made by `hall-console report … --publish` in a process of its own and of low priority: what a person
would type, and a year's two million events take nothing from the recording but the disk.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import NoReturn

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.engine import open_engine, reason_of
from edge.console.reports.aside import run_aside
from edge.console.reports.period import Kind, Period

KINDS: tuple[Kind, ...] = ("month", "quarter", "year")
HOUR = (
    2  # on the first day: nodes that were cut off for the evening have told by then, and offices are closed
)
CHECK_S = 3600.0  # a report that failed is tried again a hundred times before the fifth
LIMIT_S = 1800.0  # for one: a year takes some seven seconds, more beside other work
SAID = 200  # lines of a report's own words that are logged
NOTHING, CANNOT = 1, 2  # exit statuses: there is nothing to report, it cannot be made

log = logging.getLogger(__name__)

Make = Callable[[Period], Awaitable[int]]  # its exit status


def due(now: datetime) -> list[Period]:
    """What is to be there by now, of each kind the last that is over. `now` is the centre's local time."""
    day = now.date()
    if now.day == 1 and now.hour < HOUR:
        return []
    return [Period.before(kind, day) for kind in KINDS]


class Timely:
    """`run` publishes what is due; `now` is wall time."""

    def __init__(self, store: str, zone: tzinfo, make: Make, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._zone = zone
        self._make = make
        self._now = now
        self._empty: dict[Period, date] = {}  # nothing to report of it, and when that was; bounded by KINDS

    async def run(self) -> NoReturn:
        while True:
            try:
                await self.look()
            except Exception:  # whatever is wrong with a report, the recording beside it goes on
                log.exception("reports: a fault of our own, trying on")
            await asyncio.sleep(CHECK_S)

    async def look(self) -> None:
        """Make what is due and not there, one after the other."""
        now = datetime.fromtimestamp(self._now(), self._zone)
        periods = due(now)
        self._empty = {period: day for period, day in self._empty.items() if period in periods}
        for period in periods:
            if self._empty.get(period) == now.date():
                continue
            if status := await self._status(period):
                self._judge(period, status, now.date())

    async def _status(self, period: Period) -> int:
        """0: it is there."""
        try:
            if await asyncio.to_thread(is_published, self._store, period):
                return 0
            return await self._make(period)
        except SQLAlchemyError as error:
            reason = reason_of(error)
        except OSError as error:
            reason = str(error)
        log.error("the report of %s: %s", period.text, reason)
        return CANNOT

    def _judge(self, period: Period, status: int, day: date) -> None:
        if status == NOTHING:
            self._empty[period] = day
            return
        late = f", and was due on {period.due}" if day > period.due else f", due on {period.due}"
        log.error("the report of %s was not made (status %d%s); trying on", period.text, status, late)


def is_published(store: str, period: Period) -> bool:
    """Raises SQLAlchemyError."""
    engine = open_engine(store, read_only=True)
    try:
        with engine.connect() as db:
            columns = tables.report.c
            query = select(columns.version).where(columns.kind == period.kind, columns.period == period.text)
            return db.execute(query.limit(1)).first() is not None
    finally:
        engine.dispose()


class Command:
    """Makes one report by the command that people have."""

    def __init__(self, store: str, out: Path, settings: Path | None) -> None:
        self._argv = ["--publish", "--store", store, "--out", str(out)]
        self._argv += ["--settings", str(settings)] if settings else []

    async def __call__(self, period: Period) -> int:
        """Its exit status. Raises OSError where it cannot be started."""
        program = (sys.executable, "-c", "from edge.console.cli import main; main()")
        return await run([*program, "report", period.kind, period.text, *self._argv], period.text)


async def run(argv: Sequence[str], name: str) -> int:
    """To its end or LIMIT_S; its words go to the log. It does not outlive whoever waits for it."""
    try:
        ended = await run_aside(argv, LIMIT_S, err=asyncio.subprocess.STDOUT)
    except TimeoutError:
        raise OSError(f"it took more than {LIMIT_S:.0f} s") from None
    for line in ended.out.decode(errors="replace").splitlines()[:SAID]:
        log.info("%s: %s", name, line)
    return ended.status
