"""What did not fit into a chain and has been looked into: who said so and why. It covers nothing else.

A hub that is set up anew finds the beginning of a node's chain missing where the node has pruned it, and says
so once. Whoever knows that settles it; any other break is told as ever, at the same node too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, inspect, select, tuple_, update

from edge.console import tables
from edge.console.engine import EpochKey, of_epoch
from edge.console.fleet import NodeKey
from edge.console.links import alert_of, is_unsettled, unfit_of
from edge.console.own_alerts import CHAIN_BROKEN
from edge.wire import Topics
from edge.wire.walk import Finding

MAX_NAME, MAX_WHY = 64, 200  # characters, as the table has them


@dataclass(frozen=True, slots=True)
class Settled:
    by: str
    why: str
    at: float


def settled_of(db: Connection, key: Any) -> dict[str, Settled]:
    """By mark. A record of an earlier version has none."""
    if not inspect(db).has_table(tables.settled.name):
        return {}
    rows = db.execute(select(tables.settled).where(of_epoch(tables.settled, key)))
    return {row.mark: Settled(row.settled_by, row.why, row.settled_at) for row in rows}


def settle(db: Connection, key: EpochKey, finding: Finding, said: Settled) -> None:
    place = dict(zip(("hall", "node", "epoch"), key, strict=True))
    what = {"mark": finding.mark, "seq": max(finding.seq, finding.until)}
    who = {"settled_by": said.by, "why": said.why, "settled_at": said.at, "told": 0}
    db.execute(insert(tables.settled), place | what | who)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The alert's topic at a node where something has been settled, and what stands there now: nothing, or
    the first that is not settled. `rows` have then been told."""

    topic: str
    payload: bytes
    rows: tuple[tuple[str, str, str, str], ...]  # keys


def taken_back(db: Connection) -> list[TakenBack]:
    columns = tables.settled.c
    query = select(columns.hall, columns.node, columns.epoch, columns.mark).where(columns.told == 0)
    by_node: dict[NodeKey, list[tuple[str, str, str, str]]] = {}
    for hall, node, epoch, mark in db.execute(query):
        by_node.setdefault((hall, node), []).append((hall, node, epoch, mark))
    return [TakenBack(*_standing(db, node), tuple(rows)) for node, rows in by_node.items()]


def mark_taken_back(db: Connection, told: Sequence[TakenBack]) -> None:
    key = tuple_(*tables.settled.primary_key)
    for each in told:
        db.execute(update(tables.settled).where(key.in_(each.rows)).values(told=1))


def _standing(db: Connection, node: NodeKey) -> tuple[str, bytes]:
    unfit = tables.unfit.c
    there = and_(unfit.hall == node[0], unfit.node == node[1], is_unsettled())
    first = db.execute(select(tables.unfit).where(there).order_by(unfit.seen_at, unfit.seq).limit(1)).first()
    return alert_of(unfit_of(first)) if first else (Topics(*node).alert(CHAIN_BROKEN), b"")
