"""What passes on a line, in words for a technician: how the `said` modules of families put it.

A family has `said(data, out)`, of a piece alone, and may have `ear(out)`, whose Ear goes on from piece to
piece of one direction, as a recording is heard again. What was no frame begins with BAD and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from drivers.api import BadFrame

BAD = "✗ "


class Ear(Protocol):
    """Of one direction of a line."""

    def hear(self, data: bytes) -> Sequence[str]:
        """The frames that end in `data`, each in words."""

    def pause(self) -> Sequence[str]:
        """Nothing more came for a while: what had begun is given up."""


class _Hears(Protocol):
    """Of a codec, what an ear needs."""

    def feed(self, data: bytes) -> Sequence[Any]: ...


class CodecEar:
    """Hears by a family's codec. Its `expire` or `drop`, where it has one, gives up what has begun."""

    def __init__(self, codec: _Hears, words: Callable[[Any], str]) -> None:
        self._codec = codec
        self._words = words

    def hear(self, data: bytes) -> Sequence[str]:
        return self._told(self._codec.feed(data))

    def pause(self) -> Sequence[str]:
        if expire := getattr(self._codec, "expire", None):
            return self._told(expire())
        if drop := getattr(self._codec, "drop", None):
            dropped = drop()
            return self._told([dropped] if dropped else [])
        return []

    def _told(self, frames: Iterable[Any]) -> list[str]:
        return [bad(each) if isinstance(each, BadFrame) else self._words(each) for each in frames]


class PieceEar:
    """Of a family that speaks of pieces alone."""

    def __init__(self, said: Callable[[bytes], str]) -> None:
        self._said = said

    def hear(self, data: bytes) -> Sequence[str]:
        return [words] if (words := self._said(data)) else []

    def pause(self) -> Sequence[str]:
        return []


def bad(frame: BadFrame) -> str:
    return f"{BAD}{frame.reason}"


def joined(ear: Ear, data: bytes) -> str:
    """Of a piece alone."""
    return "; ".join(ear.hear(data))
