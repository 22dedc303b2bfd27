"""How long a stream's intra pictures have to be waited for, as its looks tell."""

from __future__ import annotations

from collections import deque

from drivers.camera.client import FIRST_S, MAX_PICTURE_S, UNKNOWN_GOP_S

LOOKS = 8  # each begins anywhere within a GOP: once in 256 times all of them wait for less than half of one


class Gop:
    """Of one stream. The small and the full one of a camera have GOPs of their own."""

    def __init__(self) -> None:
        self._waits_s: deque[float] = deque(maxlen=LOOKS)
        self._measured_s = 0.0
        self._missed = False  # the latest

    @property
    def first_s(self) -> float:
        """For the first packet: some servers are silent until a key frame comes. Whoever is silent for the
        first time is left early, as most of these hang; when it is asked again, it is given all the time."""
        return MAX_PICTURE_S if self._missed else max(FIRST_S, self._measured_s, *self._waits_s, 0.0)

    @property
    def s(self) -> float:
        """At least half of it; until that is known, as long as anybody waits at all."""
        if self._measured_s:
            return self._measured_s
        known = len(self._waits_s) == LOOKS
        return max(UNKNOWN_GOP_S, *self._waits_s) if known else MAX_PICTURE_S

    def waited(self, wait_s: float) -> None:
        """A look has brought its picture after so long."""
        self._waits_s.append(wait_s)
        self._missed = False

    def measured(self, gop_s: float) -> None:
        """From one intra picture to the next; 0 where fewer than two were seen."""
        self._measured_s = gop_s
        self._missed = False

    def missed(self) -> None:
        """None came in time: it may have been set to a longer one."""
        self._waits_s.clear()
        self._measured_s = 0.0
        self._missed = True
