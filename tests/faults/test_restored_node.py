"""A node whose disk has died goes on from its backup: the real daemon, hub and broker."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.diag.cli import app
from tests.integration.brokers import running
from tests.node_kit import Event, Node, hall_at, of

pytestmark = pytest.mark.few


def hallctl(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments), "--lang", "en"])
    assert done.exit_code == code, done.output
    return done.output


async def drained(node: Node) -> list[Event]:
    """The hub's record once the node has nothing left to tell."""

    async def rows() -> int:
        return int((await node.status())["health"]["outbox"]["rows"])

    await node.until(lambda count: count == 0, rows)
    return node.recorded()


async def test_it_goes_on_and_the_hub_counts_all_once(tmp_path: Path) -> None:
    with running("nats", tmp_path) as broker:
        async with hall_at(tmp_path, broker.url) as node:
            await node.take()
            await node.slip_of("A001")
            await node.has("ticket.printed", ticket="A001")
            file, store = tmp_path / "backup.tgz", tmp_path / "hall.db"
            await asyncio.to_thread(hallctl, "backup", file, "--store", store, "--config", node.config)
            assert "Stop it first" in hallctl("restore", file, "--store", store, code=2)

            await node.take(2)
            await node.has("ticket.printed", ticket="B001")
            before = await drained(node)
            await node.daemon.stop()
            store.unlink()  # the disk is a new one
            await asyncio.to_thread(hallctl, "restore", file, "--store", store)

            await node.start()
            await node.take()
            await node.has("ticket.printed", ticket="A002")
            after = await drained(node)
        assert [event for event in before if event not in after] == []
        assert len({event["id"] for event in after}) == len(after)
        assert [event["ticket"] for event in of(after, "ticket.printed")].count("A001") == 1
        assert {"A001", "A002", "B001"} == {event["ticket"] for event in of(after, "ticket.printed")}
        assert node.record
        with closing(sqlite3.connect(node.record)) as db:
            for table in ("conflict", "missing", "rejected", "unfit"):
                assert db.execute(f"SELECT * FROM {table}").fetchall() == [], table
    hallctl("verify", "--store", store)
