"""Recordings of a speaker: which files a sentence is made of, and that the voice says what they cannot."""

from __future__ import annotations

import argparse
import asyncio
import logging
from array import array
from dataclasses import replace
from pathlib import Path

import pygame.mixer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.voice.clips import Clip, write_clip
from kiosk_ui.actions import Language, Volume
from kiosk_ui.cli import parser, run
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Session
from kiosk_ui.panel import preset
from kiosk_ui.samples import everything
from kiosk_ui.screens import page
from kiosk_ui.speech import sentences
from kiosk_ui.speech_clips import GAP_MS, RATE, Clips, lacking, phrases, spelt
from kiosk_ui.speech_voice import Voice

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LEVEL = 5000  # of what is recorded, and of what stands in for the voice
SAMPLES = array("h", [LEVEL] * (RATE // 10)).tobytes()


def record(folder: Path, *files: str, ms: int = 100, rate: int = RATE) -> None:
    for file in files:
        path = folder / f"{file}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_clip(path, Clip(rate, array("h", [LEVEL] * (rate * ms // 1000)).tobytes()))


@pytest.mark.parametrize(
    ("language", "sentence", "files"),
    [
        ("zh", "取号", ("home.services",)),
        ("zh", "取号，已选中", ("home.services", "speech.on")),
        ("zh", "取号. 选好业务，拿一个排队号", ("home.services", "home.services.note")),
        ("zh", "您的号码是 A 0 1 2", ("ticket.speech", "A", "0", "1", "2")),
        ("zh", "前面 12 人", ("ahead.1", "十", "2", "ahead.2")),
        ("en", "Your number is A 0 1 2", ("ticket.speech.1", "A", "0", "1", "2")),
        ("en", "12 people ahead", None),
        ("en", "Homely", None),
        ("zh", "谯城区政务服务中心", None),
        ("zh", "", ()),
    ],
)
def test_a_sentence_is_put_together_of_recordings_or_not_at_all(
    language: Language, sentence: str, files: tuple[str, ...] | None
) -> None:
    found = spelt(sentence, language)
    if files and "ticket.speech" in files[0]:
        assert found and found[0].startswith("ticket.speech") and found[1:] == files[1:]
    elif files and files[0] == "ahead.1":
        assert found and len(found) == len(files) and found[1:3] == files[1:3]
    else:
        assert found == files


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_a_file_of_its_own_and_is_found_by_its_words(language: Language) -> None:
    every = phrases(language)
    assert len({each.name for each in every}) == len(every) > 60
    for words, name in every:
        assert spelt(words, language) == (name,), words


@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
def test_any_sentence_comes_to_an_end(sentence: str, language: Language) -> None:
    found = spelt(sentence, language)
    assert found is None or set(found) <= {each.name for each in phrases(language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_of_what_the_pages_themselves_say_can_be_recorded(language: Language) -> None:
    """The hall's own names apart: those are the voice's."""
    panel = preset("27")
    fonts, said = Fonts(panel), set[str]()
    for name, plain in everything(panel).items():
        if name in ("home", "access", "check-in-card", "rate", "rate-slip", "ending", "bookings-none"):
            shown = replace(plain, session=replace(plain.session, language=language))
            said |= set(sentences(page(shown, fonts), "", language))
    able = [each for each in said if spelt(each, language) is not None]
    assert len(able) >= 0.8 * len(said), said.difference(able)


def test_recordings_are_joined_with_a_pause(tmp_path: Path) -> None:
    record(tmp_path, "zh/home.services", "zh/speech.on")
    sound = Clips(tmp_path).sound("取号，已选中", "zh")
    assert len(sound) == 2 * RATE * (100 + GAP_MS + 100) // 1000
    assert Clips(tmp_path).sound("取号", "en") == b""


def test_one_that_is_missing_or_of_another_rate_leaves_it_to_the_voice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, "zh/home.services")
    clips = Clips(tmp_path)
    assert clips.sound("取号，已选中", "zh") == b""
    assert clips.sound("谯城区", "zh") == b""
    record(tmp_path, "zh/speech.on", rate=8000)
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        assert clips.sound("取号，已选中", "zh") == b""
    assert len(caplog.records) == 1 and "8000 Hz" in caplog.text


async def until_quiet(voice: Voice) -> None:
    async with asyncio.timeout(20):
        while voice.busy or pygame.mixer.get_busy():  # noqa: ASYNC110 a mixer sets no Event
            await asyncio.sleep(0.02)


async def test_a_recording_goes_before_the_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    async def noted(text: str, _voice: str) -> bytes:
        made.append(text)
        return b"\1\0"

    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    monkeypatch.setattr("kiosk_ui.speech_voice.said_by_espeak", noted)
    record(tmp_path, "en/home.services")
    voice, played = Voice(80, clips=tmp_path), list[bytes]()
    monkeypatch.setattr(voice, "_play", played.append)
    try:
        voice.say(("Take a ticket", "Nobody has recorded this"), Session(language="en"))
        await until_quiet(voice)
    finally:
        await voice.close()
    assert [len(sound) for sound in played] == [2 * RATE // 10, 2]
    assert made == ["Nobody has recorded this"]


async def test_k8_a_session_that_wants_it_louder_hears_voice_recordings_and_chime_louder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the sound card gets it: SDL writes the samples to a file instead."""

    async def spoken(_text: str, _voice: str) -> bytes:
        return SAMPLES

    record(tmp_path, "en/home.services")
    monkeypatch.setattr("kiosk_ui.speech_voice.said_by_espeak", spoken)
    monkeypatch.setattr("kiosk_ui.speech_voice.chime", lambda: SAMPLES)
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(tmp_path / "card"))
    heard: dict[str, list[int]] = {}
    volumes: tuple[Volume, ...] = (0, 1, 2)
    for volume in volumes:
        session = Session(language="en", volume=volume)
        for what in ("Take a ticket", "By the voice", "chime"):
            voice = Voice(40, clips=tmp_path)
            if what == "chime":
                voice.chime(session)
            else:
                voice.say((what,), session)
            await until_quiet(voice)
            await voice.close()
            heard.setdefault(what, []).append(max(array("h", (tmp_path / "card").read_bytes()), default=0))
    soft, medium, loud = (LEVEL * 40 // 100 // 2, LEVEL * 40 // 100, LEVEL * 40 // 100 * 2)
    for what, peaks in heard.items():
        assert peaks == [pytest.approx(each, rel=0.05) for each in (soft, medium, loud)], what


async def test_a_sound_card_is_found_by_a_part_of_its_name_and_no_other_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    found = Voice(80, "system AUDIO")
    assert found.trouble == ""
    await found.close()
    missing = Voice(80, "headphones")
    assert "headphones" in missing.trouble and "System audio" in missing.trouble
    missing.say(("Take a ticket",), Session(language="en"))
    assert not missing.busy
    await missing.close()


def arguments(folder: Path) -> argparse.Namespace:
    return parser().parse_args(["--clips", str(folder)])


def test_what_a_folder_lacks_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(tmp_path)) == 1
    listed = capsys.readouterr()
    lines = listed.out.splitlines()
    assert "zh/home.services.wav\t取号" in lines and "en/A.wav\tA" in lines
    assert f"共 {len(lines)} 个" in listed.err
    record(tmp_path, *(file.removesuffix(".wav") for file, _, _ in lacking(tmp_path)), ms=1)
    record(tmp_path, "zh/A", rate=8000)
    assert run(arguments(tmp_path)) == 1
    assert "8000 Hz" in capsys.readouterr().out
    record(tmp_path, "zh/A")
    assert run(arguments(tmp_path)) == 0
