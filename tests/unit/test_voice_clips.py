"""Recordings: read strictly, joined with pauses, scaled; and the tool that makes them."""

from __future__ import annotations

import shutil
import subprocess
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.voice import make
from drivers.voice.clips import (
    BASIC,
    CHIME,
    LETTERS,
    BadClip,
    Clip,
    file_of,
    join,
    missing_of,
    read_clip,
    read_sentence,
    scale,
    write_clip,
)
from tests.voice_kit import RATE, tone, tone_set


def other_wav(path: Path, *, channels: int = 1, width: int = 2, rate: int = RATE, frames: int = 10) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(channels * width * frames))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_clip(tmp_path / "号.wav", tone(440))
    assert read_clip(tmp_path / "号.wav") == tone(440)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"channels": 2}, "not mono"),
        ({"width": 1}, "not mono"),
        ({"rate": 96_000}, "8000 to 48000"),
        ({"frames": 11 * RATE}, "longer than"),
    ],
)
def test_a_recording_of_another_kind_is_refused_by_name(
    tmp_path: Path, how: dict[str, int], what: str
) -> None:
    other_wav(tmp_path / "A.wav", **how)
    with pytest.raises(BadClip, match=rf"A\.wav.*{what}"):
        read_clip(tmp_path / "A.wav")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\xff" * 500, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_a_broken_file_is_a_bad_recording(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "A.wav").write_bytes(content)
    with pytest.raises(BadClip, match=r"A\.wav"):
        read_clip(tmp_path / "A.wav")


@pytest.mark.parametrize("word", ["", "..", "../secret", "a/b", "a\\b", ".hidden", "a\0b"])
def test_a_word_does_not_lead_out_of_its_folder(tmp_path: Path, word: str) -> None:
    with pytest.raises(BadClip):
        file_of(tmp_path, word)
    assert read_sentence(tmp_path, [word], ()).lacking == [word]


def test_a_sentence_tells_what_it_lacks_and_whether_that_matters(tmp_path: Path) -> None:
    tone_set(tmp_path, ["A", "0"])
    sentence = read_sentence(tmp_path, ["请", "A", "1"], ["请"])
    assert [word for word, _ in sentence.clips] == ["A"]
    assert sentence.missing == ["请.wav", "1.wav"]
    assert sentence.lacking == ["1"]


def test_all_words_have_the_rate_of_the_first(tmp_path: Path) -> None:
    write_clip(tmp_path / "A.wav", tone(440))
    write_clip(tmp_path / "B.wav", tone(440, rate=16_000))
    sentence = read_sentence(tmp_path, ["A", "B"], ())
    assert sentence.lacking == ["B"]
    assert "16000 Hz" in sentence.bad[0]


def test_words_are_joined_with_silence_between(tmp_path: Path) -> None:
    one, two = tone(300, 0.01), tone(500, 0.02)
    joined = join([one, two], 10, 1.0)
    assert joined.samples == one.samples + bytes(2 * RATE // 100) + two.samples
    assert joined.duration_s == pytest.approx(0.04)


def test_an_announcement_without_end_is_refused() -> None:
    with pytest.raises(BadClip, match="at most 60"):
        join([Clip(8000, bytes(16_000 * 9))] * 7, 0, 1.0)


@given(st.lists(st.integers(-32_768, 32_767), max_size=50), st.floats(-0.5, 1.5))
def test_volume_scales_every_sample(values: list[int], volume: float) -> None:
    scaled = array("h", scale(array("h", values).tobytes(), volume))
    assert len(scaled) == len(values)
    for value, found in zip(values, scaled, strict=True):
        assert abs(found - value * min(max(volume, 0.0), 1.0)) <= 1.5


def test_missing_files_are_named(tmp_path: Path) -> None:
    tone_set(tmp_path, [word for word in BASIC if word != "号"])
    assert missing_of(tmp_path, BASIC) == ["号.wav"]


# --- make voice ---
def test_every_word_has_a_reading() -> None:
    readings = make.readings()
    assert set(readings) == {*BASIC, *LETTERS, "窗口"}
    assert (readings["请"], readings["号窗口"], readings["十"]) == ("qing3", "hao4 chuang1 kou3", "shi2")
    assert (readings["2"], readings["W"]) == ("er4", "da2 bu5 liu5")


def test_the_set_is_made_with_a_program_in_the_place_of_espeak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def speak(command: list[str], *, check: bool) -> None:
        said.append(command[-1])
        quiet = bytes(2 * 2205)
        write_clip(Path(command[command.index("-w") + 1]), Clip(22_050, quiet + tone(440).samples + quiet))

    monkeypatch.setattr(subprocess, "run", speak)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/espeak-ng")
    paths = list(make.make(tmp_path / "set"))
    assert missing_of(tmp_path / "set", (*BASIC, *LETTERS, CHIME)) == []
    assert len(paths) == len(said) + 1
    clip = read_clip(tmp_path / "set" / "请.wav")
    assert len(clip.samples) < len(tone(440).samples) + 2 * 2 * 2205 / 4, "the silence around it is cut off"
    assert max(map(abs, array("h", clip.samples))) == make.LOUD


def test_without_espeak_the_tool_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(FileNotFoundError, match="apt-get install espeak-ng"):
        list(make.make(tmp_path))


def test_the_chime_is_heard_and_ends_in_silence() -> None:
    samples = array("h", make.chime().samples)
    assert 8000 < max(map(abs, samples)) < 32_767
    assert max(map(abs, samples[-20:])) < 100
