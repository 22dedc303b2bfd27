"""Bad lines: any link, with the faults that cables, adapters and dying devices have."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace

from drivers.api import Link
from drivers.dialer import Dialer
from drivers.transport.losses import lost
from drivers.transport.query import Query
from drivers.transport.uart import misread


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a line, in both directions. `after` counts the bytes of both together."""

    bytewise: bool = False  # a byte a read and a byte a write: every cut that a frame can have
    loss: float = 0.0  # chance of a byte to vanish
    duplicate: float = 0.0  # chance of a byte to come twice
    flip: float = 0.0  # chance of a byte to have one bit wrong
    speed: float = 1.0  # our port's by the peer's: at any other than 1 either reads other bytes
    delay_s: float = 0.0  # before each read and each write
    hang_after: int | None = None  # then silence: nothing arrives, and what is written vanishes
    unplug_after: int | None = None  # then both directions are lost
    seed: int = 0  # the same seed and the same traffic give the same faults


MAX_SPEED = 96.0  # 115200 by 1200

_NAMES = {  # the URL's name of a fault → its option
    "bytewise": "bytewise",
    "lossy": "loss",
    "duplicate": "duplicate",
    "flip": "flip",
    "speed": "speed",
    "slow": "delay_s",
    "hang": "hang_after",
    "unplug": "unplug_after",
}


def parse(query: Query) -> Faults | None:
    """`fault=bytewise`, `fault=lossy,slow&loss=0.01&delay_s=0.01&seed=1`, …; None without `fault`.

    Takes its options out of `query`; `seed` is the faults' only where there is a fault. Raises BadSettings.
    """
    names = query.names("fault", _NAMES)
    if not names:
        return None

    def chance(name: str, option: str) -> float:
        return query.number(option, 0.01, 0.0, 1.0) if name in names else 0.0

    def count(name: str, option: str, default: int) -> int | None:
        return query.integer(option, default, 0, 2**31) if name in names else None

    return Faults(
        bytewise="bytewise" in names,
        loss=chance("lossy", "loss"),
        duplicate=chance("duplicate", "duplicate"),
        flip=chance("flip", "flip"),
        speed=query.number("speed", 4.0, 1 / MAX_SPEED, MAX_SPEED) if "speed" in names else 1.0,
        delay_s=query.number("delay_s", 0.01, 0.0, 10.0) if "slow" in names else 0.0,
        hang_after=count("hang", "hang_after", 0),
        unplug_after=count("unplug", "unplug_after", 1000),
        seed=query.integer("seed", 0, 0, 2**31),
    )


class FaultyLink:
    """`link` with `faults`. Closing it closes `link`."""

    def __init__(self, link: Link, faults: Faults) -> None:
        self._link = link
        self._faults = faults
        self._random = random.Random(faults.seed)
        self._held = bytearray()  # arrived and not yet read: at most one read of `link`, doubled
        self._carried = 0  # bytes both ways

    @property
    def url(self) -> str:
        return self._link.url

    async def read(self) -> bytes:
        while not self._held:
            await self._check()
            arrived = await self._link.read()
            arrived = self._misread(self._admit(arrived), self._faults.speed)
            self._held += self._garble(arrived)  # kept before the pause: it may be cancelled
            await asyncio.sleep(self._faults.delay_s)
        data = bytes(self._held[:1] if self._faults.bytewise else self._held)
        del self._held[: len(data)]
        return data

    async def write(self, data: bytes) -> None:
        await asyncio.sleep(self._faults.delay_s)
        await self._check()
        data = self._garble(self._misread(self._admit(data), 1 / self._faults.speed))
        step = 1 if self._faults.bytewise else max(len(data), 1)
        for start in range(0, len(data), step):
            await self._link.write(data[start : start + step])
            await asyncio.sleep(0)  # lets the far end read between two bytes
        await self._check()

    async def close(self) -> None:
        await self._link.close()

    async def _check(self) -> None:
        limit = self._faults.unplug_after
        if limit is not None and self._carried >= limit:
            await self._link.close()
            raise lost(self.url, "unplugged", f"fault after {limit} bytes")

    def _admit(self, data: bytes) -> bytes:
        """What of `data` still passes: a hung line swallows the rest, an unplugged one is lost with it."""
        limits = [n for n in (self._faults.hang_after, self._faults.unplug_after) if n is not None]
        room = max(0, min(limits) - self._carried) if limits else len(data)
        self._carried += len(data)
        return data[:room]

    def _misread(self, data: bytes, ratio: float) -> bytes:
        return data if ratio == 1.0 else misread(data, ratio)

    def _garble(self, data: bytes) -> bytes:
        faults = self._faults
        if not (faults.loss or faults.duplicate or faults.flip):
            return data
        out = bytearray()
        for byte in data:
            if self._random.random() < faults.loss:
                continue
            wrong = byte ^ (1 << self._random.randrange(8)) if self._random.random() < faults.flip else byte
            out += bytes([wrong]) * (2 if self._random.random() < faults.duplicate else 1)
        return bytes(out)


class FaultyDialer(FaultyLink):
    """A link that can be dialled by, with the same faults on every line: each has its own count of bytes and
    its own chance."""

    def __init__(self, link: Dialer, faults: Faults) -> None:
        super().__init__(link, faults)
        self._dialer = link
        self._dialled = 0

    @property
    def port(self) -> int | None:
        return self._dialer.port

    async def dial(self, port: int | None = None, host: str = "") -> FaultyLink:
        self._dialled += 1
        faults = replace(self._faults, seed=self._faults.seed + self._dialled)
        return FaultyLink(await self._dialer.dial(port, host), faults)


def faulty(link: Link, faults: Faults) -> FaultyLink:
    """`link` with `faults`, and by which one can dial where one could before."""
    return FaultyDialer(link, faults) if isinstance(link, Dialer) else FaultyLink(link, faults)
