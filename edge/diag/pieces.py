"""A piece of a line as a technician sees it: when, which way, its bytes, and beside them what they mean."""

from __future__ import annotations

import time

from rich.text import Text

from drivers.said import BAD
from edge.diag.tape import Piece
from edge.diag.words import Words
from edge.wire.plain import plain

HEX_COLUMNS = 36  # twelve bytes, which most frames of callers, pads and printers' answers have at the most
NARROW = 72  # columns of a terminal on which what bytes mean goes on a line of its own


def clock(at_s: float) -> str:
    """With milliseconds, in the technician's own time."""
    return f"{time.strftime('%H:%M:%S', time.localtime(at_s))}.{int(at_s * 1000) % 1000:03d}"


def shown(piece: Piece, said: str, words: Words, columns: int = 100) -> Text:
    """A bad frame has its mark and its reason, and a colour besides."""
    arrow = "→" if piece.is_out else "←"
    text = Text(f"{clock(piece.at)} {arrow} ", style="", no_wrap=False)
    kept = len(piece.data)
    if not kept:
        raw = words("bytes").format(piece.size)
    elif kept < piece.size:
        raw = f"{piece.hex} {words('cut').format(piece.size - kept)}"
    else:
        raw = piece.hex
    text.append(raw)
    if said:
        text.append("\n    " if columns < NARROW else " " * max(2, HEX_COLUMNS - len(raw)))
        for number, each in enumerate(plain(said).split("; ")):
            text.append("; " if number else "")
            text.append(each, style="bold red" if each.startswith(BAD) else "cyan")
    return text
