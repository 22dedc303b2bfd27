"""The record under a county's load, and what its pages ask of a year.

`python -m tests.bench record-pages`, or `python -m tests.bench.record_pages FOLDER HALLS` with so many
halls of a full year each, in a folder that is kept for another time: 19 halls take some 33 GB.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from sqlalchemy import Connection, select

from edge.console import tables
from edge.console.engine import open_engine
from edge.console.finding.events import find
from edge.console.finding.wanted import Wanted
from edge.console.record import Record
from edge.console.sums.asking import days, hours_by_weekday, one_day, ratings_between, today
from edge.console.sums.devices import availability, period_of
from edge.console.sums.follower import Follower
from tests.bench.model import Figure, Result, Series
from tests.bench.record_of_a_year import ACTS, ALONE, YEAR, ZONE, copy, epoch_of, events_of, write
from tests.bench.table import show, summary
from tests.chain_kit import genesis, sealed
from tests.integration.node import batch

APPLIED = 5_000.0  # events a second that the hub must apply
ANSWER_MS = 200.0  # p95 of a page's questions
BATCH, GROUP = 100, 64  # as nodes send, and as the hub takes them together
ASKED = 60  # times each question


async def measure(folder: Path, acts: int, halls: int) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    count = min(100_000, acts * 4)
    events = list(_sealed(count))
    with TemporaryDirectory(dir=folder) as fresh:  # the folder may be one that is kept
        hub = f"sqlite:///{fresh}/hub.db"
        applied_s, counted = await _applied(hub, events)
        counting_s, reading_s = await asyncio.to_thread(_counted_anew, hub)
        bare_s = _bare(Path(fresh) / "bare.db", events)
    url, built_s = await asyncio.to_thread(_made, folder / f"year-{acts}-{halls}.db", acts, halls)
    asked = await asyncio.to_thread(_asked, url, halls)
    size_mib = Path(url.removeprefix("sqlite:///")).stat().st_size / (1 << 20)
    return Result(
        f"The record: {count:,} events applied; {halls} halls of {acts:,} acts each, {size_mib:,.0f} MiB",
        (
            Figure(
                "the hub applies",
                "events/s",
                count / applied_s,
                count / bare_s,
                "bare executemany and commit",
                at_least=APPLIED,
                note=f"of which {counted:,} were counted beside it meanwhile",
            ),
            Figure(
                "what the pages count, counted anew",
                "events/s",
                count / counting_s,
                count / reading_s,
                "reading the same rows",
            ),
            *(
                Figure(
                    f"p95: {series.name}",
                    "ms",
                    series.ms(0.95),
                    below=ANSWER_MS,
                    note=f"p50 {series.p50:.1f}",
                )
                for series in asked
            ),
        ),
        asked,
        (f"the year was built in {built_s:.0f} s" if built_s else "the year was there from before",),
    )


def _sealed(count: int) -> Iterator[dict[str, object]]:
    """A centre's days, each act with its link."""
    follows = genesis(epoch_of(1))
    for row in islice(events_of(ACTS), count):
        event = json.loads(row[-1])
        if event["kind"] != "device.changed":
            event = sealed(event, follows)
            follows = event["link"]
        yield event


async def _applied(url: str, events: Sequence[dict[str, object]]) -> tuple[float, int]:
    """By the record, in a thread as the hub does it, with the sums followed beside it."""
    payloads = [("county", "desk", batch(events[at : at + BATCH])) for at in range(0, len(events), BATCH)]
    loop = asyncio.get_running_loop()
    with (
        Record(url) as record,
        contextlib.closing(Follower(url, ZONE)) as follower,
        ThreadPoolExecutor(1) as hub,
    ):
        following = asyncio.create_task(follower.run())
        began_s = time.perf_counter()
        for at in range(0, len(payloads), GROUP):
            await loop.run_in_executor(hub, record.apply, payloads[at : at + GROUP])
        took_s = time.perf_counter() - began_s
        counted = follower.counted
        following.cancel()
        await asyncio.wait({following})
    return took_s, counted


def _counted_anew(url: str) -> tuple[float, float]:
    """As a follower catches up: how long, and how long it takes to read all that it reads."""
    with Record(url) as record:
        record.forget_sums()
    with contextlib.closing(Follower(url, ZONE, now=lambda: 0.0)) as follower:
        began_s = time.perf_counter()
        follower.catch_up()
        counting_s = time.perf_counter() - began_s
    engine, event = open_engine(url, read_only=True), tables.event.c
    with engine.connect() as db:
        began_s = time.perf_counter()
        db.execute(select(event.seq, event.kind, event.at, event.body)).all()
        reading_s = time.perf_counter() - began_s
    engine.dispose()
    return counting_s, reading_s


def _bare(path: Path, events: Sequence[dict[str, object]]) -> float:
    """The same rows, as synced, in a table of the same key without an index beside it."""
    rows = [
        ("county", "desk", each["epoch"], each["seq"], each["id"], each["kind"], each["at"], json.dumps(each))
        for each in events
    ]
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        columns = ", ".join(column.name for column in tables.event.columns)
        db.execute(f"CREATE TABLE event ({columns}, PRIMARY KEY (hall, node, epoch, seq)) WITHOUT ROWID")
        began_s = time.perf_counter()
        for at in range(0, len(rows), BATCH * GROUP):
            db.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?)", rows[at : at + BATCH * GROUP])
            db.commit()
        return time.perf_counter() - began_s


def _made(path: Path, acts: int, halls: int) -> tuple[str, float]:
    """Its address, and how long it took to build; 0 where it was there."""
    url, building = f"sqlite:///{path}", path.with_suffix(".building")
    if path.exists():
        return url, 0.0
    building.unlink(missing_ok=True)
    began_s = time.perf_counter()
    made = f"sqlite:///{building}"
    write(made, acts, places=(ALONE,))
    with contextlib.closing(Follower(made, ZONE, now=lambda: 0.0)) as follower:
        follower.catch_up()
    copy(made, halls)
    with contextlib.closing(sqlite3.connect(building)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    building.rename(path)
    return url, time.perf_counter() - began_s


def _asked(url: str, halls: int) -> tuple[Series, ...]:
    chance, last = random.Random(7), date(YEAR, 12, 31)
    names = ["county", *(f"town-{number:02d}" for number in range(1, halls))]
    wall_s = period_of(last, last, ZONE, 1e12)[1]

    def hall() -> str:
        return chance.choice(names)

    def day() -> date:
        return last - timedelta(days=chance.randrange(5))

    def span(days_: int) -> tuple[date, date]:
        end = day()
        return end - timedelta(days=days_ - 1), end

    def of_day(ticket: str = "", text: str = "") -> Wanted:
        since_s, until_s = period_of((at := day()), at, ZONE, 1e12)
        return Wanted(hall=hall(), since_s=since_s, until_s=until_s, ticket=ticket, text=text)

    questions: dict[str, Callable[[Connection], object]] = {
        "overview: all halls today and this month": lambda db: (today(db, day()), days(db, "", *span(31))),
        "hall: today, yesterday and a week ago": lambda db: [one_day(db, hall(), day()) for _ in range(3)],
        "hall: hours by weekday, 90 days": lambda db: hours_by_weekday(db, hall(), *span(90)),
        "hall: devices over 30 days": lambda db: availability(
            db, hall(), *(of := span(30)), period_of(*of, ZONE, wall_s)
        ),
        "ratings of a quarter, all halls": lambda db: ratings_between(db, *span(92)),
        "days of a year, all halls": lambda db: days(db, "", date(YEAR, 1, 1), last),
        "events: newest of all": lambda db: find(db, Wanted(), 200),
        "events: newest of a hall": lambda db: find(db, Wanted(hall=hall()), 200),
        "events: a kind, a month back": lambda db: find(
            db, Wanted(kinds=("rating.given",), until_s=wall_s - 30 * 86_400.0), 200
        ),
        "events: a ticket of a day": lambda db: find(db, of_day(ticket=f"A{chance.randrange(900):03d}"), 200),
        "events: a text within a day": lambda db: find(db, of_day(text="printer"), 200),
    }
    engine, asked = open_engine(url, read_only=True), []
    for name, question in questions.items():
        series = Series(name)
        for _ in range(ASKED):
            began_s = time.perf_counter()
            with engine.connect() as db:
                question(db)
            series.values_s.append(time.perf_counter() - began_s)
        asked.append(series)
    engine.dispose()
    return tuple(asked)


def main(folder: str, halls: str = "19") -> None:
    logging.basicConfig(level=logging.WARNING)
    result = asyncio.run(measure(Path(folder), ACTS, int(halls)))
    show(Console(width=150), result)
    summary(Console(width=150), [result])


if __name__ == "__main__":
    main(*sys.argv[1:])
