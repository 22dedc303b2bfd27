"""What has changed lately, so that who was away for a moment is told that, and not all again."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from edge.console.live.things import Key
from edge.ids import new_id

MOST = 10_000  # changes, 2 MB: a county's of some minutes; who was away for longer is told all


class Past:
    """Counted by turns, in each of which things have changed. `place`: where this turn is, for who comes
    again; another console, or this one after a restart, knows nothing of it."""

    def __init__(self) -> None:
        self._mine = new_id()[:12]
        self._turn = 0
        self._turns: deque[Collection[Key]] = deque()
        self._size = 0

    @property
    def place(self) -> str:
        return f"{self._mine}-{self._turn}"

    def add(self, keys: Collection[Key]) -> None:
        self._turn += 1
        self._turns.append(keys)
        self._size += len(keys) + 1
        while self._size > MOST:
            self._size -= len(self._turns.popleft()) + 1

    def since(self, place: str) -> set[Key] | None:
        """What has changed after that; None where that is not known here any more."""
        mine, _, turn = place.partition("-")
        if mine != self._mine or not (turn.isascii() and turn.isdecimal() and len(turn) <= 18):  # noqa: PLR2004 64 bits
            return None
        missed = self._turn - int(turn)
        if not 0 <= missed <= len(self._turns):
            return None
        return {key for keys in list(self._turns)[len(self._turns) - missed :] for key in keys}
