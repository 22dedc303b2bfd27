"""The one writer: a thread that commits together what had queued while the last commit was being synced.

Group commit without added delay: a lone request is committed at once, and a crowd shares one sync.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edge.store.database import NO_ROOM
from edge.store.journal import Journal
from edge.store.model import Duplicate, Limits, Row, StoreDamaged, StoreError, StoreFull
from edge.store.ring import Ring

log = logging.getLogger(__name__)

MAX_GROUP_BYTES = 256 * 1024  # of text in one commit; a single append may reach it alone
_TRY_LATER = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(slots=True)
class Job:
    """`work` runs in the writer's thread, inside the group's transaction."""

    work: Callable[[], Any]
    done: asyncio.Future[Any] | None = None  # None: nobody waits
    rows: int = 0
    size: int = 0  # bytes of new text; 0 for what needs no room
    error: Exception | None = None
    result: Any = field(default=None)


class Writer:
    """`delivered` is called in the event loop after each group with its events, before its callers resume."""

    def __init__(
        self,
        journal: Journal,
        ring: Ring,
        limits: Limits,
        delivered: Callable[[list[Row]], None],
    ) -> None:
        self._db = journal.db
        self._journal = journal
        self._ring = ring
        self._limits = limits
        self._delivered = delivered
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # bounded by who submits
        self._carried: Job | None = None
        self._broken: StoreError | None = None
        self._full = False
        self.commits = 0  # synced transactions that callers were told of
        self._thread = threading.Thread(target=self._run, name="store-write", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._queue.put(job)

    async def close(self) -> None:
        """After what has been submitted; the cursor is written with it."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while group := self._next_group():
            self._serve(group)
        try:
            self._journal.flush_acked()
        except sqlite3.Error as error:
            log.warning("the acknowledgement could not be kept, it will be repeated: %s", error)
        self._db.close()

    def _next_group(self) -> list[Job]:
        """Waits for one job, takes what else is there; empty at the end."""
        job = self._carried or self._queue.get()
        self._carried = None
        group: list[Job] = []
        rows = size = 0
        while job is not None:
            rows += job.rows
            size += job.size
            if group and (rows > self._limits.group_rows or size > MAX_GROUP_BYTES):
                self._carried = job
                return group
            group.append(job)
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return group
        if group:
            self._queue.put(None)  # the end comes again, after this group
        return group

    def _serve(self, group: list[Job]) -> None:
        new: list[Row] = []
        try:
            new = self._commit(group)
        except Exception as error:  # noqa: BLE001 a member's own error is its caller's; the thread must live
            self._journal.rolled_back()
            self._fail([job for job in group if job.error is None], error)
        self._loop_soon(group, new)
        try:
            self._ring.tidy()
        except sqlite3.Error as error:
            log.warning("the journal could not be tidied, tried again after the next commit: %s", error)

    def _commit(self, group: list[Job]) -> list[Row]:
        if self._broken:
            raise self._broken
        going = self._with_room(group)
        with self._db.atomic():
            for job in going:
                self._work(job)
            self._journal.write_acked()
        new = self._journal.committed()
        self.commits += any(job.error is None for job in going)
        if any(job.error is None and job.size for job in going):
            self._log_room(None)
        return new

    def _with_room(self, group: list[Job]) -> list[Job]:
        """Those that need no room go on where there is none."""
        try:
            self._ring.make_room(sum(job.size for job in group))
        except StoreFull as error:
            self._log_room(error)
            for job in group:
                job.error = StoreFull(str(error)) if job.size else None
        return [job for job in group if job.error is None]

    def _work(self, job: Job) -> None:
        """In a savepoint of its own: where it breaks a constraint, only it fails."""
        try:
            with self._db.atomic():
                job.result = job.work()
        except sqlite3.IntegrityError as error:
            job.error = Duplicate(str(error))

    def _fail(self, jobs: list[Job], error: Exception) -> None:
        if isinstance(error, sqlite3.Error):
            error = self._translate(error)
        elif not isinstance(error, StoreError):
            log.error("the store's writer met an error of the program", exc_info=error)
        for job in jobs:
            job.error = error

    def _translate(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in _TRY_LATER or code in NO_ROOM:
            full = StoreFull(f"the disk or the database does not take it now: {error}")
            self._log_room(full)
            self._ring.checkpoint()  # a WAL cut to nothing may be the room that is missing
            return full
        # A failed fsync is here too: after it the kernel may call unwritten pages clean, so the only safe way
        # on is to start again from what the disk really has.
        self._broken = StoreDamaged(self._ring.path, f"writing failed ({error})")
        log.critical("%s", self._broken)
        return self._broken

    def _log_room(self, error: StoreFull | None) -> None:
        """Once when room runs out and once when there is some."""
        if error and not self._full:
            log.error("nothing more can be kept: %s", error, extra={"code": "store_full"})
        elif self._full and not error:
            log.warning("there is room again", extra={"code": "store_full"})
        self._full = error is not None

    def _loop_soon(self, group: list[Job], new: list[Row]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._deliver, group, new)
        except RuntimeError:
            log.warning("%d requests ended after their event loop", len(group))

    def _deliver(self, group: list[Job], new: list[Row]) -> None:
        self._delivered(new)
        self._loop.call_soon(self._resume, group)  # a turn later: what is new leaves for the broker first

    def _resume(self, group: list[Job]) -> None:
        for job in group:
            if job.done is None or job.done.done():
                continue  # nobody waits, or its caller was cancelled: what it wrote stays
            if job.error is not None:
                job.done.set_exception(job.error)
            else:
                job.done.set_result(job.result)
