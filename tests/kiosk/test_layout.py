"""Every page on every panel, in every size, colour and language: K1 to K6 hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from kiosk_ui.actions import Contrast, Language, Screen, TextSize, Turn
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model, Place, Session
from kiosk_ui.node import Node, controls
from kiosk_ui.panel import Inches, preset
from kiosk_ui.samples import everything, model
from kiosk_ui.screens import home, page
from kiosk_ui.shots import worn
from kiosk_ui.widgets.kit import Kit
from tests.kiosk.checks import faults

PANELS: tuple[tuple[Inches, bool], ...] = tuple(
    (inches, portrait) for inches in ("21.5", "27", "32") for portrait in (True, False)
)
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SIZES: tuple[TextSize, ...] = (0, 1, 2, 3)
NAMES = tuple(everything(preset("27")))

on_every_panel = pytest.mark.parametrize(
    ("inches", "portrait"), PANELS, ids=[f"{i}-{'portrait' if p else 'landscape'}" for i, p in PANELS]
)
in_every_language = pytest.mark.parametrize("language", LANGUAGES)
in_every_size = pytest.mark.parametrize("text", SIZES)


@cache
def fonts(inches: Inches, portrait: bool) -> Fonts:
    return Fonts(preset(inches, portrait=portrait))


@pytest.mark.parametrize(
    ("inches", "portrait", "low"),
    [
        pytest.param(
            *(inches, portrait, low),
            id=f"{inches}-{'portrait' if portrait else 'landscape'}-{'low' if low else 'standing'}",
            # Who hangs it low hangs it upright, and on the smallest there is least room.
            marks=pytest.mark.thorough if low and (not portrait or inches != "21.5") else (),
        )
        for inches, portrait in PANELS
        for low in (False, True)
    ],
)
@in_every_language
@in_every_size
@pytest.mark.parametrize(
    "contrasts",
    [[Contrast.NORMAL], pytest.param(list(Contrast)[1:], marks=pytest.mark.thorough)],
    ids=["normal", "high"],
)
def test_k1_to_k6_every_page_is_legible_and_can_be_touched(
    inches: Inches,
    portrait: bool,
    language: Language,
    text: TextSize,
    low: bool,
    *,
    contrasts: list[Contrast],
) -> None:
    ruler = fonts(inches, portrait)
    found = []
    for name, plain in everything(preset(inches, portrait=portrait)).items():
        for contrast in contrasts:
            shown = worn(plain, Session(language=language, text=text, contrast=contrast, low=low))
            found += [
                f"{name} {contrast}: {fault}" for fault in faults(page(shown, ruler), Kit(shown, ruler))
            ]
    assert found == []


@pytest.mark.thorough
@on_every_panel
@in_every_language
@pytest.mark.parametrize("low", [False, True], ids=["standing", "low"])
def test_k3_every_page_in_elderly_mode(
    inches: Inches, portrait: bool, language: Language, *, low: bool
) -> None:
    ruler = fonts(inches, portrait)
    for name, plain in everything(preset(inches, portrait=portrait)).items():
        for text in SIZES:
            shown = worn(plain, Session(language=language, text=text, low=low, elder=True))
            assert faults(page(shown, ruler), Kit(shown, ruler)) == [], name


@in_every_language
def test_k4_every_page_is_legible_in_both_high_contrasts(language: Language) -> None:
    ruler = fonts("27", True)
    for plain in everything(preset("27")).values():
        for contrast in Contrast:
            shown = worn(plain, Session(language=language, contrast=contrast))
            assert faults(page(shown, ruler), Kit(shown, ruler)) == []


@on_every_panel
@in_every_language
@in_every_size
def test_home_with_all_it_may_lead_to(
    inches: Inches, portrait: bool, language: Language, text: TextSize
) -> None:
    ruler = fonts(inches, portrait)
    for low in (False, True):
        for name in ("home", "home-no-paper", "home-full"):
            plain = everything(preset(inches, portrait=portrait))[name]
            kit = Kit(worn(plain, Session(language=language, text=text, low=low)), ruler)
            assert faults(home.home(kit, Screen), kit) == []


@on_every_panel
@in_every_language
@in_every_size
@pytest.mark.parametrize("elder", [False, True], ids=["usual", "elder"])
def test_no_level_of_a_rating_is_on_another_page(
    inches: Inches, portrait: bool, language: Language, text: TextSize, *, elder: bool
) -> None:
    """Who would have to turn a page to be very dissatisfied is led to be less so."""
    ruler = fonts(inches, portrait)
    for low in (False, True):
        plain = everything(preset(inches, portrait=portrait))["rate"]
        shown = worn(plain, Session(language=language, text=text, low=low, elder=elder))
        ids = {node.id for node in controls(page(shown, ruler))}
        assert {f"level-{level}" for level in (5, 4, 3, 2, 1)} <= ids, low


# --- K5 ---
def turned(model: Model, to: int) -> Model:
    place = replace(model.session.place, page=to)
    return replace(model, session=replace(model.session, places=(*model.session.places[:-1], place)))


def all_pages(model: Model, ruler: Fonts) -> Iterator[Node]:
    """Page by page, as "next" leads on."""
    at = 0
    while True:
        tree = page(turned(model, at), ruler)
        yield tree
        ways = [node.action for node in controls(tree) if node.id == "page-next" and node.enabled]
        if not ways:
            return
        assert ways == [Turn(at + 1)]
        at += 1
        assert at < 100


@on_every_panel
@in_every_size
def test_k5_every_service_is_on_one_page(inches: Inches, portrait: bool, text: TextSize) -> None:
    ruler = fonts(inches, portrait)
    plain = model(Screen.SERVICES, preset(inches, portrait=portrait))
    for low in (False, True):
        shown = worn(plain, Session(text=text, low=low))
        ids = [node.id for tree in all_pages(shown, ruler) for node in controls(tree)]
        taken = [each for each in ids if each.startswith("take-")]
        assert taken == [f"take-{each.id}" for each in plain.view.told.services]


def test_k5_a_page_that_is_there_no_more_is_the_last_one() -> None:
    ruler = fonts("21.5", True)
    plain = model(Screen.SERVICES, preset("21.5"))
    last = list(all_pages(plain, ruler))[-1]
    assert page(turned(plain, 99), ruler) == last
    assert page(turned(plain, -1), ruler) == page(plain, ruler)


def test_elderly_mode_shows_fewer_and_larger() -> None:
    ruler = fonts("32", True)
    plain = model(Screen.SERVICES, preset("32"))
    elder = replace(plain, session=replace(plain.session, elder=True, text=0))
    tree = page(elder, ruler)
    assert faults(tree, Kit(elder, ruler)) == []
    assert Kit(elder, ruler).text == 2
    assert len([node for node in controls(tree) if node.id.startswith("take-")]) <= 4


def test_every_screen_leads_home_and_shows_where_to_get_help() -> None:
    ruler = fonts("27", True)
    for screen in (Screen.SERVICES, Screen.TICKET, Screen.QUEUE, Screen.ACCESS):
        tree = page(model(screen, preset("27")), ruler)
        assert {"home", "back"} <= {node.id for node in controls(tree)}
    assert Place(Screen.HOME) != Place(Screen.QUEUE)
