"""K10: what of a person may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.masks import masked_name, masked_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("340123199001011234", "340***********1234"),
        ("34012319900101123X", "340***********123X"),
        ("13812341234", "138****1234"),
        ("ARE110000000015", "***********0015"),
        ("12345678", "********"),
        ("", ""),
    ],
)
def test_k10_numbers(number: str, shown: str) -> None:
    assert masked_number(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王*明"),
        ("王明", "王*"),
        ("王", "王"),
        ("欧阳小明", "欧**明"),
        ("𠮷田明", "𠮷*明"),
        ("JOHN SMITH", "J*** S****"),
        ("", ""),
    ],
)
def test_k10_names(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@given(st.text(max_size=40))
def test_k10_at_most_seven_characters_of_a_number_show_and_never_its_middle(number: str) -> None:
    shown = masked_number(number)
    assert len(shown) == len(number)
    assert sum(character != "*" for character in shown.replace("*", "")) <= 7
    if len(number) > 8:
        assert set(shown[3:-4]) <= {"*"}
