"""Whether the screen is still touched by way of a device that is there (K19)."""

from __future__ import annotations

REOPEN_EVERY_S = 30.0  # while it is gone: a plug that is pushed in again is found by then


class TouchWatch:
    """`wanted` is a part of the device's name, "" is any. A device counts as silent after `silent_s` in which
    the hall was open and nobody touched anything, 0 is never."""

    def __init__(self, wanted: str, silent_s: float, now_s: float) -> None:
        self._wanted = wanted.casefold()
        self._silent_s = silent_s
        self._looked_s = now_s
        self._still_s = 0.0  # without a touch, while the hall was open
        self._reopened_s = now_s
        self.trouble = ""  # what technicians are told, "" while all is well

    def touched(self) -> None:
        self._still_s = 0.0
        self.trouble = ""

    def look(self, names: tuple[str, ...], now_s: float, *, hall_open: bool) -> bool:
        """Whether to open the device afresh now. `names`: of the touch devices that are there."""
        self._still_s += now_s - self._looked_s if hall_open else 0.0
        self._looked_s = now_s
        if not any(self._wanted in name.casefold() for name in names):
            self.trouble = f"no touch device {self._wanted!r}; there are: {', '.join(names) or 'none'}"
            return self._again(now_s, REOPEN_EVERY_S)
        if self._silent_s and self._still_s >= self._silent_s:
            self.trouble = f"no touch for {self._still_s / 3600:.1f} h while the hall was open"
            return self._again(now_s, self._silent_s)
        self.trouble = ""
        return False

    def _again(self, now_s: float, every_s: float) -> bool:
        if now_s - self._reopened_s < every_s:
            return False
        self._reopened_s = now_s
        return True
