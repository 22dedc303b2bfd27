"""Which of several consoles on one record leads: records, acknowledges, counts, publishes. The others serve.

No clock is compared with another: the leader counts a beat up, and another takes over where it has seen that
stand still for TAKE_OVER_S of its own monotonic time. A wall clock that was set, or that differs between two
machines, moves nothing. What keeps the record right is the term, and no time at all: each taking has a new
one, and every transaction that records asks in itself whether its term still stands (`check`). So who was
stopped and comes back writes nothing, however long it takes to notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from edge.clock import boot_id
from edge.console import tables
from edge.console.engine import RecordError, end_holders, lock_for_writing, open_engine, transact
from edge.console.keeping import Keeping
from edge.ids import new_id

_PROC = Path("/proc")
NAME = "recorder"  # what is led
RENEW_S = 3.0  # a synced write of some bytes each time
VALID_S = 8.0  # without a renewal the leader lets go: before anybody else may take over
TAKE_OVER_S = 10.0  # and with RENEW_S and LOOK_S within 15 s of its death
LOOK_S = 1.0  # between looks of those who wait

T = TypeVar("T")
log = logging.getLogger(__name__)


class LeaseLost(RecordError):
    """Another console leads. Next: nothing of this is kept or acknowledged here; it is sent to the other."""


@dataclass(frozen=True, slots=True)
class Seen:
    """As the record says. `holder` "": given back."""

    holder: str
    term: int
    beat: int


class Lease:
    """`run` does the work of the leader whenever this console leads. Opened with the record's address, which
    `Record` has made."""

    def __init__(
        self, url: str, clock: Callable[[], float] = time.monotonic, keeping: Keeping | None = None
    ) -> None:
        """Raises RecordError for an address that is none."""
        self._keeping = keeping or Keeping()
        self._engine = open_engine(url)
        self._clock = clock
        self._me = myself()
        self._term = 0  # ours; 0: we do not lead
        self._beat = 0
        self._seen: Seen | None = None
        self._since = 0.0  # when `_seen` was first seen
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lost = asyncio.Event()

    @property
    def leads(self) -> bool:
        return self._term > 0

    def check(self, db: Connection) -> None:
        """First in a transaction that records: raises LeaseLost unless we lead, and then nobody can take over
        until the transaction has ended."""
        lock_for_writing(db)
        ours = and_(tables.lease.c.name == NAME, tables.lease.c.term == self._term)
        held = (
            self._term
            and db.execute(select(tables.lease.c.term).where(ours).with_for_update(read=True)).first()
        )
        if not held:
            if self._loop:
                self._loop.call_soon_threadsafe(self._lost.set)
            raise LeaseLost("another console leads")

    async def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> NoReturn:
        """`work` from each taking until it is cancelled, when the lease is lost. It is given back at the
        end."""
        self._loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="lease") as thread:
            ask = partial(self._in_thread, thread)
            try:
                while True:
                    await self._take(ask)
                    await self._lead(ask, work)
            finally:
                with contextlib.suppress(RecordError):  # then others have to see it silent
                    await asyncio.shield(ask(self.give_back))  # after what the thread is just taking

    def close(self) -> None:
        self._engine.dispose()

    async def _take(self, ask: Callable[[Callable[[], bool]], Any]) -> None:
        told = failed = False
        while True:
            try:
                taken = await ask(self.take)
            except RecordError as error:
                log.log(logging.DEBUG if failed else logging.ERROR,
                        "who leads cannot be seen, trying on: %s", error)  # fmt: skip
                failed, taken = True, False
            if taken:
                log.info("leads: records and acknowledges from now on")
                return
            if not told and not failed:
                log.info("another console leads: this one takes over when that has gone")
                told = True
            await asyncio.sleep(LOOK_S)

    async def _lead(
        self, ask: Callable[[Callable[[], bool]], Any], work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        self._lost.clear()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(work())
            await self._until_lost(ask)
            self._term = 0
            working.cancel()
        log.warning("leads no longer: records and acknowledges nothing until it leads again")

    async def _until_lost(self, ask: Callable[[Callable[[], bool]], Any]) -> None:
        renewed = self._clock()
        while True:
            try:
                async with asyncio.timeout(RENEW_S):
                    await self._lost.wait()
            except TimeoutError:
                began = self._clock()
                try:
                    if not await ask(self.renew):
                        return
                    renewed = began
                except RecordError as error:
                    log.debug("the lease cannot be renewed: %s", error)
                if self._clock() - renewed > VALID_S:
                    return
            else:
                return

    # --- each in a transaction of its own; raise RecordError ---
    def take(self) -> bool:
        """Whether we lead now. To be asked again and again: only who has seen the leader silent may."""
        seen = self._run(_look)
        if seen != self._seen:
            self._seen, self._since = seen, self._clock()
        silent = self._clock() - self._since > TAKE_OVER_S
        if seen and seen.holder not in ("", self._me) and not silent and not is_gone(seen.holder):
            self._keeping.went("lease")
            return False
        if silent and (ended := self._run(lambda db: end_holders(db, tables.lease, TAKE_OVER_S))):
            log.warning("the leader has stopped within a transaction: ended %d", ended)
        with self._keeping.attempt("lease"):
            if not self._run(lambda db: _take(db, seen, self._me)):
                return False  # somebody else was faster
        self._term, self._beat = (seen.term if seen else 0) + 1, 0
        return True

    def renew(self) -> bool:
        """Whether we still lead."""
        self._beat += 1
        with self._keeping.attempt("lease"):
            return self._run(lambda db: _set(db, self._term, beat=self._beat))

    def give_back(self) -> bool:
        """Whether it was ours."""
        term, self._term = self._term, 0
        return term > 0 and self._run(lambda db: _set(db, term, holder=""))

    def _run(self, work: Callable[[Connection], T]) -> T:
        return transact(self._engine, work)

    @staticmethod
    async def _in_thread(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)


def _look(db: Connection) -> Seen | None:
    table = tables.lease.c
    row = db.execute(select(table.holder, table.term, table.beat).where(table.name == NAME)).first()
    return Seen(row.holder, row.term, row.beat) if row else None


def _take(db: Connection, seen: Seen | None, me: str) -> bool:
    """Compared and set: of two who try one succeeds."""
    if seen is None:
        try:
            db.execute(insert(tables.lease), {"name": NAME, "holder": me, "term": 1, "beat": 0})
        except IntegrityError:
            return False
        return True
    table = tables.lease
    same = and_(table.c.name == NAME, table.c.term == seen.term, table.c.beat == seen.beat)
    same = and_(same, table.c.holder == seen.holder)
    values = {"holder": me, "term": seen.term + 1, "beat": 0}
    return db.execute(update(table).where(same).values(values)).rowcount > 0


def _set(db: Connection, term: int, **values: object) -> bool:
    table = tables.lease
    ours = and_(table.c.name == NAME, table.c.term == term)
    return db.execute(update(table).where(ours).values(values)).rowcount > 0


def myself() -> str:
    """This process, so that another on the same machine sees at once that it has gone: the boot, the
    namespace of process ids, the id, when it began, since ids are given again, and something of its own."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_began(pid)}/{new_id()[:8]}"


def is_gone(holder: str) -> bool:
    """Whether it is known that this process has ended: only of one on this machine."""
    try:
        boot, space, pid, began, _ = holder.split("/")
    except ValueError:
        return False
    if f"{boot}/{space}" != _here() or not pid.isdecimal():
        return False
    now = _began(int(pid))
    return now != began and (now != "" or not _is_hidden(int(pid)))


def _is_hidden(pid: int) -> bool:
    """There, and not for us to see: another user's, or in a user namespace of its own (PrivateUsers=)."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (ProcessLookupError, OverflowError):
        return False
    return not (_PROC / str(pid)).exists()


def _here() -> str:
    return f"{boot_id()}/{Path('/proc/self/ns/pid').readlink()}"


def _began(pid: int) -> str:
    """In ticks since the boot; "" where there is no such process, or only what is left of it."""
    try:
        fields = (
            (_PROC / str(pid) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except OSError:
        return ""
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else ""  # noqa: PLR2004 see proc(5)
