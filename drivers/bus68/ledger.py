"""Which presses have been taken, so that a caller's repeat is not a second press.

A caller repeats a frame until it hears it echoed. We echo only once the hall has taken the press, so a repeat
means that we have not echoed yet, or that the echo was not heard. For how long callers repeat is not
documented: `repeat_window_s` after the first echo is an assumption. Within it one key pressed twice is one
press.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

UNACKNOWLEDGED_S = (
    10.0  # a press that was taken and never echoed: the line was lost between; callers give up sooner
)


class Heard(Enum):
    NEW = auto()
    WAITING = auto()  # a repeat of a press that the hall has not taken yet: its echo will follow
    TAKEN = auto()  # a repeat of a press that was taken: echo it again


@dataclass(slots=True, eq=False)
class Press:
    child: str
    frame: bytes  # addr, func and data: a lost FF makes no other press of it
    heard_s: float  # last heard, mono
    taken: bool = False
    acknowledged_s: float | None = None  # when the first echo had left, mono


class Ledger:
    """The last press of each child. It outlives the link: a cable put back makes no second press."""

    def __init__(self) -> None:
        self._last: dict[str, Press] = {}

    def hear(self, child: str, frame: bytes, now_s: float, window_s: float) -> tuple[Heard, Press]:
        last = self._last.get(child)
        if last is None or last.frame != frame or self._is_old(last, now_s, window_s):
            press = self._last[child] = Press(child, frame, now_s)
            return Heard.NEW, press
        last.heard_s = now_s
        return (Heard.TAKEN if last.taken else Heard.WAITING), last

    def forget(self, press: Press) -> None:
        """It could not be handed on: the caller's repeat is as good as new."""
        if self._last.get(press.child) is press:
            del self._last[press.child]

    def forget_waiting(self) -> None:
        """Nobody will take them any more."""
        for press in [press for press in self._last.values() if not press.taken]:
            self.forget(press)

    @staticmethod
    def _is_old(press: Press, now_s: float, window_s: float) -> bool:
        if press.acknowledged_s is not None:
            return now_s >= press.acknowledged_s + window_s
        return press.taken and now_s >= press.heard_s + UNACKNOWLEDGED_S
