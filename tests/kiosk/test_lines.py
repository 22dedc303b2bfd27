"""Texts in lines: none is lost, none is too wide, and they end where a reader pauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.layout import balanced, flowing, wrap


class Squares:
    """Hanzi are as wide as high, letters half as wide."""

    can_chinese = True

    def width(self, text: str, size_mm: float, bold: bool) -> float:  # noqa: ARG002 as every ruler is asked
        return sum(size_mm * (0.5 if each.isascii() else 1.0) for each in text)


RULER = Squares()
TEXTS = st.text(st.sampled_from("政务大厅，。、；ab c.,!（）「」1"), max_size=40)


@given(TEXTS, st.floats(4, 30))
def test_nothing_is_lost_nor_too_wide_and_no_line_more_than_it_takes(text: str, width: float) -> None:
    plain = wrap(text, width, 1.0, RULER)
    for breaks in (balanced, flowing):
        lines = breaks(text, width, 1.0, RULER)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert len(lines) <= len(plain)
        assert all(RULER.width(line, 1.0, False) <= width + 0.02 or len(line) <= 3 for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        (
            "请轻触一项，或扫一扫小票、告知单上的二维码",
            20,
            ("请轻触一项，或扫一扫小票、", "告知单上的二维码"),
        ),
        (
            "Sorry, that did not work. Please try again.",
            20,
            ("Sorry, that did not work.", "Please try again."),
        ),
        ("预约签到，请准备好二维码", 20, ("预约签到，请准备好二维码",)),
        ("没有提供材料清单和样本", 7, ("没有提供材料", "清单和样本")),
    ],
)
def test_two_lines_part_where_a_reader_pauses(text: str, width: float, lines: tuple[str, ...]) -> None:
    assert balanced(text, width, 1.0, RULER) == lines


def test_a_word_is_not_left_alone_in_the_last_line() -> None:
    text = "Touch one, or scan the code on a slip or checklist"
    assert wrap(text, 21, 1.0, RULER) == ("Touch one, or scan the code on a slip or", "checklist")
    assert flowing(text, 21, 1.0, RULER) == ("Touch one, or scan the code", "on a slip or checklist")
    long = "These are sample items and not to be relied on, ask at the desk"
    assert flowing(long, 21, 1.0, RULER) == wrap(long, 21, 1.0, RULER)
