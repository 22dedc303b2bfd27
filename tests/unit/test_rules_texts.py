"""What people read: strips, slips and refusals."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.messages import KeyAction, SlipLine, SlipQr
from drivers.printer import commands
from drivers.printer.render import render
from drivers.printer.settings import PrinterSettings
from edge.rules import rejections, slip
from edge.rules.effects import Show
from edge.rules.pace import Told
from edge.rules.rejections import REJECTIONS, rejection
from edge.rules.strips import Sign, strip_of, strip_text
from edge.rules.text import width, wrap
from tests.unit.rules_kit import PRIORITIES, TODAY, Play, a_hall

RULES = Path(rejections.__file__).parent
HANZI = re.compile(r"[\u4e00-\u9fff]")


# --- strips ---
@pytest.mark.parametrize(
    ("sign", "ticket", "columns", "text"),
    [
        ("called", "A012", 16, "请 A012 号"),
        ("called", "A012", 8, "请 A012"),
        ("called", "A1000", 8, "请 A1000"),
        ("recalled", "A012", 16, "再请 A012 号"),
        ("recalled", "A012", 8, "再请A012"),
        ("recalled", "A1000", 8, "A1000"),
        ("serving", "A012", 16, "正在办理 A012"),
        ("serving", "A012", 8, "办理A012"),
        ("serving", "A1000", 8, "A1000"),
        ("serving", "A1000", 4, "A1000"),
        ("closed", "", 16, "窗口关闭"),
        ("paused", "", 8, "暂停服务"),
        ("free", "", 8, "空闲"),
        ("rating", "A012", 8, "办理A012"),
    ],
)
def test_a_strip_says_as_much_as_it_has_room_for(sign: Sign, ticket: str, columns: int, text: str) -> None:
    assert strip_text(sign, ticket, columns) == text


def test_every_sign_fits_four_chinese_characters() -> None:
    signs: tuple[Sign, ...] = ("closed", "paused", "free", "rating", "called", "recalled", "serving")
    for sign in signs:
        assert width(strip_text(sign, "A9999", 8)) <= 8


def test_no_two_signs_differ_by_colour_alone() -> None:
    signs: tuple[Sign, ...] = ("closed", "paused", "free", "called", "recalled", "serving")
    assert len({strip_text(sign, "A012") for sign in signs}) == len(signs)


def test_who_rates_is_still_at_the_window() -> None:
    assert strip_text("rating", "A012") == strip_text("serving", "A012")


def test_a_window_has_the_strip_of_its_own_width() -> None:
    hall = a_hall()
    narrow = replace(hall.windows["1"], strip_columns=8)
    play = Play(replace(hall, windows=hall.windows | {"1": narrow}))
    play.staff("1")
    play.join()
    assert play.key("1", KeyAction.CALL).effects[0] == Show("1", "请 A001", "red")
    assert strip_of(play.state, play.hall, narrow) == Show("1", "请 A001", "red")


# --- slips ---
def slip_of(play: Play, ticket: str, *, copy: bool = False) -> list[SlipLine | SlipQr]:
    return list(slip(play.state, play.state.tickets[ticket], play.hall, copy=copy))


def test_k11_the_number_is_higher_than_12_mm_and_all_text_larger_than_10_pt() -> None:
    """24 dots of a printer are 3 mm, or 8.5 pt, of which digits fill seven tenths."""
    play = Play()
    ticket = play.join()
    lines = [block for block in slip_of(play, ticket) if isinstance(block, SlipLine)]
    sizes = {line.text: line.size * 24 / 203 for line in lines}  # inches
    assert sizes[ticket] * 25.4 * 0.7 >= 12
    assert min(sizes.values()) * 72 >= 10


def test_a_slip_says_all_that_a_citizen_needs() -> None:
    play = Play()
    play.join("land")
    play.join("tax")
    play.take("land")

    blocks = slip_of(play, "B002")
    assert [block.text for block in blocks if isinstance(block, SlipLine)] == [
        "云和县政务服务中心",
        "B002",
        "不动产登记",
        "前面等候 2 人",
        "2 ahead of you",
        "取号时间 Taken at",
        "2024-05-06 09:00",
        "请留意屏幕，听候叫号",
        "Please watch the screen",
        "and listen for your",
        "number",
        "当日有效 Valid today",
    ]
    assert blocks[-1] == SlipQr(f"yunhe/{TODAY}/B002")


@pytest.mark.parametrize(
    ("told_s", "said"),
    [
        ((20, 40), ["预计等候 5 分钟以内", "Wait: within 5 min"]),
        ((0, 900), ["预计等候 15 分钟以内", "Wait: within 15 min"]),
        ((780, 1400), ["预计等候 15 至 25 分钟", "Wait: about 15 to 25 min"]),
    ],
)
def test_a_slip_says_what_wait_its_holder_was_told(told_s: tuple[int, int], said: list[str]) -> None:
    play = Play()
    play.join()
    play.state.pace.told["A001"] = Told(0.0, *told_s)
    texts = [block.text for block in slip_of(play, "A001") if isinstance(block, SlipLine)]
    place = texts.index("0 ahead of you") + 1
    assert texts[place : place + len(said)] == said


def test_the_number_is_12_mm_high_and_no_text_is_below_10_points() -> None:
    play = Play()
    play.join()
    dots_mm, points_mm = 25.4 / 203, 25.4 / 72
    for block in slip_of(play, "A001", copy=True):
        if isinstance(block, SlipLine):
            height_mm = 24 * block.size * dots_mm
            assert height_mm >= (12 if block.text == "A001" else 10 * points_mm)


def test_k13_the_fullest_slip_is_on_its_way_within_half_a_second_at_9600_baud() -> None:
    """A copy of an old man's, who waits and whose wait is known; what comes before its first byte has the
    rest of the half second."""
    play = Play(a_hall(priorities=PRIORITIES))
    ticket = play.join("land", "elder")
    play.state.pace.told[ticket] = Told(0.0, 780, 1400)
    slip = render(tuple(slip_of(play, ticket, copy=True)), PrinterSettings())
    sent = sum(map(len, (*slip, commands.PRINT_DONE)))
    assert sent * 10 / 9600 <= 0.45, f"{sent} bytes"


@pytest.mark.parametrize("columns", [16, 24])
def test_every_line_fits_the_paper(columns: int) -> None:
    play = Play(a_hall(name="云和县行政审批服务和公共资源交易管理中心", slip_columns=columns))
    play.join()
    for block in slip_of(play, "A001", copy=True):
        if isinstance(block, SlipLine):
            assert width(block.text) * block.size <= columns * 2


def test_a_copy_is_marked_first_and_in_both_languages() -> None:
    play = Play()
    play.join()
    texts = [block.text for block in slip_of(play, "A001", copy=True) if isinstance(block, SlipLine)]
    assert texts[:3] == ["副本 COPY", "与原号相同，只叫一次", "Same number, called once"]
    assert "副本 COPY" not in [getattr(block, "text", "") for block in slip_of(play, "A001")]


def test_a_slip_of_a_service_taken_out_of_the_configuration_can_still_be_printed() -> None:
    play = Play()
    play.take("tax")
    services = {id_: service for id_, service in play.hall.services.items() if id_ != "tax"}
    play.hall = replace(play.hall, services=services)
    assert "tax" in [getattr(block, "text", "") for block in slip_of(play, "A001")]


def test_a_slip_does_not_carry_its_session() -> None:
    play = Play()
    play.take("tax", "340881199001011234")
    assert "340881199001011234" not in repr(slip_of(play, "A001"))


# --- text ---
def test_full_width_punctuation_is_as_wide_as_a_chinese_character() -> None:
    assert [width(text) for text in ("A1 ", "窗口", "，：（", "")] == [3, 4, 6, 0]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("", 8, []),
        ("listen for it", 8, ["listen", "for it"]),
        ("请留意屏幕", 8, ["请留意屏", "幕"]),
        ("abcdefghij k", 4, ["abcd", "efgh", "ij k"]),
        ("到3号 window", 8, ["到3号", "window"]),
    ],
)
def test_text_is_wrapped_at_words_and_between_chinese_characters(
    text: str, columns: int, lines: list[str]
) -> None:
    assert wrap(text, columns) == lines


# --- refusals ---
def test_every_refusal_is_in_both_languages_and_shows_a_way_on() -> None:
    for code in REJECTIONS:
        words = {
            "time": "13:30",
            "day": TODAY,
            "ticket": "A001",
            "reason": "213",
            "steps": "A",
            "left": "5.00",
        }
        said = rejection(code, **words)
        assert said.code == code
        assert HANZI.search(said.zh) and said.zh.endswith("。")
        assert not HANZI.search(said.en) and said.en.endswith(".")
        assert re.search("请|再|即可|欢迎", said.zh), code
        assert re.search("please|call again", said.en, re.IGNORECASE), code


def test_the_table_has_every_refusal_that_the_rules_use_and_no_other() -> None:
    calls = (
        node
        for path in RULES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    )
    used = {
        node.args[-1].value
        for node in calls
        if ast.unparse(node.func) in {"refused", "desk.refuse", "rejection"}
        and node.args
        and isinstance(node.args[-1], ast.Constant)
    }
    assert used == set(REJECTIONS)
