"""The guide's pages: from a theme or a search to an item, to the case at hand, to what has to be brought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from edge.catalogue import SAMPLE
from edge.wire.kiosk import KioskView
from kiosk_ui.actions import Action, Clear, Erase, Open, PrintNotice, Screen, Turn
from kiosk_ui.catalogue import Guide
from kiosk_ui.catalogue_loading import load
from kiosk_ui.fonts import Fonts
from kiosk_ui.messages import Act, Ask
from kiosk_ui.model import Model
from kiosk_ui.node import Node, Role, controls, find, walk
from kiosk_ui.panel import preset
from kiosk_ui.samples import GUIDE, MORNING, NO_PAPER, model
from kiosk_ui.screens import page
from kiosk_ui.update import update
from kiosk_ui.widgets.kit import Kit
from tests.kiosk.checks import faults

PANEL = preset("21.5")
FONTS = Fonts(PANEL)
INITIALS = {"1001": ("s", "p", "j", "y", "x", "k")}


def at(screen: Screen, about: str = "", told: KioskView = MORNING, **session: object) -> Model:
    guide = replace(GUIDE, folder=told.catalogue, initials=INITIALS)
    return replace(model(screen, PANEL, about=about, told=told, **session), guide=guide)


def shown(found: Model) -> Node:
    return page(found, FONTS)


def text(tree: Node) -> str:
    return "\n".join(node.name for node in walk(tree))


def ids(tree: Node) -> list[str]:
    return [node.id for node in controls(tree) if node.enabled]


def touched(found: Model, *touches: str) -> tuple[Model, list[object]]:
    """The model after these controls, and all that followed."""
    effects: list[object] = []
    for each in touches:
        node = find(shown(found), each)
        assert node is not None and node.enabled, f"{each} is not among {ids(shown(found))}"
        found, more = update(found, Act(node.action), found.now_s + 1)
        effects += more
    return found, effects


def all_pages(found: Model) -> Iterator[Node]:
    while True:
        tree = shown(found)
        yield tree
        if "page-next" not in ids(tree):
            return
        found, _ = touched(found, "page-next")


# --- the way ---
def test_from_home_to_a_printed_notice() -> None:
    found, _ = touched(
        at(Screen.GUIDE), "theme-identity", "item-0101", "papers", "case-minor", "case-proxy", "next"
    )
    assert "出生医学证明" in text(shown(found))
    assert "授权委托书" in text(shown(found))
    found, effects = touched(found, "print")
    (ask,) = [effect for effect in effects if isinstance(effect, Ask)]
    assert ask.verb == "notice.print"
    wanted = {"item": "0101", "cases": ["minor", "proxy"], "language": "zh", "session": found.session.id}
    assert ask.args == wanted


def test_an_item_is_typed_by_its_initials() -> None:
    found, _ = touched(at(Screen.SEARCH), "key-s", "key-p", "key-j")
    assert "SPJ" in text(shown(found))
    assert "item-1001" in ids(shown(found))
    found, _ = touched(found, "item-1001")
    assert "承诺时限 10 个工作日" in text(shown(found))


def test_what_was_typed_can_be_taken_back() -> None:
    found = at(Screen.SEARCH)
    assert {"key-erase", "key-clear"}.isdisjoint(ids(shown(found)))
    found, _ = touched(found, "key-1", "key-0", "key-erase")
    assert found.session.typed == "1"
    found, _ = touched(found, "key-clear")
    assert found.session.typed == ""
    actions: list[Action | None] = [node.action for node in controls(shown(found))]
    assert Erase() in actions and Clear() in actions


def test_the_first_case_is_at_hand_until_another_is_picked() -> None:
    found = at(Screen.NOTICE, "1001?")

    def on(tree: Node) -> list[str]:
        return [node.id for node in controls(tree) if node.on]

    assert on(shown(found)) == ["case-new"]
    found, _ = touched(found, "case-proxy")
    assert on(shown(found)) == ["case-new", "case-proxy"]
    found, _ = touched(found, "case-renew")
    assert on(shown(found)) == ["case-renew", "case-proxy"]
    found, _ = touched(found, "case-proxy")
    assert on(shown(found)) == ["case-renew"]


def test_going_back_leads_from_the_list_to_the_item() -> None:
    found, _ = touched(at(Screen.ITEM, "1001"), "papers", "next", "back", "back")
    assert (found.session.screen, found.session.place.about) == (Screen.ITEM, "1001")


# --- what a page tells ---
def test_an_item_tells_all_that_an_item_must_tell() -> None:
    told = "\n".join(text(tree) for tree in all_pages(at(Screen.ITEM, "0111")))
    for words in (
        *(
            "居民身份证申领",
            "0111",
            "行政确认",
            "公安局（户政）",
            "法定时限 60 个工作日",
            "承诺时限 20 个工作日",
        ),
        *("首次申领免费", "发改价格〔2003〕2322 号", "0000-8000101", "1. 取号提交材料", "样例"),
    ):
        assert words in told


def test_in_english_nothing_of_an_item_is_chinese() -> None:
    for place in (("1001", Screen.ITEM), ("1001?", Screen.NOTICE), ("1001", Screen.NOTICE)):
        tree = shown(at(place[1], place[0], language="en"))
        hall = {"谯城区政务服务中心", "中文"}
        chinese = [n.name for n in walk(tree) if n.lines and not n.name.isascii() and n.name not in hall]
        assert [name for name in chinese if any("\u4e00" <= char <= "\u9fff" for char in name)] == []


def test_k18_without_a_printer_the_list_stays_and_says_why_it_is_not_printed() -> None:
    tree = shown(at(Screen.NOTICE, "1001", NO_PAPER))
    assert "print" not in ids(tree)
    assert "打印机暂时不能用" in text(tree)
    assert "法定代表人或负责人身份证" in text(tree)


@pytest.mark.parametrize(
    ("screen", "about"), [(Screen.ITEM, "9999"), (Screen.NOTICE, "9999?"), (Screen.NOTICE, "")]
)
def test_an_item_that_is_gone_leaves_a_way_on(screen: Screen, about: str) -> None:
    tree = shown(at(screen, about))
    assert "没有找到这个事项" in text(tree)
    assert {"go-home", "back"} <= set(ids(tree))


def test_without_a_guide_a_citizen_is_told_whom_to_ask() -> None:
    for screen in (Screen.GUIDE, Screen.SEARCH):
        tree = shown(replace(at(screen), guide=Guide()))
        assert "请询问工作人员" in text(tree)


def test_only_a_sample_says_that_it_is_one() -> None:
    real = replace(GUIDE.catalogue, sample=False)
    for screen, about in ((Screen.GUIDE, ""), (Screen.ITEM, "1001")):
        assert "样例" in text(shown(at(screen, about)))
        assert "样例" not in text(shown(replace(at(screen, about), guide=replace(GUIDE, catalogue=real))))


# --- K5 ---
def test_k5_every_item_stands_on_one_page_of_its_theme_and_no_page_has_more_than_eight() -> None:
    seen: list[str] = []
    for theme, count in GUIDE.themes():
        pages = [
            [each for each in ids(tree) if each.startswith("item-")]
            for tree in all_pages(at(Screen.GUIDE, theme.id))
        ]
        assert max(map(len, pages)) <= 8
        assert sum(map(len, pages)) == count
        seen += [each for some in pages for each in some]
    assert sorted(seen) == [f"item-{number}" for number in sorted(GUIDE.catalogue.items)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_item_is_cut_on_any_of_its_pages_in_the_largest_text(language: str) -> None:
    """The longest of each kind: of what there is most, and what is longest."""
    items = GUIDE.catalogue.items.values()
    longest = {max(items, key=lambda item: len(item.name.of(language))).number}
    longest |= {max(items, key=lambda item: sum(len(m.name.of(language)) for m in item.materials)).number}
    landscape = preset("21.5", portrait=False)
    fonts = Fonts(landscape)
    for number in longest | {"0111", "1201"}:
        for screen, about in ((Screen.ITEM, number), (Screen.NOTICE, f"{number}?"), (Screen.NOTICE, number)):
            found = at(screen, about, language=language, text=3)
            found = replace(found, look=replace(found.look, panel=landscape))
            for turned in range(12):
                place = replace(found.session.place, page=turned)
                session = replace(found.session, places=(*found.session.places[:-1], place))
                model_ = replace(found, session=session)
                assert faults(page(model_, fonts), Kit(model_, fonts)) == []


def test_pages_of_an_item_turn_like_all_others() -> None:
    landscape = preset("21.5", portrait=False)
    found = replace(at(Screen.ITEM, "1001", text=3), look=replace(at(Screen.ITEM).look, panel=landscape))
    tree = page(found, Fonts(landscape))
    assert Turn(1) in [node.action for node in controls(tree)]
    assert Open(Screen.NOTICE, "1001?") in [node.action for node in controls(tree)]
    headings = [node for node in walk(tree) if node.role is Role.HEADING]
    assert headings[0].name == "食品经营许可"


def test_a_list_that_cannot_be_printed_is_not_printed_by_keys_either() -> None:
    found = at(Screen.NOTICE, "1001", NO_PAPER)
    _, effects = update(found, Act(PrintNotice("1001")), 1.0)
    assert [effect for effect in effects if isinstance(effect, Ask)] == []


def test_the_samples_are_the_catalogue_that_comes_with_the_software() -> None:
    assert load(str(SAMPLE)) == GUIDE
