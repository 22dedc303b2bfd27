"""The database of the hub's record: how it is opened, and what goes wrong with it, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, Table, and_, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

BUSY_TIMEOUT_S = 5.0  # a technician's sqlite3 shell may hold the lock for a moment

EpochKey = tuple[str, str, str]  # hall, node, epoch


class RecordError(Exception):
    """The record cannot be used, and nothing of the call was kept. Next: put it right, and try again."""


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Raises RecordError for an address that is none. Read-only, what is no UTF-8 any more is read too, with
    surrogates in the place of its bytes (PEP 383)."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise RecordError("a record's address is sqlite:///PATH, with four / for an absolute path") from None
    if parsed.drivername != "sqlite" or not parsed.database:
        raise RecordError(f"{parsed.drivername}: this version keeps its record in sqlite:///PATH only")
    if read_only:
        path = quote(str(Path(parsed.database).absolute()))
        parsed = parsed.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _lenient if read_only else _tune)
    return engine


def _tune(connection: Any, _record: Any) -> None:
    """A commit returns when it is on the disk: an acknowledgement is a promise."""
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")


def _lenient(connection: Any, _record: Any) -> None:
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")


def of_epoch(table: Table, key: EpochKey) -> Any:
    return and_(table.c.hall == key[0], table.c.node == key[1], table.c.epoch == key[2])


def reason_of(error: SQLAlchemyError) -> str:
    """The database's own words, without the statement and its parameters."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
