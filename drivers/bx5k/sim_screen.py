"""What a controller does with an area's data, and what a person then reads on the board."""

from __future__ import annotations

from dataclasses import dataclass

_COLORS = {"1": "red", "2": "green", "3": "yellow"}
_FIXED = 27  # bytes of an area before its text


class NotAnArea(Exception):
    """Its lengths lie, or a value is none that the manual knows."""


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    color: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the board, in its colours from left to right."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def color(self) -> str:
        """Of the line's beginning, "" where nothing stands in it."""
        return self.runs[0].color if self.runs else ""


@dataclass(frozen=True, slots=True)
class AreaOnBoard:
    id: int
    x: int  # pixels
    y: int
    width: int
    height: int
    effect: int
    lines: tuple[Line, ...]
    font: str
    strange: tuple[str, ...]  # commands in the text that the manual does not know, and control characters


def read_areas(data: bytes, count: int) -> list[AreaOnBoard]:
    """Raises NotAnArea."""
    found = []
    for _ in range(count):
        size = int.from_bytes(data[:2], "little")
        if len(data) < 2 + size or size < _FIXED:
            raise NotAnArea(f"an area of {size} bytes in {len(data)}")
        found.append(_read_area(data[2 : 2 + size]))
        data = data[2 + size :]
    if data:
        raise NotAnArea(f"{len(data)} bytes behind the last area")
    return found


def _read_area(data: bytes) -> AreaOnBoard:
    sound, extended, _, single, newline, effect, _, speed = data[14:22]
    length = int.from_bytes(data[23:27], "little")
    if data[0] or sound or extended or length != len(data) - _FIXED:
        raise NotAnArea(f"type {data[0]}, sound {sound}, extension {extended}, text {length}")
    if single not in (1, 2) or newline not in (1, 2) or not 1 <= effect <= 6 or speed > 0x18:
        raise NotAnArea(f"single line {single}, new line {newline}, effect {effect}, speed {speed}")
    lines, font, strange = _read_text(data[_FIXED:])
    return AreaOnBoard(
        data[9],
        _pixels(data[1:3]),
        int.from_bytes(data[3:5], "little"),
        _pixels(data[5:7]),
        int.from_bytes(data[7:9], "little"),
        effect,
        lines,
        font,
        strange,
    )


def _pixels(data: bytes) -> int:
    value = data[0] + 256 * data[1]
    return value - 0x8000 if value >= 0x8000 else value * 8


def _read_text(data: bytes) -> tuple[tuple[Line, ...], str, tuple[str, ...]]:
    """Two bytes from 81 up are one character of GBK; a backslash begins a command."""
    lines: list[list[tuple[str, str]]] = [[]]
    strange: list[str] = []
    color, font, at = "red", "", 0
    while at < len(data):
        byte, rest = data[at], data[at + 1 : at + 5].decode("latin-1")
        if byte == 0x5C and rest[:1] == "C" and rest[1:2] in _COLORS:
            color, at = _COLORS[rest[1]], at + 3
        elif byte == 0x5C and rest[:1] == "n":
            lines.append([])
            at += 2
        elif byte == 0x5C and rest[:2] == "FO" and rest[2:5].isdecimal():
            font, at = data[at + 3 : at + 6].decode("ascii"), at + 6
        elif byte == 0x5C or byte < 0x20:
            strange.append(f"{byte:02X} {rest[:2]!r}")
            at += 1
        else:
            size = 2 if byte >= 0x81 else 1
            lines[-1].append((data[at : at + size].decode("gbk", "replace"), color))
            at += size
    return tuple(_line(chars) for chars in lines), font, tuple(strange)


def _line(chars: list[tuple[str, str]]) -> Line:
    runs: list[Run] = []
    for char, color in chars:
        if runs and runs[-1].color == color:
            runs[-1] = Run(runs[-1].text + char, color)
        else:
            runs.append(Run(char, color))
    return Line(tuple(runs))
