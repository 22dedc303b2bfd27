"""The width of text on strips and slips, where a Chinese character takes two columns."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"[!-~]+|\s+|.")  # a Latin word is kept whole; Chinese may be cut anywhere


def width(text: str) -> int:
    """Columns that `text` takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns` (2 at the least); only a word longer than a line is cut."""
    lines = [""]
    for word in _WORDS.findall(text):
        pieces = [word] if width(word) <= columns else list(word)
        for piece in pieces:
            if width(lines[-1] + piece) > columns:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]
