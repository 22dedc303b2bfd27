"""The database of the hub's record: how it is opened, and what goes wrong with it, in words.

SQLite beside the hub, or PostgreSQL where one machine is outgrown. What the two do not share is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Select, Table, and_, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

BUSY_TIMEOUT_S = 5.0  # a technician's sqlite3 shell may hold the lock for a moment
CONNECT_TIMEOUT_S = 5  # a database that takes longer is away: nodes keep all meanwhile, pages say so
IDLE_S = 5.0  # of a writer within a transaction: one that was stopped in its tracks holds its locks no longer
SILENT_S = 15  # of a connection whose other end says nothing any more: then it is given up
LOCK_TIMEOUT_S = 5.0  # somebody at psql may hold a lock for a moment
FETCHED = 2_000  # rows at a time of a long reading: 1 MiB

FORMS = "sqlite:///PATH, with four / for an absolute path, or postgresql://USER@HOST/DATABASE"

_MAKING = 0x68616C6C  # of PostgreSQL's advisory locks: "hall"
EpochKey = tuple[str, str, str]  # hall, node, epoch

T = TypeVar("T")


class RecordError(Exception):
    """The record cannot be used, and nothing of the call was kept. Next: put it right, and try again."""


def open_engine(url: str, *, read_only: bool = False, answer_s: float = 0.0) -> Engine:
    """Raises RecordError for an address that is none. Read-only, what is no UTF-8 any more is read too, with
    surrogates in the place of its bytes (PEP 383). `answer_s`: a question of longer is ended, where the
    database can end it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise RecordError(f"a record's address is {FORMS}") from None
    if not parsed.database:
        raise RecordError(f"{parsed.drivername}: a record's address is {FORMS}")
    if parsed.drivername == "sqlite":
        return _sqlite(parsed, read_only)
    if parsed.drivername == "postgresql":
        return _postgresql(parsed, read_only, answer_s)
    raise RecordError(f"{parsed.drivername}: a record's address is {FORMS}")


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """What `work` finds or does, in one transaction. Raises RecordError."""
    try:
        with engine.begin() as db:
            return work(db)
    except SQLAlchemyError as error:
        raise RecordError(reason_of(error)) from error


def shown(url: str) -> str:
    """An address for people: without a password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url


def _sqlite(url: URL, read_only: bool) -> Engine:
    if read_only:
        path = quote(str(Path(url.database or "").absolute()))
        url = url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _lenient if read_only else _tune)
    return engine


def _tune(connection: Any, _record: Any) -> None:
    """A commit returns when it is on the disk: an acknowledgement is a promise."""
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")


def _lenient(connection: Any, _record: Any) -> None:
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")


def _postgresql(url: URL, read_only: bool, answer_s: float) -> Engine:
    options = {
        "default_transaction_read_only": "on" if read_only else "off",
        "synchronous_commit": "on",  # whatever the server has: an acknowledgement is a promise
        "lock_timeout": f"{LOCK_TIMEOUT_S * 1000:.0f}",
        "idle_in_transaction_session_timeout": "0" if read_only else f"{IDLE_S * 1000:.0f}",
        "statement_timeout": f"{answer_s * 1000:.0f}",
    }
    arguments = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        "application_name": "hall-console",
        "client_encoding": "utf8",
        "keepalives_idle": SILENT_S // 3,
        "keepalives_interval": SILENT_S // 3,
        "keepalives_count": 2,
        "tcp_user_timeout": SILENT_S * 1000,
    }
    url = url.set(drivername="postgresql+psycopg")
    # asked whether it is still there before it is used: a restart of the database costs nobody an error
    return create_engine(url, connect_args=arguments, pool_pre_ping=True)


def check_server(db: Connection) -> None:
    """Whether it can keep what nodes tell. Raises RecordError."""
    if db.dialect.name != "postgresql":
        return
    encoding = db.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise RecordError(f"the database keeps text as {encoding}: make one with ENCODING 'UTF8'")


def lock_for_writing(db: Connection) -> None:
    """First in a transaction that reads and then writes by what it has read: with SQLite the only writer from
    here on. PostgreSQL locks rows (`with_for_update`)."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("BEGIN IMMEDIATE")


def end_holders(db: Connection, table: Table, silent_s: float) -> int:
    """Ends the transactions that have held a lock for writing in `table` for longer, and of whose program the
    server waits to hear more: one that was stopped in its tracks. How many. SQLite's file has no such way.

    PostgreSQL does so by itself (IDLE_S) only where a statement is over, and not between those of a batch.
    """
    if db.dialect.name != "postgresql":
        return 0
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = current_user AND pid <> pg_backend_pid() AND wait_event = 'ClientRead' "
        "AND xact_start < clock_timestamp() - make_interval(secs => :silent_s) AND pid IN "
        "(SELECT pid FROM pg_locks WHERE granted AND relation = to_regclass(:name) "
        "AND mode IN ('RowShareLock', 'RowExclusiveLock'))"
    )
    return len(db.execute(query, {"silent_s": silent_s, "name": table.name}).all())


def lock_for_making(db: Connection) -> None:
    """First in a transaction that makes tables: two who start at once do it one after the other."""
    lock_for_writing(db)
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")


def size_of(db: Connection) -> int:
    """Bytes of the whole database; with SQLite without what still stands in its write-ahead log."""
    if db.dialect.name == "postgresql":
        return int(db.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pages, each = (db.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(each)


def streamed(db: Connection, query: Select[Any]) -> Iterator[Any]:
    """The rows of a long reading, never all in memory. As SQLite's driver gives them: an object for each of a
    million rows would be half of the time. Raises also the errors of the driver itself (`errors_of`)."""
    if db.dialect.name == "sqlite":
        result = db.execute(query)  # of which SQLAlchemy itself has fetched nothing yet
        try:
            cursor: Any = result.cursor
            yield from cursor  # one at a time: a list of thousands would leave the processor's cache
        finally:
            result.close()
    else:
        with db.execution_options(yield_per=FETCHED).execute(query) as rows:
            for part in rows.partitions():
                yield from part


def read_strictly(db: Connection) -> None:
    """Text by SQLite's own reader: a function of ours for each doubles the time of a long reading."""
    if db.dialect.name == "sqlite":
        raw: Any = db.connection.driver_connection
        raw.text_factory = str


def errors_of(engine: Engine) -> tuple[type[Exception], ...]:
    return SQLAlchemyError, engine.dialect.loaded_dbapi.Error


def of_epoch(table: Table, key: EpochKey) -> Any:
    return and_(table.c.hall == key[0], table.c.node == key[1], table.c.epoch == key[2])


def reason_of(error: Exception) -> str:
    """The database's own words, without the statement and its parameters."""
    return next(iter(str(getattr(error, "orig", None) or error).splitlines()), type(error).__name__)
