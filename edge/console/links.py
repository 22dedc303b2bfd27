"""The chain of each node's acts as they come: what fits, and what does not, which is kept and marked.

Within the transaction that keeps the events, so that a chain and its record cannot part.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update

from edge.console import tables
from edge.console.batch import Parsed
from edge.console.engine import EpochKey, of_epoch
from edge.console.own_alerts import CHAIN_BROKEN
from edge.wire import ACTS, Alert, Misfit, Seal, Topics, genesis, is_sound, seal_of
from edge.wire.chain_words import MISFIT_WORDS

BROKEN_WORDS = {
    "zh": "上报的记录对不上链：可能被改动过",
    "en": "an act that came does not fit into its chain: records may have been altered",
    "remedy_zh": "在节点上运行 hallctl verify，在中心运行 hall-console verify；查明后用它的 --settle 结案",
    "remedy_en": "run hallctl verify at the node and hall-console verify at the hub; "
    "settle it by the latter's --settle once it is known what happened",
}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _End:
    """Of a chain: its last act. `link` "": none had one yet; `seq` 0: none came in this transaction."""

    seq: int = 0
    link: str = ""
    moved: bool = False
    new: bool = True  # it has no row yet


@dataclass(frozen=True, slots=True)
class Unfit:
    """An act that did not fit: the first of an epoch of which nobody has been told yet, say."""

    key: EpochKey
    seq: int
    kind: str
    misfit: Misfit
    seen_at: float


def alert_of(unfit: Unfit) -> tuple[str, bytes]:
    """Its topic, and the alert."""
    hall, node, epoch = unfit.key
    zh, en = MISFIT_WORDS[unfit.misfit]
    detail = f"epoch {epoch}, seq {unfit.seq}, {unfit.kind}: {zh} · {en}"
    alert = Alert(key=CHAIN_BROKEN, severity="error", since=unfit.seen_at, detail=detail, **BROKEN_WORDS)
    return Topics(hall, node).alert(CHAIN_BROKEN), alert.model_dump_json().encode()


class Links:
    """Of one transaction."""

    def __init__(self, db: Connection, now: float) -> None:
        self._db = db
        self._now = now
        self._ends: dict[EpochKey, _End] = {}  # bounded by the epochs of one call's batches

    def take(self, key: EpochKey, item: Parsed) -> bool:
        """An event that is kept now, in its turn; whether it fits."""
        text = item.body.encode()
        seal = seal_of(text)
        if seal is None and item.kind not in ACTS:
            return True
        end = self._end(key)
        misfit = self._judge(key, end, text, seal)
        end.seq = item.seq
        if seal:
            end.link, end.moved = seal.link, True
        if misfit:
            self._mark(key, item, misfit)
        return misfit is None

    def write(self) -> None:
        for key, end in self._ends.items():
            if end.moved and end.new:
                place = dict(zip(("hall", "node", "epoch"), key, strict=True))
                self._db.execute(insert(tables.chain), place | {"seq": end.seq, "link": end.link})
            elif end.moved:
                values = {"seq": end.seq, "link": end.link}
                self._db.execute(update(tables.chain).where(of_epoch(tables.chain, key)).values(values))

    def _judge(self, key: EpochKey, end: _End, text: bytes, seal: Seal | None) -> Misfit | None:
        if seal is None:
            return Misfit.UNLINKED if end.link else None
        if not is_sound(text, seal):
            return Misfit.CONTENT
        last = end.seq or self._last_act(key)
        if seal.follows == (end.link or genesis(key[2], last)):
            return None
        return Misfit.MISSING if self._has_hole(key, last) else Misfit.ORDER

    def _end(self, key: EpochKey) -> _End:
        if key not in self._ends:
            chain = tables.chain
            row = self._db.execute(select(chain.c.seq, chain.c.link).where(of_epoch(chain, key))).first()
            self._ends[key] = _End(row.seq, row.link, new=False) if row else _End()
        return self._ends[key]

    def _last_act(self, key: EpochKey) -> int:
        """Of those from before the chain; 0 where there was none."""
        acts = and_(of_epoch(tables.event, key), tables.event.c.kind.in_(ACTS))
        newest = select(tables.event.c.seq).where(acts).order_by(tables.event.c.seq.desc()).limit(1)
        return self._db.execute(newest).scalar_one_or_none() or 0

    def _has_hole(self, key: EpochKey, since: int) -> bool:
        """Whether what stood after `since` is known to be lost, or could not be read."""
        for table, seq in (
            (tables.missing, tables.missing.c.last_seq),
            (tables.rejected, tables.rejected.c.seq),
        ):
            there = select(func.count()).select_from(table).where(of_epoch(table, key), seq > since)
            if self._db.execute(there).scalar_one():
                return True
        return False

    def _mark(self, key: EpochKey, item: Parsed, misfit: Misfit) -> None:
        log.error(
            "%s/%s: event %d (%s) of epoch %s does not fit into its chain, and is marked in `unfit`: %s · %s",
            *key[:2],
            item.seq,
            item.kind,
            key[2],
            *MISFIT_WORDS[misfit],
        )
        open_ = and_(of_epoch(tables.unfit, key), is_unsettled())
        before = select(func.count()).select_from(tables.unfit).where(open_)
        told = int(self._db.execute(before).scalar_one() > 0)
        place = dict(zip(("hall", "node", "epoch"), key, strict=True))
        values = {"seq": item.seq, "misfit": misfit, "kind": item.kind, "seen_at": self._now, "told": told}
        self._db.execute(insert(tables.unfit), place | values)


def untold(db: Connection) -> list[Unfit]:
    rows = db.execute(select(tables.unfit).where(tables.unfit.c.told == 0)).all()
    return [unfit_of(row) for row in rows]


def unfit_of(row: Any) -> Unfit:
    return Unfit((row.hall, row.node, row.epoch), row.seq, row.kind, Misfit(row.misfit), row.seen_at)


def is_unsettled() -> ColumnElement[bool]:
    """Of `unfit`: nobody has looked into it."""
    unfit, settled = tables.unfit.c, tables.settled.c
    same = and_(settled.hall == unfit.hall, settled.node == unfit.node, settled.epoch == unfit.epoch)
    return ~exists().where(same, settled.seq >= unfit.seq)


def mark_told(db: Connection, told: Sequence[Unfit]) -> None:
    for each in told:
        there = and_(of_epoch(tables.unfit, each.key), tables.unfit.c.seq == each.seq)
        db.execute(update(tables.unfit).where(there).values(told=1))
