"""A crowd at the console's streams: many more pages with sessions of their own than it has room for, each of
which comes again as it is told to, and one person who only wants to see a page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import psutil

from edge.console.accounts import sessions
from edge.console.accounts.sessions import EACH, Limits, Place, Via
from edge.console.web.streams import MAX_CLIENTS
from edge.mqtt import connect
from edge.wire import Topics
from tests.bench.model import Figure, Result, Series
from tests.console.accounts_kit import writing
from tests.console.live_kit import about, health, queue, status
from tests.console.process_kit import ConsoleProcess, console_at
from tests.integration.brokers import running

CLIENTS, OF_A_SESSION = 10_000, 8
HALLS = 19
COMES_BACK_S = 5.0  # as it is told by Retry-After, and as much again by chance, as the pages' own script does
P95_BELOW_MS = 1_000.0
RSS_BELOW_MB = 150.0
_LIMITS = Limits(idle_s=3600.0, longest_s=43_200.0)
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Visits:
    times: Series
    statuses: Counter[int]


@dataclass
class Crowd:
    """`answers`: by status; 0 where it was sent away without one. `most`: streams that were open at once."""

    host: str
    port: int
    answers: Counter[int] = field(default_factory=Counter)
    open: int = 0
    most: int = 0
    tried: int = 0

    async def client(self, token: str, wait_s: float) -> None:
        """For as long as it is let: takes what comes, and comes again."""
        await asyncio.sleep(wait_s)
        while True:
            self.tried += 1
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._listen(token)
            await asyncio.sleep(COMES_BACK_S * (1 + random.random()))

    async def _listen(self, token: str) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(
                f"GET /stream?f=fleet_figures&f=hall_card:* HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
                f"Cookie: hall={token}\r\n\r\n".encode()
            )
            line = await reader.readline()
            found = int(line.split()[1]) if line else 0
            self.answers[found] += 1
            if found == HTTPStatus.OK:
                self.open += 1
                self.most = max(self.most, self.open)
                try:
                    while await reader.read(65_536):
                        pass
                finally:
                    self.open -= 1
        finally:
            writer.close()


async def measure(folder: Path, seconds: float) -> Result:
    folder.mkdir(parents=True, exist_ok=True)
    _more_files()
    with running("mosquitto", folder) as broker:
        accounts = [f"manager-{number}" for number in range(CLIENTS // OF_A_SESSION // EACH)]
        async with (
            connect(broker.broker, "nodes") as node,
            console_at(broker.url, folder, ("chief", *accounts)) as console,
        ):
            for number in range(HALLS):
                topics = Topics(f"h{number}", "n")
                for topic, payload in (
                    (topics.status, status()),
                    (topics.health, health()),
                    (topics.about, about(hall_name=f"大厅 {number}")),
                    (topics.queue, queue(card=(3, 240.0))),
                ):
                    await node.publish(topic, payload, retain=True)
            token, *tokens = _logged_in(folder, ["chief", *accounts])
            process = psutil.Process(console.pid)
            calm = await _visits(console, token, seconds / 4, "a page, with nobody else there")
            before_mb = process.memory_info().rss / _MB
            host, port = console.address.removeprefix("http://").split(":")
            crowd = Crowd(host, int(port))
            clients = [
                asyncio.create_task(
                    crowd.client(tokens[number // OF_A_SESSION], random.uniform(0, COMES_BACK_S))
                )
                for number in range(CLIENTS)
            ]
            await asyncio.sleep(COMES_BACK_S)
            crowded = await _visits(console, token, seconds, "the same, beside the crowd")
            after_mb = process.memory_info().rss / _MB
            for client in clients:
                client.cancel()
            await asyncio.wait(clients)
    unseen = crowded.statuses.total() - crowded.statuses[HTTPStatus.OK]
    return Result(
        "Console, a crowd",
        (
            Figure(
                "a page beside the crowd: p95",
                "ms",
                crowded.times.ms(0.95),
                calm.times.ms(0.95),
                below=P95_BELOW_MS,
            ),
            Figure("pages that were not shown", "", float(unseen), below=1),
            Figure(
                "streams open at once, at most", "", crowd.most, below=MAX_CLIENTS + 1, at_least=MAX_CLIENTS
            ),
            Figure("console: resident", "MB", after_mb, before_mb, below=RSS_BELOW_MB),
        ),
        series=(calm.times, crowded.times),
        notes=(
            f"{CLIENTS} clients of {len(tokens)} sessions; {crowd.tried} tries: "
            + ", ".join(f"{count} × {found or 'closed'}" for found, count in crowd.answers.most_common()),
        ),
    )


async def _visits(console: ConsoleProcess, token: str, seconds: float, name: str) -> Visits:
    """By a process of its own, whose clock the crowd does not hold up."""
    command = (sys.executable, "-m", "tests.bench.run_visitor", console.address, token, str(seconds))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    found = json.loads(told)
    return Visits(Series(name, [took_s for took_s, _ in found]), Counter(status for _, status in found))


def _logged_in(folder: Path, accounts: list[str]) -> list[str]:
    """The tokens of the first account's session, and of as many of the others' as it takes."""
    first, *others = accounts
    names = [first, *(name for name in others for _ in range(EACH))][: CLIENTS // OF_A_SESSION + 1]
    place, now = Place("127.0.0.1"), time.time()
    with writing(f"sqlite:///{folder}/hub.db") as db:
        return [
            sessions.begin(db, name, place, now, _LIMITS, via=Via.PASSWORD, complete=True) for name in names
        ]


def _more_files() -> None:
    """Each client is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
