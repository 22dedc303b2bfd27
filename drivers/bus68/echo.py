"""Our own bytes, as adapters without a receiver switch bring them back."""

from __future__ import annotations

from collections import deque

MARGIN_S = 0.05  # after the last bit: adapters deliver what they hear up to 16 ms late, in bursts
REMEMBERED = 4  # frames: as many as can be under way within the margin


class EchoFilter:
    """Takes exactly what was sent out of what is heard, as long as it can still be under way.

    With `removes` False, for adapters that do not hear themselves, it only knows what should not be there.
    """

    def __init__(self, byte_s: float, *, removes: bool) -> None:
        self._byte_s = byte_s
        self._removes = removes
        self._expected = bytearray()  # cleared once its time is over, so it holds a few frames at most
        self._until_s = 0.0
        self._frames: deque[tuple[bytes, float]] = deque(maxlen=REMEMBERED)

    def sent(self, data: bytes, now_s: float) -> None:
        if now_s > self._until_s:
            self._expected.clear()
        self._until_s = now_s + len(data) * self._byte_s + MARGIN_S  # nothing is sent over our own bytes
        self._frames.append((data, self._until_s))
        if self._removes:
            self._expected += data

    def remove(self, data: bytes, now_s: float) -> bytes:
        """What others sent. Where an echo comes back garbled, someone spoke at the same time: as many bytes
        are dropped, since what is left of either is no frame."""
        if now_s > self._until_s:
            self._expected.clear()
        size = min(len(data), len(self._expected))
        del self._expected[:size]
        return data[size:]

    def is_own(self, frame: bytes, now_s: float) -> bool:
        """Whether a frame that was heard is one just sent. A caller's repeat takes longer than an echo."""
        return any(frame == own and now_s <= until_s for own, until_s in self._frames)
