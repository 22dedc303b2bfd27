"""The services in the language of who stands there: in English where they tell it, else as they tell it."""

from __future__ import annotations

import re

import pytest

from edge.wire.services import KioskCase, KioskObligations
from kiosk_ui.actions import Language, Open, Screen
from kiosk_ui.actions_online import Declare, Pay, ToggleTax
from kiosk_ui.errand import Errand
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Model, Session
from kiosk_ui.node import walk
from kiosk_ui.panel import preset
from kiosk_ui.samples import model
from kiosk_ui.samples_hall import MORNING
from kiosk_ui.samples_online import of_services
from kiosk_ui.screens import page
from kiosk_ui.shots import worn
from tests.kiosk.online_kit import DECLARED, OWED, asked, tell, with_card

PANEL = preset("27")
RULER = Fonts(PANEL)
CHINESE = re.compile(r"[\u3400-\u9fff]+")
NAMES = {"中文", MORNING.hall, "王", "明"}  # the other language's, the hall's, and a citizen's own
CASE = KioskCase(number="2026111803", name="登记", state="to_supplement", missing=("照片", "委托书"))


def words(shown: Model) -> str:
    return "\n".join(line for node in walk(page(shown, RULER)) for line in (node.name, *node.lines))


def told(case: KioskCase, language: Language) -> str:
    plain = model(Screen.CASE, PANEL, about="0", errand=Errand(cases=(case,)))
    return words(worn(plain, Session(language=language)))


@pytest.mark.parametrize("name", sorted(of_services(PANEL).keys() - {"attract-announced"}))  # it has both
def test_nothing_but_names_of_their_own_is_chinese_in_english(name: str) -> None:
    shown = worn(of_services(PANEL)[name], Session(language="en"))
    assert set(CHINESE.findall(words(shown))) <= NAMES


def test_a_paper_is_named_in_english_where_it_is_told_so() -> None:
    both = CASE.model_copy(update={"missing_en": ("A photo", "")})
    assert "A photo" in told(both, "en") and "照片" not in told(both, "en")
    assert "委托书" in told(both, "en"), "of this one they tell no English"
    assert "照片" in told(CASE, "en") and "照片" in told(both, "zh")
    assert "A photo" not in told(both, "zh")


@pytest.mark.parametrize(("language", "period"), [("en", "May 2026"), ("zh", "2026年5月")])
def test_a_period_is_told_in_the_language_of_who_stands_there(language: Language, period: str) -> None:
    owed = OWED.obligations[0].model_copy(update={"period": "2026年5月", "period_en": "May 2026"})
    plain = model(Screen.TAX, PANEL, errand=Errand(obligations=(owed,)))
    assert period in words(worn(plain, Session(language=language)))


@pytest.mark.parametrize(
    ("picked", "names"),
    [
        (("vat",), ("增值税", "Value added tax")),
        (("land",), ("土地税", "")),
        (("vat", "land"), ("增值税等2项", "Value added tax and 1 more")),
    ],
)
def test_what_is_paid_is_named_in_both_languages(picked: tuple[str, ...], names: tuple[str, str]) -> None:
    vat, *others = OWED.obligations
    named = vat.model_copy(update={"name_en": "Value added tax"})
    kiosk = with_card("tax", KioskObligations(obligations=(named, *others)))
    kiosk.touch(*map(ToggleTax, picked), Open(Screen.TAX_CHECK), Declare())
    line = DECLARED.lines[0].model_copy(update={"name_en": "Value added tax"})
    tell(kiosk, DECLARED.model_copy(update={"lines": (line,)}))
    kiosk.touch(Pay())
    assert (asked(kiosk).args["name"], asked(kiosk).args["name_en"]) == names
