"""A terminal's driver at work, in time that does not wait: with its simulator behind ports of any kind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from drivers.api import Link, LinkLost, Simulator
from drivers.conformance import RecordingContext
from drivers.transport.losses import lost
from drivers.transport.null import NullLink, pair
from drivers.transport.sick import Sick
from drivers.xfs4iot.driver import TerminalDriver
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim
from tests.protocol.terminal_bench import AtWork

Port = Simulator | Literal["closed", "silent", "slow", "away"]


@dataclass(slots=True)
class Ports:
    """A machine as a Dialer: "closed" refuses, "silent" takes bytes and answers none, "slow" takes half a
    minute to connect, "away" is never reached. A port that is not named is closed."""

    at: Mapping[int, Port]
    port: int | None = None
    url: str = "host://192.0.2.1"
    tried: list[int] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    async def dial(self, port: int | None = None) -> Link:
        assert port is not None
        self.tried.append(port)
        match self.at.get(port, "closed"):
            case "closed":
                raise lost(self.url, "peer_refused")
            case "away":
                await asyncio.sleep(1)
                raise lost(self.url, "peer_unreachable")
            case "slow":
                await asyncio.sleep(30)
                return self._line(None)
            case "silent":
                return self._line(None)
            case peer:
                assert not isinstance(peer, str)
                return self._line(peer)

    def _line(self, peer: Simulator | None) -> Line:
        line = Line(self.url, peer)
        self.lines.append(line)
        return line

    async def read(self) -> bytes:
        raise lost(self.url)

    async def write(self, data: bytes) -> None:
        raise lost(self.url, detail=data.hex())

    async def close(self) -> None: ...

    @property
    def open_lines(self) -> int:
        return sum(not line.closed for line in self.lines)


class Line:
    def __init__(self, url: str, peer: Simulator | None) -> None:
        self.url = url
        self.closed = False
        self._near, self.far = pair(url)
        self._task = asyncio.create_task(self._live(peer, self.far)) if peer else None

    async def _live(self, peer: Simulator, far: NullLink) -> None:
        with contextlib.suppress(LinkLost):
            await peer.run(far)
        await far.close()

    async def read(self) -> bytes:
        return await self._near.read()

    async def write(self, data: bytes) -> None:
        await self._near.write(data)

    async def close(self) -> None:
        self.closed = True
        await self._near.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


@dataclass(slots=True)
class Bench(AtWork[TerminalSettings]):
    sick: Sick[TerminalSim]
    ports: Ports

    @property
    def sim(self) -> TerminalSim:
        return self.sick.simulator

    async def ready(self) -> None:
        await self.until(lambda: self.ctx.is_ready)

    async def shows(self, *codes: str) -> float:
        """Until exactly these conditions are on."""
        return await self.until(lambda: set(self.ctx.own.conditions) == set(codes))

    @property
    def attributes(self) -> dict[str, str]:
        return self.ctx.own.attributes

    def detail(self, code: str) -> str:
        return self.ctx.own.conditions[code]


@contextlib.asynccontextmanager
async def bench(
    sim: TerminalSim | None = None,
    settings: TerminalSettings | None = None,
    *,
    at: Mapping[int, Port] | None = None,
    driver: TerminalDriver | None = None,
) -> AsyncIterator[Bench]:
    """The driver runs until the end; then no line may be left open."""
    sick = Sick(sim or TerminalSim())
    ports = Ports({5846: sick} if at is None else at)
    driver = driver or TerminalDriver()
    ctx = RecordingContext(driver.spec, settings or TerminalSettings())
    task: asyncio.Task[None] = asyncio.create_task(driver.run(ports, ctx))
    try:
        yield Bench(ctx, task, sick, ports)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        still_open = ports.open_lines
        for line in ports.lines:
            await line.close()
    assert still_open == 0, "lines were left open"
    assert ctx.undeclared() == []
