"""The bounded ring: how much room the journal takes, and what makes way when it is short.

In this order: acknowledged rows, oldest first, but none since the last day.opened, from which the state is
folded; then telemetry, oldest first, of which one row stands for each run (`dropped`, so that seq stays
gapless); acts never. What then does not fit is refused, and is welcome again when there is room.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from edge.store.database import PAGE_BYTES, scalar
from edge.store.journal import Journal, last_day_opened
from edge.store.model import Limits, StoreFull
from edge.wire import Dropped, Stamp, flat_json

log = logging.getLogger(__name__)

STEP_ROWS = 500  # of one step of pruning: a few ms between two commits
STEPS = 2  # a commit, while room is not yet out: twice as fast as a full group fills it
HIGH_WATER = 0.9  # of the pages: from here on room is made
SPARE_BYTES = 16 * PAGE_BYTES  # kept for what frees room: cursor, deletions
SLACK_BYTES = 1024 * 1024  # may be taken before room is measured again: the published figure is as good
PRUNE_EVERY = 256  # events between two looks at age


_DROPPED = Dropped().kind


class _Telemetry(NamedTuple):
    seq: int
    span: int
    dropped: bool  # already


class Ring:
    """Called in the writer's thread, outside its transactions."""

    def __init__(self, path: Path, journal: Journal, limits: Limits) -> None:
        self._db = journal.db
        self.path = path
        self._wal = path.with_name(path.name + "-wal")
        self._journal = journal
        self._limits = limits
        self._max_pages = (limits.max_bytes - limits.wal_bytes) // PAGE_BYTES
        self._scanned = 0  # up to here nothing but acts and `dropped`
        self._looked_at = journal.last_seq  # last seq at the last look at age
        self._slack_bytes = 0
        self.used_bytes = 0  # pages in use and the WAL
        self.oldest_seq = 1
        self._db.execute(
            f"PRAGMA max_page_count = {self._max_pages}"
        ).fetchone()  # the last resort: SQLITE_FULL
        self.measure()

    def measure(self) -> None:
        pages = self._used_pages()
        self.used_bytes = pages * PAGE_BYTES + self._wal_bytes()
        self._slack_bytes = min(SLACK_BYTES, int(self._max_pages * HIGH_WATER - pages) * PAGE_BYTES)
        first = scalar(self._db, "SELECT seq - span + 1 FROM event ORDER BY seq LIMIT 1")
        self.oldest_seq = self._journal.last_seq + 1 if first is None else first

    def make_room(self, text_bytes: int) -> None:
        """Raises StoreFull where `text_bytes` of new text would not fit."""
        free = os.statvfs(self.path.parent)
        if free.f_bavail * free.f_frsize < self._limits.min_free_bytes + text_bytes:
            raise StoreFull(
                f"the file system of {self.path.parent} has {free.f_bavail * free.f_frsize >> 20} MiB free, "
                f"{self._limits.min_free_bytes >> 20} are kept back"
            )
        need = 2 * text_bytes + SPARE_BYTES  # once more for indexes and part-filled pages
        if need > self._slack_bytes:
            self._reclaim(need // PAGE_BYTES)
        self._slack_bytes -= need

    def _reclaim(self, need: int) -> None:
        """Frees pages while the ring stands above its high water, two steps at most while it is not out."""
        if self._used_pages() + need > self._max_pages * HIGH_WATER:
            self._journal.flush_acked()
        steps = 0
        while (used := self._used_pages() + need) > self._max_pages * HIGH_WATER:
            if used <= self._max_pages and steps >= STEPS:
                break
            if not (self._prune_oldest() or self._drop_telemetry()):
                break
            steps += 1
        self.measure()
        if used > self._max_pages:
            raise StoreFull(
                f"the journal has its {self._limits.max_bytes >> 20} MiB, and nothing that may be dropped"
            )

    def tidy(self) -> None:
        """After a commit, with nobody waiting: by age, in small steps, and the WAL back within its bound."""
        if self._journal.last_seq - self._looked_at >= PRUNE_EVERY:
            self._looked_at = self._journal.last_seq
            if self._prune_oldest(self._journal.newest_at - self._limits.keep_days * 86_400):
                self.measure()
        if self._wal_bytes() > self._limits.wal_bytes:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Moves the WAL into the database and cuts it to nothing, unless a reader holds it."""
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("the WAL could not be checkpointed: %s", error)

    def _used_pages(self) -> int:
        return int(scalar(self._db, "PRAGMA page_count")) - int(scalar(self._db, "PRAGMA freelist_count"))

    def _wal_bytes(self) -> int:
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0  # none before the first commit

    def _prune_oldest(self, before: float = float("inf")) -> bool:
        """Deletes acknowledged rows from the oldest on while they are older than `before`; whether any."""
        end = self._journal.kept_acked_seq
        if day := last_day_opened(self._db):
            end = min(end, day - 1)
        last = 0
        for seq, at in self._db.execute(
            "SELECT seq, at FROM event WHERE seq <= ? ORDER BY seq LIMIT ?", (end, STEP_ROWS)
        ).fetchall():
            if at >= before:
                break
            last = seq
        if last:
            with self._db.atomic():
                self._journal.prune(last)
        return last > 0

    def _drop_telemetry(self) -> bool:
        """One step on from `_scanned`; False where nothing is left to drop."""
        rows = self._db.execute(
            "SELECT seq, span, act, kind FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
            (self._scanned, STEP_ROWS),
        ).fetchall()
        if not rows:
            return False
        runs: list[list[_Telemetry]] = [[]]
        for seq, span, act, kind in rows:
            if act:
                runs.append([])
            else:
                runs[-1].append(_Telemetry(seq, span, kind == _DROPPED))
        runs_to_drop = [run for run in runs if len(run) > 1 or (run and not run[0].dropped)]
        acked = self._journal.kept_acked_seq
        lost = sum(not row.dropped and row.seq > acked for run in runs_to_drop for row in run)
        with self._db.atomic():
            for run in runs_to_drop:
                self._replace(run)
            self._db.execute("UPDATE node SET dropped = dropped + ?", (lost,))
        self._journal.dropped += lost
        # A run that reaches the end of the step goes on in the next as the same run.
        scanned = runs[-1][-1].seq - 1 if runs[-1] else rows[-1][0]
        moved, self._scanned = scanned > self._scanned, scanned
        return moved or bool(runs_to_drop)

    def _replace(self, run: list[_Telemetry]) -> None:
        """The last row stays, in the place of all."""
        first, last = run[0].seq, run[-1].seq
        flat: dict[str, Any] = json.loads(scalar(self._db, "SELECT text FROM event WHERE seq = ?", (last,)))
        dropped = {name: flat[name] for name in Stamp.model_fields} | {"kind": _DROPPED}
        self._db.execute("DELETE FROM event WHERE seq >= ? AND seq < ?", (first, last))
        self._db.execute(
            "UPDATE event SET span = ?, kind = ?, text = ? WHERE seq = ?",
            (sum(row.span for row in run), _DROPPED, flat_json(dropped), last),
        )
