"""Driver and simulated printer at the two ends of a pseudo-terminal: a real line with real buffers."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from drivers.api import LinkLost
from drivers.messages import PrintSlip, Result, SlipLine, SlipQr
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim import PrinterSim
from tests.protocol.doubles_printer import FAST, SLIP, SLIP_TEXT, Bench, RecordingContext, experienced


class FdLink:
    """One end of a pty."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self.url = f"pty://{fd}"
        self._fd = fd

    async def read(self) -> bytes:
        await self._until(asyncio.get_running_loop().add_reader, asyncio.get_running_loop().remove_reader)
        try:
            data = os.read(self._fd, 4096)
        except OSError as error:
            raise LinkLost(str(error)) from error
        if not data:
            raise LinkLost("closed")
        return data

    async def write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            async with asyncio.timeout(5):
                while rest:
                    loop = asyncio.get_running_loop()
                    await self._until(loop.add_writer, loop.remove_writer)
                    rest = rest[os.write(self._fd, rest) :]
        except (OSError, TimeoutError) as error:
            raise LinkLost(repr(error)) from error

    async def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def _until(self, add: object, remove: object) -> None:
        assert callable(add)
        assert callable(remove)
        if self._fd < 0:
            raise LinkLost("closed")
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        fd = self._fd
        add(fd, _wake, ready)
        try:
            await ready
        finally:
            remove(fd)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


@asynccontextmanager
async def _bench(sim: PrinterSim, settings: PrinterSettings = FAST) -> AsyncIterator[Bench]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    far, near = FdLink(master), FdLink(slave)
    ctx = RecordingContext(settings)
    peer = asyncio.create_task(sim.run(far))
    run = asyncio.create_task(experienced().run(near, ctx))
    try:
        yield Bench(ctx, sim, near, run)
    finally:
        run.cancel()
        peer.cancel()
        await asyncio.wait([run, peer], timeout=5)
        await near.close()
        await far.close()


async def test_slips_over_a_pty() -> None:
    patient = replace(FAST, answer_timeout_s=5.0, job_timeout_s=20.0)  # nothing is silent here, only slow
    async with _bench(PrinterSim(), patient) as b:
        await b.ready()
        for _ in range(5):
            assert (await b.print()).result is Result.DONE
        drawn = PrintSlip("drawn", (SlipLine("王小䶮", 4), SlipQr("https://example.cn", 6)))
        assert (await b.print(drawn)).result is Result.DONE
        assert [slip.text for slip in b.sim.slips[:5]] == [SLIP_TEXT] * 5
        assert b.sim.slips[5].qr == ["https://example.cn"]


async def test_faults_over_a_pty() -> None:
    async with _bench(PrinterSim(lines_left=1)) as b:
        await b.ready()
        assert (await b.print()).code == "paper_out"
        b.sim.set_paper("ok")
        await b.shows()
        await b.until(lambda: len(b.sim.slips) == 1)
        assert (await b.print()).result is Result.DONE


async def test_a_held_write_over_a_pty() -> None:
    async with _bench(PrinterSim()) as b:
        await b.ready()
        b.sim.stall(True)
        long = PrintSlip("long", tuple(SlipLine("䶮" * 12, 2) for _ in range(7)))
        order = b.ctx.order(long)
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]


async def test_a_printer_pulled_off_a_pty() -> None:
    async with _bench(PrinterSim(line_s=0.05)) as b:
        await b.ready()
        order = b.ctx.order(SLIP)
        await b.until(lambda: len(b.sim.uncut.items) == 1)
        await b.sim.unplug()
        assert isinstance(await b.error(), LinkLost)
        assert [o.result for o in order.outcomes] == [Result.UNKNOWN]
