"""One line looked at: listened to, then asked each question in turn until somebody answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from drivers.api import Link
from drivers.transport import open_link
from edge.diag.probing.found import Child
from edge.diag.probing.probes import PROBES, UNDO, Probe, Told, heard_on_bus

ANSWER_S = 0.5  # five times what the slowest of them takes, and the latency of two adapters
SETTLE_S = 0.05  # after opening: an adapter's first bytes are noise
HEARD_LIMIT = 4096  # bytes that are read of who does not stop
SHOWN = 16  # bytes of what nobody understands
BUS_SPEED = 9600
OPENING_S = 0.1  # and closing, as an adapter takes it
LONGEST_S = (ANSWER_S + SETTLE_S + OPENING_S) * sum(
    len(probe.speeds) for probe in PROBES
)  # besides listening


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is there: `probe` where one answered; `children` where the bus was heard. `strange`: bytes that
    none of ours has."""

    probe: Probe | None = None
    baud: int = 0
    told: Told | None = None
    children: tuple[Child, ...] = ()
    strange: bytes = b""
    echoes: bool = False  # what is sent comes back: an RS-485 adapter that hears itself


async def look(place: Callable[[int], str], listen_s: float) -> Answer:
    """`place`: the URL of the line at a speed. Raises LinkLost, BadSettings where it cannot be opened."""
    async with _open(place(BUS_SPEED)) as link:
        heard = await _collect(link, listen_s, lambda data: bool(heard_on_bus(data)))
    if children := heard_on_bus(heard):
        return Answer(baud=BUS_SPEED, children=children)
    strange, echoes = heard, False
    for probe in PROBES:
        for baud in probe.speeds:
            async with _open(place(baud)) as link:
                data, told = await asked(link, probe)
            if told is not None:
                return Answer(probe, baud, told)
            echoes = echoes or data.startswith(probe.ask)
            strange = strange or data.removeprefix(probe.ask)
    return Answer(strange=strange, echoes=echoes)


async def asked(link: Link, probe: Probe) -> tuple[bytes, Told | None]:
    """All that came, and what it means where it is this probe's answer. Raises LinkLost."""
    await _collect(link, SETTLE_S, lambda _data: False)
    await link.write(probe.ask)
    data = await _collect(link, ANSWER_S, lambda data: _read(probe, data) is not None)
    told = _read(probe, data)
    if told is None or probe.driver == "printer":
        await link.write(UNDO)
    return data, told


def _read(probe: Probe, data: bytes) -> Told | None:
    return probe.read(data.removeprefix(probe.ask))


async def _collect(link: Link, for_s: float, enough: Callable[[bytes], bool]) -> bytes:
    """What comes within `for_s`, or until it is enough. Raises LinkLost."""
    data = bytearray()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            while len(data) < HEARD_LIMIT and not enough(bytes(data)):
                data += await link.read()
    return bytes(data[:HEARD_LIMIT])


@contextlib.asynccontextmanager
async def _open(url: str) -> AsyncIterator[Link]:
    link = await open_link(url)
    try:
        yield link
    finally:
        await link.close()
