"""A process of low priority beside the console: a report takes what the recording leaves idle."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import NamedTuple

NICE = 19


class Ended(NamedTuple):
    status: int
    out: bytes
    err: bytes


async def run_aside(
    argv: Sequence[str], limit_s: float, *, given: bytes = b"", err: int = asyncio.subprocess.PIPE
) -> Ended:
    """To its end; `given` is its standard input. It does not outlive whoever waits for it. Raises OSError
    where it cannot be started, TimeoutError after `limit_s`."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=err)
    try:
        with contextlib.suppress(ProcessLookupError):  # it has ended already, and says itself why
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        async with asyncio.timeout(limit_s):
            made, said = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, made, said or b"")
