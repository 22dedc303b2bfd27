"""What stands on a card, in its three layouts, and what is no card."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.messages import IdCard
from drivers.sdt import layout, number
from drivers.sdt.nations import NATIONS
from drivers.sdt.sim_cards import REGION, Card, foreigner, made_up_number, permit, resident
from tests.golden.sdt_frames import NUMBERS
from tests.kiosk.process_kit import memory_has


def read(card: Card) -> IdCard:
    return layout.read(bytearray(card.text))


def code(card: Card) -> str:
    with pytest.raises(layout.BadCard) as caught:
        read(card)
    assert str(caught.value) == caught.value.code, "an error says why, and nothing of the card"
    assert caught.value.__context__ is None
    return caught.value.code


def part(card: Card, size: int, which: int = 0) -> int:
    """The place of the `which`th part of that many bytes."""
    return [at for at, (_, width) in enumerate(card.parts) if width == size][which]


# --- the number ---
@pytest.mark.parametrize("example", NUMBERS)
def test_the_examples_of_the_standard_are_valid(example: str) -> None:
    assert number.is_valid(example)


@pytest.mark.parametrize("example", NUMBERS)
def test_every_wrong_digit_is_noticed(example: str) -> None:
    for at in range(18):
        for other in "0123456789":
            if other != example[at]:
                assert not number.is_valid(example[:at] + other + example[at + 1 :])


@pytest.mark.parametrize("example", NUMBERS)
def test_two_neighbours_that_changed_places_are_noticed(example: str) -> None:
    for at in range(16):
        left, right = example[at], example[at + 1]
        if left != right:
            assert not number.is_valid(example[:at] + right + left + example[at + 2 :])


@given(st.text(max_size=20))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    number.is_valid(text)
    if len(text) != 17 or not (text.isascii() and text.isdigit()):
        with pytest.raises(ValueError, match="not 17 digits"):
            number.check_character(text)


@given(st.integers(0, 10**17 - 1))
def test_a_number_with_its_check_character_is_valid(digits: int) -> None:
    assert number.is_valid(f"{digits:017}" + number.check_character(f"{digits:017}"))


def test_the_test_cards_numbers_are_nobodys() -> None:
    for card in (resident(), permit()):
        assert read(card).number.startswith(REGION)
    assert int(REGION[:2]) < 11, "GB/T 2260 begins with 11, Beijing"
    assert number.is_valid(made_up_number("20010101", "007"))


# --- the layouts ---
def test_a_residents_card() -> None:
    card = read(resident())
    assert (card.kind, card.name, card.number) == ("resident", "样卡甲", made_up_number())
    assert dict(card.fields) == {
        "name": "样卡甲",
        "sex": "男",
        "nation": "汉",
        "birth": "1990-03-07",
        "address": "虚构省样板市测试路 1 号",
        "number": made_up_number(),
        "issuer": "样板市测试局",
        "valid_from": "2015-01-01",
        "valid_to": "2035-01-01",
    }


def test_a_permit() -> None:
    card = read(permit())
    assert card.kind == "permit"
    assert dict(card.fields) == {
        "name": "样卡乙",
        "sex": "女",
        "birth": "1985-06-12",
        "address": "虚构省样板市测试路 2 号",
        "number": made_up_number("19850612", "202"),
        "issuer": "样板市测试局",
        "valid_from": "2019-09-01",
        "valid_to": "2024-09-01",
        "pass_number": "X00000000",
        "issue_count": "01",
    }


def test_a_foreigners_card() -> None:
    card = read(foreigner())
    assert (card.kind, card.name, card.number) == ("foreigner", "SPECIMEN, TEST CARD", "XXX000091010100")
    assert dict(card.fields) == {
        "name": "SPECIMEN, TEST CARD",
        "name_zh": "样卡丙",
        "sex": "女",
        "number": "XXX000091010100",
        "country": "XXX",
        "birth": "1991-01-01",
        "valid_from": "2018-01-01",
        "valid_to": "2028-01-01",
        "version": "01",
        "office": "0000",
    }


def test_each_layout_has_256_bytes_and_its_type_where_it_belongs() -> None:
    for name, parts in layout.LAYOUTS.items():
        assert sum(size for _, size in parts) == 256, name
        before = 0
        for part_name, size in parts:
            if part_name == "type":
                assert before == layout.TYPE_AT, name
            before += size


def test_nothing_personal_stands_in_a_repr() -> None:
    for card in (resident(), permit(), foreigner()):
        assert repr(read(card)) == f"IdCard(kind='{card.kind}')"
        assert card.parts[0][0] not in repr(card)


@pytest.mark.parametrize(
    ("said", "means"), [("01", "汉"), ("05", "维吾尔"), ("56", "基诺"), ("97", "其他"), ("57", "57")]
)
def test_nations_have_names_and_a_code_of_no_standard_stays(said: str, means: str) -> None:
    card = resident()
    assert dict(read(card.spoilt(2, said)).fields)["nation"] == means
    assert len(NATIONS) == 58


@pytest.mark.parametrize(
    ("said", "means"), [("0", "未知"), ("1", "男"), ("2", "女"), ("9", "未说明"), ("", "")]
)
def test_sexes_have_names(said: str, means: str) -> None:
    assert dict(read(resident().spoilt(1, said)).fields)["sex"] == means


def test_a_card_may_be_valid_for_ever() -> None:
    assert dict(read(resident(until="长期")).fields)["valid_to"] == "长期"


@pytest.mark.parametrize("name", ["样", "样卡·测试·阿不都热合曼", "𠮷样卡"])
def test_names_of_any_length_and_rare_characters(name: str) -> None:
    parts = list(resident().parts)
    raw = name.encode("utf-16-le").ljust(30, b"\0")
    rest = Card("resident", tuple(parts[1:])).text
    assert layout.read(bytearray(raw + rest)).name == name


# --- what is no card ---
def test_a_wrong_check_character_is_told_apart() -> None:
    wrong = made_up_number()[:-1] + ("1" if made_up_number()[-1] != "1" else "2")
    assert code(resident().spoilt(5, wrong)) == "check_digit"
    assert code(permit().spoilt(5, wrong)) == "check_digit"


@pytest.mark.parametrize(
    ("at", "by"),
    [
        (0, ""),  # no name
        (0, "\ufffd"),
        (3, "19901307"),  # no such month
        (3, "19900230"),
        (3, "１９９００３０７"),  # digits, but none that a card has
        (5, ""),
        (5, "00000019900307101"),
        (5, "0000001990030710１0"[:18]),
        (7, "长期"),  # only the end of validity has no date
        (8, ""),
    ],
)
def test_what_no_card_says_is_unreadable(at: int, by: str) -> None:
    assert code(resident().spoilt(at, by)) == "unreadable"


@pytest.mark.parametrize("by", ["", "XX0000091010100", "xxx000091010100", "XXX00009101010X"])
def test_a_foreigners_number_has_its_form(by: str) -> None:
    assert code(foreigner().spoilt(2, by)) == "unreadable"


def test_a_layout_that_is_not_known_is_said_to_be_one() -> None:
    card = permit()
    for mark in ("Y", "K", "j"):
        assert code(card.spoilt(part(card, 2, which=1), mark)) == "unknown_card"


@pytest.mark.parametrize("size", [0, 255, 257])
def test_a_text_of_another_size_is_no_card(size: int) -> None:
    with pytest.raises(layout.BadCard):
        layout.read(bytearray(size))


@given(st.binary(min_size=256, max_size=256))
def test_any_256_bytes_are_a_card_or_are_refused(data: bytes) -> None:
    try:
        layout.read(bytearray(data))
    except layout.BadCard as bad:
        assert bad.code in {"unreadable", "check_digit", "unknown_card"}


@given(st.sampled_from([resident(), permit(), foreigner()]), st.integers(0, 255), st.integers(1, 255))
def test_one_wrong_byte_is_a_card_or_is_refused(card: Card, at: int, by: int) -> None:
    text = bytearray(card.text)
    text[at] ^= by
    try:
        layout.read(text)
    except layout.BadCard as bad:
        assert bad.__context__ is None


# --- what stays of it ---
READS = """
import os
from drivers.sdt import layout
from edge.readings import own
text = bytearray(256)
os.readv(0, [text])
try:
    own(layout.read(text)).forget()
except layout.BadCard:
    pass
text[:] = bytes(256)
os.write(1, b"read")
os.read(0, 1)
"""


def left_of(text: bytes) -> set[str]:
    """What of a resident's card is in the memory of a process that has read it and forgotten it."""
    said = {part for part, _ in resident().parts[:1] + resident().parts[3:6]}
    traces = {part.encode(code): part for part in said for code in ("utf-8", "utf-16-le", "utf-32-le")}
    with subprocess.Popen([sys.executable, "-c", READS], stdin=-1, stdout=-1, bufsize=0) as process:
        assert process.stdin and process.stdout
        try:
            process.stdin.write(text)
            assert process.stdout.read(4) == b"read"
            return {traces[trace] for trace in memory_has(process.pid, *traces)}
        finally:
            process.kill()


def test_a_card_that_was_read_and_forgotten_is_gone() -> None:
    """Its name, birth, address and number."""
    assert left_of(resident().text) == set()


def test_of_what_was_no_card_nothing_stays() -> None:
    wrong = bytearray(resident().text)
    wrong[256 - 8] = ord("2")
    assert left_of(bytes(wrong)) == set()
    assert left_of(resident().text.replace("101".encode("utf-16-le"), "102".encode("utf-16-le"))) == set()
