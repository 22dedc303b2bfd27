"""A county at its console: a device's change, published by its node, until a page that is open has it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from aiohttp import ClientTimeout

from edge.mqtt import Connection, connect
from edge.wire import Topics
from tests.bench.model import Figure, Result, Series
from tests.console.accounts_kit import Browser
from tests.console.live_kit import about, device, health, queue, status, window
from tests.console.process_kit import ConsoleProcess, console_at
from tests.integration.brokers import observing, running

NODES, DEVICES = 300, 5_000
EACH = -(-DEVICES // NODES)
SEEN = 60  # devices that the measured page shows, of as many halls
CHANGES_PER_S = 50
CLIENTS, SESSIONS = 199, 25  # beside the measured one; eight streams a session
BURST = 2_000  # changes at once
TRIED = 10_000  # connections that ask nothing
AT_ONCE = 400  # of them, kept open: the bench has files of its own
READY_S = 60.0
SETTLE_S = 15.0  # for all pages to have all that is on them
P99_BELOW_MS = 1_000.0
RSS_BELOW_MB = 150.0
OVERVIEW = "f=fleet_figures&f=fleet_alerts&f=hall_card:*"
_MB = 2**20


async def measure(folder: Path, changes: int) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    with running("mosquitto", folder) as broker:
        async with AsyncExitStack() as stack:
            node = await stack.enter_async_context(connect(broker.broker, "nodes"))
            await tell(node)
            names = [f"manager-{number}" for number in range(SESSIONS)]  # ten browsers at most for each
            console = await stack.enter_async_context(console_at(broker.url, folder, names))
            browsers = [await stack.enter_async_context(console.browser(name)) for name in names]
            watched = Watched()
            reading = [asyncio.create_task(watch(browsers[0], watched))]
            bare = await stack.enter_async_context(observing(broker.broker, "hall/1/+/+/device/d0"))
            async with asyncio.timeout(READY_S):
                await watched.all.wait()
            floor = asyncio.create_task(watched.bare(bare.connection))
            for number in range(CLIENTS):
                reading.append(asyncio.create_task(opened(browsers[1 + number % (SESSIONS - 1)])))
            await change(node, watched, changes // 2, 1 / CHANGES_PER_S)
            opening = watched.take()
            await asyncio.sleep(SETTLE_S)
            await change(node, watched, changes, 1 / CHANGES_PER_S)
            calm = watched.take()
            await change(node, watched, BURST, 0.0)
            burst = watched.take()
            rss_mb = psutil.Process(console.pid).memory_info().rss / _MB
            pages = await knocked(console, browsers[1])
            for task in (*reading, floor):
                task.cancel()
            await asyncio.wait({*reading, floor})
    return Result(
        "Console",
        tuple(_figures("a change on a page", *calm))
        + tuple(_figures(f"the same, while {CLIENTS} others are opened", *opening))
        + tuple(_figures(f"the same, {BURST} at once", *burst))
        + (
            Figure("console: resident", "MB", rss_mb, below=RSS_BELOW_MB),
            Figure(f"a page while {TRIED} connect and ask nothing: p99", "ms", pages.p99),
        ),
        series=(*calm, *opening, *burst, pages),
        notes=(f"{NODES} nodes, {NODES * EACH} devices, {CLIENTS + 1} pages open, mosquitto",),
    )


def _figures(name: str, page: Series, bare: Series) -> Sequence[Figure]:
    floor = "a bare subscriber"
    return (
        Figure(f"{name}: p50", "ms", page.p50, bare.p50, floor),
        Figure(f"{name}: p99", "ms", page.p99, bare.p99, floor, below=P99_BELOW_MS),
    )


async def tell(node: Connection) -> None:
    """All that is retained, as the nodes told it."""
    for number in range(NODES):
        at = Topics(f"h{number}", "n")
        told = {
            at.status: status(),
            at.health: health(),
            at.queue: queue(card=(3, 240.0), tax=(5, 600.0)),
            at.about: about(hall_name=f"大厅 {number}"),
            **{at.window(f"w{n}"): window(f"w{n}") for n in range(3)},
            **{at.device(f"d{n}"): device(f"d{n}") for n in range(EACH)},
        }
        await asyncio.gather(*(node.publish(topic, payload, retain=True) for topic, payload in told.items()))


class Watched:
    """When each change was told, and when it was seen: on the page, and by who only subscribes."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, int], float] = {}
        self.all = asyncio.Event()
        self._parts: set[str] = set()
        self._page, self._bare = Series("page"), Series("bare subscriber")

    def take(self) -> tuple[Series, Series]:
        taken = self._page, self._bare
        self._page, self._bare = Series("page"), Series("bare subscriber")
        self.told.clear()
        return taken

    def part(self, id_: str, html: str) -> None:
        """A part of the page; what it tells last is counted, and what came in between it has not shown."""
        self._parts.add(id_)
        if len(self._parts) == SEEN:
            self.all.set()
        hall = id_.split(":")[1]
        seen_s = time.perf_counter()
        for key in [key for key in self.told if key[0] == hall and f"<dd>{key[1]}</dd>" in html]:
            self._page.values_s.append(seen_s - self.told[key])

    async def bare(self, connection: Connection) -> None:
        while True:
            for message in await connection.receive(500):
                seen_s = time.perf_counter()
                if message.retain:
                    continue
                key = message.topic.split("/")[2], json.loads(message.payload)["restarts"]
                if key in self.told:
                    self._bare.values_s.append(seen_s - self.told[key])


async def watch(browser: Browser, watched: Watched | None) -> None:
    asked = OVERVIEW
    if watched:
        asked = "&".join(f"f=device_state:h{number}:n:d0" for number in range(SEEN))
    patience = ClientTimeout(total=None)
    async with browser.session.get(f"/stream?{asked}", timeout=patience, read_bufsize=2**20) as answer:
        assert answer.status == 200, answer.status
        async for line in answer.content:
            if watched and line.startswith(b"data: ["):
                for id_, html in json.loads(line[6:]):
                    watched.part(id_, html)


async def opened(browser: Browser) -> None:
    """The overview, and what changes of it."""
    assert (await browser.get("/")).status == 200
    await watch(browser, None)


async def change(node: Connection, watched: Watched, changes: int, pause_s: float) -> None:
    """One in five at a device that the page shows, each of which says its number; then time to see it."""
    chance = random.Random(8)
    numbers = dict.fromkeys(range(SEEN), 0)
    sent: list[asyncio.Task[None]] = []
    for number in range(changes):
        hall, name, restarts = chance.randrange(NODES), f"d{chance.randrange(1, EACH)}", number
        if number % 5 == 0:
            hall, name = number // 5 % SEEN, "d0"
            restarts = 1_000_000 + int(time.time() * 10) % 100_000 * 1_000 + numbers[hall]
            numbers[hall] += 1
            watched.told[f"h{hall}", restarts] = time.perf_counter()
        state = "online" if number % 2 else "degraded"
        payload = device(name, state, restarts=restarts)
        sent.append(
            asyncio.create_task(node.publish(Topics(f"h{hall}", "n").device(name), payload, retain=True))
        )
        await asyncio.sleep(pause_s)
    await asyncio.gather(*sent)
    await asyncio.sleep(5.0)


async def knocked(console: ConsoleProcess, browser: Browser) -> Series:
    """How long a page takes while many open connections and ask nothing."""
    series = Series("a page")
    async with knocking(console):
        for _ in range(100):
            began_s = time.perf_counter()
            assert (await browser.get("/halls/h1")).status == 200
            series.values_s.append(time.perf_counter() - began_s)
            await asyncio.sleep(0.05)
    return series


@contextlib.asynccontextmanager
async def knocking(console: ConsoleProcess) -> AsyncIterator[None]:
    host, port = console.address.removeprefix("http://").split(":")

    async def knock() -> None:
        for _ in range(TRIED // AT_ONCE):
            opened = await asyncio.gather(
                *(asyncio.open_connection(host, int(port)) for _ in range(AT_ONCE)), return_exceptions=True
            )
            await asyncio.sleep(0.1)
            for each in opened:
                if not isinstance(each, BaseException):
                    each[1].close()

    task = asyncio.create_task(knock())
    try:
        yield
        await task
    finally:
        task.cancel()
