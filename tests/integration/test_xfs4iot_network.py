"""A terminal on real sockets: searched on a machine's ports, and over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.conformance import RecordingContext
from drivers.transport import open_link
from drivers.transport.sim import serve_tcp
from drivers.xfs4iot.driver import TerminalDriver
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim
from tests.integration.pki import Authority

LONG_S = 60.0  # for what comes within a second on an idle machine
LINES = 8  # that the simulated terminal takes at once


@contextlib.asynccontextmanager
async def at_work(url: str, settings: TerminalSettings) -> AsyncIterator[RecordingContext[TerminalSettings]]:
    link = await open_link(url)
    ctx = RecordingContext(TerminalDriver.spec, settings)
    task = asyncio.create_task(TerminalDriver().run(link, ctx))
    try:
        async with asyncio.timeout(LONG_S):
            await ctx.until(lambda: ctx.is_ready or task.done())
        if task.done():
            task.result()
        yield ctx
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await link.close()


async def is_watched(ctx: RecordingContext[TerminalSettings], sim: TerminalSim) -> None:
    assert ctx.own.attributes["services"] == "Auxiliaries, CardReader, Printer"
    sim.set_paper("out")
    async with asyncio.timeout(LONG_S):
        await ctx.until(lambda: set(ctx.own.conditions) == {"paper_out"})


@contextlib.asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """It takes connections, and never says anything."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_the_terminal_is_found_between_a_closed_and_a_deaf_port() -> None:
    sim = TerminalSim()
    async with serve_tcp(TerminalSim()) as (_, closed):
        pass
    async with deaf_port() as deaf, serve_tcp(sim, lines=LINES) as (host, sim.port):
        settings = TerminalSettings(ports=(closed, deaf, sim.port), discovery_s=2.0)
        async with at_work(f"host://{host}", settings) as ctx:
            await is_watched(ctx, sim)


async def test_a_terminal_at_a_known_port_is_asked_there_alone() -> None:
    sim = TerminalSim()
    async with (
        serve_tcp(sim, lines=LINES) as (host, sim.port),
        at_work(f"tcp://{host}:{sim.port}", TerminalSettings(ports=(1,))) as ctx,
    ):
        await is_watched(ctx, sim)


@pytest.mark.parametrize("scheme", ["tls", "host"])
async def test_a_terminal_is_watched_over_tls(scheme: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("terminal"))
    sim = TerminalSim(secure=True)
    async with serve_tcp(sim, lines=LINES, tls=context) as (host, sim.port):
        place = f"tls://{host}:{sim.port}?" if scheme == "tls" else f"host://{host}?tls=1&"
        settings = TerminalSettings(ports=(sim.port,))
        async with at_work(f"{place}ca={authority.ca}", settings) as ctx:
            await is_watched(ctx, sim)
