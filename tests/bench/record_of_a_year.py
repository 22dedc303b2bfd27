"""A hub's record of a county's year, made in bulk: 301,105 acts at a centre and 18 township halls.

Of each act what a node tells of it: the ticket, its slip, the call, the begin, the end, the rating; of each
device that it is there in the morning; and an outage a day. Times, services and ratings are by
chance, from a seed. The seals are of the right shape and size, and of no chain: a report reads past them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from edge.console import tables
from edge.console.engine import open_engine
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
    engine = open_engine(url)
    columns = [column.name for column in tables.event.columns]
    sql = str(insert(tables.event).compile(engine))
    assert all(name in sql for name in columns)
    with engine.begin() as db:
        raw = db.connection.cursor()
        marks = ",".join("?" * len(columns))
        shares = [round(acts * place.share) for place in places[1:]]
        for number, (place, its) in enumerate(zip(places, (acts - sum(shares), *shares), strict=True)):
            epoch, batch = f"{number + 1:032x}", []
            for row in _events(place, epoch, its, days, random.Random(seed + number)):
                batch.append(row)
                if len(batch) == BATCH:
                    raw.executemany(f"INSERT INTO event VALUES ({marks})", batch)
                    count, batch = count + BATCH, []
            raw.executemany(f"INSERT INTO event VALUES ({marks})", batch)
            count += len(batch)
            last = db.exec_driver_sql("SELECT max(seq) FROM event WHERE epoch = ?", (epoch,)).scalar_one()
            place_of = {"hall": place.hall, "node": "desk", "epoch": epoch, "last_seq": last}
            db.execute(insert(tables.cursor), place_of)
    engine.dispose()
    return count


def events_of(acts: int, seed: int = 7) -> Iterator[Row]:
    """Of a centre that does them all."""
    yield from _events(ALONE, f"{1:032x}", acts, _days(acts), random.Random(seed))


def copy(url: str, halls: int) -> None:
    """As many more halls as make `halls`, each with all that the centre has, and its sums: by the database
    alone, since to write 40 million events one by one takes hours."""
    engine, old = open_engine(url), f"{1:032x}"
    with engine.begin() as db:
        for index in tables.event.indexes:
            index.drop(db, checkfirst=True)
    for number in range(1, halls):
        names = {"hall": f"town-{number:02d}", "epoch": f"{number + 1:032x}", "old": old}
        with engine.begin() as db:
            for table in (
                tables.event,
                tables.cursor,
                tables.sum_cursor,
                tables.day_sum,
                tables.device_change,
            ):
                changed = {"hall": ":hall", "epoch": ":epoch"}
                if table is tables.event:
                    changed["body"] = "replace(body, :old, :epoch)"
                columns = ", ".join(changed.get(each.name, f'"{each.name}"') for each in table.columns)
                query = f"SELECT {columns} FROM {table.name} WHERE hall = 'county' AND epoch = :old"
                db.execute(text(f"INSERT INTO {table.name} {query}"), names)
    with engine.begin() as db:
        for index in tables.event.indexes:
            index.create(db)
    engine.dispose()


def _days(acts: int) -> list[date]:
    days = [day for n in range(366) if is_workday(day := date(YEAR, 1, 1) + timedelta(days=n))]
    return days[-max(1, len(days) * acts // ACTS) :]


def _events(place: Place, epoch: str, acts: int, days: list[date], chance: random.Random) -> Iterator[Row]:
    seq, boot = 0, f"{chance.getrandbits(128):032x}"
    for index, day in enumerate(days):
        opens = datetime(day.year, day.month, day.day, 8, 0, tzinfo=ZONE).timestamp()
        todays = acts * (index + 1) // len(days) - acts * index // len(days)
        for at, by, kind, fact in _day(place, day.isoformat(), opens, todays, chance):
            seq += 1
            id_ = f"{seq:032x}"
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
