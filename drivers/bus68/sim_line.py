"""The pair of wires at the far end of the link: who hears what, when, and what two voices at once make of it.

Times are those of the line, not of the event loop: a byte ends when 8N1 says it does, however late we wake.
With baud 0 a frame takes no time. Nothing here knows the driver's codec.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from drivers.api import Link, LinkLost

BITS_PER_BYTE = 10
SILENCE_S = 0.08  # after an acknowledgement the host must leave the line alone
TURNAROUND_S = (0.002, 0.012)  # a device that listens first waits so long after the last byte it heard
FLOAT_S = 1e-6  # clocks are floats
LISTEN_LIMIT = 1000  # tries to find the line free; then the device talks anyway


class Station(Protocol):
    """A device on the pair: hears every byte of everyone else."""

    def hear(self, byte: int, at_s: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Violation:
    """The host spoke in the silence after an acknowledgement; nobody listened."""

    gap_s: float
    data: bytes


class Line:
    def __init__(
        self, *, baud: int = 0, echo: bool = False, noise: float = 0.0, loss: float = 0.0, seed: int = 1
    ) -> None:
        """`noise` and `loss` are the chance of each byte to be garbled or to vanish, for all who listen."""
        self.byte_s = BITS_PER_BYTE / baud if baud else 0.0
        self.echo = echo  # the host's adapter hears itself
        self.noise = noise
        self.loss = loss
        self.random = Random(seed)
        self.stations: list[Station] = []
        self.violations: list[Violation] = []
        self.collisions = 0  # bytes spoiled by a second voice
        self.host: Link | None = None
        self._voices = 0
        self._voice_ended_s = 0.0  # the last byte of whoever spoke last
        self._host_speaks = False
        self._quiet_since_s = 0.0  # end of the last byte on the line
        self._acknowledged_s: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def acknowledged(self, at_s: float) -> None:
        """A device has heard its acknowledgement: from now on the host is silent for a while.

        A device may take another's frame for it, where two have one address; the host is not bound by that.
        """
        if self._host_speaks:
            self._acknowledged_s = at_s

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Something a device does by itself, such as a strip's answer."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """End what devices were about to do; for when the power goes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def from_host(self, data: bytes) -> None:
        """What the host writes, byte by byte; unheard where it breaks the silence."""
        start_s = _now_s()
        since_s = self._acknowledged_s
        unheard = since_s is not None and start_s < since_s + SILENCE_S - FLOAT_S
        if unheard and since_s is not None:
            self.violations.append(Violation(start_s - since_s, data))
        self._host_speaks = True
        try:
            await self._speak(data, None, start_s, heard=not unheard)
        finally:
            self._host_speaks = False

    async def say(self, data: bytes, speaker: Station, *, listen_first: bool = True) -> float:
        """A device speaks, once the line is free where it listens first; returns when it began."""
        for _ in range(LISTEN_LIMIT if listen_first else 0):
            pause_s = self.random.uniform(*TURNAROUND_S)
            if self._voices == 0 and _now_s() >= self._quiet_since_s + pause_s - FLOAT_S:
                break
            await asyncio.sleep(pause_s)
        start_s = _now_s()
        await self._speak(data, speaker, start_s, heard=True)
        return start_s

    async def _speak(self, data: bytes, speaker: Station | None, start_s: float, *, heard: bool) -> None:
        self._voices += 1
        try:
            if not self.byte_s:  # nobody can fall in: all of it at once
                await self._deliver(data, speaker, start_s, heard=heard)
                return
            for index, byte in enumerate(data):
                end_s = start_s + (index + 1) * self.byte_s
                await asyncio.sleep(max(0.0, end_s - _now_s()))
                await self._deliver(bytes([byte]), speaker, end_s, heard=heard)
        finally:
            self._voices -= 1
            self._voice_ended_s = self._quiet_since_s

    async def _deliver(self, data: bytes, speaker: Station | None, at_s: float, *, heard: bool) -> None:
        self._quiet_since_s = max(self._quiet_since_s, at_s)
        data = self._spoil(data, at_s - self.byte_s)
        for station in self.stations if heard else []:
            if station is not speaker:
                for byte in data:
                    station.hear(byte, at_s)
        if data and self.host is not None and (speaker is not None or self.echo):
            try:
                await self.host.write(data)
            except LinkLost:  # the device does not notice; `run` does
                self.host = None

    def _spoil(self, data: bytes, began_s: float) -> bytes:
        clash = self.byte_s > 0 and (self._voices > 1 or self._voice_ended_s > began_s + FLOAT_S)
        self.collisions += len(data) if clash else 0
        kept = bytearray()
        for byte in data:
            if self.random.random() < self.loss:
                continue
            wrong = clash or self.random.random() < self.noise
            kept.append(byte ^ self.random.randrange(1, 256) if wrong else byte)
        return bytes(kept)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
