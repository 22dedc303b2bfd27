"""The hub's record: every event of every node once, with the cursor that the acknowledgements go by.

Synchronous; called from one thread at a time.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Table, and_, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from edge.console import tables
from edge.console.batch import Bad, BadBatch, Parsed, parse
from edge.console.engine import (
    EpochKey,
    RecordError,
    check_server,
    lock_for_making,
    lock_for_writing,
    of_epoch,
    open_engine,
    reason_of,
    shown,
    transact,
)
from edge.console.fleet import NodeKey
from edge.console.followup import RATING, open_for
from edge.console.followup_due import Look, look
from edge.console.followup_due import mark_told as mark_reminded
from edge.console.followup_limits import load_limits
from edge.console.keeping import Keeping
from edge.console.links import Links, Unfit, mark_told, untold
from edge.console.rule import Verdict, judge
from edge.console.settled import Settled, TakenBack, mark_taken_back, settle, taken_back
from edge.console.sums.keeping import forget
from edge.rules.followup import Limits
from edge.wire import Dropped
from edge.wire.walk import Finding

MAX_UNPLACED = (
    1000  # rejected batches kept of one node; they are not acknowledged, so the node has them still
)
COMPARED = 500  # duplicates looked up in one query: below the number of parameters that any database takes
_CHECK = {
    "sqlite": "Check that its directory is there and writable, and that the file is a record of hall-console",
    "postgresql": "Check that the database is there, lets this user in, and lets it make tables",
}
_DROPPED = Dropped.model_fields["kind"].default

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """What became of one node's events in a call. `last` is safe on the disk and may be acknowledged."""

    last: int
    seen: int = 0  # highest seq that came; above `last` there is a gap between
    applied: int = 0
    duplicates: int = 0
    unfit: int = 0  # of the applied: do not fit into their chain


@dataclass(slots=True)
class _Work:
    """What one transaction is going to write."""

    links: Links
    progress: dict[EpochKey, Progress] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    known: dict[EpochKey, list[Parsed]] = field(default_factory=dict)  # duplicates, to be compared


class Record:
    """Opened with the record's address, of an `open_engine`."""

    def __init__(
        self,
        url: str,
        now: Callable[[], float] = time.time,
        limits: Limits | None = None,
        fence: Callable[[Connection], None] = lock_for_writing,
        keeping: Keeping | None = None,
    ) -> None:
        """`limits`: for the follow-ups that will be opened. `fence`: first in each transaction in which the
        hub writes; raises RecordError where this one may not. Raises RecordError with what to do."""
        self.keeping = keeping or Keeping()
        self._now = now
        self._fence = fence
        self._limits = limits or load_limits()
        self._engine = open_engine(url)
        try:
            with self._engine.begin() as db:
                self._prepare(db)
        except SQLAlchemyError as error:
            self._engine.dispose()
            raise RecordError(
                f"the record {shown(url)} cannot be opened: {reason_of(error)}. "
                f"{_CHECK[self._engine.dialect.name]}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    def lasts(self, keys: Iterable[EpochKey]) -> dict[EpochKey, int]:
        """The last seq of each, 0 where nothing has come yet. Raises RecordError."""
        return self._run(lambda db: {key: _last(db, key) for key in keys})

    def untold(self) -> list[Unfit]:
        """The first act of each epoch that did not fit into its chain, where that has not been told yet."""
        return self._run(untold)

    def mark_told(self, told: Sequence[Unfit]) -> None:
        self._keep(lambda db: mark_told(db, told))

    def due_followups(self) -> Look:
        return self._run(lambda db: look(db, self._now()))

    def mark_reminded(self, found: Look) -> None:
        self._keep(lambda db: mark_reminded(db, found))

    def settle(self, found: Sequence[tuple[EpochKey, Finding]], by: str, why: str) -> None:
        """Somebody has looked into these. Raises RecordError, also where one has been settled meanwhile."""
        said = Settled(by, why, self._now())

        def work(db: Connection) -> None:
            for key, finding in found:
                settle(db, key, finding, said)

        self._run(work)

    def taken_back(self) -> list[TakenBack]:
        """What has become of alerts since it was settled what they tell."""
        return self._run(taken_back)

    def mark_taken_back(self, told: Sequence[TakenBack]) -> None:
        self._keep(lambda db: mark_taken_back(db, told))

    def forget_sums(self, hall: str = "") -> None:
        """What the pages count is made again by whoever follows."""
        self._run(lambda db: forget(db, hall))

    def apply(
        self,
        batches: Sequence[tuple[str, str, bytes]],
        resume: Mapping[EpochKey, int] | None = None,
    ) -> dict[EpochKey, Progress]:
        """Keep the events of (hall, node, payload) batches, and the cursors, in ONE synced transaction.

        `resume`: the oldest seq that a node says it can still tell; what is before it is then recorded as
        missing once that event has come. Raises RecordError: nothing was kept, nothing may be acknowledged.
        """
        return self._keep(lambda db: self._apply(db, batches, resume or {}))

    def _keep(self, work: Callable[[Connection], T]) -> T:
        """What the hub writes."""

        def fenced(db: Connection) -> T:
            self._fence(db)
            return work(db)

        with self.keeping.attempt("recorder"):
            return self._run(fenced)

    def _run(self, work: Callable[[Connection], T]) -> T:
        return transact(self._engine, work)

    def _apply(
        self, db: Connection, batches: Sequence[tuple[str, str, bytes]], resume: Mapping[EpochKey, int]
    ) -> dict[EpochKey, Progress]:
        work = _Work(Links(db, self._now()))
        for hall, node, payload in batches:
            try:
                events = parse(payload)
            except BadBatch as error:
                self._reject_batch(db, (hall, node), payload, str(error))
                continue
            for item in events:
                self._take(db, work, (hall, node), item, resume)
        if work.rows:
            db.execute(insert(tables.event), work.rows)
        work.links.write()
        for key, progress in work.progress.items():
            if progress.applied:
                _move(db, key, progress.last)
        for key, items in work.known.items():
            for start in range(0, len(items), COMPARED):
                self._compare(db, key, items[start : start + COMPARED])
        return work.progress

    def _take(
        self, db: Connection, work: _Work, node: NodeKey, item: Parsed | Bad, resume: Mapping[EpochKey, int]
    ) -> None:
        key = (*node, item.epoch)
        progress = work.progress.get(key)
        if progress is None:
            progress = work.progress[key] = Progress(_last(db, key))
        progress.seen = max(progress.seen, item.seq)
        verdict = judge({item.epoch: progress.last}, item.epoch, item.seq)
        if verdict is Verdict.GAP and resume.get(key) == item.seq:
            self._miss(db, key, progress.last + 1, item.seq - 1)
            verdict = Verdict.APPLY
        if verdict is Verdict.APPLY:
            progress.last = item.seq
            progress.applied += 1
            if isinstance(item, Parsed):
                work.rows.append(_row(node, item))
                progress.unfit += not work.links.take(key, item)
                if item.kind == RATING:
                    open_for(db, node, item, self._limits, self._now())
            else:
                self._reject(db, node, item)
        elif verdict is Verdict.DUPLICATE:
            progress.duplicates += 1
            if isinstance(item, Parsed):
                work.known.setdefault(key, []).append(item)

    def _compare(self, db: Connection, key: EpochKey, items: Sequence[Parsed]) -> None:
        """Whether what came again is what came before."""
        columns = tables.event.c
        there = and_(of_epoch(tables.event, key), columns.seq.in_([item.seq for item in items]))
        bodies = {row.seq: row.body for row in db.execute(select(columns.seq, columns.body).where(there))}
        for item in items:
            if item.kind == _DROPPED or bodies.get(item.seq, item.body) == item.body:
                continue  # a node may drop telemetry to make room after it was recorded here
            log.error("%s/%s: event %d of epoch %s came before and is now another one; the first stays, the "
                      "other is kept in `conflict`", *key[:2], item.seq, item.epoch)  # fmt: skip
            values = {"digest": _digest(item.body), "seen_at": self._now(), "body": item.body}
            _insert_once(db, tables.conflict, _place(key[:2], item) | values)

    def _miss(self, db: Connection, key: EpochKey, first: int, last: int) -> None:
        log.error(
            "%s/%s: %d … %d of epoch %s are gone from the node and missing here",
            *key[:2],
            first,
            last,
            key[2],
        )
        values = dict(zip(("hall", "node", "epoch"), key, strict=True))
        values |= {"first_seq": first, "last_seq": last, "seen_at": self._now()}  # type: ignore[dict-item]
        db.execute(insert(tables.missing), values)

    def _reject(self, db: Connection, node: NodeKey, item: Bad) -> None:
        log.error("%s/%s: event %d cannot be read, kept in `rejected`: %s", *node, item.seq, item.reason)
        values = {
            "digest": _digest(item.body),
            "seen_at": self._now(),
            "reason": item.reason,
            "raw": item.body,
        }
        _insert_once(db, tables.rejected, _place(node, item) | values)

    def _reject_batch(self, db: Connection, node: NodeKey, payload: bytes, reason: str) -> None:
        log.error("%s/%s: a batch is refused and not acknowledged: %s", *node, reason)
        unplaced = and_(
            tables.rejected.c.hall == node[0], tables.rejected.c.node == node[1], tables.rejected.c.seq == 0
        )
        if (
            db.execute(select(func.count()).select_from(tables.rejected).where(unplaced)).scalar_one()
            < MAX_UNPLACED
        ):
            raw = payload.decode(errors="backslashreplace").replace("\0", "\\x00")  # PostgreSQL keeps no NUL
            values = {"digest": _digest(raw), "seen_at": self._now(), "reason": reason, "raw": raw}
            _insert_once(
                db, tables.rejected, {"hall": node[0], "node": node[1], "epoch": "", "seq": 0} | values
            )

    def _prepare(self, db: Connection) -> None:
        check_server(db)
        lock_for_making(db)
        tables.metadata.create_all(db)
        found = db.execute(select(func.max(tables.version.c.version))).scalar_one()
        if found is None:
            db.execute(insert(tables.version), {"version": tables.VERSION})
        elif found < tables.VERSION:  # what is new: tables, which are there now, indexes, triggers
            log.info(
                "the record is of version %d: it gets what this version %d has more", found, tables.VERSION
            )
            for index in tables.event.indexes | tables.device_change.indexes:
                index.create(db, checkfirst=True)
            tables.guard(db)
            db.execute(update(tables.version).values(version=tables.VERSION))
        elif found > tables.VERSION:
            raise RecordError(
                f"the record is of version {found}, newer than this program: install the newer one"
            )


def _last(db: Connection, key: EpochKey) -> int:
    found = db.execute(
        select(tables.cursor.c.last_seq).where(of_epoch(tables.cursor, key))
    ).scalar_one_or_none()
    return found or 0


def _move(db: Connection, key: EpochKey, last: int) -> None:
    moved = db.execute(update(tables.cursor).where(of_epoch(tables.cursor, key)).values(last_seq=last))
    if not moved.rowcount:
        hall, node, epoch = key
        db.execute(insert(tables.cursor), {"hall": hall, "node": node, "epoch": epoch, "last_seq": last})


def _place(node: NodeKey, item: Parsed | Bad) -> dict[str, Any]:
    return {"hall": node[0], "node": node[1], "epoch": item.epoch, "seq": item.seq}


def _row(node: NodeKey, item: Parsed) -> dict[str, Any]:
    return _place(node, item) | {"id": item.id, "kind": item.kind, "at": item.at, "body": item.body}


def _insert_once(db: Connection, table: Table, values: dict[str, Any]) -> None:
    key = and_(*(column == values[column.name] for column in table.primary_key))
    if db.execute(select(func.count()).select_from(table).where(key)).scalar_one() == 0:
        db.execute(insert(table), values)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
