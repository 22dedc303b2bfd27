"""The record for everybody beside its recorder: read and written off the loop, a few at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, TypeVar

from sqlalchemy import Connection, Engine

from edge.console.engine import RecordError, open_engine, transact
from edge.console.keeping import Keeping, touch

READERS = 2  # threads: as many as a small machine has processors; a page waits its turn behind them
WAITING = 256  # calls not answered yet: as many pages as may be open, all asked for anew at once, and no more
RETRY_S = 2.0  # after a write that could not be kept: a full disk may have room again
ANSWER_S = 10.0  # a page that takes longer is given up; its query still ends by itself

T = TypeVar("T")


class DeskBusy(RecordError):
    """Too many ask at once, or the answer takes too long. Next: ask again in a moment."""


class Desk:
    """Opened with the record's address, which must have been made by `Record`; `close` when done."""

    def __init__(self, url: str, keeping: Keeping | None = None) -> None:
        """Raises RecordError for an address that is none."""
        self.url = url
        self.keeping = keeping or Keeping()
        self._reading = open_engine(url, read_only=True, answer_s=ANSWER_S)
        self._writing = open_engine(url, answer_s=ANSWER_S)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="desk-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="desk-write")
        self._waiting = 0

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds, in a reading transaction. Raises RecordError."""
        return await self._ask(self._readers, self._reading, work, transact)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` does is kept as a whole and synced, or not at all. Raises RecordError."""
        return await self._ask(self._writer, self._writing, work, self._keep)

    async def mend(self) -> NoReturn:
        """Looks whether it keeps again, for as long as it does not."""
        while True:
            await asyncio.sleep(RETRY_S)
            if self.keeping.fails("pages"):
                with contextlib.suppress(RecordError):
                    await self.write(touch)

    def close(self) -> None:
        """What is being written is finished."""
        for threads in (self._readers, self._writer):
            threads.shutdown(cancel_futures=True)
        for engine in (self._reading, self._writing):
            engine.dispose()

    async def _ask(
        self,
        threads: ThreadPoolExecutor,
        engine: Engine,
        work: Callable[[Connection], T],
        run: Callable[[Engine, Callable[[Connection], T]], T],
    ) -> T:
        if self._waiting >= WAITING:
            raise DeskBusy(f"{WAITING} others wait for the record already")
        self._waiting += 1
        asked = asyncio.get_running_loop().run_in_executor(threads, run, engine, work)
        asked.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), ANSWER_S)
        except TimeoutError:
            raise DeskBusy(f"no answer of the record within {ANSWER_S:.0f} s") from None

    def _keep(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        with self.keeping.attempt("pages"):
            return transact(engine, work)

    def _done(self, asked: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not asked.cancelled():
            asked.exception()  # perhaps nobody waits for it any more
