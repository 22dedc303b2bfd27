"""The daemon with nothing to do: processor and memory, beside the bare durable loop's."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import psutil

from drivers.transport.pty import Pty
from tests.bench.model import Figure, Result
from tests.bench.stage import Stage, bare_loop

QUIET_S = 3.0  # before it is measured: what the start has left to do
CPU_LIMIT_PERCENT = 0.5
MEMORY_LIMIT_MB = 45.0
_MB = 2**20  # as the node itself counts them in its health


async def measure(at: Stage, idle_s: float) -> Result:
    """Both over the same `idle_s` seconds."""
    async with AsyncExitStack() as stack:
        line = stack.enter_context(Pty())
        bare = await stack.enter_async_context(
            bare_loop(at.folder, line.path, at.broker.port, "bare/durable", str(at.folder / "durable.db"))
        )
        await asyncio.sleep(QUIET_S)
        daemon, floor = psutil.Process(at.daemon.pid), psutil.Process(bare.pid)
        before = _cpu_s(daemon), _cpu_s(floor)
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(idle_s)
        took_s = asyncio.get_running_loop().time() - began_s
        cpu, floor_cpu = (
            (_cpu_s(process) - spent_s) / took_s * 100
            for process, spent_s in zip((daemon, floor), before, strict=True)
        )
        memory, floor_memory = daemon.memory_full_info(), floor.memory_full_info()
    name = "bare durable loop"
    limit = MEMORY_LIMIT_MB
    return Result(
        "Idle",
        (
            Figure("idle: processor", "% of a core", cpu, floor_cpu, name, below=CPU_LIMIT_PERCENT),
            Figure("idle: resident", "MB", memory.rss / _MB, floor_memory.rss / _MB, name, below=limit),
            Figure("idle: PSS", "MB", memory.pss / _MB, floor_memory.pss / _MB, name),
        ),
        notes=(
            f"a hall of tickets: printer, panel, six windows, all online; {idle_s:.0f} s; "
            "the kernel counts processor time in ticks of 10 ms",
        ),
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
