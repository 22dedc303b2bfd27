"""The processes of a benchmark: cameras at the far end, the driver at the near end, the naive loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench_cameras.plan import Findings, Plan

START_S = 900.0  # of the cameras: their video may have to be made, on a machine that does other work
LIMIT_S = 300.0  # of one plan beyond what it asks for
SAMPLE_S = 0.5  # between two looks at memory
NAIVE_LIMIT_S = 100.0  # of the naive loop: it is known to hang for 91 s
_MB = 2**20
_HERE = "tests.bench_cameras"


@dataclass(slots=True)
class Memory:
    """The most that a process and its children had at any moment: resident, and shared pages counted once."""

    rss_mb: float = 0.0
    pss_mb: float = 0.0

    def sample(self, process: psutil.Process) -> None:
        rss = pss = 0
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                memory = each.memory_full_info()
                rss, pss = rss + memory.rss, pss + memory.pss
        self.rss_mb, self.pss_mb = max(self.rss_mb, rss / _MB), max(self.pss_mb, pss / _MB)


@asynccontextmanager
async def far_end(cameras: int, folder: Path, *, scenes: int, gop_s: int, seconds: int) -> AsyncIterator[int]:
    """Yields the port of all cameras, whose video is kept in `folder` and repeats after so many seconds."""
    numbers = (str(each) for each in (cameras, scenes, gop_s, seconds))
    process = await _start("far_end", *numbers, str(folder))
    assert process.stdin is not None  # both are pipes
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError("the simulated cameras did not start: see what they said above")
        yield int(line)
    finally:
        process.stdin.close()
        await _ended(process)


async def near_end(plan: Plan) -> tuple[Findings, Memory]:
    """What the driver's process found, and what it and its workers took."""
    process = await _start("near_end", plan.write())
    memory, watched = Memory(), psutil.Process(process.pid)
    said = asyncio.create_task(process.communicate())
    try:
        async with asyncio.timeout(LIMIT_S + plan.settle_s + plan.seconds):
            while not said.done():
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # it is about to end
                    memory.sample(watched)
                await asyncio.wait({said}, timeout=SAMPLE_S)
    finally:
        await _ended(process)
    output, _ = await said
    if process.returncode:
        raise RuntimeError(f"{plan.kind}: the driver's process ended with {process.returncode}")
    return Findings.read(output.decode()), memory


async def naive(urls: Sequence[str], frames: int, limit_s: float = NAIVE_LIMIT_S) -> list[dict[str, float]]:
    """Of each URL, as far as it came in time."""
    process = await _start("naive", str(frames), str(limit_s), *urls)
    try:
        async with asyncio.timeout(limit_s + LIMIT_S):
            output, _ = await process.communicate()
    finally:
        await _ended(process)
    return [json.loads(line) for line in output.splitlines()]


async def _start(module: str, *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", f"{_HERE}.{module}", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """By its own process id, where it does not end by itself."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5.0):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
