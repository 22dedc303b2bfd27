"""Whether the journal still is what was kept: its chain, walked in the file itself, also while a daemon runs.

Read-only, in short looks, so that the daemon's log of changes does not have to wait for one long reader.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from edge.store.database import APPLICATION_ID, connect, scalar
from edge.store.journal import ENDLESS
from edge.store.model import Limits, StoreRefused
from edge.wire.walk import Kept, Walk

if TYPE_CHECKING:
    from sqlite_utils import Database

CHUNK = 2000  # rows of one look: some 20 ms, and 1 MiB of memory
CHAINED = 3  # the schema's version since which there is a chain
EPOCHS = 6  # since which a database may have had others
_NODE = "SELECT epoch, acked_seq, chain_after, pruned_seq, pruned_link FROM node"
_ROWS = "SELECT seq, id, kind, at, text, act, span FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"


class _Node(NamedTuple):
    epoch: str
    acked_seq: int
    chain_after: int
    pruned_seq: int
    pruned_link: str


class _Part(NamedTuple):
    """The rows of an epoch: after `start`, up to `last`."""

    epoch: str
    start: int
    last: int
    chain_after: int


def audit(path: Path) -> Walk:
    """The walk that has found something, or the one along the present epoch. Raises StoreRefused."""
    walks = audit_all(path)
    return next((walk for walk in walks if walk.first), walks[-1])


def audit_all(path: Path) -> list[Walk]:
    """All that is kept in this database, walked to its end, epoch by epoch. Raises StoreRefused where it
    cannot be read."""
    if not path.is_file():
        raise StoreRefused(path, "there is no such file", "Name the node's database with --store")
    try:
        db = connect(path, Limits(), read_only=True)
        try:
            return [_walk(db, part) for part in _parts(db, path)]
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreRefused(path, f"it cannot be read ({error})", "Run this as root or hall-edge") from error


def _parts(db: Database, path: Path) -> list[_Part]:
    if scalar(db, "PRAGMA application_id") != APPLICATION_ID:
        raise StoreRefused(path, "it is no database of hall-edge", "Name the node's database with --store")
    version = scalar(db, "PRAGMA user_version")
    if version < CHAINED:
        raise StoreRefused(path, "it is from before the chain", "Start hall-edge on it once")
    sql = "SELECT last, epoch, chain_after FROM former ORDER BY last"
    former = db.execute(sql).fetchall() if version >= EPOCHS else []
    parts, start = list[_Part](), 0
    for last, epoch, after in former:
        parts.append(_Part(_text(epoch), start, last, after))
        start = last
    node, _ = _look(db, start, start)
    return [*parts, _Part(node.epoch, start, ENDLESS, node.chain_after)]


def _walk(db: Database, part: _Part) -> Walk:
    begun, rows = _look(db, part.start, part.last)
    walk = Walk(part.epoch, part.chain_after)
    node = begun
    while True:
        if node.pruned_seq - part.start >= walk.next_seq:
            # At the start, or the daemon's pruning has overtaken us; only what was acknowledged is pruned.
            gone = min(node.pruned_seq, node.acked_seq, part.last)
            walk.resume(gone - part.start, node.pruned_link)
        if not rows:
            break
        for row in rows:
            walk.take(_kept(row, part.start))
        node, rows = _look(db, rows[-1][0], part.last)
    # What has been acknowledged since is kept since; an epoch before ends where it ended.
    walk.end((begun.acked_seq if part.last == ENDLESS else part.last) - part.start)
    return walk


def _look(db: Database, seq: int, last: int) -> tuple[_Node, list[Any]]:
    """What the node says of its chain, and the next rows, as they are at one moment."""
    with db.atomic():
        epoch, acked, after, pruned, link = db.execute(_NODE).fetchone()
        node = _Node(_text(epoch), acked, after, pruned, _text(link))
        return node, db.execute(_ROWS, (seq, last, CHUNK)).fetchall()


def _kept(row: tuple[Any, ...], start: int) -> Kept:
    seq, uid, kind, at, text, act, span = row
    return Kept(seq - start, _text(uid), _text(kind), at, text, bool(act), span)


def _text(value: bytes) -> str:
    """Also of bytes that somebody has spoilt: then they differ from what the event says."""
    return value.decode("utf-8", "replace")
