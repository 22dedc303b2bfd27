"""Simulators at the far ends of lines: a null modem (`sim://`), a pty, a TCP port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from ssl import SSLContext  # asyncio has it loaded already

from drivers.api import Link, LinkLost, Simulator
from drivers.transport.losses import lost
from drivers.transport.null import NullLink, pair
from drivers.transport.pty import Pty
from drivers.transport.query import Query
from drivers.transport.tcp import TcpLink

_TAKING_IN = 4  # turns of the loop from accepting a connection to its handler's first step
STOP_TIMEOUT_S = 1.0  # for a simulator to end when cancelled; `Link.close` ends within 2 s

_log = logging.getLogger(__name__)


def parse(query: Query) -> tuple[str, dict[str, str]]:
    """`sim://printer?paper=near_end` → the family and the simulator's own options. Raises BadSettings."""
    if not query.parts.netloc or query.parts.path:
        raise query.bad("no family", "Write it as sim://printer.")
    return query.parts.netloc, query.rest()


class SimLink:
    """The near end of a null modem, and the task that runs the simulator at the far end. Each line that is
    dialled is another null modem, with the same simulator run once more."""

    port = 0  # see `drivers.dialer.Dialer`

    def __init__(self, url: str, simulator: Simulator) -> None:
        self._url = url
        self._simulator = simulator
        self._near, far = pair(url)
        self._task = asyncio.create_task(self._live(simulator, far), name=url)
        self._crash: Exception | None = None

    @property
    def url(self) -> str:
        return self._url

    async def read(self) -> bytes:
        try:
            return await self._near.read()
        except LinkLost as loss:
            raise self._why(loss) from self._crash

    async def write(self, data: bytes) -> None:
        try:
            await self._near.write(data)
        except LinkLost as loss:
            raise self._why(loss) from self._crash

    def _why(self, loss: LinkLost) -> LinkLost:
        if self._crash is None:
            return lost(self._url, loss.code)
        return lost(self._url, "simulator_failed", repr(self._crash))

    async def _live(self, simulator: Simulator, far: NullLink) -> None:
        self._crash = await run_simulator(simulator, far)
        await far.close()

    async def dial(self, port: int | None = None, host: str = "") -> SimLink:  # noqa: ARG002 all is one wire
        return SimLink(self._url, self._simulator)

    async def close(self) -> None:
        await self._near.close()
        await _end(self._task)


async def run_simulator(simulator: Simulator, link: Link) -> Exception | None:
    """Run until the link is lost; the error where the simulator itself failed, which is logged."""
    try:
        await simulator.run(link)
    except LinkLost:
        return None
    except Exception as crash:  # noqa: BLE001 it is a device that breaks, whatever the reason; logged
        _log.exception("%s: the simulator failed", link.url)
        return crash
    return None


@contextlib.asynccontextmanager
async def serve_pty(
    simulator: Simulator, symlink: Path | None = None, baud: int | None = None
) -> AsyncIterator[Pty]:
    """The simulator behind a pty, running whenever it is plugged in. Its crash unplugs, and is raised at
    the end."""
    crashes: list[Exception] = []
    with Pty(symlink, baud) as line:

        async def live() -> None:
            while not crashes:
                await line.plugged.wait()
                if not line.plugged.is_set():
                    continue  # unplugged again before this task was its turn
                link = line.link
                if crash := await run_simulator(simulator, link):
                    crashes.append(crash)
                if line.plugged.is_set() and line.link is link:
                    line.unplug()  # it ended by itself

        async with _background(live()):
            yield line
    if crashes:
        raise crashes[0]


@contextlib.asynccontextmanager
async def serve_tcp(
    simulator: Simulator,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    lines: int = 1,
    tls: SSLContext | None = None,
) -> AsyncIterator[tuple[str, int]]:
    """The simulator behind a TCP port; yields its address. One connection more than `lines` takes the place
    of the oldest, as on a device that restarted. A crash closes the connection, and is raised at the end."""
    crashes: list[Exception] = []
    current: deque[asyncio.Task[None]] = deque()

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None  # a coroutine runs in a task
        current.append(own)
        link = TcpLink(f"tcp://peer@{host}:{port}", reader, writer)
        try:
            if len(current) > lines:
                await _end(current.popleft())
            if crash := await run_simulator(simulator, link):
                crashes.append(crash)
        except asyncio.CancelledError:
            _log.debug("%s: replaced or ended", link.url)  # swallowed: asyncio logs a cancelled handler
        finally:
            with contextlib.suppress(asyncio.CancelledError):  # closing as everything ends: it is reset then
                await link.close()
            with contextlib.suppress(ValueError):  # a newer connection may have taken its place
                current.remove(own)

    server = await asyncio.start_server(live, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        # Whoever is being taken in is served first: asyncio of Python 3.11 loses the socket of a connection
        # that was accepted in the very turn in which the server closes.
        for port_taken in server.sockets:
            asyncio.get_running_loop().remove_reader(port_taken)
        for _ in range(_TAKING_IN):
            await asyncio.sleep(0)
        server.close()
        for task in list(current):
            await _end(task)
        await server.wait_closed()
    if crashes:
        raise crashes[0]


@contextlib.asynccontextmanager
async def _background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await _end(task)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    _, left = await asyncio.wait([task], timeout=STOP_TIMEOUT_S)
    if left:
        _log.warning("%s: the simulator does not end", task.get_name())
