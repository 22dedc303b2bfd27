"""Text of strangers on a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """`text` without control characters: what a device sent, or what stands in a record, must not drive the
    technician's terminal."""
    return "".join(char if char.isprintable() else "�" for char in text)
