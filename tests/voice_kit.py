"""Recordings for tests: short tones, each word with a pitch of its own, made without espeak-ng."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

from drivers.voice.clips import BASIC, CHIME, LETTERS, Clip, write_clip

RATE = 8000


def tone(pitch: float, seconds: float = 0.02, rate: int = RATE) -> Clip:
    count = round(seconds * rate)
    values = [round(20_000 * math.sin(2 * math.pi * pitch * n / rate)) for n in range(count)]
    return Clip(rate, array("h", values).tobytes())


def tone_set(
    folder: Path, words: Iterable[str] = (CHIME, *BASIC, *LETTERS), seconds: float = 0.02
) -> dict[str, Clip]:
    """Write a recording of each word; what was written, by word."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {word: tone(200.0 + 40 * index, seconds) for index, word in enumerate(words)}
    for word, clip in made.items():
        write_clip(folder / f"{word}.wav", clip)
    return made


async def until(holds: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Wait for what nobody tells: a file that another process writes, a state within a simulator."""
    for _ in range(round(limit_s / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never")
