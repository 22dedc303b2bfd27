"""Sound links: the file that stands for a loudspeaker, and cards by way of a program in aplay's place."""

from __future__ import annotations

import asyncio
import json
import os
import wave
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import BadSettings, LinkLost
from drivers.registry import check_url
from drivers.transport import alsa, open_link
from drivers.transport import check_url as check_link
from drivers.transport.sound import SoundLink
from drivers.voice.codec import Frame, VoiceCodec, end
from drivers.voice.driver import VoiceDriver
from tests.voice_kit import RATE, tone, until

SOUND = tone(440, 0.2)
CARDS = """ 0 [PCH            ]: HDA-Intel - HDA Intel PCH
                      HDA Intel PCH at 0xf7d10000 irq 30
 1 [Device         ]: USB-Audio - USB Audio Device
"""
APLAY = """#!/usr/bin/env python3
import os, sys, time
mode = open(os.environ["FAKE_APLAY"]).read()
open(os.environ["FAKE_APLAY"] + ".pid", "w").write(str(os.getpid()))
if mode == "busy":
    sys.exit("aplay: main:831: audio open error: Device or resource busy")
data = sys.stdin.buffer.read()
open(os.environ["FAKE_APLAY"] + ".heard", "wb").write(" ".join(sys.argv[1:]).encode() + b"\\n" + data)
if mode == "hang":
    time.sleep(600)
if mode == "break":
    sys.exit("ALSA lib: something\\naplay: pcm_write:2061: write error: No such device")
time.sleep(len(data) / 2 / 8000)
"""


class Host:
    """The near end, without the driver."""

    def __init__(self, link: SoundLink) -> None:
        self.link = link
        self.codec = VoiceCodec()
        self.answers: deque[Frame] = deque()

    async def send(self, *frames: Frame) -> None:
        for frame in frames:
            await self.link.write(self.codec.encode(frame))

    async def answer(self) -> Frame:
        while not self.answers:
            for frame in self.codec.feed(await self.link.read()):
                assert isinstance(frame, Frame)
                self.answers.append(frame)
        return self.answers.popleft()

    async def play(self, job: int = 1, label: str = "请A012号") -> Frame:
        for start in range(0, len(SOUND.samples), 2048):
            await self.send(Frame("D", job, SOUND.samples[start : start + 2048]))
        await self.send(end(job, RATE, len(SOUND.samples), label))
        return await self.answer()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Host]:
    link = await open_link(url)
    assert isinstance(link, SoundLink)
    try:
        async with asyncio.timeout(20):
            yield Host(link)
    finally:
        await link.close()


# --- URLs ---
@pytest.mark.parametrize(
    "url", ["alsa://default", "alsa://plughw:CARD=Device,DEV=0", "alsa://hall?check=0", "wav:///tmp/a.wav"]
)
def test_a_good_url_is_accepted(url: str) -> None:
    check_link(url)
    assert check_url(url, VoiceDriver.spec, allow_sim=True) == []


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("alsa://", "no PCM"),
        ("alsa://-D", "no PCM"),
        ("alsa://default/x", "no PCM"),
        ("alsa://default?rate=1", "unknown option rate"),
        ("wav://out.wav", "no absolute path"),
        ("wav:///", "no absolute path"),
        ("wav:///tmp/a.wav?speed=0", "speed=0"),
    ],
)
def test_a_url_that_cannot_work_says_why(url: str, what: str) -> None:
    with pytest.raises(BadSettings, match=what):
        check_link(url)


def test_a_hall_in_service_has_no_file_for_a_loudspeaker() -> None:
    assert check_url("wav:///tmp/a.wav", VoiceDriver.spec, allow_sim=False)
    assert check_url("alsa://default", VoiceDriver.spec, allow_sim=False) == []


# --- the file ---
def notes(path: Path) -> list[tuple[str, str]]:
    lines = path.with_name(path.name + ".jsonl").read_text(encoding="utf-8").splitlines()
    return [(note["event"], note["label"]) for note in map(json.loads, lines)]


async def test_what_is_played_is_appended_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    async with opened(f"wav://{path}?speed=10") as host:
        assert await host.play(1, "一") == Frame("P", 1)
        assert await host.play(2, "二") == Frame("P", 2)
    async with opened(f"wav://{path}?speed=10") as host:
        assert await host.play(3, "三") == Frame("P", 3)
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        assert file.readframes(file.getnframes()) == SOUND.samples * 3
    assert notes(path) == [(event, label) for label in "一二三" for event in ("begun", "played")]


async def test_a_sound_that_is_stopped_is_noted_as_that(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    async with opened(f"wav://{path}?speed=0.1") as host:
        playing = asyncio.create_task(host.play(7))
        await until(path.with_name("out.wav.jsonl").exists)
        await host.send(Frame("X", 7))
        assert await playing == Frame("F", 7, b"\x01stopped")
        await host.send(Frame("X", 7))
        assert await host.answer() == Frame("F", 7, b"\x01stopped"), "said once more"
        await host.send(Frame("X", 8))
        assert await host.answer() == Frame("F", 8, b"\x00nothing to stop")
    assert [event for event, _ in notes(path)] == ["begun", "stopped"]


async def test_what_does_not_arrive_whole_is_not_played(tmp_path: Path) -> None:
    async with opened(f"wav://{tmp_path}/out.wav") as host:
        await host.send(Frame("D", 1, b"\x00\x00"), end(1, RATE, 4, "x"))
        assert await host.answer() == Frame("F", 1, b"\x002 bytes of 4 arrived")
        await host.send(end(2, 0, 0, "x"))
        assert (await host.answer()).payload[:1] == b"\x00"
    assert list(tmp_path.iterdir()) == []


async def test_one_sound_at_a_time(tmp_path: Path) -> None:
    async with opened(f"wav://{tmp_path}/out.wav?speed=0.2") as host:  # a second, in which others are refused
        playing = asyncio.create_task(host.play(1))
        await asyncio.sleep(0)
        await host.send(Frame("D", 2, b"\x00\x00"), end(2, RATE, 2, "x"), Frame("Q", 9))
        assert (await playing).payload == b"\x00another sound is playing"
        assert (await host.answer()).kind == "S", "it answers while it plays"
        assert await host.answer() == Frame("P", 1)


async def test_no_folder_is_a_loss_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(LinkLost) as lost:
        await open_link(f"wav://{tmp_path}/none/out.wav")
    assert lost.value.code == "no_card"
    assert lost.value.remedy


# --- cards ---
@pytest.mark.parametrize(
    ("pcm", "there"),
    [
        ("default", True),
        ("plughw:CARD=Device,DEV=0", True),
        ("hw:1,0", True),
        ("plughw:PCH", True),
        ("sysdefault:CARD=PCH", True),
        ("plughw:CARD=Other", False),
        ("hw:2", False),
    ],
)
def test_the_card_is_looked_for_by_name_and_by_number(pcm: str, there: bool) -> None:
    assert alsa.has_card(pcm, CARDS) is there
    assert not alsa.has_card(pcm, "--- no soundcards ---\n")


@pytest.fixture
def mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """How the program in aplay's place behaves; "" is well. There are two cards."""
    program = tmp_path / "aplay"
    program.write_text(APLAY)
    program.chmod(0o755)
    (tmp_path / "cards").write_text(CARDS)
    (tmp_path / "mode").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_APLAY", str(tmp_path / "mode"))
    monkeypatch.setattr(alsa, "CARDS", tmp_path / "cards")
    return tmp_path / "mode"


def pid_of(mode: Path) -> int:
    return int(mode.with_name("mode.pid").read_text())


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_the_program_gets_every_sample_and_how_they_are_meant(mode: Path) -> None:
    async with opened("alsa://plughw:CARD=Device,DEV=0") as host:
        assert await host.play() == Frame("P", 1)
        await host.send(Frame("Q"))
        assert (await host.answer()).payload == b"aplay plughw:CARD=Device,DEV=0"
    arguments, _, heard = mode.with_name("mode.heard").read_bytes().partition(b"\n")
    assert arguments == b"-q -D plughw:CARD=Device,DEV=0 -t raw -f S16_LE -c 1 -r 8000"
    assert heard == SOUND.samples


async def test_a_card_that_is_held_by_another_program_plays_nothing(mode: Path) -> None:
    mode.write_text("busy")
    async with opened("alsa://default") as host:
        failed = await host.play()
    assert failed.payload == b"\x00aplay: main:831: audio open error: Device or resource busy"


async def test_a_card_that_breaks_may_have_been_heard(mode: Path) -> None:
    mode.write_text("break")
    async with opened("alsa://default") as host:
        failed = await host.play()
    assert failed.payload == b"\x01aplay: pcm_write:2061: write error: No such device"


@pytest.mark.parametrize("by", ["stop", "close"])
async def test_a_program_that_hangs_is_killed(mode: Path, by: str) -> None:
    mode.write_text("hang")
    async with opened("alsa://default") as host:
        playing = asyncio.create_task(host.play())
        await until(mode.with_name("mode.heard").exists)
        if by == "stop":
            await host.send(Frame("X", 1))
            assert await playing == Frame("F", 1, b"\x01stopped")
            assert not is_running(pid_of(mode))
        else:
            playing.cancel()
            await asyncio.wait({playing})
    assert not is_running(pid_of(mode))


@pytest.mark.parametrize(("remove", "code"), [("aplay", "no_player"), ("cards", "no_card")])
async def test_what_is_not_there_is_a_loss_at_once_and_while_idle(
    mode: Path, monkeypatch: pytest.MonkeyPatch, remove: str, code: str
) -> None:
    monkeypatch.setenv("PATH", str(mode.parent))
    async with opened("alsa://default") as host:
        mode.with_name(remove).unlink()
        await host.send(Frame("Q"))
        with pytest.raises(LinkLost) as lost:
            await host.answer()
        assert lost.value.code == code
    with pytest.raises(LinkLost) as lost:
        await open_link("alsa://default")
    assert (lost.value.code, bool(lost.value.remedy)) == (code, True)


async def test_a_pcm_on_no_card_may_be_used_unchecked(mode: Path) -> None:
    mode.with_name("cards").unlink()
    async with opened("alsa://hall?check=0") as host:
        assert await host.play() == Frame("P", 1)
