"""Recordings of a speaker in the place of the generated voice, as far as a folder has them.

A file is named after its language and text: `zh/home.services.wav` says what `home.services` of the texts
does. Of a text with values in it every part has a file, `zh/ahead.1.wav` 前面 and `zh/ahead.2.wav` 人; digits
and letters are `zh/0.wav` to `zh/Z.wav`. What cannot be put together of them is spoken by the voice, whole.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from drivers.voice.clips import BadClip, Clip, join, read_clip
from kiosk_ui.actions import Language
from kiosk_ui.i18n import FILES, texts
from kiosk_ui.pinyin import spoken

log = logging.getLogger(__name__)

RATE = 22_050  # of all recordings, as of the voice
GAP_MS = 60  # of silence between two
_VALUE = re.compile(r"\{[a-z_]+\}")
_PAUSE = " ,.，。、；：！？:;!?·"
_NOT_RECORDED = ("technician.", "pin.", "month.", "weekday.")  # technicians hear the voice
_DIGITS = {**dict(zip("零一二三四五六七八九", "0123456789", strict=True)), "十": "十", "百": "百"}
_LETTERS = [chr(code) for code in range(ord("A"), ord("Z") + 1)]


class Phrase(NamedTuple):
    words: str
    name: str  # of its file, without ".wav"


@cache
def phrases(language: Language) -> tuple[Phrase, ...]:
    """All that there may be recordings of, the longest first."""
    found: dict[str, str] = {}
    for key, text in texts(language).items():
        if key.startswith(_NOT_RECORDED):
            continue
        parts = [part.strip(_PAUSE) for part in _VALUE.split(text)]
        whole = len(parts) == 1
        for place, part in enumerate(filter(None, parts), 1):
            found.setdefault(part, key if whole else f"{key}.{place}")
    for char in (*"0123456789", *_LETTERS, *(("十", "百") if language == "zh" else ())):
        found.setdefault(char, char)
    return tuple(sorted((Phrase(*each) for each in found.items()), key=lambda each: -len(each.words)))


def spelt(sentence: str, language: Language) -> tuple[str, ...] | None:
    """The files that make the sentence, in order; None where some of it has none."""
    names: list[str] = []
    rest = sentence.lstrip(_PAUSE)
    while rest:
        taken, made = _next(rest, language)
        if not made:
            return None
        names += made
        rest = rest[len(taken) :].lstrip(_PAUSE)
    return tuple(names)


def _next(rest: str, language: Language) -> tuple[str, list[str]]:
    """What of the sentence is next, and its files; none where there are none."""
    phrase = next((each for each in phrases(language) if _begins(rest, each.words)), Phrase("", ""))
    if len(phrase.words) <= 1 and (number := re.match(r"[0-9]+", rest)):
        return number[0], _number(number[0], language)
    return phrase.words, [phrase.name] if phrase.words else []


def _number(digits: str, language: Language) -> list[str]:
    """In English only a single digit is said as it is called."""
    if language == "zh":
        return [_DIGITS[char] for char in spoken(digits)]
    return [digits] if len(digits) == 1 else []


def _begins(text: str, words: str) -> bool:
    """With these words, and not in the middle of one of Latin letters."""
    if not text.startswith(words):
        return False
    after = text[len(words) : len(words) + 1]
    return not (words[-1].isascii() and words[-1].isalpha() and after.isascii() and after.isalpha())


class Clips:
    """In this folder. Blocks on files: to be asked off the loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: set[str] = set()  # what is wrong, once in the log

    def sound(self, sentence: str, language: Language) -> bytes:
        """Samples of 16 bits, mono; nothing where a recording is missing."""
        names = spelt(sentence, language)
        if not names:
            return b""
        clips: list[Clip] = []
        try:
            for name in names:
                clips.append(read_clip(self._folder / language / f"{name}.wav", RATE))
            return join(clips, GAP_MS, 1.0).samples
        except FileNotFoundError:
            return b""
        except BadClip as error:
            if str(error) not in self._told:
                log.warning("a recording cannot be used: %s", error)
            self._told.add(str(error))
            return b""


def lacking(folder: Path, languages: tuple[Language, ...] = tuple(FILES)) -> Iterator[tuple[str, str, str]]:
    """(file, words, why) of every recording that is not there, or cannot be used."""
    for language in languages:
        for words, name in sorted(phrases(language), key=lambda each: each.name):
            file = f"{language}/{name}.wav"
            try:
                read_clip(folder / file, RATE)
            except FileNotFoundError:
                yield file, words, ""
            except BadClip as error:
                yield file, words, str(error)
