"""The simulated printer's own reading of ESC/POS. Shares nothing with the driver, so that neither hides the
other's errors. Source: Epson ESC/POS command reference; the commands that a ticket printer's host uses."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Never


@dataclass(frozen=True, slots=True)
class Op:
    """One command: `kind` is its name in the reference, `data` its parameters, `size` its bytes in all."""

    kind: str
    data: bytes = b""
    size: int = 1


Reading = Generator[Op | None, int, Never]
Part = Generator[None, int, Op]


def reader() -> Reading:
    """Send it bytes; it gives back each command with that command's last byte. Inside a command everything is
    data, so DLE EOT counts only where a command may start."""
    byte = yield None
    while True:
        match byte:
            case 0x10:
                op = yield from _dle()
            case 0x1B:
                op = yield from _esc()
            case 0x1C:
                op = yield from _fs()
            case 0x1D:
                op = yield from _gs()
            case 0x0A:
                op = Op("LF")
            case 0x00:
                op = Op("NUL")
            case _ if byte < 0x20:
                op = Op("unknown", bytes((byte,)))
            case _:
                op = Op("char", bytes((byte,)))
        byte = yield op


def _take(count: int) -> Generator[None, int, bytes]:
    data = bytearray()
    for _ in range(count):
        data.append((yield None))
    return bytes(data)


def _dle() -> Part:
    function = yield None
    if function == 0x04:
        return Op("DLE EOT", (yield from _take(1)), 3)
    if function == 0x05:
        return Op("DLE ENQ", (yield from _take(1)), 3)
    if function == 0x14:
        parameters = yield from _take(3)
        if parameters[0] == 8:
            parameters += yield from _take(5)
            known = parameters[1:] == b"\x01\x03\x14\x01\x06\x02\x08"
            return Op("DLE DC4 8" if known else "unknown", parameters, 10)
        return Op("unknown", parameters, 5)
    return Op("unknown", bytes((0x10, function)), 2)


def _esc() -> Part:
    match (yield None):
        case 0x40:
            return Op("ESC @", size=2)
        case 0x61:
            return Op("ESC a", (yield from _take(1)), 3)
        case other:
            return Op("unknown", bytes((0x1B, other)), 2)


def _fs() -> Part:
    match (yield None):
        case 0x26:
            return Op("FS &", size=2)
        case 0x2E:
            return Op("FS .", size=2)
        case other:
            return Op("unknown", bytes((0x1C, other)), 2)


def _gs() -> Part:
    match (yield None):
        case 0x21:
            return Op("GS !", (yield from _take(1)), 3)
        case 0x49:
            return Op("GS I", (yield from _take(1)), 3)
        case 0x61:
            return Op("GS a", (yield from _take(1)), 3)
        case 0x72:
            return Op("GS r", (yield from _take(1)), 3)
        case 0x56:
            return (yield from _cut())
        case 0x28:
            return (yield from _extended())
        case 0x76:
            return (yield from _raster())
        case other:
            return Op("unknown", bytes((0x1D, other)), 2)


def _cut() -> Part:
    how = yield None
    if how in (0x41, 0x42):
        return Op("GS V", bytes((how,)) + (yield from _take(1)), 4)
    return Op("GS V" if how in (0, 1, 0x30, 0x31) else "unknown", bytes((how,)), 3)


def _extended() -> Part:
    letter, low, high = yield from _take(3)
    data = yield from _take(low + 256 * high)
    return Op("GS ( k" if letter == 0x6B and data[:1] == b"\x31" else "unknown", data, 5 + len(data))


def _raster() -> Part:
    zero, mode, xl, xh, yl, yh = yield from _take(6)
    data = yield from _take((xl + 256 * xh) * (yl + 256 * yh))
    known = zero == 0x30 and mode in (0, 0x30)
    return Op("GS v 0" if known else "unknown", bytes((xl, xh, yl, yh)) + data, 8 + len(data))
