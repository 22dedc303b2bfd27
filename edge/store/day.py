"""One day that was kept: from a database, which a daemon may have open, or from a file of its events."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from edge.store.database import SQLITE_MAGIC, open_to_read, scalar
from edge.store.journal import acts_after
from edge.store.model import Limits, Recorded, decode
from edge.wire import DayOpened

CHUNK = 1000  # events read at a time


class NoSuchDay(Exception):
    """`kept`: the days that are there, in order."""

    def __init__(self, day: str, kept: Sequence[str]) -> None:
        super().__init__(f"{day} is not kept")
        self.kept = kept


class BadEvents(Exception):
    """A file that is no list of events. `line`: the first that is none, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no event")
        self.line = line


def read_day(path: Path, day: str) -> list[Recorded]:
    """The acts of that day from its DayOpened on, without those that the next one closed it by.

    Raises NoSuchDay, BadEvents, StoreRefused, OSError.
    """
    with path.open("rb") as file:
        is_database = file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    return _from_database(path, day) if is_database else _from_file(path, day)


def _from_database(path: Path, day: str) -> list[Recorded]:
    db = open_to_read(path, Limits())
    try:
        sql = "SELECT seq, text FROM event WHERE kind = 'day.opened' ORDER BY seq"
        with contextlib.closing(db.execute(sql)) as rows:
            opened = {str(json.loads(text)["day"]): int(seq) for seq, text in rows}
        if day not in opened:
            raise NoSuchDay(day, list(opened))
        later = [seq for seq in opened.values() if seq > opened[day]]
        last = min(later, default=scalar(db, "SELECT max(seq) FROM event"))
        events: list[Recorded] = []
        seq = opened[day] - 1
        while seq < last and (chunk := acts_after(db, seq, CHUNK)):
            events += [recorded for _, recorded in chunk]
            seq = chunk[-1][0]
        return _cut(events, day)
    finally:
        db.close()


def _from_file(path: Path, day: str) -> list[Recorded]:
    events: list[Recorded] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    events.append(decode(line))
                except ValueError as error:  # pydantic's is one
                    raise BadEvents(number) from error
    return _cut([event for event in events if event.fact.is_act], day)


def _cut(events: Sequence[Recorded], day: str) -> list[Recorded]:
    opened = [(place, fact.day) for place, fact in _openings(events)]
    begin = next((place for place, each in opened if each == day), None)
    if begin is None:
        raise NoSuchDay(day, [each for _, each in opened])
    end = next((place for place, _ in opened if place > begin), None)
    if end is None:
        return list(events[begin:])
    return [event for event in events[begin:end] if event.stamp.at != events[end].stamp.at]


def _openings(events: Iterable[Recorded]) -> Iterable[tuple[int, DayOpened]]:
    for place, event in enumerate(events):
        if isinstance(event.fact, DayOpened):
            yield place, event.fact
