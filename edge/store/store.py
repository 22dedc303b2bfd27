"""The store as the event loop sees it."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from edge.clock import boot_id
from edge.store import journal as tables
from edge.store import memory
from edge.store.database import connect, open_database
from edge.store.journal import Epoch, Journal
from edge.store.memory import MAX_MEMORY, MAX_NAME, Memories
from edge.store.model import MAX_APPEND, Draft, Limits, Recorded, Row, StoreClosed, encode
from edge.store.ring import Ring
from edge.store.writer import Job, Writer
from edge.wire import MAX_PAYLOAD, OutboxStatus, PaymentsSettled, Reply

if TYPE_CHECKING:
    from sqlite_utils import Database

log = logging.getLogger(__name__)

T = TypeVar("T")
ACK_STEP = 256  # events acknowledged that a crash may forget, and that are then told twice
AGES = 512  # marks of (seq, time) for the oldest event's age: it is told to within a 1/256 of the backlog
RECENT_ROWS = 64  # newest events kept at hand, so that what was just appended is told without a query:
RECENT_BYTES = 64 * 1024  # an act has one to three, and the outbox takes them at once
FOLD_CHUNK = 500  # events read at a time when the state is folded: memory stays flat
TRY_BYTES = 4096  # what a decision of some facts takes
MAX_TOPIC = 512  # bytes of a retained topic; ours end at half of that


class Store:
    """Open with `await Store.open(path, limits)`. One writer thread, one reader thread; idle, both sleep.

    Everything that writes returns after the synced commit. A caller that is cancelled while it waits does
    not know whether its facts were kept: that is UNKNOWN, never "not kept".
    Appends are numbered in the order in which they were asked for. `last_seq`, `acked_seq`, the seq of a
    `Row` and what `after` takes are places in the journal, which go on over epochs; what is told outside is
    the number in its epoch, see `epoch_of`.
    """

    def __init__(self, path: Path, limits: Limits, wall: Callable[[], float]) -> None:
        """Use `open`."""
        self._limits = limits
        self._wall = wall
        self._boot = boot_id()
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="store-read")
        self._slots = asyncio.Semaphore(limits.pending)
        self._is_prepared = self._closing = False
        self._recent: deque[Row] = deque()  # gapless up to last_seq
        self._recent_bytes = 0
        self.path = path
        self.appended = (
            asyncio.Event()
        )  # set after each commit of events: clear it, look at last_seq, wait; one reader
        self.last_seq = 0

    @classmethod
    async def open(
        cls, path: Path, limits: Limits | None = None, wall: Callable[[], float] = time.time
    ) -> Store:
        """Makes the database where there is none. Raises StoreRefused (StoreDamaged, StoreTooNew, StoreInUse)
        and has then changed nothing."""
        store = cls(path, limits or Limits(), wall)
        try:
            await store._read(store._prepare)
        except BaseException:
            store._readers.submit(store._abandon)  # after what the thread may still be about
            store._readers.shutdown(wait=False)
            raise
        store._start()
        return store

    def _prepare(self) -> None:
        """In the reader's thread: checking may take seconds."""
        db, self._lock = open_database(self.path, self._limits)
        try:
            self._journal = Journal(db, self._limits)
            self._ring = Ring(self.path, self._journal, self._limits)
            self._read_db = connect(self.path, self._limits, read_only=True)
            self._topics = tables.topics(self._read_db)
            oldest = tables.first_at(self._read_db, self._journal.acked_seq + 1)
            self._ages = deque([oldest] if oldest else [])
        except BaseException:
            db.close()
            os.close(self._lock)
            raise
        self._is_prepared = True

    def _abandon(self) -> None:
        """In the reader's thread: nobody waits any more for what was opened."""
        if self._is_prepared:
            self._read_db.close()
            self._journal.db.close()
            os.close(self._lock)

    def _start(self) -> None:
        self.last_seq = self._journal.last_seq
        self._writer = Writer(self._journal, self._ring, self._limits, self._committed)

    async def close(self) -> None:
        """Keeps what was asked for before, and gives the database free."""
        if self._closing:
            return
        self._closing = True
        await self._read(self._read_db.close)
        self._readers.shutdown()
        await self._writer.close()
        os.close(self._lock)

    # --- what is known without a query ---
    @property
    def epoch(self) -> str:
        return self._journal.epoch

    @property
    def acked_seq(self) -> int:
        return self._journal.acked_seq

    @property
    def oldest_kept_seq(self) -> int:
        """The first that can still be told; last_seq + 1 where nothing is kept."""
        return self._ring.oldest_seq

    @property
    def commits(self) -> int:
        """Synced commits that callers were told of."""
        return self._writer.commits

    def status(self) -> OutboxStatus:
        """`bytes` is what counts against the limit: pages in use and the WAL."""
        waiting = self.last_seq - self.acked_seq
        return OutboxStatus(
            rows=waiting,
            bytes=self._ring.used_bytes,
            oldest_age_s=max(0.0, self._wall() - self._ages[0][1]) if waiting and self._ages else 0.0,
            acked_seq=max(0, self.acked_seq - self._journal.start),
            last_seq=self.last_seq - self._journal.start,
            dropped=self._journal.dropped,
        )

    # --- events ---
    async def append(self, drafts: Sequence[Draft], answer: Reply | None = None) -> list[Recorded]:
        """One synced transaction: the facts, and the answer of the command that caused them.

        Raises StoreFull, Duplicate, StoreClosed, StoreDamaged, and ValueError for a draft that is not fit to
        be kept; nothing was kept then.
        """
        events = [encode(draft, self.epoch, self._boot) for draft in drafts]
        size = sum(event.size for event in events) + _answer_size(answer)
        if size > MAX_APPEND:
            raise ValueError(f"{size} bytes in one append: at most {MAX_APPEND}")
        if not size:
            return []
        at = self._wall()
        first: int = await self._write(partial(self._journal.append, events, answer, at), len(events), size)
        self._mark_age(first, events[0].stamp.at if events else at)
        number = first - self._journal.start
        return [event.recorded(seq) for seq, event in enumerate(events, number)]

    async def try_room(self) -> None:
        """Write and sync a page as an append of some facts does, and keep nothing. Raises StoreFull."""
        await self._write(self._journal.touch, 0, TRY_BYTES)

    async def after(self, seq: int, limit_rows: int, limit_bytes: int) -> list[Row]:
        """The events after `seq` in order, at least one where there is one, else as many as the limits allow.
        It begins later where the next has been pruned: see `oldest_kept_seq`."""
        if self._recent and self._recent[0].seq <= seq + 1 <= self.last_seq and not self._closing:
            return self._recent_after(seq, limit_rows, limit_bytes)
        return await self._read(tables.rows_after, self._reader, seq, limit_rows, limit_bytes)

    async def since_day_opened(self) -> AsyncIterator[Recorded]:
        """The acts (no telemetry) since and with the last day.opened, or all that are kept where there is
        none; read in chunks, so that a long day does not sit in memory."""
        opened = await self._read(tables.last_day_opened, self._reader)
        async for _, recorded in self.acts_after(opened - 1):
            yield recorded

    async def acts_after(self, seq: int) -> AsyncIterator[tuple[int, Recorded]]:
        """Those kept after this place, each with its own, in their order, up to the last of now; read
        in chunks likewise."""
        while chunk := await self._read(tables.acts_after, self._reader, seq, FOLD_CHUNK):
            for each in chunk:
                yield each
            seq = chunk[-1][0]

    async def fees_before_today(self, receipt: str) -> list[Recorded]:
        """What was charged and given back under it before the last day.opened, as far as it is kept."""
        opened = await self._read(tables.last_day_opened, self._reader)
        return await self._read(tables.fees_of, self._reader, receipt, opened)

    async def settlement_of(self, day: str) -> PaymentsSettled | None:
        """How the payments of that day were settled; None where they are not, or it is not kept any more."""
        kept = await self._read(tables.settlement_of, self._reader, day)
        return kept.fact if kept and isinstance(kept.fact, PaymentsSettled) else None

    def epoch_of(self, name: str) -> Epoch | None:
        """The present one, or one from before a backup was put back."""
        return next((epoch for epoch in self._journal.epochs if epoch.name == name), None)

    def acknowledge(self, epoch: str, seq: int) -> bool:
        """Cumulative: everything of this epoch up to and with `seq` is recorded elsewhere. False, and a line
        in the log, for an unknown epoch or a seq never given. It is written with the next commit, or after
        256 events."""
        its = self.epoch_of(epoch)
        if its is None or (place := min(its.start + seq, its.last)) > self.last_seq:
            log.warning(
                "acknowledgement of %d in %s refused: here is %d in %s",
                seq,
                epoch,
                self.last_seq - self._journal.start,
                self.epoch,
            )
            return False
        # Of an epoch before, the hub may lack some still: they are told again, and this with them.
        if place > self.acked_seq >= its.start:
            self.acknowledge_to(place)
        return True

    def acknowledge_to(self, place: int) -> None:
        """Up to this row of the journal; likewise."""
        if place <= self.acked_seq:
            return
        self._journal.acked_seq = place
        self._trim_ages()
        if place - self._journal.kept_acked_seq >= ACK_STEP and not self._closing:
            # Any commit writes the cursor: one with nothing else in it will do, and nobody waits for it.
            self._writer.submit(Job(lambda: None))

    # --- answers and topics ---
    async def answer_for(self, request_id: str) -> Reply | None:
        """Of a command that has been answered; kept for a day and at most 4,096 of them."""
        return await self._read(tables.answer_for, self._reader, request_id)

    async def keep_answer(self, answer: Reply) -> None:
        """Of a command that caused no fact. Raises as `append`."""
        await self.append((), answer)

    def topics(self) -> frozenset[str]:
        """Every retained topic that was ever published and not forgotten."""
        return frozenset(self._topics)

    async def remember_topics(self, names: Iterable[str]) -> None:
        """Before they are published. Costs nothing where all are known. Raises as `append`."""
        new = sorted(set(names) - self._topics)
        if any(len(name.encode()) > MAX_TOPIC for name in new):
            raise ValueError(f"a topic has more than {MAX_TOPIC} bytes")
        if new:
            size = sum(len(name.encode()) for name in new)
            await self._write(partial(self._journal.remember_topics, new), len(new), size)
            self._topics.update(new)

    async def forget_topics(self, names: Iterable[str]) -> None:
        """After they have been cleared at the broker."""
        if gone := sorted(set(names) & self._topics):
            await self._write(partial(self._journal.forget_topics, gone), len(gone), 0)
            self._topics.difference_update(gone)

    # --- what parts of the node remember ---
    async def remember(self, owner: str, data: Mapping[str, bytes]) -> None:
        """Keep each name's data for `owner`, synced, in the place of what it had; `memories` tells it again,
        but for a name without data.
        Raises as `append`."""
        size = sum(map(len, data.values()))
        if size > MAX_MEMORY or any(len(name) > MAX_NAME for name in (owner, *data)):
            raise ValueError(f"{owner}: {size} bytes to remember: at most {MAX_MEMORY}, names {MAX_NAME}")
        if data:
            work = partial(memory.remember, self._journal.db, owner, dict(data), self._wall())
            await self._write(work, len(data), size)

    async def memories(self, prefix: str) -> Memories:
        """All that owners whose names begin like this have had remembered: owner → name → data."""
        return await self._read(memory.memories, self._reader, prefix)

    async def forget(self, owner: str) -> None:
        await self._write(partial(memory.forget, self._journal.db, owner), 1, 0)

    # --- the two threads ---
    async def _write(self, work: Callable[[], T], rows: int, size: int) -> T:
        async with self._slots:
            if self._closing:
                raise StoreClosed("the store is closed")
            done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._writer.submit(Job(work, done, rows, size))
            return await done

    async def _read(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *args)

    @property
    def _reader(self) -> Database:
        if self._closing:
            raise StoreClosed("the store is closed")
        return self._read_db

    def _recent_after(self, seq: int, limit_rows: int, limit_bytes: int) -> list[Row]:
        first = seq + 1 - self._recent[0].seq
        rows: list[Row] = []
        size = 0
        for row in itertools.islice(self._recent, first, first + limit_rows):
            size += len(row.text)
            if rows and size > limit_bytes:
                break
            rows.append(row)
        return rows

    def _committed(self, new: list[Row]) -> None:
        if not new:
            return
        self.last_seq = new[-1].seq
        self._recent += new
        self._recent_bytes += sum(len(row.text) for row in new)
        while len(self._recent) > RECENT_ROWS or self._recent_bytes > RECENT_BYTES:
            self._recent_bytes -= len(self._recent.popleft().text)
        self.appended.set()

    def _mark_age(self, seq: int, at: float) -> None:
        self._ages.append((seq, at))
        self._trim_ages()
        if len(self._ages) > AGES:
            self._ages = deque(mark for n, mark in enumerate(self._ages) if n % 2 == 0)

    def _trim_ages(self) -> None:
        """The first mark stays that of the oldest event not yet acknowledged, or of one shortly before it."""
        while len(self._ages) > 1 and self._ages[1][0] <= self.acked_seq + 1:
            self._ages.popleft()
        if self.acked_seq >= self.last_seq:
            self._ages.clear()


def _answer_size(answer: Reply | None) -> int:
    """Raises ValueError for an answer that no message could carry."""
    size = 0 if answer is None else len(answer.model_dump_json())
    if size > MAX_PAYLOAD:
        raise ValueError(f"an answer of {size} bytes: at most {MAX_PAYLOAD}")
    return size
