"""The outbox: tells every event of the store to the broker, in order of seq, at least once.

It is a cursor on the journal, not a copy of it. A batch is the kept texts, joined; nothing is parsed again.

What is promised while a backlog drains:
- *Live state* (retained topics) stays fresh. It shares the connection, so the drain keeps no more than
  `window_bytes` and `window` messages on the way (the session's own window must be the larger), and no more
  than `replay_per_s` events a second leave. A state message then waits behind 256 KiB at most: 75 ms on a
  line of 3.5 MB/s, which is 10,000 events/s.
- *Live events* keep their place in the order, behind the backlog, since the contract of every reader is the
  order of seq: in any other each would need a set of the seqs it has seen in place of one number, and the
  acknowledgement could not be cumulative. Copies of them are shown at once: see `edge.live`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from edge.live import Live
from edge.store import Row, Store
from edge.wire import Ack

log = logging.getLogger(__name__)

Publish = Callable[
    [bytes], Coroutine[Any, Any, None]
]  # resolves at the PUBACK, raises when the session is lost
_HEAD, _TAIL = b'{"v":1,"events":[', b"]}"
_SHORTEST_REST_S = 0.002  # a timer is no finer; what is owed below it is owed still


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    batch_events: int = 200
    batch_bytes: int = 128 * 1024  # half of what a message may have
    window: int = 20  # PUBLISHes in flight
    window_bytes: int = 256 * 1024  # in flight: what a state message may find before it in the socket
    replay_per_s: float | None = 20_000.0  # events; twice what is asked for, and the hub's record keeps up
    ack_timeout_s: float = 30.0  # the hub acknowledges within a second or is away
    ack_timeout_max_s: float = 600.0  # between two tries at a hub that stays away
    rewind_gap_s: float = (
        1.0  # a hub asks once for each message that it could not use: one backfill serves all
    )


@dataclass(slots=True)
class _Flight:
    last_seq: int
    size: int
    task: asyncio.Task[None]


class Outbox:
    """`ack` "hub": rows are freed by the hub's acknowledgement; "broker": by the PUBACK, where no hub is."""

    def __init__(
        self, store: Store, limits: OutboxLimits | None = None, ack: Literal["hub", "broker"] = "hub"
    ) -> None:
        self._store = store
        self._limits = limits or OutboxLimits()
        self._by_broker = ack == "broker"
        # Something may be done: an append (set by the store), a landing, an acknowledgement, a rewind.
        self._wake = store.appended
        self._flights: deque[_Flight] = deque()  # in order of sending
        self._live = Live(store)
        self._sent_seq = store.acked_seq  # handed to the broker in this session, up to here
        self._rest_until_s = 0.0  # of the loop's clock: the rate's next free moment
        self._quiet_since_s = (
            0.0  # last time that the hub got on, or was given something new after all was told
        )
        self._timeout_s = self._limits.ack_timeout_s
        self._probing = False
        self._rewound = (0, float("-inf"))  # (seq, when) of the last backfill
        self._asked_between: int | None = None  # a backfill asked for before the session's first batch
        self._running = False

    async def run(self, publish: Publish, live: Publish | None = None) -> NoReturn:
        """One MQTT session: from the first event that is not acknowledged, until `publish` raises (raised on
        from here) or it is cancelled. `publish` must take its messages in the order of its calls; `live` is
        given copies of what is new and has to wait."""
        if self._running:
            raise RuntimeError("the outbox runs in another session")
        self._running = True
        self._begin()
        try:
            while True:
                self._wake.clear()
                self._land()
                if live:
                    await self._show(live)
                if not await self._send(publish):
                    await self._idle(publish)
        finally:
            self._running = False
            left = [flight.task for flight in self._flights]
            if shown := self._live.end():
                left.append(shown)
            self._flights.clear()
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def on_ack(self, ack: Ack) -> bool:
        """From the hub, cumulative. False where it is none of ours (logged)."""
        before = self._store.acked_seq
        if not self._store.acknowledge(ack.epoch, ack.seq):
            return False
        if self._store.acked_seq > before:
            self._got_on(self._store.acked_seq)
        return True

    def rewind(self, seq: int) -> int:
        """The hub asks for everything from `seq` on. The seq that it will get first: a later one where what
        it asked for is kept no more."""
        first = max(seq, self._store.oldest_kept_seq)
        if not self._running:
            self._asked_between = first
            return first
        now = asyncio.get_running_loop().time()
        asked, when = self._rewound
        if first <= self._sent_seq and (asked != seq or now - when >= self._limits.rewind_gap_s):
            log.info("backfill from %d, asked for from %d", first, seq)
            self._rewound = (seq, now)
            self._sent_seq = first - 1
            self._wake.set()
        return first

    def _begin(self) -> None:
        """Of the broker nothing is assumed: what has no acknowledgement is told again."""
        self._live.begin()
        first = self._store.acked_seq + 1
        self._sent_seq = min(first, self._asked_between or first) - 1
        self._asked_between = None
        self._quiet_since_s = asyncio.get_running_loop().time()
        self._timeout_s = self._limits.ack_timeout_s
        self._probing = False
        self._rewound = (0, float("-inf"))

    def _got_on(self, acked: int) -> None:
        """A hub that answers a probe is back: what else was told while it was away is told again."""
        self._quiet_since_s = asyncio.get_running_loop().time()
        self._timeout_s = self._limits.ack_timeout_s
        if self._probing or acked > self._sent_seq:
            self._sent_seq = acked
        self._probing = False
        self._wake.set()

    def _land(self) -> None:
        """Takes what has arrived out of the window, in order; raises what `publish` raised."""
        for flight in self._flights:
            if flight.task.done():
                flight.task.result()
        while self._flights and self._flights[0].task.done():
            landed = self._flights.popleft()
            if self._by_broker:
                self._store.acknowledge_to(landed.last_seq)

    async def _show(self, live: Publish) -> None:
        await self._live.show(self._sent_seq + self._limits.batch_events, lambda rows: live(_payload(rows)))

    async def _send(self, publish: Publish) -> bool:
        """The next batch, where there is one and room in the window; whether to go on at once."""
        start = self._sent_seq
        if start >= self._store.last_seq or not self._has_room():
            return False
        loop = asyncio.get_running_loop()
        if (rest_s := self._rest_until_s - loop.time()) > _SHORTEST_REST_S:
            await asyncio.sleep(rest_s)
        rows = await self._rows(start)
        if rows and self._sent_seq == start:  # else rewound, or acknowledged, meanwhile
            if self._store.acked_seq >= start:
                self._quiet_since_s = loop.time()
            self._fly(publish, rows)
            self._sent_seq = rows[-1].seq
        return True

    async def _idle(self, publish: Publish) -> None:
        """Until something happens, or the hub has been quiet too long about what it was told."""
        waiting = not self._by_broker and not self._flights and self._store.acked_seq < self._sent_seq
        due_s = self._quiet_since_s + self._timeout_s if waiting else None
        try:
            async with asyncio.timeout_at(due_s):
                await self._wake.wait()
        except TimeoutError:
            await self._probe(publish)

    async def _probe(self, publish: Publish) -> None:
        """One batch again from the first without an acknowledgement, ever more seldom: a hub that is away
        costs one message, not the backlog; its answer says from where the rest is wanted."""
        log.warning(
            "no acknowledgement beyond %d for %.0f s, told again", self._store.acked_seq, self._timeout_s
        )
        self._quiet_since_s = asyncio.get_running_loop().time()
        self._timeout_s = min(2 * self._timeout_s, self._limits.ack_timeout_max_s)
        if rows := await self._rows(self._store.acked_seq):
            self._probing = True
            self._fly(publish, rows)

    def _has_room(self) -> bool:
        in_flight = sum(flight.size for flight in self._flights)
        return not self._flights or (
            len(self._flights) < self._limits.window
            and in_flight + self._limits.batch_bytes <= self._limits.window_bytes
        )

    async def _rows(self, seq: int) -> list[Row]:
        events = self._limits.batch_events
        room = self._limits.batch_bytes - len(_HEAD) - len(_TAIL) - events  # a comma each
        return await self._store.after(seq, events, room)

    def _fly(self, publish: Publish, rows: list[Row]) -> None:
        payload = _payload(rows)
        task = asyncio.create_task(publish(payload))
        task.add_done_callback(lambda _: self._wake.set())
        self._flights.append(_Flight(rows[-1].seq, len(payload), task))
        if rate := self._limits.replay_per_s:
            now = asyncio.get_running_loop().time()
            self._rest_until_s = max(now, self._rest_until_s) + len(rows) / rate


def _payload(rows: list[Row]) -> bytes:
    return _HEAD + b",".join(row.text for row in rows) + _TAIL
