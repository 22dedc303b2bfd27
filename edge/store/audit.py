"""Whether the journal still is what was kept: its chain, walked in the file itself, also while a daemon runs.

Read-only, in short looks, so that the daemon's log of changes does not have to wait for one long reader.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from edge.store.database import APPLICATION_ID, connect, scalar
from edge.store.model import Limits, StoreRefused
from edge.wire.walk import Kept, Walk

if TYPE_CHECKING:
    from sqlite_utils import Database

CHUNK = 2000  # rows of one look: some 20 ms, and 1 MiB of memory
CHAINED = 3  # the schema's version since which there is a chain
_NODE = "SELECT epoch, acked_seq, chain_after, pruned_seq, pruned_link FROM node"
_ROWS = "SELECT seq, id, kind, at, text, act, span FROM event WHERE seq > ? ORDER BY seq LIMIT ?"


class _Node(NamedTuple):
    epoch: str
    acked_seq: int
    chain_after: int
    pruned_seq: int
    pruned_link: str


def audit(path: Path) -> Walk:
    """All that is kept in this database, walked to its end. Raises StoreRefused where it cannot be read."""
    if not path.is_file():
        raise StoreRefused(path, "there is no such file", "Name the node's database with --store")
    try:
        db = connect(path, Limits(), read_only=True)
        try:
            return _walk(db, path)
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreRefused(path, f"it cannot be read ({error})", "Run this as root or hall-edge") from error


def _walk(db: Database, path: Path) -> Walk:
    if scalar(db, "PRAGMA application_id") != APPLICATION_ID:
        raise StoreRefused(path, "it is no database of hall-edge", "Name the node's database with --store")
    if scalar(db, "PRAGMA user_version") < CHAINED:
        raise StoreRefused(path, "it is from before the chain", "Start hall-edge on it once")
    begun, rows = _look(db, 0)
    walk = Walk(begun.epoch, begun.chain_after)
    node = begun
    while True:
        if node.pruned_seq >= walk.next_seq:  # at the start, or the daemon's pruning has overtaken us
            walk.resume(min(node.pruned_seq, node.acked_seq), node.pruned_link)  # nothing else may be pruned
        if not rows:
            break
        for row in rows:
            walk.take(_kept(row))
        node, rows = _look(db, rows[-1][0])
    walk.end(begun.acked_seq)  # what has been acknowledged since is kept since
    return walk


def _look(db: Database, seq: int) -> tuple[_Node, list[Any]]:
    """What the node says of its chain, and the next rows, as they are at one moment."""
    with db.atomic():
        epoch, acked, after, pruned, link = db.execute(_NODE).fetchone()
        node = _Node(_text(epoch), acked, after, pruned, _text(link))
        return node, db.execute(_ROWS, (seq, CHUNK)).fetchall()


def _kept(row: tuple[Any, ...]) -> Kept:
    seq, uid, kind, at, text, act, span = row
    return Kept(seq, _text(uid), _text(kind), at, text, bool(act), span)


def _text(value: bytes) -> str:
    """Also of bytes that somebody has spoilt: then they differ from what the event says."""
    return value.decode("utf-8", "replace")
