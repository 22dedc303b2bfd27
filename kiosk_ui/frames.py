"""When what was drawn, and how long after which input: the figures of K12 to K14 are read from it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MAX_FRAMES = 5_000  # some hours of use; 1 MB


@dataclass(frozen=True, slots=True)
class Frame:
    """`input_s`: when the input came that it shows first, None where time or the daemon changed something.
    All are of one monotonic clock."""

    shown_s: float
    input_s: float | None
    draw_ms: float
    cpu_ms: float  # of these, at work: the rest is other programs'
    screen: str
    new_page: bool  # another page than the frame before
    share: float  # of the picture that was drawn


class FrameLog:
    def __init__(self) -> None:
        self._frames: deque[Frame] = deque(maxlen=MAX_FRAMES)

    def add(self, frame: Frame) -> None:
        self._frames.append(frame)

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def write(self, path: Path) -> None:
        """As JSON, a line each. Nothing in it is a person's."""
        path.write_text("".join(f"{json.dumps(asdict(frame))}\n" for frame in self._frames), encoding="utf-8")
