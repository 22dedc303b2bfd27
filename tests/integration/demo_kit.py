"""The demonstration as a person starts it."""

from __future__ import annotations

import asyncio

from edge.demo.processes import BIN


async def demo(*args: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        BIN / "hall-edge", "demo", "--headless", *args, stdout=-1, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()
