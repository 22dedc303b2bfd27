"""K7: every page speaks, is interrupted and says it again; what is masked is spoken as masked."""

from __future__ import annotations

import asyncio
import logging
from array import array
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kiosk_ui.actions import Language, Screen
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Session
from kiosk_ui.node import Node, Rect, Role, controls
from kiosk_ui.panel import preset
from kiosk_ui.samples import everything, model
from kiosk_ui.screens import page
from kiosk_ui.speech import MAX_SENTENCES, sentences, unmasked
from kiosk_ui.speech_clips import RATE
from kiosk_ui.speech_voice import NoSound, Voice, chime, said_by_espeak
from tests.kiosk.slow_kit import SlowToEnd

PANEL = preset("21.5")
FONTS = Fonts(PANEL)
NOWHERE = Rect(0, 0, 1, 1)
HANZI = range(0x4E00, 0xA000)


def loudness(sound: bytes) -> int:
    return max(map(abs, array("h", sound)), default=0)


# --- what is said ---
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", everything(PANEL))
def test_k7_every_page_says_its_heading_and_every_control(name: str, language: Language) -> None:
    plain = everything(PANEL)[name]
    tree = page(replace(plain, session=replace(plain.session, language=language)), FONTS)
    said = sentences(tree, "", language)
    assert said and len(said) <= MAX_SENTENCES
    for node in controls(tree):
        alone = sentences(tree, node.id, language)
        assert len(alone) == 1 and (node.speech or node.name)[:10] in alone[0]
    for node in tree.children:
        if node.id not in ("header", "dock") and node.action is not None:
            assert any((node.speech or node.name) in each for each in said)


def test_a_control_says_how_it_stands() -> None:
    tree = page(model(Screen.ACCESS, PANEL), FONTS)
    on = next(node for node in controls(tree) if node.on)
    off = next(node for node in controls(tree) if node.on is False)
    assert sentences(tree, on.id, "zh") == (f"{on.name}，已选中",)
    assert sentences(tree, off.id, "zh") == (f"{off.name}，未选中",)
    disabled = Node(Role.BUTTON, "取号", NOWHERE, action=on.action, id="x", enabled=False)
    assert sentences(disabled, "x", "zh") == ("取号，现在不能用",)


def test_nothing_is_said_twice() -> None:
    for name in ("home", "services", "item", "papers"):
        said = sentences(page(everything(PANEL)[name], FONTS), "", "zh")
        assert len(set(said)) == len(said), name


@pytest.mark.parametrize(
    ("shown", "zh", "en"),
    [
        ("王*明", "王，隐去 1 位，明", "王, 1 hidden, 明"),
        ("138****1234", "1 3 8，隐去 4 位，1 2 3 4", "1 3 8, 4 hidden, 1 2 3 4"),
        ("340***********1234", "3 4 0，隐去 11 位，1 2 3 4", "3 4 0, 11 hidden, 1 2 3 4"),
        ("请到 3 号窗口", "请到 3 号窗口", "请到 3 号窗口"),
    ],
)
def test_k7_what_is_masked_is_spoken_as_masked(shown: str, zh: str, en: str) -> None:
    assert unmasked(shown, "zh") == zh
    assert unmasked(shown, "en") == en
    node = Node(Role.TEXT, shown, NOWHERE, lines=(shown,))
    assert sentences(node, "", "zh") == (zh,)


# --- how it sounds ---
@pytest.fixture
async def voice(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Voice]:
    """No sound card is needed: the mixer plays into nothing, in real time."""
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    made = Voice(80)
    yield made
    await made.close()


async def test_chinese_and_english_become_sound_that_is_not_silence() -> None:
    chinese = await said_by_espeak("qing3 dao4 san1 hao4 chuang1 kou3", "cmn-latn-pinyin")
    english = await said_by_espeak("Please go to window three", "en-gb")
    for sound in (chinese, english):
        assert 0.5 < len(sound) / 2 / RATE < 6
        assert loudness(sound) > 3000
    longer = await said_by_espeak("qing3 dao4 san1 hao4 chuang1 kou3 " * 2, "cmn-latn-pinyin")
    assert len(longer) > 1.5 * len(chinese)


def test_the_chime_is_heard_and_ends() -> None:
    assert loudness(chime()) > 3000
    assert abs(array("h", chime())[-1]) < 50


async def until_quiet(voice: Voice) -> None:
    async with asyncio.timeout(30):
        while voice.busy:  # noqa: ASYNC110 a mixer sets no Event
            await asyncio.sleep(0.02)


async def test_k7_a_page_is_spoken_to_its_end_and_again(
    voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    async def noted(text: str, _voice: str) -> bytes:
        made.append(text)
        return bytes(2 * RATE // 20)

    monkeypatch.setattr("kiosk_ui.speech_voice.said_by_espeak", noted)
    for _ in range(2):
        voice.say(("请取号", "谢谢"), Session(language="zh"))
        assert voice.busy
        await until_quiet(voice)
    assert made == ["qing3 qu3 hao4", "xie4 xie4"] * 2
    assert voice.trouble == ""


async def test_a_sentence_goes_all_the_way_from_hanzi_to_the_mixer(
    voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real espeak-ng, and the real process that tells readings."""
    played: list[bytes] = []
    monkeypatch.setattr(voice, "_play", played.append)
    voice.say(("请取号", "", "谢谢"), Session(language="zh"))
    await until_quiet(voice)
    assert [loudness(sound) > 3000 for sound in played] == [True, False, True]
    assert voice.trouble == ""


async def test_k7_what_is_said_is_interrupted_at_once(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[bytes] = []
    play = Voice._play

    def noted(self: Voice, sound: bytes) -> object:
        played.append(sound[:2])
        return play(self, sound)

    async def long(text: str, _voice: str) -> bytes:
        return text.encode()[:2] + bytes(2 * RATE * 60)

    monkeypatch.setattr("kiosk_ui.speech_voice.said_by_espeak", long)
    monkeypatch.setattr(Voice, "_play", noted)
    voice.say(("first sentence", "second"), Session(language="en"))
    async with asyncio.timeout(10):
        while not played:  # noqa: ASYNC110 a mixer sets no Event
            await asyncio.sleep(0.01)
    voice.say(("other",), Session(language="en"))
    async with asyncio.timeout(10):
        while len(played) < 2:  # noqa: ASYNC110 as above
            await asyncio.sleep(0.01)
    voice.silence()
    await asyncio.sleep(0)
    await until_quiet(voice)
    assert played == [b"fi", b"ot"]  # the second of the first was never heard


async def test_a_sentence_that_gave_way_to_another_has_ended_when_it_is_closed(
    voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowToEnd()
    monkeypatch.setattr("kiosk_ui.speech_voice.said_by_espeak", slow)
    voice.say(("first",), Session(language="en"))
    await slow.begun.wait()
    voice.say(("other",), Session(language="en"))
    await voice.close()
    assert [text for text, _voice in slow.ended] == ["first"]


async def test_without_espeak_it_is_silent_and_says_so_once(
    voice: Voice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("kiosk_ui.speech_voice.PROGRAM", "no-such-program")
    for _ in range(3):
        voice.say(("Please wait",), Session(language="en"))
        await until_quiet(voice)
    assert "no-such-program is not there" in voice.trouble
    assert len(caplog.records) == 1
    with pytest.raises(NoSound):
        await said_by_espeak("a", "en-gb")


async def test_without_a_sound_card_it_is_silent_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "no-such-driver")
    made = Voice(80)
    made.say(("Please wait",), Session(language="en"))
    made.chime(Session())
    assert not made.busy
    assert made.trouble.startswith("no sound")
    assert len(caplog.records) == 1
    await made.close()


async def test_what_nobody_can_read_is_passed_over(voice: Voice) -> None:
    voice.say(("𠮷", "***"), Session(language="zh"))
    await until_quiet(voice)
    assert voice.trouble == ""
