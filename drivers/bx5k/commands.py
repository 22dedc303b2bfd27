"""What a board is told and what it answers: the data of its frames.

Source: Onbon, BX-5K/6K communication protocol for users, and the tables of its Led5kSDK manual. Two things
are missing on purpose. Program files live in flash, which wears out at about 100,000 writes: called numbers
go to dynamic areas, which are RAM. Reset (A2 01) "erases all data files but the firmware" (manual, 5.11).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

ALL_AREAS = 0xFF
BUSY, BAD_CHECK = 3, 5  # errors that are worth another try
LEVELS = 15  # of brightness, 0 the darkest

_WITH_REPLY = 0x01
_HALF_HOURS = 48
_AREA = struct.Struct("<BHHHHBBBHBBBBBBBBBI")  # type … text length, without sound and extensions
_STATUS = struct.Struct("<BB8sB4sBB")
_BARCODE = 16  # bytes; a net id of 12 follows
_REPLY_HEAD = 5  # group, command, error, two reserved


@dataclass(frozen=True, slots=True)
class Area:
    """A dynamic area as it goes over the line. `x` and `width` count 8 pixels, or pixels with 8000 added."""

    id: int
    x: int
    y: int
    width: int
    height: int
    text: bytes
    line_gap: int = 0
    run: int = 0  # 0 again and again, 1 stays on the last page
    timeout_s: int = 0  # of run mode 2, which is not used: it deletes what is not renewed
    align: int = 0  # bits 0-1 left, right, centre; bits 2-3 top, bottom, centre
    single_line: int = 2  # 1 yes, 2 no
    newline: int = 1  # 1 only where the text says so, 2 where a line is full
    effect: int = 1
    speed: int = 0
    stay: int = 0  # half seconds


@dataclass(frozen=True, slots=True)
class Reply:
    group: int
    command: int
    error: int  # 0 is good
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Status:
    """Documented, never seen captured."""

    power: bool
    brightness: int
    clock: datetime | None  # local time, without zone; None where it is no time
    programs: int
    program: str  # the one on show
    areas: tuple[int, ...]  # ids of the dynamic areas
    barcode: str


PING = bytes((0xA2, 0x00, _WITH_REPLY, 0, 0))
STATUS = bytes((0xA1, 0x02, _WITH_REPLY, 0, 0))
CLEAR = bytes((0xA3, 0x10, _WITH_REPLY, 0, 0))  # the whole screen; the driver deletes its areas by their ids


def power(on: bool) -> bytes:
    return bytes((0xA3, 0x00, _WITH_REPLY, 0, 0, 1 if on else 2))


def brightness(level: int, *, table: bool) -> bytes:
    """Fixed at `level` until told otherwise. `table`: with the 48 half hours of the timed mode behind it, as
    the vendor's own SDK always sends them, and without effect in this mode. Layout assumed from that SDK."""
    return bytes((0xA3, 0x02, _WITH_REPLY, 0, 0, 1, level)) + bytes([level]) * (_HALF_HOURS if table else 0)


def clock(local: datetime) -> bytes:
    """BCD: year (low byte first), month, day, hour, minute, second, weekday (Monday is 1)."""
    parts = (local.year % 100, local.year // 100, local.month, local.day)
    times = (local.hour, local.minute, local.second, local.isoweekday())
    return bytes((0xA2, 0x03, _WITH_REPLY, 0, 0, *map(_to_bcd, parts + times)))


def areas(update: Iterable[Area] = (), delete: Iterable[int] = ()) -> bytes:
    """Delete first, then show; ALL_AREAS deletes whatever there is."""
    gone, shown = bytes(delete), [area_bytes(area) for area in update]
    head = bytes((0xA3, 0x06, _WITH_REPLY, 0, 0, ALL_AREAS if ALL_AREAS in gone else len(gone)))
    gone = b"" if ALL_AREAS in gone else gone
    parts = (len(part).to_bytes(2, "little") + part for part in shown)
    return head + gone + bytes([len(shown)]) + b"".join(parts)


def area_bytes(area: Area) -> bytes:
    where = (0, area.x, area.y, area.width, area.height, area.id)
    how = (area.line_gap, area.run, area.timeout_s, 0, 0, area.align, area.single_line, area.newline)
    moves = (area.effect, 0, area.speed, area.stay)
    return _AREA.pack(*where, *how, *moves, len(area.text)) + area.text


def reply(data: bytes) -> Reply:
    """Raises ValueError."""
    if len(data) < _REPLY_HEAD:
        raise ValueError(f"{len(data)} bytes are no reply")
    return Reply(data[0], data[1], data[2], data[_REPLY_HEAD:])


def status(data: bytes) -> Status:
    """What stands in the reply to STATUS. Raises ValueError."""
    if len(data) <= _STATUS.size:
        raise ValueError(f"a status of {len(data)} bytes is too short")
    lit, level, when, programs, program, _, _ = _STATUS.unpack_from(data)
    count, rest = data[_STATUS.size], data[_STATUS.size + 1 :]
    if len(rest) < count:
        raise ValueError(f"{count} dynamic areas in {len(rest)} bytes")
    barcode = rest[count : count + _BARCODE].decode("ascii", "replace")
    return Status(
        lit == 1,
        level,
        _from_bcd(when),
        programs,
        _printable(program.decode("ascii", "replace")),
        tuple(rest[:count]),
        _printable(barcode),
    )


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and char.isascii()).strip()


def _to_bcd(number: int) -> int:
    return number // 10 << 4 | number % 10


def _from_bcd(data: bytes) -> datetime | None:
    try:
        low, high, month, day, hour, minute, second, _ = (int(f"{byte:02x}") for byte in data)
        return datetime(high * 100 + low, month, day, hour, minute, second)
    except ValueError:
        return None
