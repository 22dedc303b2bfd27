"""Runs in the guest: the simulated printer at the far end of its USB cable, whenever that is plugged in.

The kernel's f_printer holds one lock over reading and writing while a reader waits, so nobody waits in it:
it is asked again and again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from drivers.api import LinkLost
from drivers.printer.sim import PrinterSim
from drivers.transport.sim import run_simulator

FAR_END = "/dev/g_printer0"
STATE = Path("/sys/class/udc/dummy_udc.0/state")
POLL_S = 0.03  # oftener it takes a third of a core from the daemon

T = TypeVar("T", bytes, int)


def is_plugged() -> bool:
    try:
        return STATE.read_text().strip() == "configured"
    except OSError:  # the controller is not there yet
        return False


class FarEnd:
    url = f"gadget://{FAR_END}"

    def __init__(self) -> None:
        self._fd = os.open(FAR_END, os.O_RDWR | os.O_NONBLOCK)

    async def read(self) -> bytes:
        return await self._try(partial(os.read, self._fd, 4096))

    async def write(self, data: bytes) -> None:
        while data:
            data = data[await self._try(partial(os.write, self._fd, data)) :]

    async def _try(self, call: Callable[[], T]) -> T:
        """Until it is done. Raises LinkLost where the cable is pulled."""
        while is_plugged():
            try:
                if done := call():
                    return done
            except BlockingIOError:
                pass
            except OSError as error:
                raise LinkLost(str(error)) from error
            await asyncio.sleep(POLL_S)
        raise LinkLost("pulled")

    async def close(self) -> None:
        os.close(self._fd)


async def main() -> None:
    sim = PrinterSim()
    while True:
        await asyncio.sleep(POLL_S)
        if not is_plugged():
            continue
        try:
            end = FarEnd()
        except OSError:  # not there yet, or no more
            continue
        await run_simulator(sim, end)
        await end.close()


if __name__ == "__main__":
    asyncio.run(main())
