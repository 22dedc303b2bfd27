"""A look at a node's database beside its daemon: what SQLite says of it, its numbering, its newest event."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

BUSY_S = 5.0  # the daemon's checkpoint may hold it that long


@dataclass(frozen=True, slots=True)
class Examined:
    """`damage` and `gap` are "" where there is none; `newest_at` 0 where there is no event."""

    damage: str
    gap: str
    page_bytes: int
    journal_mode: str
    wal_bytes: int
    newest_at: float


def examine(path: Path, *, quick: bool) -> Examined:
    """`quick`: without comparing indexes with their tables, which takes as long. Raises sqlite3.Error."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as db:
        (found,) = db.execute(f"PRAGMA {'quick' if quick else 'integrity'}_check(1)").fetchone()
        (page,) = db.execute("PRAGMA page_size").fetchone()
        (mode,) = db.execute("PRAGMA journal_mode").fetchone()
        first, last, spans = db.execute(
            "SELECT min(seq - span + 1), max(seq), sum(span) FROM event"
        ).fetchone()
        newest = db.execute("SELECT at FROM event ORDER BY seq DESC LIMIT 1").fetchone()
    missing = 0 if last is None else last - first + 1 - spans
    wal = path.with_name(path.name + "-wal")
    return Examined(
        damage="" if found == "ok" else str(found),
        gap=f"{missing} of {first}…{last}" if missing else "",
        page_bytes=page,
        journal_mode=mode,
        wal_bytes=wal.stat().st_size if wal.exists() else 0,
        newest_at=newest[0] if newest else 0.0,
    )
