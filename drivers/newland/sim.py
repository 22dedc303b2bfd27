"""A serial scanner as the peer of the driver: `sim://newland?shows=A012`.

It reads commands a byte at a time, and looks for a code only while it is lit, for `looks_s` at most. What it
says to QRYSYS is laid out as documented, not captured.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.api import BadSettings, Link, LinkLost

LOOKS_S = 5.0  # it gives up by itself; assumed
READ_S = 0.05  # from the light to the code, where one lies before it
MAX_NOTED = 1024  # commands that are remembered for a test to look at
ABOUT = b"Product Name: NLS-SIM30\r\nFirmware Version: 1.00.001\r\nSerial Number: SIM0001\r\n"


@dataclass(slots=True)
class Trouble:
    """What is wrong with a scanner of this make, for a test to set at any time.

    What any peer can have, such as silence, is in `drivers.transport.sick`.
    """

    refuses: bool = False  # answers 15 to the command to scan
    no_end: bool = False  # its suffix is not set: codes come without CR LF


class NewlandSim:
    """A scanner that a code can be shown to. It goes on living while no link is there.

    `shows` lies before it all the time.
    """

    def __init__(self, *, shows: str = "", looks_s: float = LOOKS_S) -> None:
        self.trouble = Trouble()
        self.shows = shows
        self.heard: deque[bytes] = deque(maxlen=MAX_NOTED)  # kind, tag and data of each command
        self.lit = asyncio.Event()
        self._looks_s = looks_s
        self._link: Link | None = None
        self._held = b""
        self._light: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- people ---
    async def scan(self, text: str | bytes, encoding: str = "utf-8") -> bool:
        """Hold a code before it. False where it is not lit: nothing is read."""
        if not self.lit.is_set():
            return False
        self._dark()
        await self.read_by_hand(text, encoding)
        return True

    async def read_by_hand(self, text: str | bytes, encoding: str = "utf-8") -> None:
        """A code read by its own button, lit or not."""
        data = text if isinstance(text, bytes) else text.encode(encoding)
        await self.say(data + (b"" if self.trouble.no_end else b"\r\n"))

    async def say(self, data: bytes) -> None:
        """Bytes that nobody asked for. They go nowhere while no link is there."""
        if self._link is not None:
            await self._link.write(data)

    # --- the line ---
    async def run(self, link: Link) -> None:
        """Until the link is lost; may be run again with another one, as a cable is put back."""
        self._link, self._held = link, b""
        try:
            while True:
                for byte in await link.read():
                    if heard := self._hear(byte):
                        await self._obey(heard)
        finally:
            self._link = None
            self._dark()
            for task in self._tasks:
                task.cancel()

    def _hear(self, byte: int) -> bytes:
        """Kind, tag and data of a command that is whole with this byte, else b""."""
        start = b"~\x010000"
        self._held += bytes([byte])
        if len(self._held) <= len(start):
            if not start.startswith(self._held):
                self._held = bytes([byte]) if byte == start[0] else b""
            return b""
        if len(self._held) > 64:  # no command is so long
            self._held = b""
        if not self._held.endswith(b";\x03"):
            return b""
        body, self._held = self._held[6:-2], b""
        return body

    async def _obey(self, body: bytes) -> None:
        self.heard.append(body)
        if body[:1] == b"@" and body[1:7] == b"QRYSYS":
            await self._reply(body + ABOUT, 0x06)
        elif body == b"#SCNTRG1" and not self.trouble.refuses:
            self._lighten()
            await self._reply(body, 0x06)
        elif body == b"#SCNTRG0":
            self._dark()
            await self._reply(body, 0x06)
        else:
            await self._reply(body, 0x15)

    async def _reply(self, body: bytes, verdict: int) -> None:
        await self.say(b"\x02\x010000" + body + bytes([verdict]) + b";\x03")

    def _lighten(self) -> None:
        self._dark()
        self.lit.set()
        self._light = asyncio.get_running_loop().call_later(self._looks_s, self._dark)
        if self.shows:
            task = asyncio.create_task(self._see())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _see(self) -> None:
        await asyncio.sleep(READ_S)
        try:
            await self.scan(self.shows)
        except LinkLost:
            self._link = None

    def _dark(self) -> None:
        self.lit.clear()
        if self._light is not None:
            self._light.cancel()
            self._light = None


def simulator(params: Mapping[str, str]) -> NewlandSim:
    """`shows`: a code that lies before it all the time. `refuses=1`. Raises BadSettings."""
    left = dict(params)
    sim = NewlandSim(shows=left.pop("shows", ""))
    sim.trouble.refuses = left.pop("refuses", "0") == "1"
    if left:
        raise BadSettings(
            f"a scanner has no {', '.join(left)}", remedy="See drivers/newland/sim.py for its options."
        )
    return sim
