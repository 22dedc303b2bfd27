"""Opening the database: the lock, the check for damage, the migrations, the connections.

Everything that can refuse a file happens on a read-only connection, before anything is written to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import logging
import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.leanly import without
from edge.store.model import Limits, StoreDamaged, StoreInUse, StoreRefused, StoreTooNew

if TYPE_CHECKING:
    from sqlite_utils import Database

log = logging.getLogger(__name__)

APPLICATION_ID = 0x48414C45  # "HALE", of PRAGMA application_id: SQLite file format §1.3.16
PAGE_BYTES = 4096  # SQLite's default, that of every database made here
SQLITE_MAGIC = b"SQLite format 3\x00"  # SQLite file format §1.3
INTERRUPT_EVERY_S = 0.005  # of a check that has had its time
_MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Extended codes of a disk that takes no more, or not now.
NO_ROOM = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)
_CACHE_KIB = 256  # of each connection: a batch and the tail of each index; the rest is in the kernel's cache


# What sqlite_utils loads beside the tables: its command line's parser, the dates of a conversion that we do
# not use, plugins, which `connect` has switched off, and numpy where cameras have brought it, to name its
# number types in tables that it would make itself. Ours are made by migrations. 1.8 MB, and 12.7 with numpy.
with without(["click", "dateutil", "sqlite_utils.hookspecs", "sqlite_utils.plugins"], absent=["numpy"]):
    _Database: type[Database] = importlib.import_module("sqlite_utils").Database


def connect(path: Path, limits: Limits, *, read_only: bool) -> Database:
    """A connection in SQLite's own autocommit mode: only `atomic()` begins a transaction."""
    uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    conn = sqlite3.connect(
        uri, uri=True, timeout=limits.busy_s, isolation_level=None, check_same_thread=False
    )
    if read_only:
        conn.text_factory = bytes  # rows go to the wire as they are
    db = _Database(conn, execute_plugins=False)
    db.execute(f"PRAGMA cache_size = {-_CACHE_KIB}")
    return db


def scalar(db: Database, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """The first column of the first row, None where there is none."""
    row = db.execute(sql, parameters).fetchone()
    return None if row is None else row[0]


def open_database(path: Path, limits: Limits) -> tuple[Database, int]:
    """Check, migrate and tune: the writer's connection and the lock's file descriptor.

    Raises StoreDamaged, StoreTooNew or StoreInUse, with the file as it was.
    """
    if not path.parent.is_dir():
        raise StoreRefused(path, "its directory is missing", f"Make {path.parent}")
    lock = take_lock(path)
    try:
        if _exists(path):
            _check(path, limits)
        db = connect(path, limits, read_only=False)
        try:
            _tune(db, limits)
            _migrate(db)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        os.close(lock)
        raise _refusal(path, error) from error
    except BaseException:
        os.close(lock)
        raise
    return db, lock


def open_to_read(path: Path, limits: Limits) -> Database:
    """Read-only, after the check for damage; a daemon may have it open, so nothing is locked. Raises
    StoreRefused."""
    try:
        if not _exists(path):
            raise StoreRefused(path, "there is no database", "Look for it in `[node] store`")
        _check(path, limits)
        return connect(path, limits, read_only=True)
    except sqlite3.Error as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: sqlite3.Error) -> StoreRefused:
    """What SQLite could not do, in words (SQLite result codes: the low byte is the primary code)."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL or code in NO_ROOM:
        return StoreRefused(path, f"the disk is full ({error})", "Make room; nothing is lost")
    if primary in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StoreRefused(
            path, f"it cannot be opened ({error})", "Check the owner, and that it is writable"
        )
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreInUse(path, "")
    return StoreDamaged(path, f"it cannot be read ({error})")


def take_lock(path: Path) -> int:
    """Two daemons on one database would both count seq; the kernel drops the lock with its process."""
    beside = path.with_name(path.name + "-lock")
    try:
        fd = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StoreRefused(
            path, f"{beside} cannot be opened ({error.strerror})", "Check its owner"
        ) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(fd, 20).decode("ascii", "replace").strip()
        os.close(fd)
        raise StoreInUse(path, holder) from error
    os.ftruncate(fd, 0)
    with contextlib.suppress(OSError):  # the number is for people; the lock holds on a full disk too
        os.write(fd, f"{os.getpid()}\n".encode())
    return fd


def _exists(path: Path) -> bool:
    """False: to be made. SQLite would delete the WAL of an empty database, so that is looked at first."""
    wal = path.with_name(path.name + "-wal")
    has_wal = wal.exists() and wal.stat().st_size > 0
    try:
        with path.open("rb") as file:
            magic = file.read(len(SQLITE_MAGIC))
    except FileNotFoundError:
        if has_wal:
            raise StoreDamaged(path, f"the database is gone and its {wal.name} is there") from None
        return False
    except OSError as error:
        raise StoreDamaged(path, f"it cannot be read ({error.strerror})") from error
    if not magic:
        if has_wal:
            raise StoreDamaged(path, f"the database is empty and its {wal.name} is not")
        return False
    if magic != SQLITE_MAGIC:
        raise StoreDamaged(path, "it is not a SQLite database")
    return True


def _check(path: Path, limits: Limits) -> None:
    """`quick_check`, then the journal's own rule: one node, and no seq missing.

    It reads the whole file (1 GB/s cached, a cold flash disk's own speed else) and is cut short after
    `check_s`: a big file on a slow disk is then used with a warning, unchecked in part.
    """
    db: Database | None = None
    try:
        db = connect(path, limits, read_only=True)
        version = scalar(db, "PRAGMA user_version")
        if version > len(_scripts()):
            raise StoreTooNew(path, f"its schema is version {version}, this program knows {len(_scripts())}")
        if version == 0 and not scalar(db, "SELECT count(*) FROM sqlite_schema"):
            return  # made, but not yet migrated
        if scalar(db, "PRAGMA application_id") != APPLICATION_ID:
            raise StoreDamaged(path, "it is another program's database")
        _check_content(db, path, limits)
    finally:
        if db is not None:
            db.close()


def _check_content(db: Database, path: Path, limits: Limits) -> None:
    done = threading.Event()
    timer = threading.Thread(target=_interrupt, args=(db, done, limits.check_s), daemon=True)
    timer.start()
    try:
        found = scalar(db, "PRAGMA quick_check(1)").decode("utf-8", "replace")
        if found != "ok":
            raise StoreDamaged(path, f"it is damaged ({found})")
        first, last, spans, acked, nodes = db.execute(
            "SELECT min(seq - span + 1), max(seq), sum(span), (SELECT acked_seq FROM node),"
            " (SELECT count(*) FROM node) FROM event"
        ).fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        log.warning("%s: the check for damage was cut short after %.0f s", path, limits.check_s)
        return
    finally:
        done.set()
        timer.join()
    if nodes != 1:
        raise StoreDamaged(path, f"its table node has {nodes} rows, not one")
    if last is not None and (spans != last - first + 1 or acked > last or first > acked + 1):
        raise StoreDamaged(path, f"events are missing between {first} and {last} (acknowledged {acked})")


def _interrupt(db: Database, done: threading.Event, after_s: float) -> None:
    """Again and again: an interrupt between two statements is lost."""
    while not done.wait(after_s):
        db.conn.interrupt()
        after_s = INTERRUPT_EVERY_S


def _tune(db: Database, limits: Limits) -> None:
    db.execute("PRAGMA journal_mode = WAL").fetchone()
    db.execute("PRAGMA synchronous = FULL")  # a commit returns when it is on the disk
    db.execute("PRAGMA foreign_keys = ON")
    db.execute(
        "PRAGMA secure_delete = FAST"
    )  # Debian's default overwrites what pruning frees: twice the writes
    db.execute(f"PRAGMA wal_autocheckpoint = {limits.wal_bytes // 2 // PAGE_BYTES}").fetchone()
    db.execute(f"PRAGMA journal_size_limit = {limits.wal_bytes}").fetchone()


def _scripts() -> list[Path]:
    """NNN.sql in order; the number of the last is the schema's version."""
    scripts = sorted(_MIGRATIONS.glob("[0-9][0-9][0-9].sql"))
    if [int(script.stem) for script in scripts] != list(range(1, len(scripts) + 1)):
        raise RuntimeError(f"the migrations in {_MIGRATIONS} are not numbered from 001 without a gap")
    return scripts


def _migrate(db: Database) -> None:
    """Each script in one transaction with its version: a crash leaves the schema before it or after it."""
    for script in _scripts()[scalar(db, "PRAGMA user_version") :]:
        with db.atomic():
            db.executescript(script.read_text(encoding="utf-8"))
            db.execute(f"PRAGMA user_version = {int(script.stem)}")
        log.info("schema brought to version %s", script.stem)
