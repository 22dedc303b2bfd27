"""How long `hallctl status` and `--help` take, start to end: most of it is Python, and what it imports."""

from __future__ import annotations

import asyncio
import sys
import time

from edge.demo.processes import BIN
from tests.bench.model import Figure, Result, Series
from tests.bench.stage import Stage

BELOW_MS = 300.0
# What any such tool in Python begins with. Pydantic loads most of itself with the first model that is made.
_BARE = "import asyncio, typer, rich.table, pydantic; pydantic.create_model('Answer', id=(str, ...))"


async def measure(at: Stage, times: int) -> Result:
    """All in turn, so that what else the machine does falls on all; the first of each warms its files."""
    socket = str(at.folder / "control.sock")
    status, bare = Series("hallctl status"), Series("python and its libraries")
    helped, typer = Series("hallctl --help"), Series("python, typer and rich")
    for number in range(times + 1):
        took_s = await _took_s(str(BIN / "hallctl"), "status", "--socket", socket)
        floor_s = await _took_s(sys.executable, "-c", _BARE)
        help_s = await _took_s(str(BIN / "hallctl"), "--help")
        typer_s = await _took_s(sys.executable, "-c", "import typer, rich.table")
        if number:
            status.values_s.append(took_s)
            bare.values_s.append(floor_s)
            helped.values_s.append(help_s)
            typer.values_s.append(typer_s)
    name = "Python with typer, rich, pydantic"
    return Result(
        "hallctl",
        (
            Figure("hallctl status, p50", "ms", status.p50, bare.p50, name, below=BELOW_MS),
            Figure("hallctl status, p95", "ms", status.ms(0.95), bare.ms(0.95), name, below=BELOW_MS),
            Figure("hallctl --help, p50", "ms", helped.p50, typer.p50, "Python with typer, rich"),
        ),
        (status, bare, helped, typer),
        notes=("a hall of tickets: printer, panel, six windows, all online; each a process of its own",),
    )


async def _took_s(*command: str) -> float:
    began_s = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    exit_ = await process.wait()
    took_s = time.perf_counter() - began_s
    if exit_:
        raise AssertionError(f"{command} ended with {exit_}")
    return took_s
