"""How long nothing is recorded after the leading console was killed: until the other has acknowledged again.

With the times of an installation. On one machine another console sees at once that the process has gone; from
another machine, which each console here takes itself to be on in half of the tries, it only sees it silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from edge.console.lease import LOOK_S, RENEW_S, TAKE_OVER_S
from edge.console.record import Record
from tests.bench.model import Figure, Result, Series
from tests.integration.brokers import BrokerProcess, running
from tests.integration.node import SmallNode
from tests.stores import cluster

BELOW_MS = 15_000.0
PERIOD_S = 0.05  # between the node's events
PATIENCE_S = 60.0
MAIN = "from edge.console.cli import main; main()"
ELSEWHERE = f"import edge.console.lease as lease, uuid; lease.boot_id = lambda b=uuid.uuid4().hex: b; {MAIN}"


@dataclass(frozen=True, slots=True)
class Setting:
    store: str
    url: str
    code: str
    name: str

    @property
    def floor_ms(self) -> float:
        """How long a leader has to be silent, where it died just before a beat was due."""
        return 1000 * (TAKE_OVER_S - RENEW_S if self.code == ELSEWHERE else 0.0)


async def measure(folder: Path, tries: int) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[tuple[Setting, Series]] = []
    with running("mosquitto", folder) as broker, cluster() as postgresql:
        postgresql.start()
        for name, code in (("same machine", MAIN), ("other machine", ELSEWHERE)):
            sqlite = f"sqlite:///{folder}/{len(taken)}.db"
            for store, url in (("SQLite", sqlite), ("PostgreSQL", postgresql.take())):
                setting = Setting(store, url, code, f"{store}, {name}")
                taken.append((setting, await _tried(broker, folder, setting, tries)))
    figures = tuple(
        Figure(
            f"killed → the other records: {setting.name}, longest",
            "ms",
            series.ms(1.0),
            setting.floor_ms or None,
            "silence that is waited for" if setting.floor_ms else "",
            below=BELOW_MS,
        )
        for setting, series in taken
    )
    notes = (
        f"SIGKILL, {tries} tries each; a beat every {RENEW_S:g} s, a look every {LOOK_S:g} s; a node tells "
        f"an event every {PERIOD_S * 1000:.0f} ms: until the first of those after the kill is acknowledged",
    )
    return Result("Consoles: the leader is killed", figures, tuple(series for _, series in taken), notes)


async def _tried(broker: BrokerProcess, folder: Path, setting: Setting, tries: int) -> Series:
    series, chance = Series(setting.name), random.Random(8)
    Record(setting.url).close()
    node = SmallNode([broker.broker])
    with contextlib.ExitStack() as stack:
        leader = _console(stack, broker, folder / f"{setting.name}-0.log", setting)
        async with node.running(), _telling(node):
            await _until(lambda: node.store.acked_seq > 0)
            for number in range(1, tries + 1):
                log = folder / f"{setting.name}-{number}.log"
                other = _console(stack, broker, log, setting)
                await _until(lambda log=log: "another console leads" in log.read_text())  # type: ignore[misc]
                await asyncio.sleep(chance.uniform(0.0, RENEW_S))  # at any moment of its beat
                leader.kill()
                leader.wait()
                killed_s, told = time.perf_counter(), len(node.store.events)
                await _until(lambda told=told: node.store.acked_seq > told)  # type: ignore[misc]
                series.values_s.append(time.perf_counter() - killed_s)
                leader = other
    return series


def _console(
    stack: contextlib.ExitStack, broker: BrokerProcess, log: Path, setting: Setting
) -> subprocess.Popen[bytes]:
    arguments = ["--broker", broker.url, "--store", setting.url, "--no-web"]
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", setting.code, *arguments], stderr=out)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


@contextlib.asynccontextmanager
async def _telling(node: SmallNode) -> AsyncIterator[None]:
    async def tell() -> None:
        while True:
            node.store.append(1)
            await asyncio.sleep(PERIOD_S)

    task = asyncio.create_task(tell())
    try:
        yield
    finally:
        task.cancel()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 a log and a small node set no Event
            await asyncio.sleep(0.01)
