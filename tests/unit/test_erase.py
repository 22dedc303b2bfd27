"""What is erased is zeros for everybody who still has it; what everybody has is left alone."""

from __future__ import annotations

import pytest

from drivers.erase import erase


def fresh(text: str) -> str:
    """A text of its own, as one that was read."""
    return "".join(list(text))


@pytest.mark.parametrize("text", ["000000199003071017", "Jos\u00e9", "王小明", "𠮷㛃䶮", "王a\U00020bb7"])
def test_a_text_of_any_width_is_zeros_wherever_it_is_held(text: str) -> None:
    held = fresh(text)
    other = [held]
    before = held + "!"
    erase(held)
    assert [ord(each) for each in other[0]] == [0] * len(text)
    assert before == text + "!", "a copy is a copy"


def test_bytes_are_zeros_too() -> None:
    data = bytes(bytearray(b"340881199003071017"))
    erase(data)
    assert data == bytes(18)


@pytest.mark.parametrize("text", ["", "a", "\u00e9", b"", b"a"])
def test_what_is_everybodys_is_left_alone(text: str | bytes) -> None:
    same = text[:1]
    erase(text)
    assert text == same
    assert (chr(97), bytes([97]), chr(233)) == ("a", b"a", "\u00e9")


def test_the_interpreter_goes_on() -> None:
    """Nothing but the content is touched: headers, ends and neighbours stay."""
    texts = [fresh(f"{number:018}") for number in range(1000)]
    erase(*texts[::2])
    assert texts[1::2] == [f"{number:018}" for number in range(1, 1000, 2)]
    assert set(texts[::2]) == {"\0" * 18}
    assert [len(text) for text in texts] == [18] * 1000
