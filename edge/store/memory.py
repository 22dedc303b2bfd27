"""The SQL of what parts of the node remember over a restart. Writing is called in the writer's thread, within
its transaction; reading on the read connection."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

MAX_MEMORY = 256 * 1024  # bytes of one owner's in one write: a camera has a state, references, two pictures
MAX_NAME = 128  # of an owner, and of a name

Memories = dict[str, dict[str, bytes]]  # owner → name → data


def remember(db: Database, owner: str, data: Mapping[str, bytes], at: float) -> None:
    """Each name anew, and not at all where it has no data; the owner's others stay."""
    db.conn.executemany(
        "INSERT INTO memory (owner, name, at, data) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (owner, name) DO UPDATE SET at = excluded.at, data = excluded.data",
        [(owner, name, at, value) for name, value in data.items() if value],
    )
    gone = [(owner, name) for name, value in data.items() if not value]
    db.conn.executemany("DELETE FROM memory WHERE owner = ? AND name = ?", gone)


def forget(db: Database, owner: str) -> None:
    db.execute("DELETE FROM memory WHERE owner = ?", (owner,))


def memories(db: Database, prefix: str) -> Memories:
    """Of all owners whose names begin like this."""
    found: Memories = {}
    sql = "SELECT owner, name, data FROM memory WHERE substr(owner, 1, ?) = ?"
    with contextlib.closing(db.execute(sql, (len(prefix), prefix))) as rows:
        for owner, name, data in rows:
            found.setdefault(_text(owner), {})[_text(name)] = data
    return found


def _text(value: str | bytes) -> str:
    """The read connection gives texts as bytes, which the outbox wants."""
    return value.decode() if isinstance(value, bytes) else value
