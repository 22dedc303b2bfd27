"""How large the record is, and how far what the pages count is behind it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from edge.console import tables
from edge.console.engine import size_of


@dataclass(frozen=True, slots=True)
class Weight:
    """`uncounted`: events that are recorded and not yet in the sums."""

    size_bytes: int
    uncounted: int


def weigh(db: Connection) -> Weight:
    """Two rows of each node's database, not the events themselves."""
    kept, counted = tables.cursor.c, tables.sum_cursor.c
    same = and_(*(kept[name] == counted[name] for name in ("hall", "node", "epoch")))
    both = tables.cursor.outerjoin(tables.sum_cursor, same)
    behind = func.sum(kept.last_seq - func.coalesce(counted.last_seq, 0))
    uncounted = db.execute(select(behind).select_from(both)).scalar_one() or 0
    return Weight(size_of(db), max(0, int(uncounted)))
