"""Several consoles on one record: one is killed or stopped while a node tells, which costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from edge.wire import Ack
from tests.integration.brokers import BrokerProcess, observing
from tests.integration.node import SmallNode
from tests.stores import only_sqlite, outside, postgresql_first, store_url

pytestmark = pytest.mark.usefixtures("both_stores")
TIMEOUT_S = 60.0
# The real program, in a hurry: TAKE_OVER_S and the others are of an installation.
CODE = """
import edge.console.lease as lease
lease.RENEW_S, lease.VALID_S, lease.TAKE_OVER_S, lease.LOOK_S = 0.5, 4.0, 5.0, 0.2
from edge.console.cli import main; main()
"""


# And its counting of what was recorded never comes to an end.
STUCK = f"""
import time, edge.console.cli as cli
from edge.console.sums.follower import Follower
Follower.step = lambda self: time.sleep(600)
cli.END_S = 0.5
{CODE}"""


class Console:
    def __init__(self, broker: BrokerProcess, url: str, log: Path, code: str = CODE) -> None:
        arguments = ["--broker", broker.url, "--store", url, "--no-web"]
        self._log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=file)

    def said(self, words: str) -> int:
        return self._log.read_text().count(words)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def consoles(broker: BrokerProcess, path: Path) -> Iterator[Callable[[], Console]]:
    made: list[Console] = []

    def start() -> Console:
        made.append(Console(broker, store_url(path), path.with_name(f"console-{len(made)}.log")))
        return made[-1]

    try:
        yield start
    finally:
        for each in made:
            each.end()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.05)


def recorded(path: Path, epoch: str) -> list[dict[str, object]]:
    rows = outside(path, f"SELECT body FROM event WHERE epoch = '{epoch}' ORDER BY seq")
    return [json.loads(str(body)) for (body,) in rows]


@contextlib.asynccontextmanager
async def telling(node: SmallNode) -> AsyncIterator[None]:
    """All the time, a few events at a time."""

    async def tell() -> None:
        while True:
            node.store.append(7)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(tell())
    yield
    task.cancel()


@contextlib.asynccontextmanager
async def every_ack_checked(broker: BrokerProcess, node: SmallNode, path: Path) -> AsyncIterator[list[int]]:
    """Whatever is acknowledged stands in the record when it is heard."""
    checked: list[int] = []

    def last() -> int:
        rows = outside(path, f"SELECT count(*), max(seq) FROM event WHERE epoch = '{node.store.epoch}'")
        ((count, newest),) = rows
        assert count == (newest or 0), "a gap"
        return int(count)

    async def check() -> None:
        async with observing(broker.broker, node.topics.ack) as observer:
            while True:
                for message in await observer.connection.receive(100):
                    ack = Ack.model_validate_json(message.payload)
                    if ack.epoch == node.store.epoch:
                        assert await asyncio.to_thread(last) >= ack.seq, "acknowledged and not kept"
                        checked.append(ack.seq)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(check())
        yield checked
        task.cancel()


def stopped_between_writes(console: Console, path: Path, both_stores: str) -> None:
    """SIGSTOP. With SQLite not in the middle of a write: nobody can take the file's lock from who holds it,
    and until that goes on or ends the nodes keep what they have."""
    while True:
        os.kill(console.process.pid, signal.SIGSTOP)
        os.waitpid(console.process.pid, os.WUNTRACED)
        if both_stores == "postgresql":
            return
        try:
            outside(path, "UPDATE lease SET beat = beat", timeout_s=0.2)
        except OSError:
            os.kill(console.process.pid, signal.SIGCONT)
            time.sleep(0.05)
        else:
            return


@postgresql_first
async def test_consoles_that_are_killed_or_stopped_cost_nothing(
    broker: BrokerProcess, tmp_path: Path, both_stores: str
) -> None:
    path, node = tmp_path / "record.db", SmallNode([broker.broker])
    with consoles(broker, path) as start:
        one = start()
        await until(lambda: one.said("leads: records") >= 1)
        two = start()
        await until(lambda: two.said("another console leads") >= 1)
        async with every_ack_checked(broker, node, path) as acks, node.running(), telling(node):
            await until(lambda: node.store.acked_seq > 100)
            one.process.kill()
            one.process.wait()
            await until(lambda: two.said("leads: records") >= 1)
            reached = node.store.acked_seq
            await until(lambda: node.store.acked_seq > reached + 100)

            three = start()
            await until(lambda: three.said("another console leads") >= 1)
            await asyncio.to_thread(stopped_between_writes, two, path, both_stores)
            await until(lambda: three.said("leads: records") >= 1)
            reached = node.store.acked_seq
            await until(lambda: node.store.acked_seq > reached + 100)
            two.process.send_signal(signal.SIGCONT)
            await until(lambda: two.said("leads no longer") >= 1)
            reached = node.store.acked_seq
            await until(lambda: node.store.acked_seq > reached + 100)

            three.process.terminate()  # in order: given back
            assert await asyncio.to_thread(three.process.wait, TIMEOUT_S) == 0
            await until(lambda: two.said("leads: records") >= 2)
            reached = node.store.acked_seq
            await until(lambda: node.store.acked_seq > reached + 100)
        async with node.running():
            await until(lambda: node.store.acked_seq == len(node.store.events))
    assert len(acks) > 4
    assert recorded(path, node.store.epoch) == node.store.events


@only_sqlite
async def test_one_that_hangs_when_it_is_to_end_says_where_and_ends(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    console = Console(broker, store_url(tmp_path / "record.db"), tmp_path / "console.log", STUCK)
    try:
        await until(lambda: console.said("leads: records") >= 1)
        console.process.terminate()
        assert await asyncio.to_thread(console.process.wait, TIMEOUT_S) == 1
    finally:
        console.end()
    assert console.said("Timeout (0:00:00.500000)!") == 1
    assert console.said("in <lambda>"), "where it hung"
