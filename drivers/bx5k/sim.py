"""A board to test against: areas in RAM, a clock of its own, a small receive buffer, and a mind of its own.

The layout of its status is from the documentation, never seen captured; that a reply swaps the addresses is
assumed. Areas are deleted, shown and lost with the power as the manual says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from drivers.api import BadSettings, Link
from drivers.bx5k.sim_ears import Ears, Heard, spoken
from drivers.bx5k.sim_screen import AreaOnBoard, Line, NotAnArea, read_areas

RECEIVE_BUFFER = 1024
FULL = 15  # brightness after the power came
_UNSET = datetime(2000, 1, 1)
_OK, _NO_GROUP, _NO_COMMAND, _BUSY, _MEMORY, _CHECK, _TIME = 0, 1, 2, 3, 4, 5, 14


class BoardSim:
    """Its methods are what a person does to it, its attributes what may be wrong with it. State survives the
    line: `run` may be called again with a new link. `names` are the areas' names by id, for `shown`."""

    def __init__(
        self,
        *,
        names: Mapping[str, int] | None = None,
        address: int = 1,
        device: int = 0x51,
        max_areas: int = 32,
        overflow: str = "drop",
        drift: float = 0.0,
        battery: bool = True,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.areas: dict[int, AreaOnBoard] = {}
        self.light = True
        self.brightness = FULL
        self.program = "P000"
        self.drift = drift  # seconds that its clock gains each second
        # --- faults of a board; what any peer can have is in `drivers.transport.sick` ---
        self.dark = False  # it does not go on, and says so
        self.dim = False  # its brightness stays where it is: a light sensor has it
        self.stopped_clock = False  # cannot be set
        self.busy = 0  # commands that are still answered "busy"
        self.errors: dict[tuple[int, int], int] = {}  # command → the error it is answered with
        self.short_status = False  # a status that ends too early
        # --- what it has seen ---
        self.commands: Counter[tuple[int, int]] = Counter()
        self.updates: Counter[int] = Counter()  # of each area
        self.dropped = 0  # frames longer than its receive buffer
        self.damaged = 0  # frames with a wrong check
        self.violations: list[str] = []  # what no board would understand
        self.flash_writes = 0  # program files and resets: each wears the flash out
        self._names = dict(names or {})
        self._address = address
        self._device = device
        self._max_areas = max_areas
        self._overflow = overflow
        self._battery = battery
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._set_at: tuple[float, datetime] | None = None  # its clock, when it was last set
        self._powered = True

    # --- what a person sees and does ---
    def shown(self, area: str | int) -> tuple[Line, ...]:
        """What a person reads in an area; nothing where the board is dark."""
        found = self.areas.get(self._names[area] if isinstance(area, str) else area)
        lit = self._powered and self.light and not self.dark
        return found.lines if found and lit else ()

    def clock(self) -> datetime:
        """The board's own time."""
        if self._set_at is None:
            return _UNSET
        since_s, then = self._set_at
        return then + timedelta(seconds=(self._now() - since_s) * (1 + self.drift))

    def set_clock(self, local: datetime) -> None:
        self._set_at = (self._now(), local)

    def power(self, on: bool) -> None:
        """The mains. Off: areas, brightness and light are lost, the clock too where its battery is empty."""
        self._powered = on
        if not on:
            self.areas.clear()
            self.brightness, self.light = FULL, True
            if not self._battery:
                self._set_at = None

    def cut_power(self) -> None:
        """Off and on again, too short for anybody to ask meanwhile."""
        self.power(False)
        self.power(True)

    # --- its life ---
    async def run(self, link: Link) -> None:
        ears = Ears(RECEIVE_BUFFER)
        while True:
            data = await link.read()
            for heard in ears.hear(data) if self._powered else ():
                await self._answer(link, heard)

    async def _answer(self, link: Link, heard: Heard) -> None:
        if reply := self._obey(heard):
            await link.write(spoken(heard.sender, self._address, self._device, reply))

    # --- commands ---
    def _obey(self, heard: Heard) -> bytes | None:
        """The data of its reply, None where none is sent."""
        if heard.size > RECEIVE_BUFFER:
            self.dropped += 1
            return bytes((*heard.data[:2], _MEMORY, 0, 0)) if self._overflow == "error" else None
        if not heard.good or len(heard.data) < 5:
            self.damaged += 1
            return bytes((*heard.data[:2], _CHECK, 0, 0)) if len(heard.data) >= 2 else None
        if heard.to not in (self._address, 0xFFFE, 0xFFFF) or heard.device not in (0xFE, self._device):
            return None
        command, wants_reply = (heard.data[0], heard.data[1]), heard.data[2] == 1
        self.commands[command] += 1
        error, more = self._do(command, heard.data[5:])
        return bytes((*command, error, 0, 0)) + more if wants_reply else None

    def _do(self, command: tuple[int, int], data: bytes) -> tuple[int, bytes]:
        if self.busy > 0:
            self.busy -= 1
            return _BUSY, b""
        if command in self.errors:
            return self.errors[command], b""
        match command:
            case (0xA2, 0x00):
                return _OK, b""
            case (0xA1, 0x02):
                return _OK, self._status()[: 9 if self.short_status else None]
            case (0xA2, 0x03):
                return self._set_time(data), b""
            case (0xA3, 0x00):
                self.light = data[:1] == b"\x01" and not self.dark
                return _OK, b""
            case (0xA3, 0x02):
                return self._set_brightness(data), b""
            case (0xA3, 0x06):
                return self._set_areas(data), b""
            case (0xA3, 0x10):
                self.areas.clear()
                return _OK, b""
            case (0xA1, _) | (0xA2, 0x01):  # files, and the reset that erases them
                self.flash_writes += 1
                return _OK, b""
        return (_NO_COMMAND if command[0] in (0xA1, 0xA2, 0xA3) else _NO_GROUP), b""

    def _status(self) -> bytes:
        now, on = self.clock(), self.light and not self.dark
        when = (now.year % 100, now.year // 100, now.month, now.day, now.hour, now.minute, now.second)
        bcd = bytes(int(str(part), 16) for part in (*when, now.isoweekday()))
        head = bytes((1 if on else 2, self.brightness)) + bcd + b"\x01" + self.program.encode()[:4].ljust(4)
        ids = bytes(sorted(self.areas))
        return head + b"\x00\x01" + bytes([len(ids)]) + ids + b"BX5K100000000001" + bytes(12)

    def _set_time(self, data: bytes) -> int:
        try:
            low, high, month, day, hour, minute, second, weekday = (int(f"{byte:02x}") for byte in data)
            local = datetime(high * 100 + low, month, day, hour, minute, second)
        except ValueError:
            return _TIME
        if weekday != local.isoweekday():
            return _TIME
        if not self.stopped_clock:
            self.set_clock(local)
        return _OK

    def _set_brightness(self, data: bytes) -> int:
        if len(data) != 50 or data[0] != 1 or max(data) > FULL:
            self.violations.append(f"brightness {data.hex(' ')}")
            return _NO_COMMAND
        if not self.dim:
            self.brightness = data[1]
        return _OK

    def _set_areas(self, data: bytes) -> int:
        gone, data = data[:1], data[1:]
        ids = list(self.areas) if gone == b"\xff" else list(data[: gone[0]])
        data = data if gone == b"\xff" else data[gone[0] :]
        try:
            new = read_areas(data[1:], data[0])
        except (NotAnArea, IndexError) as error:
            self.violations.append(str(error))
            return _NO_COMMAND
        for id_ in ids:
            self.areas.pop(id_, None)
        if len({*self.areas, *(area.id for area in new)}) > self._max_areas:
            return _MEMORY
        for area in new:
            self.violations += area.strange
            self.areas[area.id] = area
            self.updates[area.id] += 1
        return _OK


_SWITCHES = ("dark", "dim", "short_status", "stopped_clock")


def simulator(params: Mapping[str, str]) -> BoardSim:
    """The board of `sim://bx5k?areas=calls:0,notice:1&dark=1…`. Raises BadSettings.

    `areas`: names by id. `address` and `busy` are numbers, `drift` a factor, `overflow` "drop" or "error";
    dark, dim, short_status, stopped_clock 0 or 1.
    """
    left = dict(params)
    try:
        pairs = (part.partition(":") for part in left.pop("areas", "").split(",") if part)
        sim = BoardSim(
            names={name: int(id_) for name, _, id_ in pairs},
            address=int(left.pop("address", "1"), 0),
            overflow=left.pop("overflow", "drop"),
            drift=float(left.pop("drift", "0")),
        )
        sim.busy = int(left.pop("busy", "0"))
        for name in _SWITCHES:
            setattr(sim, name, bool(int(left.pop(name, "0"))))
    except ValueError as error:
        raise BadSettings(f"a board's options: {error}", remedy="See drivers/bx5k/sim.py.") from None
    if left:
        raise BadSettings(f"a board has no {', '.join(left)}", remedy="See drivers/bx5k/sim.py.")
    return sim
