"""Passwords, codes, tries: each limit by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.console.accounts import codes, passwords
from edge.console.accounts.limits import LONGEST_S, MAX_KEYS, Budget, Tries, place_of
from edge.console.accounts.passwords import COMMON, WAITING, Passwords, TooBusy
from edge.console.accounts.refusals import (
    PASSWORD_COMMON,
    PASSWORD_LONG,
    PASSWORD_SHORT,
    PASSWORDS_DIFFER,
    Refused,
    Words,
)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_000.0
IN_SERVICE = {"MEMORY_KIB": passwords.MEMORY_KIB, "TIME": passwords.TIME}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# --- passwords ---
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", PASSWORD_SHORT),
        ("elevenchars", PASSWORD_SHORT),
        ("十一个汉字的密码还是太", PASSWORD_SHORT),
        ("x1y2" * 32 + "z", PASSWORD_LONG),
        ("Password1234", PASSWORD_COMMON),
        ("abababababab", PASSWORD_COMMON),
        ("lizhuren-2026", PASSWORD_COMMON),
        ("lizhurenlizhuren", PASSWORD_COMMON),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, why: Words) -> None:
    with pytest.raises(Refused) as refused:
        passwords.check(password, password, "lizhuren")
    assert refused.value.words is why


@pytest.mark.parametrize(
    "password", ["four unrelated words", "十二个汉字的密码已经够长了", "x1y2z3" * 21, " " * 9 + "abcde"]
)
def test_no_rule_of_composition_is_made(password: str) -> None:
    passwords.check(password, password, "li")


def test_both_times_it_is_the_same() -> None:
    with pytest.raises(Refused) as refused:
        passwords.check("four unrelated words", "four unrelated word", "li")
    assert refused.value.words is PASSWORDS_DIFFER


def test_what_is_on_the_list_would_pass_otherwise() -> None:
    assert [each for each in COMMON if len(each) < passwords.SHORTEST or each != each.lower()] == []


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Passwords]:
    """As in service."""
    for name, value in IN_SERVICE.items():
        monkeypatch.setattr(passwords, name, value)
    each = Passwords()
    yield each
    each.close()


async def test_a_password_fits_itself_alone_however_it_is_written(made: Passwords) -> None:
    encoded = await made.encode("pässwörd 密码")
    assert encoded.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert encoded != await made.encode("pässwörd 密码")
    assert await made.fits(encoded, "pässwörd 密码")
    assert await made.fits(encoded, "pa\u0308sswo\u0308rd 密码")
    for wrong in ("pässwörd", "", "x" * 5000, "\x00"):
        assert not await made.fits(encoded, wrong)
    for broken in ("", "$argon2id$v=19$broken", "x"):
        assert not await made.fits(broken, "")
    assert not made.is_dated(encoded)
    assert made.is_dated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$SGFzaA")


async def test_more_than_it_can_try_are_refused_and_it_recovers(made: Passwords) -> None:
    encoded = await made.encode("four unrelated words")
    tries = [asyncio.ensure_future(made.fits(encoded, "x")) for _ in range(WAITING + 5)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(each) for each in ends if each is not False] == [TooBusy] * 5
    assert await made.fits(encoded, "four unrelated words")


# --- codes ---
def code(step: int) -> str:
    return str(pyotp.HOTP(SECRET).at(step))


def test_a_code_is_taken_a_step_around_now_and_later_than_the_last() -> None:
    here = int(NOW // 30)
    for step in (here - 1, here, here + 1):
        assert codes.step_of(SECRET, code(step), NOW, 0) == step
        assert codes.step_of(SECRET, code(step), NOW, step - 1) == step
        assert codes.step_of(SECRET, code(step), NOW, step) is None
    for step in (here - 2, here + 2):
        assert codes.step_of(SECRET, code(step), NOW, 0) is None
    assert codes.step_of(SECRET, f" {code(here)[:3]} {code(here)[3:]} ", NOW, 0) == here


@given(st.text(max_size=40))
def test_what_is_no_code_is_none(text: str) -> None:
    here = int(NOW // 30)
    right = {code(step) for step in (here - 1, here, here + 1)}
    if "".join(text.split()) not in right:
        assert codes.step_of(SECRET, text, NOW, 0) is None


def test_digits_of_a_chinese_keyboard_are_digits_too() -> None:
    here = int(NOW // 30)
    wide = code(here).translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert codes.step_of(SECRET, wide, NOW, 0) == here
    assert codes.step_of(SECRET, "٠١٢٣٤٥", NOW, 0) is None


# --- tries ---
def test_each_wrong_try_beyond_the_free_ones_waits_twice_as_long() -> None:
    clock = Clock()
    tries = Tries(3, clock)
    assert [tries.begin("li") for _ in range(3)] == [0.0, 0.0, 0.0]
    waits = []
    for _ in range(13):
        assert tries.begin("li") == 0.0
        waits.append(tries.begin("li"))
        assert tries.begin("li") == waits[-1], "asking again costs nothing"
        clock.now += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0] + [LONGEST_S] * 3


def test_a_right_one_frees_the_account_and_takes_back_its_own_try_of_the_place() -> None:
    clock = Clock()
    tries = Tries(2, clock)
    for _ in range(2):
        tries.begin("li")
    tries.was_right("li", all_of_it=True)
    assert [tries.begin("li") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert tries.begin("li") == 1.0
    for _ in range(50):
        assert tries.begin("place") == 0.0
        tries.was_right("place", all_of_it=False)


def test_what_was_wrong_is_forgotten_after_an_hour() -> None:
    clock = Clock()
    tries = Tries(0, clock)
    for _ in range(5):
        clock.now += tries.begin("li")
    clock.now += 3601
    assert tries.begin("li") == 0.0
    assert tries.begin("li") == 1.0


def test_a_flood_of_names_is_bounded_and_frees_nobody_who_is_being_tried() -> None:
    clock = Clock()
    tries = Tries(5, clock)
    for _ in range(8):
        clock.now += tries.begin("victim")
    waits = tries.begin("victim")
    assert waits > 0
    for number in range(10_000):
        tries.begin(f"name {number}")
        assert len(tries) <= MAX_KEYS
    assert tries.begin("victim") == waits


def test_the_trail_of_strangers_has_a_budget() -> None:
    clock = Clock()
    budget = Budget(60, clock)
    assert sum(budget.take() for _ in range(100)) == 60
    clock.now += 60
    assert [budget.take(), budget.take()] == [True, False]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_what_counts_as_one_address(address: str, place: str) -> None:
    assert place_of(address) == place
