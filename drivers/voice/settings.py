"""An announcer's settings: its recordings, the pauses between them, how loud."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from annotated_types import Interval

HEARTBEAT_S = 10.0
GENERATED = Path(__file__).resolve().parents[2] / "config" / "voice"  # where `make voice` puts its clips


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    clips: str = ""  # folder of recordings, <word>.wav; "" is the generated set
    gap_ms: Annotated[int, Interval(ge=0, le=2000)] = 40  # of silence between two words
    pause_ms: Annotated[int, Interval(ge=0, le=10_000)] = 700  # before it is said again
    volume: Annotated[int, Interval(ge=0, le=100)] = 100  # per cent of the recordings' own
    chime: bool = True  # the clip "chime" before the first word, once an announcement
    # Words that may be left out where their recording is missing: the number and the window stay right.
    dispensable: tuple[str, ...] = ("请", "再请", "号", "到")
    late_s: Annotated[float, Interval(ge=0.5, le=30)] = 3.0  # past a sound's own length: then it is stopped
    heartbeat_s: Annotated[float, Interval(ge=0.5, le=60)] = HEARTBEAT_S
    answer_timeout_s: Annotated[float, Interval(ge=0.1, le=10)] = 2.0
    tries: Annotated[int, Interval(ge=1, le=10)] = 3  # unanswered queries before the line is opened afresh
    bad_frames: Annotated[int, Interval(ge=5, le=1000)] = 50  # budget; one is given back every second

    @property
    def folder(self) -> Path:
        return Path(self.clips) if self.clips else GENERATED
