"""A common beat of all looks: who is woken with others costs a processor less than who is woken alone."""

from __future__ import annotations

import asyncio


async def next_beat(beat_s: float) -> None:
    """Wait for it: the same moments for everybody in this loop."""
    await asyncio.sleep(beat_s - asyncio.get_running_loop().time() % beat_s)
