"""When it speaks, and how loud: what pages come and what keys do is said, and a volume at that volume."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from kiosk_ui.actions import (
    Finish,
    Louder,
    Open,
    Screen,
    SetLanguage,
    SetLow,
    SetSpeech,
    SetVolume,
    Softer,
    Volume,
    Wake,
)
from kiosk_ui.messages import Press, Speak
from kiosk_ui.settings import SoundTable
from tests.kiosk.stage_kit import Stage, stage
from tests.kiosk.update_kit import Kiosk


async def test_k7_what_the_keys_have_come_to_is_spoken(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        here.touch(Wake(), SetSpeech(True))
        await here.drawn()
        here.voice.said.clear()
        for focus in ("open-services", "open-services", "open-queue", ""):
            here.app.say(Press(focus=focus))
        assert here.voice.said == ["zh 1 取号. 选好业务，拿一个排队号", "zh 1 排队情况. 看叫到几号，哪个窗口"]
    assert here.voice.said[-1] == "closed"


async def test_k7_a_press_by_keys_says_what_it_has_made_of_the_control(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        here.touch(Wake(), SetSpeech(True), Open(Screen.ACCESS))
        here.app.say(Press(focus="low"))
        await here.drawn()
        here.voice.said.clear()
        here.touch(SetLow(True), SetLow(True), SetLow(False))
        assert here.voice.said == ["zh 1 轮椅低位，已选中", "zh 1 轮椅低位，未选中"]


async def test_speech_begins_with_the_page_where_it_is_switched_on(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        here.touch(Wake(), Open(Screen.ACCESS), SetSpeech(True))
        assert here.voice.said[-1] == "zh 1 无障碍设置"


@pytest.mark.parametrize("speech", [True, False])
async def test_a_volume_is_said_at_once_as_loud_as_it_is(tmp_path: Path, *, speech: bool) -> None:
    async with stage(tmp_path, sound=SoundTable(on=True)) as here:
        here.touch(Wake(), SetSpeech(speech), Open(Screen.ACCESS))
        await here.drawn()
        here.touch(SetVolume(2), Softer(), Softer(), Softer(), SetLanguage("en"), Louder())
        told = [each for each in here.voice.said if "olume" in each or "音量" in each]
        assert told == ["zh 2 音量：大声", "zh 1 音量：正常", *["zh 0 音量：小声"] * 2, "en 1 Volume: normal"]


# --- how loud it speaks ---
def test_k8_a_volume_is_said_and_goes_back_to_the_halls_at_the_end_of_the_session() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SetVolume(2), Softer(), Softer(), Softer())
    assert kiosk.wanted(Speak) == [Speak(f"access.volume.said.{each}") for each in (2, 1, 0, 0)]
    softest = kiosk.model.session
    kiosk.touch(Finish())
    assert (softest.volume, kiosk.model.session.volume) == (0, 1)


@pytest.mark.parametrize(("volumes", "reached"), [((0, 1), 1), ((), 1)])
def test_it_is_not_made_louder_than_it_can_be_made(volumes: tuple[Volume, ...], reached: int) -> None:
    kiosk = Kiosk.awake()
    kiosk.model = replace(kiosk.model, look=replace(kiosk.model.look, volumes=volumes))
    kiosk.touch(SetVolume(2), Louder())
    assert kiosk.model.session.volume == reached
    assert len(kiosk.wanted(Speak)) == (2 if volumes else 0), "what has no voice says nothing of it"


async def test_by_keys_alone_it_is_made_louder_on_its_page_and_from_any_other(tmp_path: Path) -> None:
    async with stage(tmp_path, sound=SoundTable(on=True)) as here:
        here.touch(Wake(), SetSpeech(True), Open(Screen.ACCESS))
        while here.app.model.look.focus != "volume-2":
            await strike(here, pygame.K_DOWN)
        await strike(here, pygame.K_RETURN)
        assert here.voice.said[-1] == "zh 2 音量：大声"
        here.touch(Open(Screen.QUEUE))
        for key in (pygame.K_KP_DIVIDE, pygame.K_KP_DIVIDE, pygame.K_KP_PLUS):
            await strike(here, key)
        said = [each for each in here.voice.said if "音量" in each]
        assert said[-3:] == ["zh 1 音量：正常", "zh 0 音量：小声", "zh 1 音量：正常"]


async def strike(here: Stage, code: int) -> None:
    """Until it is felt, and no faster than a hand."""
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, {"key": code, "mod": 0}))
    await here.until(lambda: not pygame.event.peek(pygame.KEYDOWN, pump=False))
    await asyncio.sleep(0.05)
