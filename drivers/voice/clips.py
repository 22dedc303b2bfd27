"""Recordings and what is made of them: one sound of several words. Blocks on files: call it off the loop."""

from __future__ import annotations

import sys
import wave
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE_BYTES = 2
CHIME = "chime"
LETTERS = tuple(map(chr, range(ord("A"), ord("Z") + 1)))
# What any hall's announcements need. Of the letters it needs those of its tickets, which only they tell.
BASIC = ("请", "再请", "号", "到", "号窗口", "十", *"0123456789")
MAX_CLIP_S = 10.0  # of a word: more is a file that was meant for something else
MAX_SOUND_S = 60.0  # of an announcement: nobody listens longer, and it must fit the line's own bound
RATES = range(8000, 48_001)


class BadClip(Exception):
    """The file is there and cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Clip:
    rate: int
    samples: bytes  # signed 16 bits, little-endian, mono

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_BYTES / self.rate


@dataclass(slots=True)
class Sentence:
    """What became of some words: `clips` in their order, and what is wrong with the others."""

    clips: list[tuple[str, Clip]] = field(default_factory=list)  # each word with its recording
    missing: list[str] = field(default_factory=list)  # names of files
    bad: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)  # words without which it would say something else


def file_of(folder: Path, word: str) -> Path:
    """Raises BadClip for a word that is no file's name: it must not lead out of the folder."""
    if not word or word[0] == "." or any(char in word for char in "/\\\0"):
        raise BadClip(f"{word!r} is no word")
    return folder / f"{word}.wav"


def read_clip(path: Path, wanted_rate: int | None = None) -> Clip:
    """Raises FileNotFoundError, and BadClip for any other trouble; another rate than wanted is one."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, frames = file.getframerate(), file.getnframes()
            if (file.getnchannels(), file.getsampwidth()) != (1, SAMPLE_BYTES) or rate not in RATES:
                raise BadClip(f"{path.name} is not mono, 16 bits, 8000 to 48000 Hz")
            if wanted_rate not in (None, rate):
                raise BadClip(f"{path.name} has {rate} Hz, others {wanted_rate}")
            if frames > MAX_CLIP_S * rate:
                raise BadClip(f"{path.name} is longer than {MAX_CLIP_S:g} s")
            return Clip(rate, file.readframes(frames))
    except FileNotFoundError:
        raise
    except (wave.Error, EOFError, OSError) as error:
        raise BadClip(f"{path.name}: {error}") from error


def read_sentence(folder: Path, words: Iterable[str], dispensable: Sequence[str]) -> Sentence:
    """All at the rate of the first recording that there is."""
    sentence = Sentence()
    rate = None
    for word in words:
        try:
            clip = read_clip(file_of(folder, word), rate)
        except FileNotFoundError:
            sentence.missing.append(f"{word}.wav")
        except BadClip as error:
            sentence.bad.append(str(error))
        else:
            rate = clip.rate
            sentence.clips.append((word, clip))
            continue
        if word not in dispensable:
            sentence.lacking.append(word)
    return sentence


def join(clips: Sequence[Clip], gap_ms: int, volume: float) -> Clip:
    """One after another with `gap_ms` between them, at `volume` (1.0: as recorded). Raises BadClip where it
    would be too long."""
    rate = clips[0].rate
    silence = bytes(rate * gap_ms // 1000 * SAMPLE_BYTES)
    whole = Clip(rate, silence.join(clip.samples for clip in clips))
    if whole.duration_s > MAX_SOUND_S:
        raise BadClip(f"{whole.duration_s:.0f} s of sound: at most {MAX_SOUND_S:g}")
    return Clip(rate, scale(whole.samples, volume))


def scale(samples: bytes, volume: float) -> bytes:
    """Never louder than recorded, so no sample can overflow."""
    if volume >= 1.0:
        return samples
    values = array("h", samples)
    if sys.byteorder == "big":
        values.byteswap()
    factor = round(max(volume, 0.0) * 65_536)
    scaled = array("h", [value * factor >> 16 for value in values])
    if sys.byteorder == "big":
        scaled.byteswap()
    return scaled.tobytes()


def write_clip(path: Path, clip: Clip) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(clip.rate)
        file.writeframes(clip.samples)


def missing_of(folder: Path, words: Iterable[str]) -> list[str]:
    """The files of these words that are not there."""
    return [f"{word}.wav" for word in words if not (folder / f"{word}.wav").is_file()]
