"""Dividing rectangles, and breaking text into lines. All in mm; how wide a text is, a ruler says."""

from __future__ import annotations

import re
from typing import Protocol

from kiosk_ui.node import Rect

_CLOSING = "，。、；：？！）》」』】”’％·…—,.;:?!)]}%"  # never first in a line
_OPENING = "（《「『【“‘([{"  # never last in one
_ATOM = re.compile(r"\s+|[!-~\u00a0-\u024f\u2010-\u2015]+|.", re.DOTALL)
_SLACK_MM = 0.01  # of sums of floating-point numbers
_PART = re.compile(
    r"[，。、；：？！](?=[^，。、；：？！”’」』》】）])|[,.;:?!](?= )"
)  # ends a part of a sentence
_SHORTEST = 0.4  # of the longer one of two lines
_FORLORN = 0.3  # of the width: a last line shorter than that is what was left over
_HALVINGS = 6  # finds the narrowest width of the same lines within 2 %


class Ruler(Protocol):
    @property
    def can_chinese(self) -> bool:
        """Whether there is a font for Hanzi; without one only ASCII can be shown."""

    def width(self, text: str, size_mm: float, bold: bool) -> float:
        """How wide a line of this text is in mm, with an em of `size_mm`."""


# --- rectangles ---
def cut_top(rect: Rect, height: float, gap: float = 0.0) -> tuple[Rect, Rect]:
    """The upper `height` of it, and what is left below a gap."""
    top = Rect(rect.x, rect.y, rect.w, height)
    return top, Rect(rect.x, top.bottom + gap, rect.w, rect.h - height - gap)


def cut_bottom(rect: Rect, height: float, gap: float = 0.0) -> tuple[Rect, Rect]:
    """The lower `height` of it, and what is left above a gap."""
    bottom = Rect(rect.x, rect.bottom - height, rect.w, height)
    return bottom, Rect(rect.x, rect.y, rect.w, rect.h - height - gap)


def cut_left(rect: Rect, width: float, gap: float = 0.0) -> tuple[Rect, Rect]:
    left = Rect(rect.x, rect.y, width, rect.h)
    return left, Rect(left.right + gap, rect.y, rect.w - width - gap, rect.h)


def cut_right(rect: Rect, width: float, gap: float = 0.0) -> tuple[Rect, Rect]:
    right = Rect(rect.right - width, rect.y, width, rect.h)
    return right, Rect(rect.x, rect.y, rect.w - width - gap, rect.h)


def columns(rect: Rect, count: int, gap: float) -> list[Rect]:
    """`count` equal parts side by side."""
    width = (rect.w - gap * (count - 1)) / count
    return [Rect(rect.x + at * (width + gap), rect.y, width, rect.h) for at in range(count)]


def rows(rect: Rect, count: int, gap: float) -> list[Rect]:
    """`count` equal parts below each other."""
    height = (rect.h - gap * (count - 1)) / count
    return [Rect(rect.x, rect.y + at * (height + gap), rect.w, height) for at in range(count)]


def grid(rect: Rect, across: int, down: int, gap: float) -> list[Rect]:
    """Cells of equal size, row by row."""
    return [cell for row in rows(rect, down, gap) for cell in columns(row, across, gap)]


def how_many(room: float, each: float, gap: float) -> int:
    """How many of a length fit into a room with gaps between."""
    return max(0, int((room + gap + _SLACK_MM) // (each + gap)))


# --- lines ---
def wrap(text: str, width: float, size: float, ruler: Ruler, *, bold: bool = False) -> tuple[str, ...]:
    """The text in lines of at most `width`: Hanzi break anywhere but before and after punctuation, words do
    not, unless one alone is wider than a line. A newline in the text ends a line."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap(_atoms(paragraph), width, size, ruler, bold)
    return tuple(lines)


def flowing(text: str, width: float, size: float, ruler: Ruler, *, bold: bool = False) -> tuple[str, ...]:
    """As `wrap`, but a last line of one word, or of one character, takes others to it."""
    lines = wrap(text, width, size, ruler, bold=bold)
    if len(lines) == 1 or ruler.width(lines[-1], size, bold) > width * _FORLORN:
        return lines
    return balanced(text, width, size, ruler, bold=bold)


def balanced(text: str, width: float, size: float, ruler: Ruler, *, bold: bool = False) -> tuple[str, ...]:
    """As `wrap`, in no more lines, but of about equal length: for what is short and stands alone. The first
    of two lines ends with a part of the sentence, where one ends near the middle."""
    lines = wrap(text, width, size, ruler, bold=bold)
    if len(lines) == 1:
        return lines
    if not lines[2:] and "\n" not in text and (halves := _halves(text, width, size, ruler, bold)):
        return halves
    narrow, wide = width / len(lines), width
    for _ in range(_HALVINGS):
        middle = (narrow + wide) / 2
        tried = wrap(text, middle, size, ruler, bold=bold)
        if len(tried) == len(lines) and not _splits_words(tried, lines):
            lines, wide = tried, middle
        else:
            narrow = middle
    return lines


def _halves(text: str, width: float, size: float, ruler: Ruler, bold: bool) -> tuple[str, str] | None:
    """The text in two lines that a punctuation mark parts, as equal as they can be; none where one would be
    much shorter or does not fit."""
    found: list[tuple[float, tuple[str, str]]] = []
    for mark in _PART.finditer(text):
        parts = text[: mark.end()].rstrip(), text[mark.end() :].lstrip()
        shorter, longer = sorted(ruler.width(part, size, bold) for part in parts)
        if longer <= width + _SLACK_MM and shorter >= longer * _SHORTEST:
            found.append((longer, parts))
    return min(found)[1] if found else None


def _splits_words(tried: tuple[str, ...], lines: tuple[str, ...]) -> bool:
    """Whether a narrower line has broken a word that a wider one kept."""
    return " ".join(tried).split() != " ".join(lines).split() and "".join(tried).isascii()


def _atoms(text: str) -> list[str]:
    """What a line cannot end within: spaces, words, Hanzi with the punctuation that belongs to them."""
    atoms: list[str] = []
    for part in _ATOM.findall(text):
        before = atoms[-1] if atoms else ""
        if before and not before.isspace() and (part[0] in _CLOSING or before[-1] in _OPENING):
            atoms[-1] += part
        else:
            atoms.append(part)
    return atoms


def _wrap(atoms: list[str], width: float, size: float, ruler: Ruler, bold: bool) -> list[str]:
    whole = "".join(atoms)
    if ruler.width(whole, size, bold) <= width + _SLACK_MM:
        return [whole]
    lines, line, used = [], "", 0.0
    pieces = (piece for each in atoms for piece in _pieces(each, width, size, ruler, bold))
    for atom in pieces:
        length = ruler.width(atom, size, bold)
        if line and not atom.isspace() and used + length > width + _SLACK_MM:
            lines.append(line.rstrip())
            line, used = "", 0.0
        if line or not atom.isspace():
            line += atom
            used += length
    lines.append(line.rstrip())
    return lines


def _pieces(atom: str, width: float, size: float, ruler: Ruler, bold: bool) -> list[str]:
    """An atom wider than a line, in parts that are not."""
    if ruler.width(atom, size, bold) <= width + _SLACK_MM or len(atom) == 1:
        return [atom]
    pieces = [""]
    for character in atom:
        if pieces[-1] and ruler.width(pieces[-1] + character, size, bold) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
