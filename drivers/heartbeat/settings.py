"""Settings of a terminal with a heartbeat: how it is asked, and where in its document the fields stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval

from drivers.heartbeat import pointer

Seconds = Annotated[float, Interval(ge=0.2, le=600.0)]
Field = Literal["health", "paper", "takings_today", "door", "last_citizen", "version"]
Mapped = Literal["health", "paper", "door"]
WORDS: dict[Mapped, tuple[str, ...]] = {
    "health": ("ok", "degraded", "fault", "out_of_service"),
    "paper": ("full", "low", "out", "jammed"),
    "door": ("closed", "open"),
}
MAX_FRAME = 64 * 1024  # bytes of a document, and of an answer with it; a heartbeat has some hundreds
HEARTBEAT_S = 10.0
_PATH = re.compile(r"/[!-~]{0,500}")


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """Raises ValueError, with everything that is wrong, in a technician's words."""

    protocol: Literal["http", "tcp"] = "http"  # http: it is asked; tcp: it sends a line by itself
    path: str = "/"  # http: what is asked for, with its query
    period_s: Seconds = HEARTBEAT_S  # http: between two questions
    answer_timeout_s: Seconds = 4.0  # http: asked once more then, so a dead one is seen after 10 + 4 + 4 s
    slow_s: Seconds = 2.0  # http: an answer that takes longer is told
    silent_after_s: Seconds = 18.0  # tcp: nearly two of its own periods of 10 s
    max_bytes: Annotated[int, Interval(ge=256, le=MAX_FRAME // 2)] = 16 * 1024  # of a document
    fields: dict[Field, str] = field(default_factory=dict)  # field → JSON pointer (RFC 6901)
    values: dict[Mapped, dict[str, str]] = field(default_factory=dict)  # field → its value → our word

    def __post_init__(self) -> None:
        if problems := [*self._problems()]:
            raise ValueError("; ".join(problems))

    def _problems(self) -> Iterator[str]:
        if not _PATH.fullmatch(self.path):
            yield f"path {self.path!r} must begin with / and have no spaces"
        for name, place in self.fields.items():
            try:
                pointer.check(place)
            except ValueError as error:
                yield f"fields.{name}: {error}"
        for name, words in self.values.items():
            for value, word in words.items():
                if word not in WORDS[name]:
                    yield f"values.{name}: {value!r} = {word!r} must be one of {', '.join(WORDS[name])}"
