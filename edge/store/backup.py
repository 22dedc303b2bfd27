"""A copy of the database of a running node, and a database put in the place of another.

What was put back does not know what was told since it was copied. So it begins a new epoch: its next events
are numbered from 1 again, which no reader takes for repetitions. What it had kept and nobody had acknowledged
then is told once more under its old numbers, by which every reader knows what it has.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.store.audit import audit_all
from edge.store.database import SQLITE_MAGIC, open_database, scalar, take_lock
from edge.store.journal import epochs
from edge.store.model import Limits, StoreDamaged

BUSY_S = 5.0  # the daemon's checkpoint may hold it that long


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds."""

    epoch: str
    last_seq: int  # number in its epoch
    schema: int


def copy_running(store: Path, target: Path) -> Copied:
    """The database as it is at one moment, into a new file, beside a running daemon, which goes on writing.

    Raises sqlite3.Error, also where the disk is full; what was begun at `target` is the caller's to remove.
    """
    uri = f"{store.resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        source.backup(copy)  # one read transaction: the daemon's log grows for as long, and nobody waits
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a log beside it
        return _what(copy)


def _what(db: sqlite3.Connection) -> Copied:
    epoch, acked = db.execute("SELECT epoch, acked_seq FROM node").fetchone()
    (last,) = db.execute("SELECT max(seq) FROM event").fetchone()
    (schema,) = db.execute("PRAGMA user_version").fetchone()
    start = 0
    if db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'former'").fetchone()[0]:
        start = db.execute("SELECT coalesce(max(last), 0) FROM former").fetchone()[0]
    return Copied(epoch, max(last or 0, acked) - start, schema)


def renew(path: Path) -> str:
    """Check a copy, bring it to this version, and begin a new epoch in it: its name.

    Raises StoreRefused where it is damaged, of a later version, or its chain does not fit.
    """
    db, lock = open_database(path, Limits())
    try:
        bad = next((walk.first for walk in audit_all(path) if walk.first), None)
        if bad is not None:
            raise StoreDamaged(path, f"its chain does not fit at {bad.seq} ({bad.misfit})")
        name = uuid.uuid4().hex
        with db.atomic():
            start = epochs(db)[-1].start
            last = max(
                scalar(db, "SELECT max(seq) FROM event") or 0, scalar(db, "SELECT acked_seq FROM node")
            )
            if last > start:  # else nothing was ever numbered in it
                db.execute("INSERT INTO former SELECT ?, epoch, chain_after FROM node", (last,))
            db.execute("UPDATE node SET epoch = ?, chain_after = 0", (name,))
        db.execute("PRAGMA journal_mode = DELETE").fetchone()
        return name
    finally:
        db.close()
        os.close(lock)
        _beside(path, "-lock").unlink(missing_ok=True)


@contextlib.contextmanager
def stopped(store: Path) -> Iterator[None]:
    """No daemon runs on it, and none can begin to. Raises StoreInUse."""
    lock = take_lock(store)
    try:
        yield
    finally:
        os.close(lock)


def replace(store: Path, new: Path, kept_as: Path) -> None:
    """Put `new` in the place of `store`, within `stopped`; what was there stays as `kept_as`, with its log.

    At each moment there is a whole database in the place: a power cut leaves the old or the new one.
    """
    if store.exists():
        _fold_log(store)
        os.link(store, kept_as)
    for end in ("-wal", "-shm"):  # what would not go into the old one must not get into the new one
        with contextlib.suppress(FileNotFoundError):
            _beside(store, end).rename(_beside(kept_as, end))
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(store)
    folder = os.open(store.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fold_log(store: Path) -> None:
    """Its log into the database, where it still can be read: SQLite deletes the log of what is none."""
    with store.open("rb") as file:
        if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
            return
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(store, timeout=BUSY_S, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA journal_mode = DELETE").fetchone()


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
