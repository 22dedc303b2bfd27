"""Simulated cameras behind a TCP port, which is closed while they are offline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from drivers.camera.sim import CameraSim
from drivers.transport.sim import serve_tcp

LINES = 1_024  # connections: 146 cameras with several viewers each


@contextlib.asynccontextmanager
async def serve_cameras(
    sim: CameraSim, host: str = "127.0.0.1", port: int = 0, *, lines: int = LINES
) -> AsyncIterator[tuple[str, int]]:
    """Yields the address, which stays the same. A crash is raised at the end, and the simulator closed."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[tuple[str, int]] = loop.create_future()
    over = asyncio.Event()
    task = asyncio.create_task(_keep(sim, (host, port), lines, found, over))
    first: set[asyncio.Future[Any]] = {task, found}
    try:
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if found.done():
            yield found.result()
    finally:
        over.set()
        sim.is_offline.set()
        sim.is_online.set()
        await asyncio.wait({task})
        sim.close()
        task.result()


async def _keep(
    sim: CameraSim,
    at: tuple[str, int],
    lines: int,
    found: asyncio.Future[tuple[str, int]],
    over: asyncio.Event,
) -> None:
    """Closes the port while all cameras are offline."""
    while not over.is_set():
        async with serve_tcp(sim, *at, lines=lines) as address:
            at = address
            if not found.done():
                found.set_result(address)
            await sim.is_offline.wait()
        await sim.is_online.wait()
