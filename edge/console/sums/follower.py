"""Follows the record and keeps the sums up with it, beside the recording and never on its way.

Events of a node's epoch come in order and without a gap, so one that comes late is simply the next: it
belongs to the day that its node had opened then. What is in memory is a cache: where the record says that the
sums go less far, or further, it is made again from the day's beginning. So it does not matter who counts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, NoReturn

from pydantic_core import to_json
from sqlalchemy import Connection, and_, select
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.engine import EpochKey, RecordError, of_epoch, open_engine, reason_of
from edge.console.reports.lines import kind_of, parsed, plainly
from edge.console.sums.fold import DayFold
from edge.console.sums.keeping import Behind, Change, Counted, Kept, Overtaken, behind, keep, prune
from edge.console.sums.model import MAX_NAME
from edge.wire import DayOpened, DeviceChanged

CHUNK = 2000  # events of one piece: some 40 ms of work, and then 5 ms in which nobody else writes
LOOK_S = 1.0  # between looks where nothing is new
RETRY_S = 5.0  # after a failure of the record
MAX_PLACES = 2_048  # epochs whose day is kept in memory: as many as the hub has nodes
KEEP_CHANGES_S = 400 * 86_400.0  # a year and the month in which it is asked for
PRUNE_S = 86_400.0
PRUNED = 500  # rows at a time: below the number of parameters that any database takes

_DAY, _DEVICE = kind_of(DayOpened), kind_of(DeviceChanged)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """How far an epoch has been read; `kept` what stands in the record."""

    kept: Kept
    seq: int
    at: float
    day_seq: int = 0
    fold: DayFold | None = None


class Follower:
    """`step` does a piece of the work; `run` all of it, for as long as it is let. Opened with the record's
    address, which `Record` has made."""

    def __init__(self, url: str, zone: tzinfo, now: Callable[[], float] = time.time) -> None:
        """Raises RecordError for an address that is none."""
        self._zone = zone
        self._now = now
        self._reading = open_engine(url, read_only=True)
        self._writing = open_engine(url)
        self._queue: deque[Behind] = deque()
        self._places: dict[EpochKey, _Place] = {}  # the one that was used last stands last
        self._pruned_at = 0.0
        self.counted = 0
        self._damaged: set[EpochKey] = set()  # told once each; bounded like the places

    def close(self) -> None:
        self._reading.dispose()
        self._writing.dispose()

    async def run(self) -> NoReturn:
        """Until cancelled; what is being written is finished. Half of the time is left to others."""
        failed = False
        with ThreadPoolExecutor(1, thread_name_prefix="sums") as thread:
            while True:
                began = time.monotonic()
                try:
                    busy = await asyncio.get_running_loop().run_in_executor(thread, self.step)
                except RecordError as error:
                    log.log(logging.DEBUG if failed else logging.ERROR,
                            "the sums cannot be kept, trying on: %s", error)  # fmt: skip
                    failed = True
                    await asyncio.sleep(RETRY_S)
                    continue
                if failed:
                    log.info("the sums can be kept again")
                failed = False
                await asyncio.sleep(time.monotonic() - began if busy else LOOK_S)

    def catch_up(self) -> int:
        """All there is; how many events. Raises RecordError."""
        before = self.counted
        while self.step():
            pass
        return self.counted - before

    def step(self) -> bool:
        """One piece of one node's events; whether there were any. Raises RecordError: nothing was kept of
        it."""
        try:
            if not self._queue:
                with self._reading.connect() as db:
                    self._queue.extend(behind(db))
            if not self._queue:
                return self._prune()
            self._follow(self._queue.popleft())
        except SQLAlchemyError as error:
            self._queue.clear()
            self._places.clear()
            raise RecordError(reason_of(error)) from error
        return True

    def _follow(self, news: Behind) -> None:
        place = self._places.pop(news.key, None)
        with self._reading.connect() as db:
            if place is None or place.kept != news.kept:
                place = _begin(db, news)
            rows = _rows(db, news.key, place.seq, news.recorded)
        upto = rows[-1][0] if len(rows) == CHUNK else news.recorded
        days, changes = self._read(news.key, place, rows)
        place.seq = upto
        self.counted += len(rows)
        if upto > place.kept.last_seq:
            after = Kept(upto, place.at, place.day_seq)
            told = {seq: (fold.day, fold.sum()) for seq, fold in days.items()}
            try:
                with self._writing.begin() as db:
                    keep(db, news.key, Counted(place.kept, after, told, changes))
            except Overtaken:
                return  # and the place is forgotten: the next look begins where the record says
            place.kept = after
        self._places[news.key] = place
        if len(self._places) > MAX_PLACES:
            del self._places[next(iter(self._places))]
        if upto < news.recorded:
            self._queue.append(Behind(news.key, place.kept, news.recorded))

    def _read(
        self, key: EpochKey, place: _Place, rows: Sequence[Any]
    ) -> tuple[dict[int, DayFold], list[Change]]:
        """The days that these events tell of, by place, and the changes of devices that are not kept yet."""
        days = {place.day_seq: place.fold} if place.fold and rows else {}
        changes: list[Change] = []
        for seq, kind, at, body in rows:
            try:
                if kind == _DAY:
                    place.day_seq, place.fold = seq, DayFold(_day(body, at, self._zone), self._zone)
                    days[seq] = place.fold
                elif kind == _DEVICE and seq > place.kept.last_seq:
                    changes.append(_change(seq, at, place.at, body))
                elif place.fold:
                    place.fold.take(kind, at, body)
            except RecordError as error:
                self._tell(key, seq, error)
            place.at = at
        return days, changes

    def _tell(self, key: EpochKey, seq: int, error: RecordError) -> None:
        if key not in self._damaged and len(self._damaged) < MAX_PLACES:
            self._damaged.add(key)
            log.error("%s/%s: event %d and perhaps others are not counted: %s", *key[:2], seq, error)

    def _prune(self) -> bool:
        now = self._now()
        if now - self._pruned_at < PRUNE_S:
            return False
        with self._writing.begin() as db:
            if prune(db, now - KEEP_CHANGES_S, PRUNED) == PRUNED:
                return True
        self._pruned_at = now
        return False


def _begin(db: Connection, news: Behind) -> _Place:
    """From the running day's opening on, or where it has none, from what is not counted yet."""
    kept = news.kept
    seq = kept.day_seq - 1 if kept.day_seq else kept.last_seq
    event = tables.event.c
    before = select(event.at).where(of_epoch(tables.event, news.key), event.seq <= seq)
    at = db.execute(before.order_by(event.seq.desc()).limit(1)).scalar_one_or_none()
    return _Place(kept, seq, at or 0.0)


def _rows(db: Connection, key: EpochKey, after: int, upto: int) -> Sequence[Any]:
    event = tables.event.c
    there = and_(of_epoch(tables.event, key), event.seq > after, event.seq <= upto)
    query = select(event.seq, event.kind, event.at, event.body).where(there).order_by(event.seq).limit(CHUNK)
    return db.execute(query).all()


def _day(body: str, at: float, zone: tzinfo) -> str:
    """As the node told it; else the one on which it told it."""
    told = plainly(("day",), body)[0]
    try:
        return date.fromisoformat(told).isoformat()
    except ValueError:
        return datetime.fromtimestamp(min(max(at, 0.0), 2**35), zone).date().isoformat()


def _change(seq: int, at: float, before_at: float, body: str) -> Change:
    told = parsed(body)
    device, state = (_plain(told.get(name)) for name in ("device", "state"))
    conditions = told.get("conditions")
    codes = [_plain(code) for code in conditions[:64]] if isinstance(conditions, list) else []
    return Change(seq, at, before_at, device, state[:32], to_json(codes).decode())


def _plain(value: object) -> str:
    """An id or a code, whatever a node told; PostgreSQL keeps no NUL."""
    return str(value if value is not None else "").replace("\0", "")[:MAX_NAME]
