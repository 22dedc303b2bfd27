"""The loop: what it draws and when it rests, what it does when it fails, and a touch device that is gone."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pygame
import pytest

from kiosk_ui import shots
from kiosk_ui.actions import (
    EnterPin,
    Finish,
    Open,
    Screen,
    SetLanguage,
    SetSpeech,
    Type,
)
from kiosk_ui.app import MAX_FAILURES
from kiosk_ui.cli import parser, run
from kiosk_ui.hand import Felt, Finger
from kiosk_ui.messages import Act, Speaking, Told
from kiosk_ui.node import find
from kiosk_ui.own import MAX_ERRORS, OwnErrors, own
from kiosk_ui.panel import preset
from kiosk_ui.pins import hash_pin
from kiosk_ui.samples import everything
from kiosk_ui.settings import InputTable, KioskSettings, KioskTable
from kiosk_ui.window import MOUSE, Window, smaller, touch_names
from tests.kiosk.stage_kit import SECRET, stage
from tests.kiosk.still_kit import stands_still
from tests.kiosk.update_kit import VIEW


async def test_k14_nothing_is_drawn_where_nothing_changes(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.drawn()
        count = len(at.app.frames)
        for _ in range(20):
            at.app.say(Told(VIEW))
            await asyncio.sleep(0.02)
        assert len(at.app.frames) == count
        at.touch(None)
        await at.drawn()
        assert [frame.new_page for frame in at.app.frames][-1]


async def test_k12_a_press_draws_the_control_and_a_release_the_page(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.touch(None)
        await at.until(lambda: any(frame.screen == "home" for frame in at.app.frames))
        await at.until(lambda: stands_still(at.app))
        page = at.face.tree(at.app.model)
        node = find(page, "open-services")
        assert node
        x, y = node.rect.x + node.rect.w / 2, node.rect.y + node.rect.h / 2
        count = len(at.app.frames)
        post(at.app.window, "down", x, y)
        await at.until(lambda: len(at.app.frames) > count)
        post(at.app.window, "up", x, y)
        await at.until(lambda: at.app.model.shown is Screen.SERVICES and len(at.app.frames) > count + 1)
        pressed, page_frame = list(at.app.frames)[count:][:2]
        assert not pressed.new_page and pressed.share < 0.5 and pressed.input_s is not None
        assert page_frame.screen == "services" and page_frame.new_page and page_frame.input_s is not None


def post(window: Window, does: str, x_mm: float, y_mm: float) -> None:
    kind = pygame.FINGERDOWN if does == "down" else pygame.FINGERUP
    place = {"x": x_mm / window.panel.width_mm, "y": y_mm / window.panel.height_mm}
    pygame.event.post(
        pygame.event.Event(kind, {"touch_id": 1, "finger_id": 3, "dx": 0, "dy": 0, "pressure": 1, **place})
    )


async def test_k17_an_error_of_our_own_is_a_calm_page_and_never_a_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage(tmp_path) as at:
        at.face.ill = Screen.SERVICES
        at.touch(None)
        await at.drawn()
        at.touch(SetLanguage("en"), Open(Screen.SERVICES))
        await at.until(lambda: "program_error" in at.app.troubles())
        await at.drawn()
        assert at.app.model.session.screen is Screen.ATTRACT, "the session is over"
        assert at.app.model.session.language == "zh"
        said = at.app.troubles()["program_error"]
        assert said.startswith("KeyError at tests/kiosk/stage_kit.py:")
        assert SECRET not in said + caplog.text and "Traceback" not in caplog.text
        assert not at.running.done()


async def test_k17_what_fails_again_and_again_ends_the_program_for_its_unit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    async with stage(tmp_path) as at:
        at.face.ill = Screen.HOME
        for _ in range(MAX_FAILURES):
            at.touch(None)
            at.app._sorry_until_s = 0.0
            await asyncio.sleep(0.1)
        assert await at.running == 1


async def test_k8_speech_begins_with_a_page_and_stops_the_clock(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.touch(None, SetSpeech(True), SetLanguage("en"), Open(Screen.SERVICES))
        await at.until(lambda: any(each.startswith("en ") for each in at.voice.said))
        at.voice.busy = True
        await at.until(lambda: at.app.model.speaking)
        at.voice.busy = False
        await at.until(lambda: not at.app.model.speaking)
        at.touch(SetSpeech(False))
        assert at.voice.said[-1] == "silence"
        at.app.say(Speaking(False))


async def test_k9_the_end_forgets_the_picture_and_what_was_drawn_with(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        forgotten: list[bool] = []
        at.face.forget = lambda: forgotten.append(True)  # type: ignore[method-assign]
        at.touch(None, Open(Screen.SEARCH), Type("x"))
        forgotten.clear()
        at.app.say(Act(None))
        at.touch(Finish())
        assert forgotten == [True]
        await at.drawn()
        assert list(at.app.frames)[-1].share == 1.0


async def test_k19_a_touch_device_that_is_gone_is_told_and_opened_afresh(tmp_path: Path) -> None:
    async with stage(tmp_path, input=InputTable(device="ilitek")) as at:
        devices: tuple[str, ...] = ()
        opened: list[bool] = []
        at.app.window.touch_devices = lambda: devices  # type: ignore[method-assign]
        at.app.window.reopen = lambda: opened.append(True)  # type: ignore[method-assign]
        at.app._watch._reopened_s -= 60.0
        at.app._watched_s -= 60.0
        await at.until(lambda: opened and "touch_lost" in at.app.troubles())
        assert "ilitek" in at.app.troubles()["touch_lost"]
        devices = ("ILITEK ILITEK-TP",)
        at.app._watched_s -= 60.0
        await at.until(lambda: "touch_lost" not in at.app.troubles())


async def test_a_display_that_is_opened_afresh_shows_the_page_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.drawn()
        at.app.window.reopen()
        at.app.face.forget()
        at.touch(None)
        await at.drawn()
        assert at.app.window.surface.get_size() == (1080, 1920)


# --- the window ---
LISTING = """I: Bus=0003 Vendor=222a Product=0001 Version=0110
N: Name="ILITEK ILITEK-TP"
H: Handlers=mouse0 event3
B: EV=1b
B: KEY=400 0 0 0 0 0
B: ABS=3273800000000003

I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="Logitech USB Keyboard"
H: Handlers=sysrq kbd event1
B: EV=120013
B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe

I: Bus=0011 Vendor=0002 Product=0007 Version=01b1
N: Name="A joystick"
B: KEY=f00000000 0 0 0 0
B: ABS=3

I: Bus=0003 Vendor=0627 Product=0001 Version=0001
N: Name="QEMU QEMU USB Tablet"
B: PROP=0
B: KEY=70000 0 0 0 0
B: ABS=3

I: Bus=0003 Vendor=046d Product=c077 Version=0111
N: Name="Logitech USB Optical Mouse"
B: KEY=70000 0 0 0 0
B: REL=903
"""


def test_k19_touch_devices_are_known_by_what_they_feel() -> None:
    """Several fingers, or one as some screens tell it, which say that they are a mouse in places."""
    assert list(touch_names(LISTING)) == ["ILITEK ILITEK-TP", "QEMU QEMU USB Tablet"]
    assert list(touch_names("")) == []


def test_a_mouse_is_a_finger_and_keys_are_what_they_mean() -> None:
    window = Window(KioskSettings().panel.panel(), windowed=True)
    try:
        pygame.event.clear()
        events: list[tuple[int, dict[str, Any]]] = [
            (pygame.MOUSEBUTTONDOWN, {"button": 1, "pos": (102, 204), "touch": False}),
            (pygame.MOUSEBUTTONDOWN, {"button": 3, "pos": (0, 0), "touch": False}),
            (pygame.MOUSEBUTTONUP, {"button": 1, "pos": (102, 204), "touch": False}),
            *((pygame.KEYDOWN, {"key": key, "mod": 0}) for key in (pygame.K_DOWN, pygame.K_KP5, pygame.K_a)),
            (pygame.KEYDOWN, {"key": pygame.K_TAB, "mod": pygame.KMOD_SHIFT}),
        ]
        for kind, fields in events:
            pygame.event.post(pygame.event.Event(kind, fields))
        felt = list(window.felt())
        fingers = [each for each in felt if isinstance(each, Finger)]
        assert [(each.does, each.id) for each in fingers] == [("down", MOUSE), ("up", MOUSE)]
        assert fingers[0].x_mm == pytest.approx(window.panel.mm(102))
        assert [each.name for each in felt if not isinstance(each, Finger) and isinstance(each, Felt)] == [
            "next",
            "5",
            "previous",
        ]
    finally:
        window.close()


def test_a_screen_of_another_size_is_used_as_it_is_and_told() -> None:
    window = Window(KioskSettings().panel.panel())  # full screen: the desktop in memory is 1024 x 768
    try:
        assert (window.panel.width_px, window.panel.height_px) == window.surface.get_size() != (1080, 1920)
        assert "instead of 1080x1920" in window.trouble
    finally:
        window.close()


def test_a_window_is_the_whole_panel_in_as_many_pixels_as_there_is_room_for() -> None:
    panel = KioskSettings().panel.panel()
    shown = smaller(panel, 1200, 960)
    assert (shown.width_px, shown.height_px) == (540, 960)
    assert shown.width_mm == pytest.approx(panel.width_mm)
    assert smaller(panel, 3840, 2160) == panel


def test_a_wrong_configuration_is_told_without_a_display(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text('[kiosk]\nid = 1\ncolour = "red"\n', encoding="utf-8")
    assert run(parser().parse_args(["--config", str(path)])) == 2
    said = capsys.readouterr().err
    assert "kiosk.id" in said and "kiosk.colour" in said and "没有这一项" in said


async def test_technicians_are_told_why_it_does_not_speak(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        assert "no_sound" not in here.app.troubles()
        here.voice.trouble = "no sound: no device"
        assert here.app.troubles()["no_sound"] == "no sound: no device"


# --- technicians ---
async def test_wrong_pins_are_told_and_the_right_one_opens_the_page(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        app = here.app
        app.settings = KioskSettings(kiosk=KioskTable(pin=hash_pin("135790", b"s" * 16)))
        app.model = replace(app.model, look=replace(app.model.look, has_technician=True))
        here.touch(None, Open(Screen.PIN))
        for wrong in range(1, 4):
            here.touch(Type("000000"), EnterPin())
            await here.until(lambda: app.model.pin_wrong == wrong)  # noqa: B023 it is awaited here
        assert app.troubles()["wrong_pins"] == "3 in a row"
        app.model = replace(app.model, pin_free_s=0.0)
        here.touch(Type("135790"), EnterPin())
        await here.until(lambda: app.model.shown is Screen.TECHNICIAN)
        assert "wrong_pins" not in app.troubles()
        told = app.model.session.technical
        assert told is not None and told.own.memory_mb > 10
        assert any("wrong technician's PIN" in error for error in told.own.errors)
        await here.drawn()
        assert list(app.frames)[-1].screen == "technician"


def test_the_last_errors_are_kept_newest_first_and_bounded() -> None:
    errors, ours = OwnErrors(), logging.getLogger("kiosk_ui.somewhere")
    ours.addHandler(errors)
    try:
        for number in range(MAX_ERRORS + 5):
            ours.warning("error %d\nand more", number)
        ours.info("nothing")
    finally:
        ours.removeHandler(errors)
    kept = errors.newest_first
    assert len(kept) == MAX_ERRORS and kept[0].endswith(f" error {MAX_ERRORS + 4}")
    told = own(125.0, {"no_font": "", "touch_lost": "gone"}, kept)
    assert (told.up_min, told.troubles) == (2, ("no_font", "touch_lost: gone"))


# --- pictures of every page ---
def test_screenshots_are_of_every_page_in_each_language_without_a_display(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = dict(list(everything(preset("27")).items())[:2])
    monkeypatch.setattr(shots, "everything", lambda _panel: few)
    monkeypatch.setattr(pygame.display, "init", lambda: pytest.fail("a display is opened"))
    folder = tmp_path / "shots"
    assert run(parser().parse_args(["--screenshots", str(folder), "--panel", "27"])) == 0
    names = {file.name.partition("-text")[0] for file in folder.iterdir()}
    assert names == {f"{page}-{language}" for page in few for language in ("zh", "en")}


def test_screenshots_are_as_a_citizen_sees_the_pages_who_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = {"home": everything(preset("32"))["home"]}
    monkeypatch.setattr(shots, "everything", lambda _panel: home)

    def pictured(*arguments: str) -> dict[str, bytes]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        assert run(parser().parse_args(["--screenshots", str(folder), "--panel", "32", *arguments])) == 0
        return {file.name: file.read_bytes() for file in folder.iterdir()}

    asked = (
        ("--lang", "en"),
        ("--lang", "zh", "--text", "3"),
        *(("--lang", "zh", "--contrast", name) for name in ("dark_on_light", "light_on_dark")),
        *(("--lang", "zh", mode) for mode in ("--low", "--elder")),
    )
    found = [pictured(*arguments) for arguments in asked]
    assert [*map(len, found)] == [1] * len(asked), "in the language that is named alone"
    assert (
        len({name for each in found for name in each})
        == len({*found[0].values()}.union(*(each.values() for each in found)))
        == len(asked)
    )
    assert "home-zh-text1-normal-low.png" in found[4]


def test_pictures_that_cannot_be_written_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    assert run(parser().parse_args(["--screenshots", str(taken)])) == 1
    assert "写不到" in capsys.readouterr().err
