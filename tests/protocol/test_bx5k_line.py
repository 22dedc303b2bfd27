"""A board on the lines that serve it in a hall: a TCP port and a serial port, opened by their URLs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from drivers.bx5k.sim import BoardSim
from drivers.conformance import RecordingContext
from drivers.messages import Result, ShowLines, ShowText
from drivers.registry import Registry
from drivers.transport.sim import serve_pty, serve_tcp

AREA = {"name": "calls", "id": 0, "x": 0, "y": 0, "width": 256, "height": 64, "columns": 32}
LINES = tuple(ShowText(f"A{n:03d} 请到 {n} 号窗口", "green") for n in range(4))
LIMIT_S = 60.0  # a call takes 0.2 s


@contextlib.asynccontextmanager
async def line(kind: str, sim: BoardSim) -> AsyncIterator[str]:
    if kind == "tcp":
        async with serve_tcp(sim) as (host, port):
            yield f"tcp://{host}:{port}"
    else:
        async with serve_pty(sim, baud=57600) as pty:
            yield f"serial://{pty.path}?baud=57600"


@pytest.mark.parametrize(("kind", "model"), [("tcp", "onbon-bx-5mk1"), ("serial", "onbon-bx-5k1")])
async def test_calls_are_shown(kind: str, model: str) -> None:
    sim = BoardSim(names={"calls": 0}, device=0x54 if kind == "tcp" else 0x51)
    async with line(kind, sim) as url, asyncio.timeout(LIMIT_S):
        loaded = Registry().resolve("bx5k", model, url, {"areas": [AREA]})
        link = await loaded.open()
        ctx = RecordingContext(loaded.spec, loaded.settings)
        run = asyncio.create_task(loaded.driver().run(link, ctx))
        try:
            outcome = await ctx.outcome(ctx.order(ShowLines("calls", LINES)))
            assert outcome.result is Result.DONE
            shown = [(each.text, each.color) for each in sim.shown("calls")]
            assert shown == [(each.text, each.color) for each in LINES]
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            await link.close()
