"""A node's retained state: the last value of each topic, told on change, and all after every connect."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Iterable
from typing import Protocol

from edge.broker import Broker
from edge.mqtt import Connection

MAX_TOPICS = 4096  # of one node: 146 cameras, some 200 devices, 52 windows and their alerts are far below
RATE_PER_S = 200  # messages; a whole node is told within 3 s, and live events find the line free in between
BURST = 8  # messages at once
MEMORY_RETRY_S = 5.0  # a full disk may have room again

log = logging.getLogger(__name__)


class TopicMemory(Protocol):
    """Every retained topic ever published and not yet cleared, over restarts: the node's store."""

    def topics(self) -> Collection[str]: ...
    async def remember_topics(self, names: Iterable[str]) -> None:
        """Costs nothing where all are known."""
        ...

    async def forget_topics(self, names: Iterable[str]) -> None: ...


class RetainedState:
    """`set` and `clear` never wait; `run` tells the broker, coalesced to the last value of each topic.

    A topic is remembered before it is published the first time, and forgotten once an empty payload has
    cleared it on every broker of the list, so that no broker keeps a thing that is gone. `alerts` are cleared
    at every start instead: one of them says that nothing can be remembered.
    """

    def __init__(
        self,
        memory: TopicMemory,
        brokers: Collection[Broker],
        alerts: Collection[str] = (),
        rate_per_s: float = RATE_PER_S,
    ) -> None:
        self._memory = memory
        self._brokers = frozenset(brokers)
        self._alerts = frozenset(alerts)
        self._rate_per_s = rate_per_s
        self._wanted: dict[str, bytes] = {}  # b"": cleared
        self._dirty: dict[str, None] = {}  # topics to tell, in order of their change
        self._again: dict[str, None] = {}  # topics to tell once more to a new connection, after those
        self._cleared_on: dict[str, set[Broker]] = {}
        self._changed = asyncio.Event()
        self._full = False
        self._forgetful = False  # the memory takes nothing new, and that has been logged

    def load(self, configured: Collection[str]) -> None:
        """Once, at the start: what was told before and is neither configured nor already set is cleared."""
        left = set(self._memory.topics()) - set(configured) - self._alerts
        for topic in sorted((left | self._alerts) - self._wanted.keys()):
            if topic in left:
                log.info("%s is no longer configured and is cleared", topic)
            self._want(topic, b"")

    def set(self, topic: str, payload: bytes) -> None:
        """Tell `payload` (not empty) if it is new. Never waits."""
        if self._wanted.get(topic) == payload:
            return
        if topic not in self._wanted and len(self._wanted) >= MAX_TOPICS:
            if not self._full:
                log.error("more than %d retained topics: %s and others are not told", MAX_TOPICS, topic)
            self._full = True
            return
        self._want(topic, payload)

    def clear(self, topic: str) -> None:
        """Take back what was told on `topic`; nothing where nothing was."""
        if topic in self._wanted or topic in self._memory.topics():
            self._want(topic, b"")

    async def remember(self, topics: Iterable[str]) -> bool:
        """Whether the store now has all that it must have."""
        try:
            await self._memory.remember_topics(set(topics) - self._alerts)
        except Exception as error:  # noqa: BLE001 whatever ails the store, the hall and its commands go on
            if not self._forgetful:
                log.warning("new topics of retained state cannot be remembered, so not told: %s", error)
            self._forgetful = True
            return False
        self._forgetful = False
        return True

    async def run(self, connection: Connection) -> None:
        """Tell all and every change, which goes first, until cancelled. Raises BrokerLost."""
        self._again = dict.fromkeys(self._wanted)  # nothing is assumed of what a broker still has
        self._dirty = {}
        while True:
            while not (self._dirty or self._again):
                self._changed.clear()
                await self._changed.wait()
            changed = list(self._dirty)[: BURST - 1]  # one place is the others'
            burst = changed + list(self._again)[: BURST - len(changed)]
            if not await self.remember(burst):
                burst = self._remembered()[:BURST]
            if burst:
                await self._tell(connection, burst)
                await asyncio.sleep(len(burst) / self._rate_per_s)
            else:
                await self._change(MEMORY_RETRY_S)

    def _remembered(self) -> list[str]:
        """Of the topics to tell, those that may be told although nothing new can be remembered."""
        known = self._alerts.union(self._memory.topics())
        return [topic for topic in (*self._dirty, *self._again) if topic in known]

    async def _change(self, limit_s: float) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._changed.wait()

    def _want(self, topic: str, payload: bytes) -> None:
        self._wanted[topic] = payload
        self._cleared_on.pop(topic, None)
        self._again.pop(topic, None)
        self._dirty[topic] = None
        self._changed.set()

    async def _tell(self, connection: Connection, topics: list[str]) -> None:
        payloads = {topic: self._wanted[topic] for topic in topics}
        for topic in topics:
            (self._dirty if topic in self._dirty else self._again).pop(topic)
        await asyncio.gather(*(connection.publish(t, p, retain=True) for t, p in payloads.items()))
        await self._forget([t for t, p in payloads.items() if not p], connection.broker)

    async def _forget(self, cleared: list[str], broker: Broker) -> None:
        gone = []
        for topic in cleared:
            done = self._cleared_on.setdefault(topic, set())
            done.add(broker)
            if done >= self._brokers and self._wanted.get(topic) == b"":
                gone.append(topic)
        if not gone:
            return
        for topic in gone:
            del self._wanted[topic], self._cleared_on[topic]
        try:
            await self._memory.forget_topics(gone)
        except Exception as error:  # noqa: BLE001 they are cleared once more at the next start
            log.warning("cleared topics cannot be forgotten: %s", error)
