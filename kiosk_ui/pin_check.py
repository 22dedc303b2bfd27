"""Whether a PIN is right, asked of a process that ends with the answer: the hash takes 16 MB, and its library
3 MB for as long as a process lives."""

from __future__ import annotations

import asyncio
import logging
import sys

from kiosk_ui.pins import RIGHT

CHECK_S = 10.0  # a machine that is busy takes half a second

log = logging.getLogger(__name__)


async def is_right(pin: str, hashed: str) -> bool:
    """One that cannot be looked at is not right; the log says why. It goes by a pipe, which no list of
    processes shows."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "kiosk_ui.pins"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        log.error("a PIN cannot be looked at: %s", error)  # noqa: TRY400 - its words say all
        return False
    try:
        async with asyncio.timeout(CHECK_S):
            said, _ = await process.communicate(f"{pin}\n{hashed}\n".encode())
    except TimeoutError:
        log.error("a PIN cannot be looked at: no answer within %g s", CHECK_S)  # noqa: TRY400 likewise
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said == RIGHT
