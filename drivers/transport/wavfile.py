"""A loudspeaker that is a file, for tests and for listening afterwards. A hall in service has none.

    wav:///tmp/hall.wav
    wav:///tmp/hall.wav?speed=10     ten times as fast as it would sound

What is played is appended to the file, and what and when to `<file>.jsonl`, a line at each begin and end.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.transport.losses import lost
from drivers.transport.query import Query
from drivers.transport.sound import SAMPLE_BYTES, PlayFailed, Sound, SoundLink, open_sound

OPTIONS = "speed"
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # RIFF, fmt and data chunk of a WAV file, 44 bytes


@dataclass(frozen=True, slots=True)
class WavSettings:
    path: Path
    speed: float


def parse(query: Query) -> WavSettings:
    """Raises BadSettings."""
    if query.parts.netloc or not query.parts.path.strip("/"):
        raise query.bad("no absolute path", "Write it as wav:///tmp/hall.wav.")
    settings = WavSettings(Path(query.parts.path), query.number("speed", 1.0, 0.1, 1000.0))
    query.done(OPTIONS)
    return settings


async def open_wav(url: str, settings: WavSettings) -> SoundLink:
    """Raises LinkLost where there is no folder for it."""
    return await open_sound(url, WavFile(url, settings))


class WavFile:
    """Implements `drivers.transport.sound.Player`."""

    def __init__(self, url: str, settings: WavSettings) -> None:
        self._url = url
        self._path = settings.path
        self._speed = settings.speed

    @property
    def name(self) -> str:
        return f"file {self._path.name}"

    async def check(self) -> None:
        if not self._path.parent.is_dir():
            raise lost(self._url, "no_card", f"there is no folder {self._path.parent}")

    async def play(self, sound: Sound, begun: Callable[[], None]) -> None:
        begun()
        self._note(sound, "begun")
        started_s = time.monotonic()
        end = "stopped"
        try:
            await asyncio.sleep(sound.duration_s / self._speed)
            end = "played"
        finally:
            share = min(1.0, (time.monotonic() - started_s) * self._speed / sound.duration_s)
            samples = sound.samples
            if end != "played":
                samples = samples[: int(len(samples) // SAMPLE_BYTES * share) * SAMPLE_BYTES]
            self._append(sound.rate, samples)
            self._note(sound, end)

    def _append(self, rate: int, samples: bytes) -> None:
        """A few hundred KiB at most, into the page cache: not worth a thread."""
        try:
            with self._path.open("r+b" if self._path.exists() else "x+b") as file:
                begun = file.read(_HEADER.size)
                if begun and _HEADER.unpack(begun)[7] != rate:
                    raise PlayFailed(f"{self._path} has another rate than {rate} Hz", heard=False)
                file.seek(0, 2)
                size = max(file.tell() - _HEADER.size, 0) + len(samples)
                if not begun:
                    file.write(bytes(_HEADER.size))
                file.write(samples)
                file.seek(0)
                file.write(_header(rate, size))
        except (OSError, struct.error) as error:
            raise PlayFailed(f"{self._path}: {error}", heard=False) from error

    def _note(self, sound: Sound, event: str) -> None:
        what: dict[str, Any] = {"event": event, "label": sound.label, "mono": time.monotonic()}
        what |= {"at": time.time(), "rate": sound.rate, "samples": len(sound.samples) // SAMPLE_BYTES}
        try:
            with self._path.with_name(self._path.name + ".jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(what, ensure_ascii=False) + "\n")
        except OSError as error:
            raise PlayFailed(f"{self._path}: {error}", heard=False) from error


def _header(rate: int, size: int) -> bytes:
    """Of `size` bytes of samples: 16 bits, mono (Microsoft, Multimedia Programming Interface 1.0, ch. 3)."""
    fmt = (b"fmt ", 16, 1, 1, rate, rate * SAMPLE_BYTES, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return _HEADER.pack(b"RIFF", _HEADER.size - 8 + size, b"WAVE", *fmt, b"data", size)
