"""How a camera says its answers: whole and at once, or as a sick one does."""

from __future__ import annotations

import asyncio
import re

from drivers.api import Link
from drivers.camera.sim_ills import Ills
from drivers.transport.tcp import TcpLink

LETTER_S = 1.0  # for each byte, of one that trickles
HUGE = 10**12  # bytes, announced
PIECE, PIECE_S = 16_384, 0.05  # of what follows: 0.3 MB/s


class Speech:
    """`writing` is held by whoever writes to the link."""

    def __init__(self, link: Link, writing: asyncio.Lock) -> None:
        self.ills: Ills = {}  # of the camera that is spoken to
        self._link = link
        self._writing = writing
        self._is_mute = False

    async def is_dumb(self) -> bool:
        """It will not answer, and perhaps has just hung up."""
        if "offline" in self.ills or "reset" in self.ills:
            await hang_up(self._link)
            return True
        return self._is_mute or "hang" in self.ills

    async def say(self, data: bytes) -> None:
        """Raises LinkLost."""
        async with self._writing:
            if "half_header" in self.ills:
                await self._link.write(data[: data.index(b"\r\n\r\n") // 2])
                self._is_mute = True
            elif "trickle" in self.ills:
                for at in range(len(data)):
                    await self._link.write(data[at : at + 1])
                    await asyncio.sleep(LETTER_S)
            elif "huge_length" in self.ills and b"Content-Length" in data:
                await self._link.write(re.sub(rb"(?<=Content-Length: )[0-9]+", b"%d" % HUGE, data))
                await self._go_on()
            else:
                await self._link.write(data)

    async def _go_on(self) -> None:
        while True:
            await self._link.write(b"a=x-more:" + b"." * PIECE + b"\r\n")
            await asyncio.sleep(PIECE_S)


async def hang_up(link: Link) -> None:
    """With a reset, where the line is one that knows them."""
    if isinstance(link, TcpLink):
        link.reset()
    else:
        await link.close()
