"""Sound cards, through the program `aplay` of Debian's alsa-utils.

    alsa://default
    alsa://plughw:CARD=Device,DEV=0
    alsa://hall?check=0          a PCM of asound.conf that is not on a card: nothing is looked for

A program and not a library: what hangs in a card's driver then hangs in a process, which can be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.transport.losses import lost
from drivers.transport.query import Query
from drivers.transport.sound import PlayFailed, Sound, SoundLink, open_sound

PROGRAM = "aplay"
CARDS = Path("/proc/asound/cards")  # " 0 [PCH            ]: HDA-Intel - HDA Intel PCH"; absent without ALSA
OPTIONS = "check"
_CARD = re.compile(r"^ *(\d+) \[(\S+) *\]", re.MULTILINE)
_NAMED = re.compile(r"^(?:plug)?hw:(?:CARD=)?([^,]+)|\bCARD=([^,]+)")
# Said by aplay before it has read the first sample (alsa-utils, aplay/aplay.c: main, set_params).
_BEFORE_ANY_SOUND = ("open error", "set_params")
_REASON = 150  # characters of what aplay says


@dataclass(frozen=True, slots=True)
class AlsaSettings:
    pcm: str
    check: bool  # that there is a card for it


def parse(query: Query) -> AlsaSettings:
    """Raises BadSettings."""
    pcm = query.parts.netloc
    if not pcm or query.parts.path not in ("", "/") or pcm.startswith("-"):
        raise query.bad("no PCM", "Write it as alsa://default or alsa://plughw:CARD=Device,DEV=0.")
    settings = AlsaSettings(pcm, check=query.text("check", "1", ("0", "1")) == "1")
    query.done(OPTIONS)
    return settings


async def open_alsa(url: str, settings: AlsaSettings) -> SoundLink:
    """Raises LinkLost: no program, no card."""
    return await open_sound(url, Aplay(url, settings))


class Aplay:
    """Plays each sound by a process of its own. Implements `drivers.transport.sound.Player`."""

    def __init__(self, url: str, settings: AlsaSettings) -> None:
        self._url = url
        self._settings = settings

    @property
    def name(self) -> str:
        return f"{PROGRAM} {self._settings.pcm}"

    async def check(self) -> None:
        if shutil.which(PROGRAM) is None:
            raise lost(self._url, "no_player")
        if self._settings.check and not has_card(self._settings.pcm, _cards()):
            raise lost(self._url, "no_card")

    async def play(self, sound: Sound, begun: Callable[[], None]) -> None:
        """aplay ends well only after the card has played all (snd_pcm_drain)."""
        how = ("-q", "-D", self._settings.pcm, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(sound.rate))
        try:
            process = await asyncio.create_subprocess_exec(
                PROGRAM,
                *how,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C"},
            )
        except OSError as error:
            raise PlayFailed(f"{PROGRAM}: {error}", heard=False) from error
        try:
            begun()
            _, said = await process.communicate(sound.samples)
        finally:
            if process.returncode is None:  # cancelled: it may hang in the card's driver
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            words = said.decode(errors="replace")
            heard = not any(sign in words for sign in _BEFORE_ANY_SOUND)
            raise PlayFailed(_reason(words) or f"{PROGRAM} ended with {process.returncode}", heard=heard)


def has_card(pcm: str, cards: str) -> bool:
    """Whether `cards` (the text of /proc/asound/cards) has the card that `pcm` names, or any where it names
    none."""
    present = {name for found in _CARD.findall(cards) for name in found}
    named = _NAMED.search(pcm)
    return bool(present) if named is None else (named[1] or named[2]) in present


def _cards() -> str:
    try:
        return CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _reason(words: str) -> str:
    """The last line that aplay itself said: the library's own come before it."""
    lines = [line for line in words.splitlines() if line.startswith(PROGRAM)] or words.splitlines()
    return lines[-1].strip()[:_REASON] if lines else ""
