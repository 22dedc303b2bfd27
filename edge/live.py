"""The newest events at once, on a topic of their own, while a backlog is before them.

Events are told in order of seq, so that one number is all that a reader keeps; what happens during a drain is
therefore late by what the drain has still to do. Who watches a hall wants it now: as long as the order would
hold an event back, a copy of it goes out on `event/live`. The copies are for the eye. They may be lost, they
skip where too many come at once, and nobody counts them: each event follows in its place on `event`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from edge.store import Row, Store

Send = Callable[[list[Row]], Coroutine[Any, Any, None]]

EVENTS = 50  # in a message, the newest; a hall makes a few a second
BYTES = 32 * 1024  # of a message: it shares the socket with the drain and with the state


class Live:
    """Of one MQTT session at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shown_seq = 0  # older ones are the backlog's, or have been shown
        self._flight: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """A new session: what has been kept by now is its backlog."""
        self._shown_seq = self._store.last_seq
        self._flight = None

    async def show(self, next_seq: int, send: Send) -> None:
        """Copies of what has been kept since the last look; `next_seq` is the last that the order lets go
        soon. One message is on the way at a time: what comes meanwhile goes with the next."""
        last_seq = self._store.last_seq
        if last_seq <= next_seq:
            self._shown_seq = last_seq
        if not self._landed() or last_seq <= self._shown_seq:
            return
        rows = await self._store.after(max(self._shown_seq, last_seq - EVENTS), EVENTS, BYTES)
        if rows:
            self._shown_seq = rows[-1].seq
            self._flight = asyncio.create_task(send(rows))
            self._flight.add_done_callback(lambda _: self._store.appended.set())  # wakes the outbox

    def end(self) -> asyncio.Task[None] | None:
        """What is still on the way, for who ends the session."""
        return self._flight

    def _landed(self) -> bool:
        """Raises what `send` raised: the session is lost."""
        if self._flight and self._flight.done():
            self._flight.result()
            self._flight = None
        return self._flight is None
