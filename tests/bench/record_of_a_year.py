"""A hub's record of a county's year, made in bulk: 301,105 acts at a centre and 18 township halls.

Of each act what a node tells of it: the ticket, its slip, the call, the begin, the end, the rating; of each
device that it is there in the morning; and an outage a day. Times, services and ratings are by
chance, from a seed. The seals are of the right shape and size, and of no chain: a report reads past them.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy.schema import CreateIndex

from edge.console import tables
from edge.console.record import Record
from edge.workdays import is_workday

ZONE = ZoneInfo("Asia/Shanghai")
ACTS = 301_105  # of the centre in a year
YEAR = 2024  # a leap year, whose working days are known
TOWNSHIPS = 18
SEAL = f',"follows":"{"a" * 64}","link":"{"b" * 64}"'
SERVICES = ("tax", "social", "business", "land", "permit")
UNITS = ("税务局", "人社局", "市场监管局", "自然资源局", "行政审批局")
LEVELS = (5,) * 80 + (4,) * 14 + (3,) * 3 + (2,) * 2 + (1,)
RATED = 0.7
BATCH = 20_000
CACHE_KIB = 1024 * 1024  # of pages, while a record is filled
COPIED = (tables.event, tables.cursor, tables.sum_cursor, tables.day_sum, tables.device_change)


@dataclass(frozen=True, slots=True)
class Place:
    """`devices`: with the caller and the pad of each window."""

    hall: str
    windows: int
    share: float  # of all acts
    devices: int


PLACES = (
    Place("county", 52, 0.8, 350),
    *(Place(f"town-{n:02d}", 4, 0.2 / TOWNSHIPS, 20) for n in range(1, TOWNSHIPS + 1)),
)
ALONE = Place("county", 52, 1.0, 350)
Row = tuple[str, str, str, int, str, str, float, str]


def write(url: str, acts: int = ACTS, seed: int = 7, places: Sequence[Place] = PLACES) -> int:
    """How many events. Fewer acts are those of fewer days: as many each day as in the whole year."""
    Record(url).close()
    count, days = 0, _days(acts)
    with _in_bulk(url) as db:
        marks = ",".join("?" * len(tables.event.columns))
        shares = [round(acts * place.share) for place in places[1:]]
        for number, (place, its) in enumerate(zip(places, (acts - sum(shares), *shares), strict=True), 1):
            epoch, told = epoch_of(number), events_of(its, seed + number - 1, place, number, days)
            before = count
            while batch := list(islice(told, BATCH)):
                db.executemany(f"INSERT INTO event VALUES ({marks})", batch)
                count += len(batch)
            db.execute("INSERT INTO cursor VALUES (?, 'desk', ?, ?)", (place.hall, epoch, count - before))
    return count


def epoch_of(number: int) -> str:
    """Of a place's node: four times what the ids of its events begin with, so that both are its own."""
    return _mark(number) * 4


def _mark(number: int) -> str:
    return f"{0xE90C4000 + number:08x}"


def copy(url: str, halls: int) -> None:
    """As many more halls as make `halls`, each with all that the centre has, and its sums: by the database
    alone, since to write 36 million events one by one takes hours."""
    with _in_bulk(url) as db:
        for number in range(2, halls + 1):
            for table in COPIED:
                changed = {"hall": f"'town-{number - 1:02d}'", "epoch": f"'{epoch_of(number)}'"}
                if table is tables.event:
                    changed |= {
                        name: f"replace({name}, '{_mark(1)}', '{_mark(number)}')" for name in ("id", "body")
                    }
                columns = ", ".join(changed.get(each.name, f'"{each.name}"') for each in table.columns)
                of_centre = f"hall = 'county' AND epoch = '{epoch_of(1)}'"
                db.execute(f"INSERT INTO {table.name} SELECT {columns} FROM {table.name} WHERE {of_centre}")


@contextlib.contextmanager
def _in_bulk(url: str) -> Iterator[sqlite3.Connection]:
    """The record's file without a journal or a sync, and with the indexes of its events made at the end: when
    this is broken off it is of no use any more."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        indexes = sorted(tables.event.indexes, key=lambda index: str(index.name))
        for index in indexes:
            db.execute(f"DROP INDEX {index.name}")
        db.execute("BEGIN")
        yield db
        db.execute("COMMIT")
        for index in indexes:
            db.execute(str(CreateIndex(index)))


def _days(acts: int) -> list[date]:
    days = [day for n in range(366) if is_workday(day := date(YEAR, 1, 1) + timedelta(days=n))]
    return days[-max(1, len(days) * acts // ACTS) :]


def events_of(
    acts: int,
    seed: int = 7,
    place: Place = ALONE,
    number: int = 1,
    days: Sequence[date] = (),
) -> Iterator[Row]:
    """What the node of a place tells, the centre's that does all acts by default."""
    days, chance, seq = days or _days(acts), random.Random(seed), 0
    epoch, boot = epoch_of(number), f"{chance.getrandbits(128):032x}"
    for index, day in enumerate(days):
        opens = datetime(day.year, day.month, day.day, 8, 0, tzinfo=ZONE).timestamp()
        todays = acts * (index + 1) // len(days) - acts * index // len(days)
        for at, by, kind, fact in _day(place, day.isoformat(), opens, todays, chance):
            seq += 1
            id_ = f"{_mark(number)}{seq:024x}"
            stamp = f'{{"epoch":"{epoch}","seq":{seq},"id":"{id_}","at":{at!r},"boot":"{boot}",'
            seal = SEAL if kind != "device.changed" else ""
            mono = f'"mono":{at - 1_700_000_000!r},"clock_ok":true,"by":"{by}","kind":"{kind}",'
            yield place.hall, "desk", epoch, seq, id_, kind, at, f"{stamp}{mono}{fact}{seal}}}"


_Event = tuple[float, str, str, str]


def _day(place: Place, day: str, opens: float, acts: int, chance: random.Random) -> list[_Event]:
    events: list[_Event] = [(opens, "node", "day.opened", f'"day":"{day}"')]
    others = (f"other-{number}" for number in range(1, place.devices - 2 * place.windows + 1))
    by_window = (f"{device}-{n}" for n in range(1, place.windows + 1) for device in ("caller", "pad"))
    for device in (*by_window, *others):  # the node was off for the night
        events.append((opens + 1, device, "device.changed", _device(device, "online")))
    for window in range(1, place.windows + 1):
        login = f'"window":"{window}","staff":"{1000 + window}"'
        events.append((opens + window / 100, f"caller-{window}", "staff.logged_in", login))
        logout = f'{login},"reason":"key"'
        events.append((opens + 32_400 + window / 100, f"caller-{window}", "staff.logged_out", logout))
    events += _outage(place, opens, chance)
    for number in range(acts):
        events += _act(place, day, opens + chance.uniform(600, 28_000), number, chance)
    events.sort()
    return events


def _device(name: str, state: str) -> str:
    return f'"device":"{name}","state":"{state}","conditions":[]'


def _outage(place: Place, opens: float, chance: random.Random) -> Iterator[_Event]:
    """A plug that is loose."""
    device, at = f"pad-{chance.randrange(place.windows) + 1}", opens + chance.uniform(600, 28_000)
    yield at, device, "device.changed", _device(device, "backoff")
    yield at + chance.expovariate(1 / 600), device, "device.changed", _device(device, "online")


def _act(place: Place, day: str, at: float, number: int, chance: random.Random) -> Iterator[_Event]:
    which = chance.randrange(place.windows)
    service = SERVICES[which % len(SERVICES)]
    ticket = f'"ticket":"{chr(65 + which % len(SERVICES))}{number:03d}"'
    desk = f'"window":"{which + 1}","staff":"{1001 + which}"'
    act = f'"act":"{day}/{ticket[10:]},{ticket},{desk}'
    caller = f"caller-{which + 1}"
    called = at + 2 + chance.expovariate(1 / 900)
    begun = called + chance.uniform(5, 60)
    done = begun + chance.gammavariate(4, 150)
    session = f'"session":"{number:020d}","can_show":true,"priority":""'
    reserved = f'{ticket},"service":"{service}","number":{number},{session}'
    yield at, "kiosk", "ticket.reserved", reserved
    yield at + 1.2, "printer", "ticket.printed", f'{ticket},"copies":1'
    yield called, caller, "ticket.called", f'{ticket},{desk},"times":1,"overtook":[]'
    yield begun, caller, "service.started", f"{ticket},{desk}"
    unit = UNITS[which % len(UNITS)]
    finished = f'{act},"rating_asked":true,"unit":"{unit}","promise_min":15.0'
    yield done, caller, "service.finished", finished
    if chance.random() < RATED:
        level = chance.choice(LEVELS)
        yield (
            done + 8,
            f"pad-{which + 1}",
            "rating.given",
            f'{act},"level":{level},"raw":{level},"reasons":[],"indicator_version":""',
        )
    else:
        yield done + 30, "node", "rating.missed", f'{act},"reason":"time_limit"'
