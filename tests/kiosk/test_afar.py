"""What is told to who looks at a kiosk from afar: every page, and nothing that is a person's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

import pytest

from edge.wire import MAX_REQUEST
from kiosk_ui.actions import Back, Open, Screen
from kiosk_ui.afar import MAX_PAGE, page_from_afar
from kiosk_ui.fonts import Fonts
from kiosk_ui.model import Personal, Session
from kiosk_ui.node import Icon, Node, Rect, Role, walk
from kiosk_ui.panel import preset
from kiosk_ui.samples import everything
from kiosk_ui.samples_online import of_services
from kiosk_ui.screens import page

OWN = Personal("王*明", "340***********1234", "f" * 32)
NUMBER = "340421199001011234"  # that somebody types where a search is meant
ICON = Node(Role.IMAGE, "", Rect(12, 12, 5, 5), picture=Icon.BACK)
BACK = Node(Role.BUTTON, "返回", Rect(10, 10, 20, 20.4), action=Back(), id="back", children=(ICON,))
OFF = Node(Role.BUTTON, "取号", Rect(50, 10, 20, 20), action=Open(Screen.SERVICES), id="take", enabled=False)


def tree(*children: Node) -> Node:
    return Node(Role.PAGE, "首页", Rect(0, 0, 100, 100), children=children)


def test_a_page_is_told_with_its_controls_and_without_pictures() -> None:
    told = json.loads(json.dumps(page_from_afar(tree(BACK, OFF, ICON), Session())))
    back, take = told["children"]
    assert back["rect"] == [10, 10, 20, 20] and "children" not in back
    assert take == {
        "role": "button",
        "name": "取号",
        "rect": [50, 10, 20, 20],
        "id": "take",
        "action": {"do": "Open", "screen": "services", "about": ""},
        "enabled": False,
    }


def test_what_a_card_said_is_not_told_not_even_masked() -> None:
    words = Node(Role.TEXT, f"{OWN.name}，您好（{OWN.number}）", Rect(0, 0, 10, 10))
    about = Node(Role.BUTTON, "查", Rect(0, 0, 9, 9), action=Open(Screen.QUEUE, f"x{OWN.person}"), id="q")
    told = json.dumps(page_from_afar(tree(words, about), Session(personal=OWN)), ensure_ascii=False)
    assert "您好" in told
    assert not any(part in told for part in (OWN.name, OWN.number, OWN.person))


def test_what_is_private_is_not_told() -> None:
    inner = Node(Role.TEXT, NUMBER, Rect(0, 0, 10, 10))
    field = Node(Role.STATUS, NUMBER, Rect(0, 0, 10, 10), private=True, children=(inner,))
    does = replace(field, action=Open(Screen.ITEM, NUMBER), id="x")
    told = page_from_afar(tree(field, does), Session(typed=NUMBER))
    assert [each["name"] for each in told["children"]] == ["***", "***"]
    assert told["children"][1]["action"] == {"do": "Open"}
    assert NUMBER not in json.dumps(told)


def test_whose_appointments_there_are_is_not_told() -> None:
    panel = preset("21.5")
    model = everything(panel)["bookings"]
    told = json.dumps(page_from_afar(page(model, Fonts(panel)), model.session), ensure_ascii=False)
    for secret in ("09:30", "住房公积金", "r1-0000001"):
        assert secret not in told
    assert told.count('"PickBooking"') == 3


def test_what_is_typed_is_private_on_every_page_where_it_can_be_typed() -> None:
    panel = preset("21.5")
    fonts, pages = Fonts(panel), everything(panel)
    for name in ("search-number", "pin", "rate-slip-typed"):
        model = pages[name]
        shown = page(replace(model, session=replace(model.session, typed="7531")), fonts)
        assert any(node.private for node in walk(shown)), name
        assert "7531" not in json.dumps(page_from_afar(shown, model.session)), name


@pytest.mark.parametrize("inches", ["21.5", "32"])
def test_every_page_is_told_within_the_bound_of_a_request(inches: Literal["21.5", "32"]) -> None:
    panel = preset(inches)
    fonts = Fonts(panel)
    for name, model in everything(panel).items():
        session = replace(model.session, personal=OWN, text=0)
        shown = page(replace(model, session=session), fonts)
        told = page_from_afar(shown, session)
        text = json.dumps(told, ensure_ascii=False)
        assert told["name"], name
        assert len(text.encode()) <= MAX_PAGE < MAX_REQUEST, name
        assert "cut" not in told, name
        assert not any(part in text for part in (OWN.name, OWN.number, OWN.person)), name


def test_a_page_that_is_too_large_says_that_it_is_cut() -> None:
    inner = tuple(Node(Role.TEXT, "字" * 40, Rect(0, 0, 9, 9)) for _ in range(8))
    controls = tuple(replace(BACK, id=f"b{at}", children=inner) for at in range(30))
    told = page_from_afar(tree(*controls), Session())
    assert told["cut"] is True
    assert len(told["children"]) == 30
    assert len(json.dumps(told, ensure_ascii=False).encode()) <= MAX_PAGE


# Of what the samples' citizen has with the services of any hour: nobody is told of it who is not there.
OWN_MATTERS = (
    "食品经营许可证",
    "不动产转移登记",
    "契税完税",
    "王*明",
    "340*",
    "增值税",
    "土地使用",
    "销售额",
    "占地",
)
OWN_SUMS = ("1,314.21", "617.00", "123,400", "123,500", "360.00", "P20261130", "pay.example", "a" * 32)


def test_nothing_of_a_citizens_matters_is_told_to_who_is_not_there() -> None:
    panel = preset("21.5")
    fonts = Fonts(panel)
    seen = ""
    for name, model in of_services(panel).items():
        shown = page(model, fonts)
        told = json.dumps(page_from_afar(shown, model.session), ensure_ascii=False)
        assert [own for own in (*OWN_MATTERS, *OWN_SUMS) if own in told] == [], name
        seen += "\n".join(node.name for node in walk(shown))
    assert [own for own in (*OWN_MATTERS, *OWN_SUMS[:5]) if own not in seen] == [], (
        "this looks for what is there"
    )
