"""The kiosk's picture: what a change of the whole screen costs, beside copying a picture that is ready."""

from __future__ import annotations

import asyncio
import json
import sys

from tests.bench.model import Figure, Result, Series

CHANGE_LIMIT_MS = 33.0
GROWTH_LIMIT_MB = 5.0
MEMORY_LIMIT_MB = 80.0
INCHES = "21.5"


async def measure(changes: int) -> Result:
    """`changes` screens, in a process of its own, whose memory is nobody else's."""
    command = (sys.executable, "-m", "tests.bench.run_kiosk_changes", INCHES, str(changes))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the kiosk's pictures ended with {child.returncode}")
    told = json.loads(out)
    warm, cold = (
        Series("change, text at hand", told["warm_s"]),
        Series("change, from nothing", told["cold_s"]),
    )
    copy = Series("a ready picture copied", told["copy_s"])
    wall = Series("change, by the clock on the wall", told["wall_s"])
    floor, name = copy.ms(0.95), "a ready picture copied"
    return Result(
        "Kiosk: a change of the whole screen",
        (
            Figure("kiosk: change, p95", "ms", warm.ms(0.95), floor, name, below=CHANGE_LIMIT_MS),
            Figure(
                "kiosk: change from nothing, p95", "ms", cold.ms(0.95), floor, name, below=CHANGE_LIMIT_MS
            ),
            Figure("kiosk: change on the wall, p95", "ms", wall.ms(0.95), floor, name, below=CHANGE_LIMIT_MS),
            Figure(f"kiosk: grown by {changes:,} changes", "MB", told["grown_mb"], below=GROWTH_LIMIT_MB),
            Figure("kiosk: resident, at most", "MB", told["resident_mb"], below=MEMORY_LIMIT_MB),
            Figure("kiosk: text kept, at most", "MB", told["text_mb"]),
        ),
        (warm, cold, wall, copy),
        notes=(
            "1080 × 1920, drawn into memory, page and picture together, in time of the processor; a walk by "
            "chance over every page there is, in four text sizes, three contrasts, two languages and low "
            "mode; all text is forgotten at the end of each session of 40 pages",
        ),
    )
