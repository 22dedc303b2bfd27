"""What an area shows, as the controller's text: GBK with `\\C1` for a colour, `\\n`, `\\FO000` for a font.

A text comes from people and must not become a command of the board: `\\` is shown in its full width, a
control character as a space. A character that GBK lacks is shown as ？. So is one whose second byte is 5C (乗
and 117 others, none in everyday use): no paper says that a controller does not take that byte for the
beginning of a command.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from drivers.bx5k import codec, commands
from drivers.bx5k.settings import CELL, AreaSettings, BoardSettings
from drivers.messages import ShowText

MAX_PARTS = 16  # of one text, each a receive buffer full: four pages of a book, which nobody reads on a board
REPLACEMENT = "？"
_BACKSLASH = "＼"  # full width, A3 DC
_BETWEEN = "  "  # lines that follow each other in one
_PIECE = 64  # characters of a line without breaks that stay together when a text is parted
_EFFECTS = {"static": 1, "quick": 2, "left": 3, "right": 4, "up": 5, "down": 6}
_ALIGN = {"left": 0, "right": 1, "center": 2}
_VALIGN = {"top": 0, "bottom": 1, "center": 2}
_RUN = {"loop": 0, "last": 1}
_PIXELS = 0x8000


@dataclass(frozen=True, slots=True)
class Content:
    """What an area is to show: parts of which each fits into one frame. No parts: nothing."""

    area: AreaSettings
    parts: tuple[bytes, ...]
    replaced: str = ""  # characters that could not be shown, each once
    cut: bool = False  # the rest did not fit into MAX_PARTS


def content(lines: Sequence[ShowText], area: AreaSettings, settings: BoardSettings) -> Content:
    strange: dict[str, None] = {}
    rows = (row for line in lines for row in _rows(line, area, settings, strange))
    parts = list(islice(_parts(rows, area, settings), MAX_PARTS + 1))
    return Content(area, tuple(parts[:MAX_PARTS]), "".join(strange), len(parts) > MAX_PARTS)


def wire_area(text: bytes, area: AreaSettings, settings: BoardSettings) -> commands.Area:
    x, width = (
        (area.x | _PIXELS, area.width | _PIXELS)
        if settings.units == "pixels"
        else (area.x // CELL, area.width // CELL)
    )
    return commands.Area(
        area.id,
        x,
        area.y,
        width,
        area.height,
        text,
        line_gap=area.line_gap,
        run=_RUN[area.run],
        align=_ALIGN[area.align] | _VALIGN[area.valign] << 2,
        single_line=1 if area.single_line else 2,
        effect=_EFFECTS[area.effect],
        speed=area.speed,
        stay=round(area.stay_s * 2),
    )


def plain(text: str, strange: dict[str, None]) -> str:
    """`text` as it can be shown; what cannot be is noted in `strange`."""
    return "".join(_shown(char, strange) for char in text)


def _shown(char: str, strange: dict[str, None]) -> str:
    if char == "\\":
        return _BACKSLASH
    if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}:
        return " "
    try:
        code = char.encode("gbk")
    except UnicodeEncodeError:
        code = b"\\"
    if b"\\" in code:
        strange[char] = None
        return REPLACEMENT
    return char


def _rows(
    line: ShowText, area: AreaSettings, settings: BoardSettings, strange: dict[str, None]
) -> Iterator[bytes]:
    """The line in rows of the area, each with its colour in front, so that a part may begin with any."""
    text = plain(line.text, strange)
    color = b"\\C%d" % settings.colors[line.color]
    for row in _pieces(text + _BETWEEN) if area.single_line else _broken(text, area.columns):
        yield color + row.encode("gbk")


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


def _broken(text: str, columns: int) -> Iterator[str]:
    """Where a row is full the next begins; a Chinese character is two columns wide, and two bytes long."""
    row, used = "", 0
    for char in text:
        width = len(char.encode("gbk"))
        if used + width > columns:
            yield row
            row, used = "", 0
        row += char
        used += width
    yield row


def _parts(rows: Iterable[bytes], area: AreaSettings, settings: BoardSettings) -> Iterator[bytes]:
    """As many rows as one frame carries, at least one: a frame's escapes can double what they escape."""
    taken: list[bytes] = []
    for row in rows:
        if taken and not _fits(_text([*taken, row], area), area, settings):
            yield _text(taken, area)
            taken = []
        taken.append(row)
    if taken:
        yield _text(taken, area)


def _text(rows: Sequence[bytes], area: AreaSettings) -> bytes:
    font = b"\\FO" + area.font.encode("ascii") if area.font else b""
    return font + (b"" if area.single_line else b"\\n").join(rows)


def _fits(text: bytes, area: AreaSettings, settings: BoardSettings) -> bool:
    data = commands.areas([wire_area(text, area, settings)])
    return codec.fits(codec.Frame(data, settings.address, device=settings.device_type))
