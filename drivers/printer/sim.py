"""A ticket printer to test against: paper, cover, cutter, a buffer, and a mind of its own.

Layouts are from the Epson ESC/POS command reference, not captured from a device. It keeps the slips that it
has really cut; what is printed but not cut stays in the paper path, as on a real one.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping
from typing import Never

from drivers.api import BadSettings, Link, LinkLost
from drivers.printer.sim_grammar import Op, reader
from drivers.printer.sim_paper import Paper, Slip
from drivers.printer.sim_status import Fault, Status

_OUT_LIMIT = 256  # answers waiting to be sent; more are lost, as in a real send buffer
_FLOOD_BYTES = 256
_FLOOD_PAUSE_S = 0.005


class PrinterSim:
    """The printer. Its methods are what a person does to it, its attributes what a person sees. State
    survives the line: `run` may be called again with a new link, as a cable is put back.

    What any peer can have, such as silence, is in `drivers.transport.sick`. Flow control is the printer's
    own: it takes no more than fits into `buffer_bytes`, and works that off at `line_s` a line.
    """

    def __init__(
        self,
        *,
        paper: str = "ok",
        lines_left: int | None = None,
        columns: int = 48,
        buffer_bytes: int = 4096,
        line_s: float = 0.0,
        model: str = "SIM-80",
        waits: bool = False,
        flood: str = "",
        on_slip: Callable[[Slip], None] | None = None,
    ) -> None:
        self.status = Status(paper)
        self.lines_left = lines_left  # on the roll; None is endless
        self.line_s = line_s  # to print a line, to feed and cut
        self.waits = waits  # given paper, it stays offline until somebody says DLE ENQ 0 or feeds
        self.flood = flood  # "garbage" or "status": what it sends without end
        self.on_slip = on_slip
        self.slips: list[Slip] = []
        self.blanks = 0  # pieces of paper cut off with nothing on them
        self.unknown: list[Op] = []  # what it was told and did not understand
        self.honoured: list[Op] = []  # real-time commands other than DLE EOT, in order
        self._names = {65: "1.00", 66: "SIM", 67: model, 68: "S0000001"}
        self._buffer_bytes = buffer_bytes
        self._powered = True
        self._path = Paper(columns)
        self._changed = asyncio.Event()
        self._out: asyncio.Queue[bytes] = asyncio.Queue(_OUT_LIMIT)
        self._forget()

    # --- what a person does ---
    def set_paper(self, paper: str, lines_left: int | None = None) -> None:
        if self.waits and self.status.paper == "out" != paper:
            self.status.on.add("waiting")
        self.status.paper = paper
        self.lines_left = lines_left
        self._tell()

    def open_cover(self) -> None:
        self.fault("cover", True)

    def close_cover(self) -> None:
        self.fault("cover", False)

    def jam_cutter(self) -> None:
        """The next cut gets stuck."""
        self.status.jammed = True

    def free_cutter(self) -> None:
        """The paper is out; the error stays until the host sends DLE ENQ."""
        self.status.jammed = False

    def fault(self, name: Fault, on: bool) -> None:
        """`mechanical` and `cutter` stay on after their cause is gone, until DLE ENQ."""
        (self.status.on.add if on else self.status.on.discard)(name)
        self._tell()

    def power(self, on: bool) -> None:
        """Off: buffers and modes are lost, what is on paper is not."""
        self._powered = on
        self._forget()
        self._changed.set()

    @property
    def uncut(self) -> Slip:
        """What is printed and still hangs in the printer."""
        return Slip(tuple(self._path.uncut))

    @property
    def buffered(self) -> int:
        """Bytes received and not yet worked off."""
        return self._held

    # --- its life ---
    async def run(self, link: Link) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                inbox: deque[int] = deque()
                tasks.create_task(self._take(inbox))
                tasks.create_task(self._work())
                tasks.create_task(self._speak(link))
                tasks.create_task(self._flood(link))
                await self._receive(link, inbox)
        except* LinkLost:
            pass  # the cable was pulled

    async def _receive(self, link: Link, inbox: deque[int]) -> Never:
        """One read ahead of what the printer takes, as a line's own buffer is: so it sees the line go."""
        while True:
            await self._until(lambda: not inbox)
            inbox.extend(await link.read())
            self._changed.set()

    async def _take(self, inbox: deque[int]) -> Never:
        while True:
            await self._until(lambda: bool(inbox) and self.buffered < self._buffer_bytes)
            byte = inbox.popleft()
            if self._powered and (op := self._reader.send(byte)):
                self._accept(op)
            if not inbox:
                self._changed.set()

    async def _work(self) -> Never:
        while True:
            await self._until(lambda: bool(self._queue) and self._powered and not self.status.offline())
            op = self._queue[0]
            if op.kind in ("LF", "GS V") and self.line_s:
                await asyncio.sleep(self.line_s)
                if not self._queue or self._queue[0] is not op or self.status.offline():
                    continue  # cleared or stopped meanwhile
            if self._execute(op):
                self._queue.popleft()
                self._held -= op.size
                self._changed.set()

    async def _speak(self, link: Link) -> Never:
        while True:
            await link.write(await self._out.get())

    async def _flood(self, link: Link) -> Never:
        while True:
            await asyncio.sleep(_FLOOD_PAUSE_S)
            if self.flood:
                noise = os.urandom(_FLOOD_BYTES) if self.flood == "garbage" else b"\x12" * _FLOOD_BYTES
                await link.write(noise)

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._changed.clear()
            await self._changed.wait()

    # --- commands ---
    def _accept(self, op: Op) -> None:
        match op.kind:
            case "DLE EOT":
                if 1 <= op.data[0] <= 4:
                    self._say(bytes((self.status.real_time(op.data[0]),)))
            case "DLE ENQ" | "DLE DC4 8":
                self.honoured.append(op)
                self._recover(op)
            case "unknown":
                self.unknown.append(op)
            case _:
                self._queue.append(op)
                self._held += op.size
                self._changed.set()

    def _recover(self, op: Op) -> None:
        """DLE ENQ 1 and 2 count after an error only, 0 where it waits for that, DLE DC4 8 always."""
        if op.kind == "DLE ENQ" and op.data[0] == 0:
            self.fault("waiting", False)
            return
        error = self.status.recoverable()
        if op.kind == "DLE DC4 8" or (error and op.data[0] == 2):
            self._clear()
            self._path.drop_line()
        if op.kind == "DLE DC4 8":
            self._say(b"\x37\x25\x00")
        elif error and op.data[0] in (1, 2):
            self.status.recover()
            self._tell()
        self._changed.set()

    def _execute(self, op: Op) -> bool:
        """False where the printer stopped in it: it is done again after recovery."""
        first = op.data[0] if op.data else 0
        match op.kind:
            case "char":
                self._path.char(first)
            case "LF":
                self._roll(self._path.line_feed())
            case "ESC @":
                self._path.reset()
            case "FS &" | "FS .":
                self._path.chinese(op.kind == "FS &")
            case "ESC a":
                self._path.align(first)
            case "GS !":
                self._path.size(first)
            case "GS a":
                self._asb = first
                self._told = b""
                self._tell()
            case "GS r":
                self._say(b"\x03" if self.status.paper == "near" else b"\x00")
            case "GS I" if first in self._names:
                self._say(b"\x5f" + self._names[first].encode() + b"\x00")
            case "GS ( k" | "GS v 0":
                known = self._path.qr_function(op.data) if op.kind == "GS ( k" else self._path.raster(op.data)
                if not known:
                    self.unknown.append(op)
            case "GS V":
                return self._cut()
        return True

    def _cut(self) -> bool:
        if self.status.jammed:
            self.fault("cutter", True)
            return False
        slip = self._path.cut()
        if not slip.items:
            self.blanks += 1
            return True
        self.slips.append(slip)
        if self.on_slip:
            self.on_slip(slip)
        return True

    def _roll(self, lines: int) -> None:
        if self.lines_left is not None:
            self.lines_left -= lines
            if self.lines_left <= 0:
                self.set_paper("out")

    # --- answers ---
    def _tell(self) -> None:
        """Automatic status back: on every change of what is enabled."""
        self._changed.set()
        status = self.status.asb()
        if self._asb and status != self._told:
            self._told = status
            self._say(status)

    def _say(self, data: bytes) -> None:
        if self._powered and not self._out.full():
            self._out.put_nowait(data)

    def _clear(self) -> None:
        self._queue: deque[Op] = deque()
        self._held = 0

    def _forget(self) -> None:
        self._reader = reader()
        next(self._reader)
        self._clear()
        self._path.reset()
        self._asb = 0
        self._told = b""


_CHOICES = {  # a parameter's values; the first is the default
    "paper": ("ok", "near", "out"),
    "cover": ("closed", "open"),
    "cutter": ("free", "jammed"),
    "head": ("cool", "hot"),
    "waits": ("0", "1"),
    "flood": ("", "garbage", "status"),
}
_NUMBERS = {
    "lines": 0,
    "columns": 48,
    "buffer": 4096,
    "line_ms": 0,
}  # lines=0: an endless roll


def simulator(params: Mapping[str, str]) -> PrinterSim:
    """The printer of `sim://printer?paper=near&cutter=jammed…`. Raises BadSettings for what is unknown."""
    for name, value in params.items():
        if name not in _CHOICES and name not in _NUMBERS and name != "model":
            raise BadSettings(f"{name}: there is {', '.join((*_CHOICES, *_NUMBERS, 'model'))}")
        if value not in _CHOICES.get(name, (value,)):
            raise BadSettings(f"{name}={value}: must be one of {', '.join(_CHOICES[name])}")
        if name in _NUMBERS and not value.isdecimal():
            raise BadSettings(f"{name}={value}: must be a whole number")
    chosen = {name: params.get(name, values[0]) for name, values in _CHOICES.items()}
    number = {name: int(params.get(name, default)) for name, default in _NUMBERS.items()}
    sim = PrinterSim(
        lines_left=number["lines"] or None,
        columns=number["columns"],
        buffer_bytes=number["buffer"],
        line_s=number["line_ms"] / 1000,
        model=params.get("model", "SIM-80"),
        waits=chosen["waits"] == "1",
        flood=chosen["flood"],
    )
    sim.status.paper = chosen["paper"]
    sim.status.jammed = chosen["cutter"] == "jammed"
    sim.status.on |= {"cover"} if chosen["cover"] == "open" else set()
    sim.status.on |= {"hot"} if chosen["head"] == "hot" else set()
    return sim
