"""Driver and simulated printer at the two ends of a pseudo-terminal: a real line with real buffers.

The driver's end is opened as a serial port, and as a USB printer's node, for which the terminal stands in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers.api import LinkLost
from drivers.conformance import RecordingContext
from drivers.messages import PrintSlip, Result, SlipLine, SlipQr
from drivers.printer.driver import PrinterDriver
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim import PrinterSim
from drivers.transport import open_link
from drivers.transport.sick import Ills, Sick
from drivers.transport.sim import serve_pty
from tests.protocol.doubles_printer import FAST, SLIP, SLIP_TEXT, UNASKED, Bench, experienced

URLS = ["serial://{}?baud=115200&write_timeout_s={}", "usblp://{}?write_timeout_s={}"]
PATIENT = replace(FAST, answer_timeout_s=5.0, job_timeout_s=20.0)  # nothing is silent here, only slow
on_every_port = pytest.mark.parametrize("url", URLS, ids=["serial", "usblp"])


@asynccontextmanager
async def _bench(
    sim: PrinterSim, url: str, settings: PrinterSettings = PATIENT, write_s: float = 20.0
) -> AsyncIterator[Bench]:
    """The driver on a port, whose other end is the simulated printer; a write may take `write_s`."""
    sick = Sick(sim)
    async with serve_pty(sick) as line:
        near = await open_link(url.format(line.path, write_s))
        ctx = RecordingContext(PrinterDriver.spec, settings)
        run = asyncio.create_task(experienced().run(near, ctx))
        try:
            yield Bench(ctx, sick, near, line.link, run)
        finally:
            run.cancel()
            await asyncio.wait([run], timeout=5)
            await near.close()


@on_every_port
async def test_slips_over_a_pty(url: str) -> None:
    async with _bench(PrinterSim(), url) as b:
        await b.ready()
        for _ in range(5):
            assert (await b.print()).result is Result.DONE
        drawn = PrintSlip("drawn", (SlipLine("王小䶮", 4), SlipQr("https://example.cn", 6)))
        assert (await b.print(drawn)).result is Result.DONE
        assert [slip.text for slip in b.sim.slips[:5]] == [SLIP_TEXT] * 5
        assert b.sim.slips[5].qr == ["https://example.cn"]


@on_every_port
async def test_faults_over_a_pty(url: str) -> None:
    async with _bench(PrinterSim(lines_left=1), url) as b:
        await b.ready()
        assert (await b.print()).code == "paper_out"
        b.sim.set_paper("ok")
        await b.shows()
        await b.until(lambda: len(b.sim.slips) == 1)
        assert (await b.print()).result is Result.DONE


@on_every_port
async def test_a_held_write_over_a_pty(url: str) -> None:
    async with _bench(PrinterSim(), url, UNASKED, write_s=0.5) as b:
        await b.ready()
        b.sick.ills = Ills(stuck=True)
        long = PrintSlip("long", tuple(SlipLine("䶮" * 12, 2) for _ in range(7)))
        order = b.ctx.order(long)
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]


@on_every_port
async def test_a_printer_pulled_off_a_pty(url: str) -> None:
    async with _bench(PrinterSim(line_s=0.5), url) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: len(b.sim.uncut.items) >= 1)
        await b.far.close()
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]
