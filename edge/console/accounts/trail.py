"""What people did by the pages and what was refused them: only ever added to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from edge.console import tables
from edge.wire.plain import plain

OK = "ok"
_T = tables.act.c
_LONGEST = {name: column.type.length for name, column in _T.items() if hasattr(column.type, "length")}


@dataclass(frozen=True, slots=True)
class Act:
    """`account` and `role` "": nobody known. `hall`: of what it was done to. `result`: OK or why not."""

    at: float
    account: str
    role: str
    hall: str
    what: str
    on: str
    detail: str
    result: str
    address: str


def add(db: Connection, act: Act) -> None:
    """In the transaction of what was done, where that is in the record too. Strangers' text is cut."""
    row = asdict(act)
    db.execute(insert(tables.act), {key: _short(key, value) for key, value in row.items()})


def find(
    db: Connection,
    *,
    account: str = "",
    what: str = "",
    hall: str = "",
    since_s: float = 0.0,
    before: int = 0,
    limit: int = 100,
) -> list[tuple[int, Act]]:
    """The latest first, each with its number; `before`: only those of lower ones. `what`: how it begins."""
    wanted = select(tables.act).where(_T.at >= since_s).order_by(_T.id.desc()).limit(limit)
    if account:
        wanted = wanted.where(_T.account == account)
    if hall:
        wanted = wanted.where(_T.hall == hall)
    if what:
        wanted = wanted.where(_T.what.startswith(what, autoescape=True))
    if before:
        wanted = wanted.where(_T.id < before)
    rows = db.execute(wanted).mappings()
    return [(row["id"], Act(**{key: row[key] for key in Act.__slots__})) for row in rows]


def _short(key: str, value: object) -> object:
    longest = _LONGEST.get(key)
    return plain(str(value))[:longest] if longest else value
