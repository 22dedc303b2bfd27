"""The voice of the kiosk: sentences become sound by espeak-ng, and are played beside the loop.

Chinese is spoken from syllables with their tones: espeak-ng reads Hanzi wrongly. Nothing that was said is
kept. A machine without sound or espeak-ng is silent, says so once in the log, and to technicians.
"""

from __future__ import annotations

import asyncio
import logging
import math
from array import array
from collections.abc import Sequence
from pathlib import Path

import pygame
import pygame.mixer
from pygame._sdl2.audio import get_audio_device_names

from kiosk_ui.actions import Language, Volume
from kiosk_ui.ending import Ending
from kiosk_ui.model import Session
from kiosk_ui.pinyin import NoPinyin, Pinyin
from kiosk_ui.speech_clips import RATE, Clips

log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
VOICES: dict[Language, str] = {"zh": "cmn-latn-pinyin", "en": "en-gb"}
WORDS_A_MINUTE = "150"  # slower than talk, for old ears and a hall's echo
SOUND_S = 10.0  # to make one sentence; a busy machine takes 0.2 s
MAX_SOUND = 4 << 20  # bytes: a minute and a half of a sentence
LOOK_S = 0.05  # between two looks whether a sentence is over
_LOUDER = (0.5, 1.0, 2.0)  # by Volume: 6 dB a step, which everybody hears and nobody starts at
_HEADER = 44  # bytes of RIFF, which says no length where it goes to a pipe
_CHIME = ((0.0, 880.0), (0.18, 659.3))  # two tones, the second lower
_CHIME_S = 0.6


class NoSound(Exception):
    """It cannot be said; says why."""


class Voice:
    """A new sentence takes the place of the one before. To be used within a running loop."""

    def __init__(self, volume: int, device: str = "", clips: Path | None = None) -> None:
        """`device`: a part of the sound card's name, "" for the system's own; `clips`: recordings, which go
        before the voice."""
        self.trouble = ""  # why it is silent, for technicians
        self._device = device
        self._clips = Clips(clips) if clips else None
        self._volume = volume
        self._share = share(volume, 1)  # of the loudest there is
        self._pinyin = Pinyin()
        self._speaking: asyncio.Task[None] | None = None
        self._ending = Ending()
        self._open()

    # --- as the app asks ---
    @property
    def busy(self) -> bool:
        return self._speaking is not None and not self._speaking.done()

    def say(self, said: Sequence[str], session: Session) -> None:
        self._stop()
        language = session.language
        self._share = share(self._volume, session.volume)
        if said and not self.trouble:
            self._speaking = asyncio.create_task(self._speak(said, language))

    def chime(self, session: Session) -> None:
        if not self.trouble:
            self._share = share(self._volume, session.volume)
            self._play(chime())

    def silence(self) -> None:
        """At once; who reads Chinese is not kept waiting for the next one."""
        self._stop()
        self._ending.see_off(asyncio.create_task(self._pinyin.close()))

    async def close(self) -> None:
        self._stop()
        await self._ending.gone()
        await self._pinyin.close()
        pygame.mixer.quit()

    # --- at work ---
    def _open(self) -> None:
        try:
            pygame.mixer.init(RATE, -16, 1, allowedchanges=0)
            if self._device:
                name = _named(self._device)
                pygame.mixer.quit()
                pygame.mixer.init(RATE, -16, 1, devicename=name, allowedchanges=0)
        except (pygame.error, NoSound) as error:
            pygame.mixer.quit()
            self._mute(f"no sound: {error}")

    def _mute(self, why: str) -> None:
        if not self.trouble:
            log.warning("speech is off: %s", why)
        self.trouble = why[:200]

    def _stop(self) -> None:
        speaking, self._speaking = self._speaking, None
        if speaking is not None:
            speaking.cancel()
            self._ending.see_off(speaking)
        if pygame.mixer.get_init():
            pygame.mixer.stop()

    async def _speak(self, said: Sequence[str], language: Language) -> None:
        """The next sentence is made while one is heard."""
        making = asyncio.create_task(self._sound(said[0], language))
        try:
            for place in range(len(said)):
                sound = await making
                if place + 1 < len(said):
                    making = asyncio.create_task(self._sound(said[place + 1], language))
                await self._heard(sound)
        except NoSound as error:
            self._mute(str(error))
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _heard(self, sound: bytes) -> None:
        channel = self._play(sound)
        while channel is not None and channel.get_busy():  # noqa: ASYNC110 a mixer sets no Event
            await asyncio.sleep(LOOK_S)

    def _play(self, sound: bytes) -> pygame.mixer.Channel | None:
        if not sound:
            return None
        made = pygame.mixer.Sound(buffer=sound)
        made.set_volume(self._share)
        return made.play()

    async def _sound(self, sentence: str, language: Language) -> bytes:
        """Raises NoSound. What has no reading is passed over: it gives no sound."""
        if self._clips and (sound := await asyncio.to_thread(self._clips.sound, sentence, language)):
            return sound
        if language == "zh":
            try:
                (sentence,) = await self._pinyin.ask("tones", [sentence])
            except NoPinyin as error:
                raise NoSound(f"nobody reads Chinese: {error}") from error
        return await said_by_espeak(sentence, VOICES[language]) if sentence.strip() else b""


def share(volume: int, chosen: Volume) -> float:
    """Of the loudest there is, at a hall's volume in per cent and what a citizen has chosen."""
    return min(1.0, volume / 100 * _LOUDER[chosen])


def _named(part: str) -> str:
    """The sound card that has this in its name: no other one, since what is said may be for one ear only.
    Raises NoSound."""
    names: Sequence[str] = get_audio_device_names(False)
    found = next((name for name in names if part.casefold() in name.casefold()), None)
    if found is None:
        raise NoSound(f"no sound card is called {part!r}; there are: {', '.join(names) or 'none'}")
    return found


async def said_by_espeak(text: str, voice: str) -> bytes:
    """Samples of 16 bits, mono. The text goes by a pipe, so that no list of processes shows it. Raises
    NoSound."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise NoSound(f"{PROGRAM} is not there: apt-get install {PROGRAM}") from error
    working = asyncio.ensure_future(process.communicate(text.encode()))
    try:
        async with asyncio.timeout(SOUND_S):
            sound, _ = await asyncio.shield(working)
    except TimeoutError as error:
        raise NoSound(f"{PROGRAM} takes longer than {SOUND_S:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
        await working  # a moment: it has ended, or has been killed
    if process.returncode or len(sound) < _HEADER:
        raise NoSound(f"{PROGRAM} failed with {process.returncode}")
    return sound[_HEADER : _HEADER + MAX_SOUND]


def chime() -> bytes:
    """Two soft tones: look here."""
    samples = array("h", bytes(2 * int(_CHIME_S * RATE)))
    for index in range(len(samples)):
        now_s = index / RATE
        level = sum(
            math.exp(-6 * (now_s - begin_s)) * math.sin(2 * math.pi * pitch * (now_s - begin_s))
            for begin_s, pitch in _CHIME
            if now_s >= begin_s
        )
        samples[index] = round(9000 * level * min(1.0, (_CHIME_S - now_s) / 0.1))
    return samples.tobytes()
