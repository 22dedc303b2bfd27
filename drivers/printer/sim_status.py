"""The simulated printer's condition and how it tells it. Source: Epson ESC/POS command reference, DLE EOT and
GS a; bit values are written out here, apart from the driver's table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Fault = Literal["cover", "feeding", "cutter", "mechanical", "broken", "hot", "waiting"]

_LATCHED: frozenset[Fault] = frozenset({"cutter", "mechanical"})  # end with DLE ENQ 1 and 2 only
_NO_ERROR: frozenset[Fault] = frozenset({"cover", "feeding", "waiting"})  # offline, and all is well with it


@dataclass(slots=True)
class Status:
    paper: str = "ok"  # or "near", "out"
    jammed: bool = False  # paper holds the cutter; the error comes with the next cut
    on: set[Fault] = field(default_factory=set)

    def offline(self) -> bool:
        return bool(self.on) or self.paper == "out"

    def recoverable(self) -> bool:
        return bool(self.on & _LATCHED)

    def recover(self) -> None:
        """DLE ENQ 1 or 2: it tries again, and a cutter that still sticks is a fault as before."""
        self.on -= _LATCHED - ({"cutter"} if self.jammed else set())

    def real_time(self, n: int) -> int:
        """The answer to DLE EOT n."""
        if n == 1:
            waiting = 0x20 * ("waiting" in self.on)
            return 0x12 | 0x08 * self.offline() | waiting | 0x40 * ("feeding" in self.on)
        if n == 2:
            stopped = 0x20 * (self.paper == "out") | 0x40 * bool(self.on - _NO_ERROR)
            return 0x12 | 0x04 * ("cover" in self.on) | 0x08 * ("feeding" in self.on) | stopped
        if n == 3:
            return 0x12 | self._errors()
        return 0x12 | 0x0C * (self.paper != "ok") | 0x60 * (self.paper == "out")

    def asb(self) -> bytes:
        first = 0x10 | 0x08 * self.offline() | 0x20 * ("cover" in self.on) | 0x40 * ("feeding" in self.on)
        third = 0x03 * (self.paper != "ok") | 0x0C * (self.paper == "out")
        return bytes((first, self._errors() | 0x01 * ("waiting" in self.on), third, 0))

    def _errors(self) -> int:
        bits = {"mechanical": 0x04, "cutter": 0x08, "broken": 0x20, "hot": 0x40}
        return sum(bit for name, bit in bits.items() if name in self.on)
