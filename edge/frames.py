"""What has passed last on each line, for a technician who is not there.

A line on which a person's own is read keeps lengths only, and so does a printer of what goes on paper: a
certificate has a name on it. What is not kept can be told to nobody.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from drivers.api import DriverSpec, Link
from drivers.dialer import Dialer
from drivers.messages import CameraLooked, PrintSlip, ReadCard, ReadCode
from edge.traffic import Traffic

KEPT = 32  # pieces of a line: four rounds of a printer's status, or some ten presses with their echoes
KEPT_BYTES = 64  # of each: more than any frame of callers, pads, readers and scanners has
JOINED_S = 0.02  # what comes so soon after the last is of one piece: a USB adapter waits 16 ms for more
WATCHED_BYTES = 1024  # of each while somebody listens: whole frames, of which a codec can be fed
WATCHED_S = 10.0  # since he last asked, which he does each second at the least
COMMAND_BYTES = 5  # to a printer: its longest question has three, and a line of text has more with its size


@dataclass(frozen=True, slots=True)
class Passed:
    """`size` bytes at once, as they were read or written. `data`: the first of them, b"" where none stay.
    `seq` counts the pieces of a line from 1 on."""

    seq: int
    at_s: float  # wall clock
    out: bool
    data: bytes
    size: int


class Frames:
    """Of one line, over all its connections; the newest push the oldest out."""

    def __init__(self, spec: DriverSpec, wall_s: Callable[[], float] = time.time) -> None:
        self.is_private = not spec.orders.isdisjoint((ReadCard, ReadCode))
        self._prints = PrintSlip in spec.orders
        self._wall_s = wall_s
        self._kept: deque[Passed] = deque(maxlen=KEPT)
        self._heard_s = -JOINED_S
        self._watched_s = -inf
        self._seq = 0

    def passed(self, data: bytes, *, out: bool, joins: bool = True) -> None:
        """`joins`: the line may give what is one piece byte by byte."""
        is_own = self.is_private or (self._prints and out and not _is_command(data))
        now_s = self._wall_s()
        limit = WATCHED_BYTES if abs(now_s - self._watched_s) <= WATCHED_S else KEPT_BYTES
        shown = b"" if is_own else bytes(data[:limit])
        if joins and not out and (before := self._begun(now_s, limit)):
            joined = (before.data + shown)[:limit]
            self._kept[-1] = Passed(before.seq, before.at_s, False, joined, before.size + len(data))
        else:
            self._seq += 1
            self._kept.append(Passed(self._seq, now_s, out, shown, len(data)))
        self._heard_s = now_s

    def _begun(self, now_s: float, limit: int) -> Passed | None:
        """What is heard now goes on with this."""
        last = self._kept[-1] if self._kept else None
        goes_on = last and not last.out and last.size < limit
        return last if goes_on and abs(now_s - self._heard_s) <= JOINED_S else None

    @property
    def newest(self) -> int:
        """The number of the newest piece that is whole, 0 before the first."""
        whole = self._whole()
        return whole[-1].seq if whole else self._seq - len(self._kept)

    def _whole(self) -> list[Passed]:
        """Without one that may go on."""
        going_on = self._kept and self._begun(self._wall_s(), WATCHED_BYTES)
        return list(self._kept)[:-1] if going_on else list(self._kept)

    def last(self, count: int = KEPT) -> list[Passed]:
        """Oldest first."""
        return list(self._kept)[-count:]

    def after(self, seq: int) -> tuple[int, list[Passed]]:
        """The number of the newest piece, and those after `seq`, for one who asks again and again: a piece
        that may go on is told when it is whole. Until WATCHED_S later more of each is kept."""
        self._watched_s = self._wall_s()
        newest = self.newest
        since = seq if seq <= newest else 0  # of another life of the daemon, which counts anew
        return newest, [each for each in self._whole() if each.seq > since]


def _is_command(data: bytes) -> bool:
    """To a printer, and no text: that does not begin with a control character, or is longer with it."""
    return len(data) <= COMMAND_BYTES and data[:1] < b" "


def frames_of(spec: DriverSpec) -> Frames | None:
    """None for a line of cameras: theirs are packets by the thousand, and pictures."""
    return None if CameraLooked in spec.events else Frames(spec)


@dataclass(slots=True)
class Tapped:
    """`link`, whose every piece is kept by `frames`, and counted."""

    link: Link
    frames: Frames
    traffic: Traffic
    joins: bool = True

    @property
    def url(self) -> str:
        return self.link.url

    async def read(self) -> bytes:
        data = await self.link.read()
        self.traffic.heard(data)
        self.frames.passed(data, out=False, joins=self.joins)
        return data

    async def write(self, data: bytes) -> None:
        self.traffic.sent(data)
        self.frames.passed(data, out=True)
        await self.link.write(data)

    async def close(self) -> None:
        await self.link.close()


@dataclass(slots=True)
class TappedDialer(Tapped):
    """The same, by which further lines are opened: what passes on them stands beside the others'."""

    dialer: Dialer = field(kw_only=True)

    @property
    def port(self) -> int | None:
        return self.dialer.port

    async def dial(self, port: int | None = None, host: str = "") -> Link:
        return Tapped(await self.dialer.dial(port, host), self.frames, self.traffic, joins=False)


def tapped(link: Link, frames: Frames, traffic: Traffic) -> Link:
    """`link`, by which one can dial where one could before: a network gives what it carries in one piece."""
    return (
        TappedDialer(link, frames, traffic, joins=False, dialer=link)
        if isinstance(link, Dialer)
        else Tapped(link, frames, traffic)
    )
