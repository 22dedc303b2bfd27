"""Which discovery topics this record's consoles have published, and at which broker.

In the record and not asked of the broker: who takes over, or starts with the setting off or another prefix,
knows what is to be taken back, and nothing that somebody else has published there is ever touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, and_, delete, insert, select

from edge.console import tables
from edge.console.engine import open_engine, transact

PIECE = 500  # rows of one statement: below the number of parameters that any database takes

T = TypeVar("T")


class Topic(NamedTuple):
    topic: str
    hall: str
    node: str


class Told:
    """Opened with the record's address, which `Record` has made; read and written off the loop, one after the
    other. Its methods raise RecordError. `fence`: first in each transaction that writes; raises RecordError
    where this console may not."""

    def __init__(self, url: str, fence: Callable[[Connection], None]) -> None:
        self._engine = open_engine(url)
        self._fence = fence
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="discovery")

    def close(self) -> None:
        """What is being written is finished, also where nobody waits for it any more."""
        self._thread.shutdown(cancel_futures=True)
        self._engine.dispose()

    async def at(self, broker: str) -> dict[str, Topic]:
        table = tables.discovery.c
        query = select(table.topic, table.hall, table.node).where(table.broker == broker)
        return await self._run(lambda db: {row.topic: Topic(*row) for row in db.execute(query)})

    async def any(self) -> bool:
        query = select(tables.discovery.c.topic).limit(1)
        return await self._run(lambda db: db.execute(query).first()) is not None

    async def add(self, broker: str, topics: Iterable[Topic]) -> None:
        rows = [{"broker": broker, **each._asdict()} for each in topics]

        def work(db: Connection) -> None:
            self._fence(db)
            db.execute(insert(tables.discovery), rows)

        await self._run(work)

    async def remove(self, broker: str, topics: Iterable[str]) -> None:
        gone, table = list(topics), tables.discovery

        def work(db: Connection) -> None:
            self._fence(db)
            for start in range(0, len(gone), PIECE):
                these = table.c.topic.in_(gone[start : start + PIECE])
                db.execute(delete(table).where(and_(table.c.broker == broker, these)))

        await self._run(work)

    async def _run(self, work: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, transact, self._engine, work)
