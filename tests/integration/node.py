"""A node in small for the tests of uplink and hub: its store is a list, its outbox a loop over it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from typing import Any, NoReturn

from edge.broker import Broker, Tls
from edge.clock import SystemClock, boot_id
from edge.ids import new_id
from edge.mqtt import Session
from edge.uplink import Identity, Publish, Uplink
from edge.wire import Ack, OutboxStatus, Reply, Request, Topics

BATCH = 50


def event(epoch: str, seq: int, **more: Any) -> dict[str, Any]:
    """One flat event with all of a stamp."""
    stamp = {"epoch": epoch, "seq": seq, "id": new_id(), "at": 1.7e9, "boot": "b" * 32, "mono": float(seq)}
    fact = {"clock_ok": True, "by": "node", "kind": "ticket.called", "ticket": f"A{seq:03}"}
    return stamp | fact | more


def batch(events: Iterable[object]) -> bytes:
    return json.dumps({"v": 1, "events": list(events)}, ensure_ascii=False).encode()


class MemoryStore:
    """Also the outbox. Told anew after each connect, from the first that is not acknowledged."""

    def __init__(self) -> None:
        self.epoch = new_id()
        self.events: list[dict[str, Any]] = []
        self.acked_seq = 0
        self.oldest_seq = 1
        self.known: set[str] = set()
        self.full = False
        self._sent_seq = 0
        self._changed = asyncio.Event()

    def append(self, count: int) -> None:
        for _ in range(count):
            self.events.append(event(self.epoch, len(self.events) + 1))
        self._changed.set()

    def status(self) -> OutboxStatus:
        last = len(self.events)
        return OutboxStatus(
            rows=last - self.acked_seq,
            bytes=0,
            oldest_age_s=0,
            acked_seq=self.acked_seq,
            last_seq=last,
            dropped=0,
        )

    def topics(self) -> Collection[str]:
        return set(self.known)

    async def remember_topics(self, names: Iterable[str]) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.known |= set(names)

    async def forget_topics(self, names: Iterable[str]) -> None:
        self.known -= set(names)

    async def run(self, publish: Publish, live: Publish) -> NoReturn:  # noqa: ARG002 it has no backlog
        self._sent_seq = self.acked_seq
        while True:
            start = max(self._sent_seq, self.oldest_seq - 1)
            events = self.events[start : start + BATCH]
            if events:
                self._sent_seq = start + len(events)
                await publish(batch(events))
            else:
                self._changed.clear()
                await self._changed.wait()

    def on_ack(self, ack: Ack) -> bool:
        if ack.epoch != self.epoch or ack.seq > len(self.events):
            return False
        self.acked_seq = max(self.acked_seq, ack.seq)
        return True

    def rewind(self, seq: int) -> int:
        self._sent_seq = min(self._sent_seq, seq - 1)
        self._changed.set()
        return max(seq, self.oldest_seq)


class SmallNode:
    """The uplink with all that it needs. `handle` may be replaced."""

    def __init__(
        self,
        brokers: Iterable[Broker],
        *,
        hall: str = "h1",
        name: str = "n1",
        store: MemoryStore | None = None,
        configured: Collection[str] = (),
        tls: Tls | None = None,
    ) -> None:
        self.topics = Topics(hall, name)
        self.store = store or MemoryStore()
        self.requests: list[tuple[Request, str]] = []
        self.handle: Callable[[Request, str], Awaitable[Reply]] = self.serve
        self.uplink = Uplink(
            topics=self.topics,
            session=Session(list(brokers), f"hall-{hall}-{name}", tls, delay=lambda _: 0.05),
            store=self.store,
            outbox=self.store,
            handle=self._handle,
            identity=Identity(self.store.epoch, boot_id(), "0.1.0", "c0ffee"),
            clock=SystemClock(),
            configured=configured,
        )

    async def _handle(self, request: Request, client: str) -> Reply:
        return await self.handle(request, client)

    async def serve(self, request: Request, client: str) -> Reply:
        self.requests.append((request, client))
        if request.verb == "backfill":
            if request.args["epoch"] != self.store.epoch:
                return Reply(id=request.id, result="rejected", code="other_epoch")
            return Reply(id=request.id, result="done", data={"from": self.store.rewind(request.args["seq"])})
        return Reply(id=request.id, result="done", data={"client": client})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        async with asyncio.TaskGroup() as tasks:  # a fault of the uplink ends the test at once
            task = tasks.create_task(self.uplink.run())
            yield task
            task.cancel()
