"""Store, outbox, an unreliable broker and a hub that goes by the cursor rule: each event once, in order."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.outbox import Outbox, OutboxLimits
from edge.store import Limits, Store
from edge.wire import Ack
from tests.store_kit import draft

EVENTS = 120
LIMITS = OutboxLimits(
    batch_events=7, window=4, replay_per_s=None, ack_timeout_s=0.02, ack_timeout_max_s=0.05, rewind_gap_s=0.01
)


class SessionLost(Exception):
    pass


class World:
    """The broker and the hub. With `loss` the broker forgets what it acknowledged, repeats, and hangs up."""

    def __init__(self, seed: int, loss: float) -> None:
        self.chance = random.Random(seed)
        self.loss = loss
        self.store: Store
        self.outbox: Outbox
        self.applied: list[str] = []  # ids, by the hub
        self.last = 0

    async def publish(self, payload: bytes) -> None:
        await asyncio.sleep(0)
        if self.chance.random() < self.loss:
            raise SessionLost  # before anybody had it
        if self.chance.random() >= self.loss:  # else the broker took it, and lost it
            events = json.loads(payload)["events"]
            for _ in range(2 if self.chance.random() < self.loss else 1):
                self.hub(events)
        await asyncio.sleep(0.001 * self.chance.random())
        if self.chance.random() < self.loss:
            raise SessionLost  # the hub has it, its PUBACK never came

    def hub(self, events: list[dict[str, Any]]) -> None:
        """The rule of every reader: next is applied, not above last is dropped, above next is asked for."""
        for event in events:
            if event["seq"] == self.last + 1:
                self.applied.append(event["id"])
                self.last += 1
            elif event["seq"] > self.last + 1:
                self.outbox.rewind(self.last + 1)
                return
        if self.chance.random() >= self.loss:  # else the acknowledgement is lost
            self.outbox.on_ack(Ack(epoch=self.store.epoch, seq=self.last))

    async def sessions(self) -> None:
        while True:
            try:
                await self.outbox.run(self.publish)
            except SessionLost:
                await asyncio.sleep(0)


async def run(seed: int, loss: float, restarts: int) -> None:
    world = World(seed, loss)
    ids: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for life in range(restarts + 1):
            world.store = store = await Store.open(Path(name) / "hall.db", Limits(min_free_bytes=0))
            world.outbox = Outbox(store, LIMITS)
            sessions = asyncio.create_task(world.sessions())
            while len(ids) < EVENTS * (life + 1) // (restarts + 1):
                drafts = [draft() for _ in range(world.chance.randint(1, 5))]
                await store.append(drafts)
                ids += [d.id for d in drafts]
                if world.chance.random() < 0.3:
                    await asyncio.sleep(0.001)
            if life == restarts:
                async with asyncio.timeout(20):
                    while store.acked_seq < store.last_seq:  # noqa: ASYNC110 the cursor has no event of its own
                        await asyncio.sleep(0.002)
            sessions.cancel()
            await asyncio.gather(sessions, return_exceptions=True)
            await store.close()
    assert world.applied == ids


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.0, 0.1, 0.3, 0.5]), restarts=st.integers(0, 2))
def test_each_event_is_applied_once_and_in_order(seed: int, loss: float, restarts: int) -> None:
    asyncio.run(run(seed, loss, restarts))
