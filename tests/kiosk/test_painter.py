"""What is drawn: only what differs, and the same as if all had been drawn; nothing of it grows or stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_ui.actions import Contrast, Screen, TextSize
from kiosk_ui.draw import Painter, shapes
from kiosk_ui.draw.painter import Scene
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model, Session
from kiosk_ui.node import Icon, controls
from kiosk_ui.panel import preset
from kiosk_ui.samples import MORNING, everything, model
from kiosk_ui.screens import page
from kiosk_ui.shots import screenshots
from kiosk_ui.theme import THEMES, Tone
from tests.bench import kiosk_drawing

PANEL = preset("32", portrait=False)
PAGES = tuple(everything(PANEL).values())


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts(PANEL)


def canvas() -> pygame.Surface:
    return pygame.Surface((PANEL.width_px, PANEL.height_px))


def scene(model: Model, fonts: Fonts, *, pressed: str = "", focus: str = "") -> Scene:
    return Scene(page(model, fonts), THEMES[model.session.contrast], pressed, focus)


def same(one: pygame.Surface, other: pygame.Surface) -> bool:
    return pygame.image.tobytes(one, "RGB") == pygame.image.tobytes(other, "RGB")


def afresh(scene: Scene, fonts: Fonts) -> pygame.Surface:
    surface = canvas()
    Painter(PANEL, fonts).paint(surface, scene)
    return surface


# --- only what differs ---
def scenes(fonts: Fonts) -> st.SearchStrategy[Scene]:
    """Pages in the sizes and colours that one session goes through, fingers and keys at any of them."""

    def with_marks(model: Model) -> st.SearchStrategy[Scene]:
        ids = ["", *(node.id for node in controls(page(model, fonts)))]
        mark = st.sampled_from(ids)
        return st.builds(lambda one, two: scene(model, fonts, pressed=one, focus=two), mark, mark)

    def worn(model: Model, text: TextSize, contrast: Contrast) -> Model:
        return replace(model, session=replace(model.session, text=text, contrast=contrast))

    sizes: st.SearchStrategy[TextSize] = st.sampled_from((1, 2))
    contrasts = st.sampled_from((Contrast.NORMAL, Contrast.LIGHT_ON_DARK))
    return st.builds(worn, st.sampled_from(PAGES), sizes, contrasts).flatmap(with_marks)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_picture_is_the_same_whatever_was_there_before(data: st.DataObject, fonts: Fonts) -> None:
    shown = data.draw(st.lists(scenes(fonts), min_size=2, max_size=4))
    painter, surface = Painter(PANEL, fonts), canvas()
    for each in shown:
        painter.paint(surface, each)
    assert same(surface, afresh(shown[-1], fonts))


def test_the_same_page_again_draws_nothing(fonts: Fonts) -> None:
    painter, surface = Painter(PANEL, fonts), canvas()
    at_home = model(Screen.HOME, PANEL)
    assert painter.paint(surface, scene(at_home, fonts)) == [surface.get_rect()]
    assert painter.paint(surface, scene(at_home, fonts)) == []


def test_k14_a_pressed_button_draws_no_more_than_itself(fonts: Fonts) -> None:
    painter, surface = Painter(PANEL, fonts), canvas()
    at_home = model(Screen.HOME, PANEL)
    plain = scene(at_home, fonts)
    painter.paint(surface, plain)
    button = next(node for node in controls(plain.tree) if node.id == "access")
    (area,) = painter.paint(surface, scene(at_home, fonts, pressed="access"))
    assert area.w <= PANEL.px(button.rect.w + 6)
    assert area.h <= PANEL.px(button.rect.h + 6)
    assert not same(surface, afresh(plain, fonts))


def test_k14_a_minute_that_goes_by_draws_no_more_than_the_clock(fonts: Fonts) -> None:
    painter, surface = Painter(PANEL, fonts), canvas()
    before = model(Screen.HOME, PANEL)
    after = model(Screen.HOME, PANEL, told=MORNING.model_copy(update={"time": "2026-11-30T09:06:00"}))
    painter.paint(surface, scene(before, fonts))
    (area,) = painter.paint(surface, scene(after, fonts))
    assert area.bottom <= PANEL.px(30)


def test_what_keys_are_at_has_a_ring(fonts: Fonts) -> None:
    at_home = model(Screen.HOME, PANEL)
    drawn = afresh(scene(at_home, fonts, focus="finish"), fonts)
    button = next(node for node in controls(page(at_home, fonts)) if node.id == "finish")
    beside = PANEL.px(button.rect.x - 1.5), PANEL.px(button.rect.y + button.rect.h / 2)
    assert tuple(drawn.get_at(beside))[:3] == THEMES[Contrast.NORMAL][Tone.FOCUS]


@pytest.mark.parametrize("which", Icon)
def test_every_icon_has_a_picture(which: Icon) -> None:
    picture = shapes.icon(which, 48, (0, 0, 0))
    assert picture.get_size() == (48, 48)
    assert picture.get_bounding_rect().h > 15


def test_a_code_has_modules_of_whole_pixels_and_a_quiet_margin() -> None:
    side = 180
    picture = pygame.Surface((side, side))
    picture.blit(shapes.code("谯城区政务服务中心\nA019", side, (0, 0, 0), (255, 255, 255)), (0, 0))
    colours = {tuple(picture.get_at((x, y)))[:3] for x in range(side) for y in range(side)}
    assert colours == {(0, 0, 0), (255, 255, 255)}
    dark = pygame.mask.from_threshold(picture, (0, 0, 0), (1, 1, 1, 255)).get_bounding_rects()
    left = min(rect.x for rect in dark)
    assert left >= 4 * (side // (side // 3)) - 3


# --- nothing grows, nothing stays ---
@pytest.mark.timeout(300)  # it is six seconds of a processor, which may have others to serve
async def test_k15_memory_is_bounded_and_does_not_grow_with_screen_changes() -> None:
    """In a process of its own, as in `python -m tests.bench kiosk-drawing`, which makes 10,000 of them."""
    result = await kiosk_drawing.measure(changes=320)
    grown_mb = next(figure.value for figure in result.figures if "grown" in figure.name)
    resident_mb = next(figure.value for figure in result.figures if "resident" in figure.name)
    assert grown_mb <= 5.0
    assert resident_mb <= 80.0


def test_k9_forgetting_drops_the_code_of_a_ticket(fonts: Fonts) -> None:
    painter, surface = Painter(PANEL, fonts), canvas()
    painter.paint(surface, scene(everything(PANEL)["ticket-shown"], fonts))
    assert shapes.code.cache_info().currsize >= 1
    painter.forget()
    assert shapes.code.cache_info().currsize == 0
    assert fonts.pictures_bytes == 0


# --- pictures as files ---
def test_screenshots_are_files_of_every_page(tmp_path: Path) -> None:
    panel = preset("21.5")
    written = screenshots(tmp_path / "shots", panel, Session(language="en", contrast=Contrast.LIGHT_ON_DARK))
    assert len(written) == len(everything(panel)) == len(set(written))
    for file in written:
        assert pygame.image.load(str(file)).get_size() == (1080, 1920)
