"""The demonstration as a person starts it."""

from __future__ import annotations

import asyncio
import contextlib

from edge.demo.guest import NoDemo, socket_of_demo, tell
from edge.demo.processes import BIN
from edge.wire import Reply


async def demo(*args: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        BIN / "hall-edge", "demo", "--headless", *args, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def told(verb: str, args: dict[str, object]) -> Reply:
    """Once the demonstration can be told anything."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(NoDemo):
                return await tell(verb, args, socket_of_demo())
            await asyncio.sleep(0.1)
