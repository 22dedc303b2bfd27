"""Whenever a backup is made and put back: the hub counts nothing twice and loses nothing that it had."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from edge.console import tables
from edge.console.engine import open_engine
from edge.console.record import Record
from edge.store import Store
from edge.store.audit import audit_all
from edge.store.backup import copy_running, renew, replace, stopped
from tests.store_kit import draft, telemetry

STEPS = st.lists(st.sampled_from(["act", "telemetry", "tell", "unheard", "back up", "restore"]), max_size=25)


class World:
    """A node's database, the hub's record, and the last backup."""

    def __init__(self, folder: Path) -> None:
        self.path, self.copy = folder / "hall.db", folder / "copy.db"
        self.url = f"sqlite:///{folder}/hub.db"
        self.record = Record(self.url)
        self.here: list[str] = []  # ids that the node's database holds
        self.copied: list[str] | None = None
        self.heard: set[str] = set()  # by the hub
        self.lives = 0

    async def step(self, store: Store, step: str) -> Store:
        match step:
            case "act" | "telemetry":
                each = draft(telemetry(1)) if step == "telemetry" else draft()
                await store.append([each])
                self.here.append(each.id)
            case "tell" | "unheard":
                await self.tell(store, acknowledged=step == "tell")
            case "back up":
                self.copy.unlink(missing_ok=True)
                copy_running(self.path, self.copy)
                self.copied = list(self.here)
            case "restore" if self.copied is not None:
                await store.close()
                new = self.copy.with_name("new.db")
                new.write_bytes(self.copy.read_bytes())
                renew(new)
                self.lives += 1
                with stopped(self.path):
                    replace(self.path, new, self.path.with_name(f"old{self.lives}.db"))
                self.here = list(self.copied)
                return await Store.open(self.path)
        return store

    async def tell(self, store: Store, *, acknowledged: bool) -> None:
        """What the outbox tells, to a hub whose acknowledgement may be lost."""
        rows = await store.after(store.acked_seq, 1000, 1 << 20)
        payload = b'{"v":1,"events":[' + b",".join(row.text for row in rows) + b"]}"
        if not rows:
            return
        done = self.record.apply([("h1", "n1", payload)])
        assert all(
            progress.seen <= progress.last for progress in done.values()
        )  # no gap: nothing is asked for
        self.heard |= set(self.here)
        for (_, _, epoch), progress in done.items() if acknowledged else ():
            assert store.acknowledge(epoch, progress.last)

    def check(self) -> None:
        engine = open_engine(self.url)
        with engine.connect() as db:
            ids = db.execute(select(tables.event.c.id)).scalars().all()
            wrong = [
                db.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (tables.missing, tables.conflict, tables.unfit, tables.rejected)
            ]
        engine.dispose()
        assert len(ids) == len(set(ids)), "counted twice"
        assert set(ids) == self.heard, "lost, or made up"
        assert wrong == [0, 0, 0, 0]
        assert [walk.first for walk in audit_all(self.path) if walk.first] == []


async def run(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        store = await Store.open(world.path)
        for step in steps:
            store = await world.step(store, step)
        await world.tell(store, acknowledged=True)
        await world.tell(store, acknowledged=True)
        assert store.acked_seq == store.last_seq
        await store.close()
        world.check()
        world.record.close()


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_a_node_put_back_is_counted_once(steps: list[str]) -> None:
    asyncio.run(run(steps))
