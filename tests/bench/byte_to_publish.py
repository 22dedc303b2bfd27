"""From a byte on the serial line to its PUBLISH at an independent subscriber, a synced commit between.

Product and floors take turns in short rounds: the same rate, the same broker, the same observer.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections import defaultdict
from contextlib import AsyncExitStack, closing
from pathlib import Path

from drivers.bus68.sim_devices import Press
from drivers.transport.pty import Pty
from tests.bench.bare import journal, keep
from tests.bench.model import Figure, Result, Series, rounds
from tests.bench.observer import Observer
from tests.bench.stage import Stage, Toggles, bare_loop, hall_of, stage, unpaced

PERIOD_S = 0.045  # 22 keys a second
COMMIT_PERIOD_S = 0.01
ROUND = 10  # half a second: what disturbs one disturbs the other
FRAME = bytes.fromhex("FF 68 04 04 68 01 01 00 0F 11 16")  # "pause" of caller 1, for the bare loops
KINDS = {"window.paused", "window.resumed"}
LIMIT_MS = 20.0
RATIO = 2.0


class Product:
    """Keys of rotating callers, and their events."""

    def __init__(self, stage: Stage) -> None:
        self.series = Series("hall-edge")
        self._stage = stage
        self._toggles = Toggles()
        self._turn = 0
        self._began_s: defaultdict[str, list[float]] = defaultdict(list)
        self._came_s: defaultdict[str, list[float]] = defaultdict(list)
        self._looked = 0

    async def round(self, presses: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(presses):
                tasks.create_task(self._press())
                await asyncio.sleep(PERIOD_S)
        await self._stage.observer.until(self._all_came)
        for caller, began_s in self._began_s.items():
            came_s = self._came_s[caller]
            self.series.values_s += [came - began for began, came in zip(began_s, came_s, strict=True)]
        self._began_s.clear()
        self._came_s.clear()

    async def _press(self) -> None:
        desk = self._stage.desk(self._turn)
        self._turn += 1
        press: Press = (await self._toggles.press(desk))[0]
        if press.acknowledged_s is None:
            raise RuntimeError(f"{desk.caller_id}: a key was not acknowledged")
        self._began_s[desk.caller_id].append(press.began_s)

    def _all_came(self) -> bool:
        seen = self._stage.observer.seen
        for message in seen[self._looked :]:
            if message.topic == self._stage.topics.event:
                for event in json.loads(message.payload)["events"]:
                    if event["kind"] in KINDS:
                        self._came_s[event["by"]].append(message.at_s)
        self._looked = len(seen)
        return sum(map(len, self._came_s.values())) >= sum(map(len, self._began_s.values()))


class BareLoop:
    """A bare loop at a line of its own. One frame is on its way at a time, as at our callers."""

    def __init__(self, name: str, observer: Observer, topic: str) -> None:
        self.series = Series(name)
        self.line = Pty()
        self.topic = topic
        self._observer = observer

    async def round(self, frames: int) -> None:
        began_s: list[float] = []
        start = len(self._observer.seen)
        for _ in range(frames):
            began_s.append(asyncio.get_running_loop().time())
            await self.line.link.write(FRAME)
            await asyncio.sleep(PERIOD_S)
        await self._observer.until(lambda: len(self._observer.on(self.topic, start)) >= frames)
        came_s = [message.at_s for message in self._observer.on(self.topic, start)]
        self.series.values_s += [came - began for began, came in zip(began_s, came_s, strict=True)]


async def commits(db: sqlite3.Connection, series: Series, count: int) -> None:
    """In the benchmark's own process: nothing else of it runs meanwhile."""
    text = "x" * 300
    for _ in range(count):
        began_s = time.perf_counter()
        keep(db, text)
        series.values_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(COMMIT_PERIOD_S)


async def measure(folder: Path, presses: int, size: int = ROUND) -> Result:
    """`presses` keys, in rounds of `size`."""
    folder.mkdir(parents=True)
    bare_commit = Series("(b) bare SQLite commit, WAL and FULL")
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(stage(folder / "node", hall_of(folder, windows_a_line=1)))
        unpaced(at.rig)
        product = Product(at)
        bare = BareLoop("(a) bare publish loop, nothing kept", at.observer, "bare/publish")
        durable = BareLoop("(c) bare durable loop", at.observer, "bare/durable")
        for loop, database in ((bare, ""), (durable, str(folder / "durable.db"))):
            stack.enter_context(loop.line)
            await stack.enter_async_context(
                bare_loop(folder, loop.line.path, at.broker.port, loop.topic, database)
            )
        db = stack.enter_context(closing(journal(folder / "commits.db")))
        await product.round(6)  # the first of each brings code and pages into memory
        product.series.values_s.clear()
        for count in rounds(presses, size):
            await product.round(count)
            await durable.round(count)
            await commits(db, bare_commit, count)
            await bare.round(-(-count // 2))
    return _result(product.series, bare.series, bare_commit, durable.series)


def _result(product: Series, bare: Series, commit: Series, durable: Series) -> Result:
    floor_name = "bare durable loop"
    return Result(
        "Byte on the serial line → PUBLISH at a subscriber",
        (
            Figure("byte → PUBLISH, p50", "ms", product.p50, durable.p50, floor_name, ratio_at_most=RATIO),
            Figure(
                "byte → PUBLISH, p99",
                "ms",
                product.p99,
                durable.p99,
                floor_name,
                below=LIMIT_MS,
                ratio_at_most=RATIO,
            ),
        ),
        (product, bare, commit, durable),
        (
            f"{1 / PERIOD_S:.0f} keys/s (pause, resume) from six callers in turn; the demo's configuration, "
            "but with a line for each window: a bus at 9600 baud acknowledges ten keys a second",
            "a frame is on the pty at once: the line's own 12 ms at 9600 baud are not in the figures",
            "all share this machine's processors and disk; the hub, at home elsewhere, at low priority",
            "the bare durable loop has no codec, rules, order, hub or answer to the device",
        ),
    )
