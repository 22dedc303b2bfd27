"""What is counted: a hall's acts and events as the subscriber saw them, and the hub's record."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from edge.demo.ledger import Ledger


class Tickets(BaseModel):
    """Acts, each counted by the independent subscriber."""

    issued: int
    called: int
    no_show: int
    held: int = 0
    served: int
    rated: int
    not_rated: int


class Events(BaseModel):
    """`published`, `lost` and `duplicated` from (epoch, seq) as the subscriber saw them, and `unfit` from
    links; `recorded` from the hub's own record."""

    published: int
    recorded: int
    lost: int
    duplicated: int
    unfit: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many rows the hub's record has of a node, and how many different (epoch, seq) are in them."""

    rows: int = 0
    different: int = 0


def tickets_of(ledger: Ledger) -> Tickets:
    kinds = ledger.kinds
    return Tickets(
        issued=kinds["ticket.printed"] + kinds["ticket.shown"] + kinds["ticket.assumed"],
        called=kinds["ticket.called"],
        no_show=kinds["ticket.no_show"],
        held=kinds["ticket.held"],
        served=kinds["service.finished"],
        rated=kinds["rating.given"],
        not_rated=kinds["rating.missed"],
    )


def events_of(ledger: Ledger, epoch: str, last_seq: int, rows: int) -> Events:
    """`epoch` and `last_seq` are the node's own word of how many there are."""
    seen = ledger.epochs.get(epoch)
    return Events(
        published=ledger.published,
        recorded=rows,
        lost=seen.lost(last_seq) if seen else last_seq,
        duplicated=ledger.duplicated,
        unfit=ledger.unfit,
    )


def recorded(record: Path) -> dict[tuple[str, str], Recorded]:
    """What the hub's record has of each (hall, node), read beside the running hub."""
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT hall, node, count(*), count(DISTINCT epoch || '/' || seq) FROM event GROUP BY hall, node"
        ).fetchall()
    return {(hall, node): Recorded(count, different) for hall, node, count, different in rows}
