"""Sick peers: any simulator, with what real devices do wrong whatever their protocol is.

What is wrong with the line between is in `drivers.transport.faults`; what needs to know the protocol, such as
a cover that is open, is the simulator's own.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.api import Link, Simulator
from drivers.transport.null import NullLink
from drivers.transport.query import Query

PeerT = TypeVar("PeerT", bound=Simulator)

MAX_PIECES = 8  # of one answer; so a split costs at most …
PIECE_PAUSE_S = 0.02  # … so long between two of them
MAX_NOISE = 8  # bytes at a time: a burst from a relay or a lift
MAX_WAIT_S = 60.0  # for an answer: no protocol of ours waits so long
MAX_SAID = 2**31


@dataclass(frozen=True, slots=True)
class Ills:
    """What is wrong with a peer. An answer is the first that it says after the host has spoken."""

    late_s: float = 0.0  # before each answer: 0 to 60
    split: bool = False  # all that it says comes in up to 8 pieces, cut anywhere, 0 to 20 ms apart
    noise: float = 0.0  # chance, 0 to 1, of 1 to 8 random bytes before what it says
    echo: bool = False  # what the host writes comes back at once: a two-wire RS-485 adapter
    drop_after: int | None = None  # the port is lost after it has spoken so often, 1 to 2**31; None: it stays
    stuck: bool = False  # takes no more bytes: a host that writes runs into its own deadline
    mute: bool = False  # hears all, and nothing that it says is heard
    bad_check: float = 0.0  # chance, 0 to 1, of an answer to have a wrong last byte
    cut: float = 0.0  # chance, 0 to 1, of an answer to lack its last byte
    twin_s: float | None = None  # another at the same address answers too, so long after: 0 to 60; None: none
    answers: int = 0  # it is well again after so many, up to 2**31; 0: never by itself


WELL = Ills()
_NAMES = ("late", "split", "noise", "echo", "drop", "stuck", "mute", "bad_check", "cut", "twin")


def parse(query: Query) -> tuple[Ills, int] | None:
    """`sick=split`, `sick=late,noise&late_s=0.5&noise=0.1&seed=1`, `sick=mute&answers=3`, …: ills and seed;
    None without `sick`.

    Takes its options out of `query`; each is the sickness's only where that is named. Raises BadSettings.
    """
    names = query.names("sick", _NAMES)
    if not names:
        return None

    def number(name: str, option: str, default: float, high: float) -> float | None:
        return query.number(option, default, 0.0, high) if name in names else None

    ills = Ills(
        late_s=number("late", "late_s", 1.0, MAX_WAIT_S) or 0.0,
        split="split" in names,
        noise=number("noise", "noise", 0.1, 1.0) or 0.0,
        echo="echo" in names,
        drop_after=query.integer("drop_after", 100, 1, MAX_SAID) if "drop" in names else None,
        stuck="stuck" in names,
        mute="mute" in names,
        bad_check=number("bad_check", "bad_check", 0.1, 1.0) or 0.0,
        cut=number("cut", "cut", 0.1, 1.0) or 0.0,
        twin_s=number("twin", "twin_s", 0.005, MAX_WAIT_S),
        answers=query.integer("answers", 0, 0, MAX_SAID),
    )
    return ills, query.integer("seed", 0, 0, 2**31)


class Sick(Generic[PeerT]):
    """`simulator` with `ills`, which may be set at any time. The same seed and the same traffic give the same
    sickness."""

    def __init__(self, simulator: PeerT, ills: Ills = WELL, seed: int = 0) -> None:
        self.simulator = simulator
        self.random = random.Random(seed)
        self._ills = ills
        self._answers = 0  # since the ills were set, on all lines
        self._lines: set[_SickLink] = set()

    @property
    def ills(self) -> Ills:
        return self._ills

    @ills.setter
    def ills(self, ills: Ills) -> None:
        self._ills, self._answers = ills, 0
        for line in self._lines:
            line.fall_ill()

    def answered(self, ills: Ills) -> None:
        """Once more, as these ills had it."""
        if ills is self._ills and ills.answers:
            self._answers += 1
            if self._answers == ills.answers:
                self.ills = WELL

    async def run(self, link: Link) -> None:
        line = _SickLink(link, self)
        self._lines.add(line)
        try:
            line.fall_ill()
            await self.simulator.run(line)
        finally:
            self._lines.discard(line)


class _SickLink:
    """The simulator's end of one line."""

    def __init__(self, link: Link, sick: Sick[PeerT]) -> None:
        self._link = link
        self._sick = sick
        self._turn = asyncio.Lock()  # an echo may come while the peer speaks
        self._takes = asyncio.Event()
        self._arrived = b""  # echoed, and not yet taken
        self._asked = False  # the host has spoken since the peer last did
        self._said = 0  # times, since the ills were set

    @property
    def url(self) -> str:
        return self._link.url

    def fall_ill(self) -> None:
        self._said = 0
        stuck = self._sick.ills.stuck
        (self._takes.clear if stuck else self._takes.set)()
        if isinstance(self._link, NullLink):
            self._link.hold(stuck)

    async def read(self) -> bytes:
        if not self._arrived:
            self._arrived = await self._link.read()
            if self._sick.ills.echo:
                await self._put(self._arrived)
        await self._takes.wait()
        data, self._arrived = self._arrived, b""
        self._asked = True
        return data

    async def write(self, data: bytes) -> None:
        ills, answers = self._sick.ills, self._asked
        self._asked = False
        if answers:
            await asyncio.sleep(ills.late_s)
        if not ills.mute:
            await self._speak(data, ills, answers)
        self._said += 1
        if answers:
            self._sick.answered(ills)
        if ills.drop_after is not None and self._said >= ills.drop_after:
            await self._link.close()

    async def _speak(self, data: bytes, ills: Ills, answers: bool) -> None:
        chance = self._sick.random
        if chance.random() < ills.noise:
            await self._put(chance.randbytes(chance.randint(1, MAX_NOISE)))
        if answers and chance.random() < ills.bad_check:
            data = data[:-1] + bytes((data[-1] ^ chance.randint(1, 255),))
        if answers and chance.random() < ills.cut:
            data = data[:-1]
        await self._say(data)
        if answers and ills.twin_s is not None:
            await asyncio.sleep(ills.twin_s)
            await self._say(data)

    async def _say(self, data: bytes) -> None:
        if not self._sick.ills.split or len(data) < 2:  # noqa: PLR2004 it cannot be split
            await self._put(data)
            return
        chance = self._sick.random
        most = min(MAX_PIECES, len(data)) - 1
        cuts = sorted(chance.sample(range(1, len(data)), chance.randint(1, most)))
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            await self._put(data[start:end])
            await asyncio.sleep(chance.uniform(0.0, PIECE_PAUSE_S))

    async def _put(self, data: bytes) -> None:
        async with self._turn:
            await self._link.write(data)

    async def close(self) -> None:
        await self._link.close()
