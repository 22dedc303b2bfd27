"""What was measured, told when all tests are over; what is promised of it, the tests assert.

How much slower the emulated machine is than this one is measured by the same piece of Python in both, and how
much of this one others take by the kernel's account; a figure that they matter to is told with them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from tests.appliance.machine import Machine

LINES: list[str] = []
_TIMED = "import time; t = time.monotonic(); sum(i * i for i in range(10**6)); print(time.monotonic() - t)"


def tell(what: str, seconds: Sequence[float]) -> None:
    p50_ms, most_ms = statistics.median(seconds) * 1000, max(seconds) * 1000
    tell_so(what, f"n={len(seconds):3}  p50 {p50_ms:6.0f} ms  max {most_ms:6.0f} ms")


def tell_so(what: str, figure: str) -> None:
    LINES.append(f"{what:48} {figure}")


async def slower(machine: Machine) -> float:
    """How many times longer the same takes there than this machine's processor takes for it."""
    began_s = time.process_time()
    sum(i * i for i in range(10**6))
    here_s = time.process_time() - began_s
    return float(await machine.must("python3", "-c", _TIMED)) / here_s
