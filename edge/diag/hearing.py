"""A recording heard by its family's codec, both directions apart, frames going on from piece to piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from drivers.checking.problems import BadDevice
from drivers.registry import Registry
from drivers.said import BAD, Ear
from edge.diag.tape import Piece

PAUSE_S = 0.5  # between two pieces of one direction: no frame of any family takes so long


class Hearing:
    """`counts`: pieces, bytes heard and sent, frames that are good and bad."""

    def __init__(self, family: str, allow: Collection[str] = ()) -> None:
        """`allow`: third parties' families whose code may be loaded. Raises BadDevice."""
        self._registry = Registry(allow=allow)
        self._family = family
        self._ears: dict[bool, Ear] = {out: self._ear(out) for out in (False, True)}
        self._last_s: dict[bool, float] = {}
        self.counts = Counter(pieces=0, heard=0, sent=0, good=0, bad=0)

    def _ear(self, out: bool) -> Ear:
        return self._registry.ear(self._family, out)

    def hear(self, piece: Piece) -> list[str]:
        """What ends with this piece. After a gap nothing that had begun goes on."""
        out = piece.is_out
        said: list[str] = []
        if piece.missed:
            self._ears = {each: self._ear(each) for each in (False, True)}
        elif piece.at - self._last_s.get(out, piece.at) > PAUSE_S:
            said += self._ears[out].pause()
        said += self._ears[out].hear(piece.data)
        if len(piece.data) < piece.size:
            self._ears[out] = self._ear(out)
        self._last_s[out] = piece.at
        bad = sum(each.startswith(BAD) for each in said)
        self.counts.update(pieces=1, good=len(said) - bad, bad=bad)
        self.counts["sent" if out else "heard"] += piece.size
        return said


def hearing_of(family: str) -> Hearing | None:
    """By our own codec, which goes on from piece to piece as the driver's does. None for a third party's
    family, which the daemon alone may load: then each piece is as it says."""
    try:
        return Hearing(family)
    except BadDevice:
        return None
