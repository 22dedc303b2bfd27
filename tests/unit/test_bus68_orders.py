"""Orders as bytes."""

from __future__ import annotations

import pytest

from drivers.bus68.codec import Frame, KeyFrame, StripCommand
from drivers.bus68.orders import frame_of
from drivers.bus68.settings import Child
from drivers.bus68.strip import show_text
from drivers.messages import (
    AskRating,
    Beep,
    Order,
    Outcome,
    PrintSlip,
    Result,
    ShowDigits,
    ShowText,
)
from tests.protocol.doubles_bus68 import settings

CALLER, STRIP = Child("c", "caller", 3), Child("s", "strip", 5, columns=8)
PAD_A, PAD_B = Child("p", "pad", 0x83), Child("q", "pad", 0x84, pad_model="B")
SETTINGS = settings([CALLER, STRIP, PAD_A, PAD_B], colors={"red": 0, "green": 1, "yellow": 2})


def carried(order: Order, child: Child) -> Frame | Outcome:
    return frame_of(order, child, child.address, SETTINGS)


@pytest.mark.parametrize(
    ("digits", "data"),
    [
        ("023", b"\x0a\x0a\x0a\x00\x02\x03"),
        ("", b"\x0a" * 6),
        ("1 2", b"\x0a\x0a\x0a\x01\x0a\x02"),
        ("987654", b"\x09\x08\x07\x06\x05\x04"),
    ],
)
def test_digits_stand_at_the_right(digits: str, data: bytes) -> None:
    assert carried(ShowDigits(digits), CALLER) == KeyFrame(3, 0x02, data)


@pytest.mark.parametrize(
    ("digits", "code"), [("1234567", "too_long"), ("A12", "bad_digits"), ("１２", "bad_digits")]
)
def test_a_number_that_cannot_be_shown_is_refused(digits: str, code: str) -> None:
    outcome = carried(ShowDigits(digits), CALLER)
    assert isinstance(outcome, Outcome)
    assert (outcome.result, outcome.code) == (Result.REJECTED, code)


def test_a_text_has_a_colour_at_each_character() -> None:
    assert carried(ShowText("请A1", "green"), STRIP) == StripCommand(5, 0xA5, b"\xc7\xeb\x01A\x011\x01")


def test_pads_are_asked_after_their_model() -> None:
    assert carried(AskRating(), PAD_A) == KeyFrame(0x83, 0x01, b"\x0b", lead=False)
    outcome = carried(AskRating(), PAD_B)
    assert isinstance(outcome, Outcome)
    assert outcome.result is Result.DONE


def test_a_beep() -> None:
    assert carried(Beep(), CALLER) == KeyFrame(3, 0x03)


@pytest.mark.parametrize(
    ("order", "child"),
    [
        (ShowText("x"), CALLER),
        (ShowDigits("1"), STRIP),
        (Beep(), PAD_A),
        (AskRating(), CALLER),
        (PrintSlip("j", ()), STRIP),
    ],
)
def test_what_a_device_cannot_do_is_rejected(order: Order, child: Child) -> None:
    outcome = carried(order, child)
    assert isinstance(outcome, Outcome)
    assert (outcome.result, outcome.code) == (Result.REJECTED, "unsupported")


# --- what a strip can show ---
def shown(text: str, columns: int = 16) -> bytes:
    return show_text(5, text, 0, columns).data


@pytest.mark.parametrize(
    ("text", "columns", "data"),
    [
        ("", 4, b" \x00"),
        ("abcde", 4, b"a\x00b\x00c\x00d\x00"),
        ("中文字", 4, "中".encode("gbk") + b"\x00" + "文".encode("gbk") + b"\x00"),
        ("a中文", 4, b"a\x00" + "中".encode("gbk") + b"\x00"),  # half a character is not drawn
        ("𠮷㛃é€", 8, b"?\x00?\x00" + "é".encode("gbk") + b"\x00" + b"?\x00"),
        ("a\nb\tc\x00d", 16, b"a\x00 \x00b\x00 \x00c\x00?\x00d\x00"),
        ("中　文", 16, "中".encode("gbk") + b"\x00 \x00" + "文".encode("gbk") + b"\x00"),
    ],
)
def test_texts_fit_the_strip(text: str, columns: int, data: bytes) -> None:
    assert shown(text, columns) == data


def test_no_character_can_spoil_the_frame() -> None:
    """Every character of the basic plane is one or two bytes and its colour."""
    for code in range(0x10000):
        data = shown(chr(code))
        assert len(data) == (2 if data[0] < 0x80 else 3)
