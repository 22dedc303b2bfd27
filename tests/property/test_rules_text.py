"""Wrapping for a slip's paper: nothing is lost, nothing is too wide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.rules.text import width, wrap

TEXT = st.text(alphabet=st.sampled_from("ab Z3，。窗口号·-"), max_size=60)


@given(TEXT, st.integers(2, 30))
def test_no_line_is_too_wide_and_no_character_but_space_is_lost(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(line and width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(TEXT)
def test_what_fits_is_left_alone(text: str) -> None:
    assert wrap(text, 200) == ([text.strip()] if text.strip() else [])
