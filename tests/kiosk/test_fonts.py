"""Fonts: rare names are drawn, nothing grows without end, and a hall without a font still says something."""

from __future__ import annotations

import logging
from pathlib import Path

import pygame
import pytest

from kiosk_ui.face import PageFace
from kiosk_ui.fonts import CAP_HEIGHT_EM, MAX_PICTURES_BYTES, MAX_WIDTHS, Fonts, installed
from kiosk_ui.node import walk
from kiosk_ui.panel import preset
from kiosk_ui.samples import everything

BLACK = (0, 0, 0)
RARE = "䶮㛃𠮷"
PANEL = preset("21.5")


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts(PANEL)


def test_characters_of_rare_names_are_there(fonts: Fonts) -> None:
    assert fonts.missing(f"王{RARE}明 Hall 0123456789，。！？–·") == ""


@pytest.mark.parametrize("character", RARE)
def test_a_rare_character_is_drawn_and_not_a_box(fonts: Fonts, character: str) -> None:
    box = fonts.picture("\U000eff80", 20, False, BLACK)  # no face has it
    drawn = fonts.picture(character, 20, False, BLACK)
    assert drawn.get_bounding_rect().w > drawn.get_height() // 3
    assert pixels(drawn) != pixels(box)


def pixels(surface: pygame.Surface) -> bytes:
    return pygame.image.tobytes(surface, "RGBA")


def test_a_character_that_nobody_has_is_told(fonts: Fonts) -> None:
    assert fonts.missing("王\U000eff80明") == "\U000eff80"


def test_without_its_second_face_a_character_is_missed() -> None:
    assert "𠮷" in Fonts(PANEL, installed()[:1]).missing(RARE)


def test_a_text_of_two_faces_is_as_wide_as_it_is_drawn(fonts: Fonts) -> None:
    for text in ("𠮷野家", "王𠮷明", "Hall", "政务服务中心 Hall", "䶮"):
        for bold in (False, True):
            width = PANEL.px(fonts.width(text, 9.2, bold))
            assert fonts.picture(text, 9.2, bold, BLACK).get_width() == width


def test_capitals_are_as_high_as_the_layout_counts_on(fonts: Fonts) -> None:
    drawn = fonts.picture("H", 50, False, BLACK).get_bounding_rect().h
    assert PANEL.mm(drawn) == pytest.approx(50 * CAP_HEIGHT_EM, rel=0.03)


def test_what_is_drawn_twice_is_kept(fonts: Fonts) -> None:
    assert fonts.picture("取号", 7, True, BLACK) is fonts.picture("取号", 7, True, BLACK)


def test_pictures_and_widths_are_bounded() -> None:
    fonts = Fonts(PANEL)
    for number in range(400):
        fonts.picture(f"{number} 政务服务中心办事大厅", 12, True, BLACK)
    assert MAX_PICTURES_BYTES / 2 < fonts.pictures_bytes <= MAX_PICTURES_BYTES
    for number in range(MAX_WIDTHS + 10):
        fonts.width(str(number), 5, False)
    assert len(fonts._widths) <= MAX_WIDTHS


def test_k15_the_clock_of_every_minute_is_not_kept() -> None:
    fonts = Fonts(PANEL)
    for minute in range(10):
        assert fonts.picture(f"09:{minute:02}", 40, False, BLACK).get_width() > 100
    assert fonts.pictures_bytes == 0


def test_k9_what_was_drawn_is_overwritten_and_dropped() -> None:
    fonts = Fonts(PANEL)
    picture = fonts.picture("340***********1234", 7, False, BLACK)
    assert any(pixels(picture))
    fonts.forget()
    assert not any(pixels(picture))
    assert fonts.pictures_bytes == 0
    assert not fonts._widths


def test_without_any_font_english_is_drawn_and_a_technician_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        fonts = Fonts(PANEL, [])
    assert not fonts.can_chinese
    assert "apt-get install fonts-noto-cjk" in caplog.text
    assert "没有中文字体" in caplog.text
    assert fonts.picture("Take a ticket", 9, True, BLACK).get_bounding_rect().w > 50


def test_without_any_font_a_citizen_sees_english_and_the_node_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk_ui.fonts.installed", tuple)
    face = PageFace(PANEL)
    assert "no_font" in face.troubles
    for name, model in everything(PANEL).items():
        shown = [line for node in walk(face.tree(model)) for line in (node.name, *node.lines)]
        assert [line for line in shown if not line.isascii()] == [], name
        assert any(shown), name


def test_a_font_that_is_none_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"no font")
    fonts = Fonts(PANEL, [broken, tmp_path / "gone.otf", *installed()])
    assert fonts.can_chinese
    assert "broken.otf" in caplog.text
    assert "gone.otf" in caplog.text
