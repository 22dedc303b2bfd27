"""The SQL of the tables. Called in the writer's thread, within its transaction, unless it says otherwise."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from edge.store.database import scalar
from edge.store.model import Encoded, Limits, Recorded, Row, decode
from edge.wire import Reply, flat_json, genesis, seal, seal_of

if TYPE_CHECKING:
    from sqlite_utils import Database

ENDLESS = (1 << 63) - 1  # SQLite's largest
ANSWERS_PRUNED = 2  # at each new answer, so that a clock that leaps forward cannot wipe them all at once


class Epoch(NamedTuple):
    """Its rows are those after `start` up to `last`; each one's number in it is its seq less `start`."""

    name: str
    start: int
    last: int


class Journal:
    """The writer's view of the tables, with the counters that are read without a query.

    `acked_seq` is set by the event loop and written along with the next commit: one that a crash forgets
    costs a repetition, which every reader drops.
    A row's `seq` is its place here: its number in its epoch is told outside, see `epochs`.
    """

    def __init__(self, db: Database, limits: Limits) -> None:
        self.db = db
        self._limits = limits
        self.epoch: str
        self.acked_seq: int
        self.dropped: int
        self.epoch, self.acked_seq, self.dropped = db.execute(
            "SELECT epoch, acked_seq, dropped FROM node"
        ).fetchone()
        self.epochs = epochs(db)  # the present one last
        self.start = self.epochs[-1].start
        self.kept_acked_seq: int = self.acked_seq  # as the database has it
        self.last_seq: int = max(scalar(db, "SELECT max(seq) FROM event") or 0, self.acked_seq)
        self.newest_at = 0.0  # wall time of the newest event stamped by a clock that was set
        self._next_seq: int = self.last_seq + 1
        self._next_acked_seq: int = self.acked_seq
        self._link = _last_link(db, self.start)  # what the next act follows
        self._next_link = self._link
        self._new: list[Row] = []  # of the transaction under way

    def append(self, events: Sequence[Encoded], answer: Reply | None, at: float) -> int:
        """The seq of the first. Raises sqlite3.IntegrityError where an id is there already."""
        first: int = self._next_seq
        texts, link = _sealed(events, first - self.start, self._next_link)
        self.db.conn.executemany(
            "INSERT INTO event (seq, id, kind, act, at, text) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (seq, event.stamp.id, event.fact.kind, event.fact.is_act, event.stamp.at, text)
                for seq, (event, text) in enumerate(zip(events, texts, strict=True), first)
            ],
        )
        if answer is not None:
            self.keep_answer(answer, at)
        self._new += [Row(seq, text.encode()) for seq, text in enumerate(texts, first)]
        self._next_seq, self._next_link = first + len(events), link
        self.newest_at = max([self.newest_at, *(e.stamp.at for e in events if e.stamp.clock_ok)])
        return first

    def keep_answer(self, answer: Reply, at: float) -> None:
        """Raises sqlite3.IntegrityError where the request has been answered already."""
        self.db.execute(
            "INSERT INTO answer (id, at, text) VALUES (?, ?, ?)", (answer.id, at, answer.model_dump_json())
        )
        self.db.execute(
            "DELETE FROM answer WHERE n IN (SELECT n FROM answer ORDER BY n LIMIT ?)"
            " AND (at < ? OR n <= (SELECT max(n) FROM answer) - ?)",
            (ANSWERS_PRUNED, at - self._limits.answer_age_s, self._limits.answers),
        )

    def touch(self) -> None:
        """Write a page, and leave in it what stood there; one that is the same all along is not written."""
        self.db.execute("UPDATE node SET dropped = dropped + 1")
        self.db.execute("UPDATE node SET dropped = dropped - 1")

    def remember_topics(self, names: Iterable[str]) -> None:
        self.db.conn.executemany("INSERT OR IGNORE INTO topic VALUES (?)", [(name,) for name in names])

    def forget_topics(self, names: Iterable[str]) -> None:
        self.db.conn.executemany("DELETE FROM topic WHERE name = ?", [(name,) for name in names])

    def write_acked(self) -> None:
        acked = self.acked_seq
        if acked != self.kept_acked_seq:
            self.db.execute("UPDATE node SET acked_seq = ?", (acked,))
        self._next_acked_seq = acked

    def flush_acked(self) -> None:
        """In a transaction of its own: what has been acknowledged may now be pruned."""
        with self.db.atomic():
            self.write_acked()
        self.kept_acked_seq = self._next_acked_seq

    def committed(self) -> list[Row]:
        """The transaction is on the disk; the events that are new with it."""
        self.last_seq, self._link = self._next_seq - 1, self._next_link
        self.kept_acked_seq = self._next_acked_seq
        new, self._new = self._new, []
        return new

    def rolled_back(self) -> None:
        self._next_seq, self._next_link = self.last_seq + 1, self._link
        self._next_acked_seq = self.kept_acked_seq
        self._new = []

    def prune(self, last: int) -> None:
        """Deletes all up to `last`; what the first that stays follows is kept."""
        start = next(epoch.start for epoch in self.epochs if last <= epoch.last)
        self.db.execute(
            "UPDATE node SET pruned_seq = ?3, pruned_link ="
            " coalesce(?1, CASE WHEN pruned_seq > ?2 THEN pruned_link ELSE '' END)",
            (_link_at(self.db, start, last), start, last),
        )
        self.db.execute("DELETE FROM event WHERE seq <= ?", (last,))


def _sealed(events: Sequence[Encoded], first: int, follows: str) -> tuple[list[str], str]:
    """Their texts, and the link of the last act."""
    texts: list[str] = []
    for seq, event in enumerate(events, first):
        text = event.text(seq)
        if event.fact.is_act:
            text, follows = seal(text, follows)
        texts.append(text)
    return texts, follows


def _link_at(db: Database, start: int, seq: int) -> str | None:
    """Of the last act after `start` and up to `seq`; None where none is kept, or it is from before the
    chain."""
    sql = (
        "SELECT CAST(text AS BLOB) FROM event WHERE act = 1 AND seq > ? AND seq <= ?"
        " ORDER BY seq DESC LIMIT 1"
    )
    found = seal_of(scalar(db, sql, (start, seq)) or b"")
    return found.link if found else None


def _last_link(db: Database, start: int) -> str:
    epoch, after, seq, pruned = db.execute(
        "SELECT epoch, chain_after, pruned_seq, pruned_link FROM node"
    ).fetchone()
    last = scalar(db, "SELECT max(seq) FROM event") or 0
    return _link_at(db, start, last) or (pruned if seq > start else "") or genesis(epoch, after)


def epochs(db: Database) -> list[Epoch]:
    """In their order; the present one has no end. On a connection that reads text as text."""
    found, start = list[Epoch](), 0
    for last, name in db.execute("SELECT last, epoch FROM former ORDER BY last").fetchall():
        found.append(Epoch(name, start, last))
        start = last
    return [*found, Epoch(scalar(db, "SELECT epoch FROM node"), start, ENDLESS)]


# --- reading, on the read connection ---
def topics(db: Database) -> set[str]:
    return {name.decode() for (name,) in db.execute("SELECT name FROM topic")}


def answer_for(db: Database, request_id: str) -> Reply | None:
    text = scalar(db, "SELECT text FROM answer WHERE id = ?", (request_id,))
    return None if text is None else Reply.model_validate_json(text)


def first_at(db: Database, seq: int) -> tuple[int, float] | None:
    """(seq, wall time) of the first row from `seq` on."""
    found: tuple[int, float] | None = db.execute(
        "SELECT seq, at FROM event WHERE seq >= ? ORDER BY seq LIMIT 1", (seq,)
    ).fetchone()
    return found


def rows_after(db: Database, seq: int, limit_rows: int, limit_bytes: int) -> list[Row]:
    """In order of seq, at least one where there is one; what a row spans is told one by one."""
    rows: list[Row] = []
    size = 0
    sql = "SELECT seq, span, text FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
    with contextlib.closing(db.execute(sql, (seq, limit_rows))) as found:
        for last, span, text in found:
            for row in _spanned(last, span, text, max(seq + 1, last - span + 1)):
                size += len(row.text)
                if rows and (len(rows) == limit_rows or size > limit_bytes):
                    return rows
                rows.append(row)
    return rows


def _spanned(last: int, span: int, text: bytes, first: int) -> Iterator[Row]:
    if span > 1:
        flat: dict[str, Any] = json.loads(text)
        epoch = uuid.UUID(flat["epoch"])
        start = last - flat["seq"]
        for seq in range(first, last):
            number = seq - start
            flat |= {"seq": number, "id": uuid.uuid5(epoch, str(number)).hex}  # the same whenever it is told
            yield Row(seq, flat_json(flat).encode())
    yield Row(last, text)


def acts_after(db: Database, seq: int, limit: int) -> list[tuple[int, Recorded]]:
    """Each with its place. Telemetry is no part of the state."""
    sql = "SELECT seq, text FROM event WHERE act = 1 AND seq > ? ORDER BY seq LIMIT ?"
    with contextlib.closing(db.execute(sql, (seq, limit))) as found:
        return [(place, decode(text)) for place, text in found]


def fees_of(db: Database, receipt: str, before: int) -> list[Recorded]:
    """What was charged and given back under it, before that seq."""
    sql = (
        "SELECT text FROM event WHERE kind IN ('fee.charged', 'fee.refunded')"
        " AND json_extract(text, '$.receipt') = ? AND seq < ? ORDER BY seq"
    )
    with contextlib.closing(db.execute(sql, (receipt, before))) as found:
        return [decode(text) for (text,) in found]


def settlement_of(db: Database, day: str) -> Recorded | None:
    sql = (
        "SELECT text FROM event WHERE kind = 'payments.settled' AND json_extract(text, '$.day') = ?"
        " ORDER BY seq DESC LIMIT 1"
    )
    text = scalar(db, sql, (day,))
    return None if text is None else decode(text)


def last_day_opened(db: Database) -> int:
    """0 where no day was ever opened here."""
    return scalar(db, "SELECT max(seq) FROM event WHERE kind = 'day.opened'") or 0
