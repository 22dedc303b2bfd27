"""A slip as printer commands: text in the printer's own font where it has the characters, drawn where not."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from drivers.messages import SlipLine, SlipQr
from drivers.printer import commands
from drivers.printer.settings import PrinterSettings

MAX_BLOCKS = 64  # a slip is a ticket, not a report
MAX_TEXT = 512  # characters in one block
MAX_QR_BYTES = 331  # QR version 13 level M: its 77 modules with quiet zone stay 4 dots wide on 58 mm paper
MAX_SLIP_BYTES = 32_768  # 34 s at 9600 baud
# Bytes that QR versions 1…13 hold at level M (ISO/IEC 18004, table 7).
_QR_CAPACITY = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331)
_WIDE = 2  # bytes and columns of a character in the printer's Chinese font
_QR_QUIET = 8  # modules, both sides together
_MAX_SIZE = 8  # GS !
_MAX_MODULE = 16  # GS ( k, function 167


class BadSlip(ValueError):
    """This slip cannot be printed here, now or later; the text says why."""


class _Piece(NamedTuple):
    """Printed as it is, in these modes. `size` 0: whatever the size is."""

    align: commands.Align
    size: int
    data: bytes


def render(blocks: tuple[SlipLine | SlipQr, ...], settings: PrinterSettings) -> list[bytes]:
    """Whole commands to send in order, without the cut. Between two of them a status may be asked.
    Drawing a line takes about 50 ms of processor: `draws` tells beforehand. Raises BadSlip."""
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        raise BadSlip(f"{len(blocks)} blocks; a slip has 1 to {MAX_BLOCKS}")
    parts = [_line(b, settings) if isinstance(b, SlipLine) else _qr(b, settings) for b in blocks]
    pieces = [start(settings), *_told(chain.from_iterable(parts))]
    size = sum(map(len, pieces))
    if size > MAX_SLIP_BYTES:
        raise BadSlip(f"{size} bytes; a slip has at most {MAX_SLIP_BYTES}")
    return pieces


def start(settings: PrinterSettings) -> bytes:
    """Modes as every slip needs them, whatever was printed before or however the printer was switched."""
    return commands.INITIALISE + (commands.ASB_ON if settings.asb else b"") + commands.CHINESE_ON


def draws(blocks: tuple[SlipLine | SlipQr, ...], settings: PrinterSettings) -> bool:
    """Whether any block must be drawn here."""
    return any(
        settings.qr == "raster" if isinstance(b, SlipQr) else not _has_all(b.text, settings) for b in blocks
    )


def _told(pieces: Iterable[_Piece]) -> Iterator[bytes]:
    """Modes are told where they change, since six bytes for each line are a fifth of a slip, and 70 ms at
    9600 baud; and at the beginning, whatever the printer's own may be."""
    align, size = "", 0
    for piece in pieces:
        modes = commands.align(piece.align) if piece.align != align else b""
        if piece.size not in (0, size):
            modes += commands.size(piece.size)
        align, size = piece.align, piece.size or size
        yield modes + piece.data


def _line(block: SlipLine, settings: PrinterSettings) -> list[_Piece]:
    if len(block.text) > MAX_TEXT:
        raise BadSlip(f"a line of {len(block.text)} characters; {MAX_TEXT} at most")
    if not 1 <= block.size <= _MAX_SIZE:
        raise BadSlip(f"size {block.size}; 1 to {_MAX_SIZE}")
    size = max(block.size, settings.min_size)
    paragraphs = [clean(p) for p in block.text.split("\n")]
    if not _has_all(block.text, settings):
        return _drawn(paragraphs, size, block, settings)
    columns = settings.columns // size
    lines = chain.from_iterable(wrap(p, columns, columns_of) for p in paragraphs)
    return [_Piece(block.align, size, text.encode("gb18030") + commands.LINE_FEED) for text in lines]


def _drawn(paragraphs: list[str], size: int, block: SlipLine, settings: PrinterSettings) -> list[_Piece]:
    from drivers.printer import raster  # noqa: PLC0415 - Pillow costs 6 MB, and most slips need none

    try:
        pen = raster.Pen(settings.fonts, size)
    except OSError as broken:
        raise BadSlip(f"cannot draw: {broken}") from broken
    lines = chain.from_iterable(wrap(p, settings.dots, pen.width) for p in paragraphs)
    bands = (band for text in lines for band in _bands(pen.draw(text, settings.dots), settings.band_bytes))
    return [_Piece(block.align, 0, band) for band in bands]


def _qr(block: SlipQr, settings: PrinterSettings) -> list[_Piece]:
    data = block.data.encode("utf-8", errors="replace")
    if not 1 <= len(data) <= MAX_QR_BYTES:
        raise BadSlip(f"a QR code of {len(data)} bytes; 1 to {MAX_QR_BYTES}")
    if not 1 <= block.module <= _MAX_MODULE:
        raise BadSlip(f"a QR module of {block.module} dots; 1 to {_MAX_MODULE}")
    module = min(block.module, settings.dots // (_qr_side(data) + _QR_QUIET))
    if settings.qr == "native":
        return [_Piece("center", 0, commands.qr(data, module) + commands.LINE_FEED)]
    from drivers.printer import raster  # noqa: PLC0415 - segno is only needed here

    bands = _bands(raster.qr(data, module), settings.band_bytes)
    return [_Piece("center", 0, band) for band in bands]


def _qr_side(data: bytes) -> int:
    """Modules of a side, for bytes at level M."""
    return next(17 + 4 * v for v, capacity in enumerate(_QR_CAPACITY, 1) if len(data) <= capacity)


def _bands(bitmap: tuple[int, bytes], band_bytes: int) -> list[bytes]:
    row_bytes, rows = bitmap
    step = max(1, band_bytes // row_bytes) * row_bytes
    return [commands.raster(row_bytes, rows[at : at + step]) for at in range(0, len(rows), step)]


# --- characters ---
def clean(text: str) -> str:
    """Without control and format characters: none of a slip's text may be taken for a command."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def _has_all(text: str, settings: PrinterSettings) -> bool:
    return all(has(c, settings.charset) for c in clean(text))


def has(char: str, charset: str) -> bool:
    """Whether a printer's font of this charset has `char`. Most lack what GB18030 has beyond GBK."""
    if unicodedata.category(char) in ("Co", "Cn"):
        return False
    # 䶮 is one that GB18030 has put into two bytes which are empty in GBK.
    return char.encode(charset, "replace") == char.encode("gb18030")


def columns_of(char: str) -> int:
    """Columns in the printer's own font: every character of two or four bytes is a wide one."""
    return min(len(char.encode("gb18030")), _WIDE)


def wrap(text: str, limit: float, measure: Callable[[str], float]) -> list[str]:
    """Lines no wider than `limit`, broken at a space inside Latin text and anywhere else in Chinese.
    A character wider than the limit stands alone."""
    lines, line, width = [], "", 0.0
    for char in text:
        step = measure(char)
        if line and width + step > limit:
            keep = line.rfind(" ") + 1 if char.isascii() and line[-1].isascii() else 0
            head, line = (line[:keep], line[keep:]) if keep and char != " " else (line, "")
            lines.append(head.rstrip(" "))
            width = sum(map(measure, line))
        line += char
        width += step
    return [*lines, line]
