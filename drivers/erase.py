"""A person's text, overwritten where it lies: Python frees memory and leaves in it what was there.

This is CPython's own layout, of `str` and `bytes` as they are made at once, in one block with their header.
"""

from __future__ import annotations

import sys

_BYTES = sys.getsizeof(b"") - 1  # up to the first byte; one more ends them
_ASCII = sys.getsizeof("") - 1
_WIDE = sys.getsizeof("一") - 2 * 2  # the header of any other text
_LEAST = 2  # characters: one alone is the interpreter's, and everybody's


def erase(*texts: str | bytes) -> None:
    """None of them may be of any use to anybody any more: also who else has it finds zeros in its place."""
    from ctypes import memset  # noqa: PLC0415 0.4 MB that a node without a reader does not need

    for text in texts:
        if len(text) >= _LEAST:
            start, size = _place(text)
            memset(id(text) + start, 0, size)


def _place(text: str | bytes) -> tuple[int, int]:
    """Where its content begins behind its address, and how many bytes it has."""
    if isinstance(text, bytes):
        return _BYTES, len(text)
    if text.isascii():
        return _ASCII, len(text)
    highest = ord(max(text))
    return _WIDE, len(text) * (1 if highest < 1 << 8 else 2 if highest < 1 << 16 else 4)
