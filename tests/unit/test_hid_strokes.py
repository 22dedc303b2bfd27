"""Key strokes: repeats, stuck keys, what the kernel dropped; and what presses mean on each device."""

from __future__ import annotations

import pytest

from drivers.hid.board import Board
from drivers.hid.codec import InputEvent
from drivers.hid.keymap import KeyMap, UnknownKey
from drivers.hid.settings import HidSettings
from drivers.hid.strokes import Lost, Stroke, Strokes
from drivers.messages import Body, ButtonPressed, KeyAction, KeyPressed, LevelPressed

A, ENTER, NUM_LOCK, DOT, BACKSPACE = 30, 96, 69, 83, 14
KP = {digit: code for code, digit in zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)}


def key(code: int, value: int) -> InputEvent:
    return InputEvent(1, code, value)


# --- strokes ---
def test_a_key_goes_down_and_up_and_its_repeats_are_none() -> None:
    strokes = Strokes(10)
    found = [strokes.take(key(A, value), 0.1 * n) for n, value in enumerate((1, 2, 2, 2, 0))]
    assert found == [Stroke(A, True), None, None, None, Stroke(A, False)]
    assert strokes.due_s is None


def test_a_key_that_stays_down_is_stuck_until_it_is_let_go() -> None:
    strokes = Strokes(10)
    strokes.take(key(A, 1), 5)
    assert strokes.due_s == 15
    strokes.tick(14.9)
    assert strokes.stuck == frozenset()
    strokes.tick(15)
    assert strokes.stuck == {A}
    assert strokes.take(key(ENTER, 1), 16) == Stroke(ENTER, True), "the others work on"
    strokes.take(key(A, 0), 20)
    assert strokes.stuck == frozenset()


def test_a_key_that_comes_again_for_ever_is_stuck_until_it_rests() -> None:
    strokes = Strokes(10)
    told = []
    for n in range(1000):
        told += [strokes.take(key(A, value), n * 0.02) for value in (1, 0)]
    downs = [each for each in told if each == Stroke(A, True)]
    assert strokes.stuck == {A}
    assert len(downs) == 501, "up to 10 s, and no more"
    due_s = strokes.due_s
    assert due_s is not None
    strokes.tick(due_s)
    assert strokes.stuck == frozenset()
    assert strokes.take(key(A, 1), 30) == Stroke(A, True)


def test_another_key_between_makes_no_stuck_key() -> None:
    strokes = Strokes(10)
    for n in range(200):
        for code in (A, ENTER):
            strokes.take(key(code, 1), n * 0.1)
            strokes.take(key(code, 0), n * 0.1)
    assert strokes.stuck == frozenset()


def test_what_was_dropped_counts_for_nothing_up_to_the_next_report() -> None:
    strokes = Strokes(10)
    strokes.take(key(A, 1), 0)
    assert isinstance(strokes.take(InputEvent(0, 3, 0), 1), Lost)
    assert strokes.take(key(ENTER, 1), 1) is None
    assert strokes.take(InputEvent(0, 0, 0), 1) is None
    assert strokes.take(key(ENTER, 1), 1) == Stroke(ENTER, True)
    strokes.tick(10.9)
    assert strokes.stuck == frozenset(), "whether A is still down is not known"


def test_other_events_are_no_strokes() -> None:
    assert Strokes(10).take(InputEvent(4, 4, 0x7001E), 0) is None


# --- pads and buttons ---
PAD = HidSettings("pad", levels={"KEY_KP1": 1, "KEY_KP5": 5})


def presses(board: Board, *at: tuple[int, float]) -> list[Body | None]:
    """A key at a time, each let go 10 ms later."""
    found = []
    for code, now_s in at:
        found.append(board.take(Stroke(code, True), now_s))
        assert board.take(Stroke(code, False), now_s + 0.01) is None
    return found


def test_a_pads_keys_are_levels_and_a_bounce_is_no_second_press() -> None:
    found = presses(Board(PAD), (76, 0), (76, 0.02), (76, 0.9), (79, 1.0), (76, 2.0))
    assert found == [LevelPressed(5, 76), None, None, LevelPressed(1, 79), LevelPressed(5, 76)]


def test_letting_go_of_a_key_that_was_held_is_no_second_press() -> None:
    board = Board(PAD)
    assert board.take(Stroke(76, True), 0)
    for now_s in (5.0, 5.01, 5.02):
        assert board.take(Stroke(76, False), now_s) is None
        assert board.take(Stroke(76, True), now_s + 0.004) is None


def test_a_press_that_was_not_kept_may_come_again_at_once() -> None:
    board = Board(PAD)
    assert presses(board, (76, 0)) == [LevelPressed(5, 76)]
    board.forget(76)
    assert presses(board, (76, 0.1)) == [LevelPressed(5, 76)]


def test_buttons_have_numbers_and_num_lock_is_no_button() -> None:
    board = Board(HidSettings("buttons", buttons={"KEY_A": 12}))
    assert presses(board, (A, 0), (NUM_LOCK, 1)) == [ButtonPressed(12), None]
    with pytest.raises(UnknownKey, match="KEY_KPENTER"):
        board.take(Stroke(ENTER, True), 3)


# --- callers ---
CALLER = HidSettings(
    "caller",
    keys={
        "KEY_KPENTER": "call",
        "KEY_BACKSPACE": "clear",
        "KEY_NUMLOCK": "ignore",
        "5 KEY_KPDOT": "skip",
        "** KEY_KPDOT": "login",
    },
)


def typed(board: Board, digits: str, code: int, at_s: float = 0.0) -> Body | None:
    presses(board, *((KP[digit], at_s + 0.1 * n) for n, digit in enumerate(digits)))
    return presses(board, (code, at_s + 0.1 * len(digits)))[0]


@pytest.mark.parametrize(
    ("digits", "code", "meant"),
    [
        ("", ENTER, KeyPressed(KeyAction.CALL)),
        ("0113", ENTER, KeyPressed(KeyAction.CALL, "0113")),
        ("5", DOT, KeyPressed(KeyAction.SKIP)),
        ("1001", DOT, KeyPressed(KeyAction.LOGIN, "1001")),
    ],
)
def test_digits_and_a_key_are_a_command(digits: str, code: int, meant: KeyPressed) -> None:
    assert typed(Board(CALLER), digits, code) == meant


def test_digits_are_taken_back_forgotten_and_lost() -> None:
    call = KeyPressed(KeyAction.CALL)
    board = Board(CALLER)
    assert typed(board, "12", BACKSPACE) is None
    assert typed(board, "", ENTER, 1) == call
    presses(board, (KP["7"], 5))
    assert typed(board, "", ENTER, 15.5) == call
    presses(board, (KP["7"], 20))
    board.lose()
    assert typed(board, "", ENTER, 21) == call


def test_num_lock_leaves_the_digits_alone() -> None:
    board = Board(CALLER)
    assert typed(board, "1", NUM_LOCK) is None
    assert typed(board, "2", ENTER, 1) == KeyPressed(KeyAction.CALL, "12")


def test_a_number_without_end_and_a_key_without_meaning_are_told() -> None:
    board = Board(CALLER)
    with pytest.raises(UnknownKey, match="more than 16 digits"):
        typed(board, "1" * 17, ENTER)
    with pytest.raises(UnknownKey, match="KEY_KPDOT after 1 digits"):
        typed(board, "3", DOT, 5)
    with pytest.raises(UnknownKey, match="KEY_A"):
        typed(board, "", A, 10)


def test_a_digit_that_bounces_is_one_digit_and_two_fast_ones_are_two() -> None:
    board = Board(CALLER)
    presses(board, (KP["1"], 0), (KP["1"], 0.02), (KP["1"], 0.2))
    assert typed(board, "", ENTER, 0.5) == KeyPressed(KeyAction.CALL, "11")


# --- settings ---
@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"KEY_NOPE": "call"}, "'KEY_NOPE' is no key"),
        ({"KEY_KP1": "call"}, "is a digit"),
        ({"KEY_KPENTER": "dance"}, "is none of call, recall"),
        ({"5  KEY_KPDOT": "skip"}, "is no key"),
    ],
)
def test_a_map_that_cannot_be(keys: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        KeyMap(keys)


@pytest.mark.parametrize("use", ["pad", "caller", "buttons"])
def test_a_device_needs_its_map(use: str) -> None:
    with pytest.raises(ValueError, match=f"a {use} needs"):
        HidSettings(use)  # type: ignore[arg-type]  # parametrize gives plain strings


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"levels: 'x' is no key.*; buttons: 'y' is no key.*; keys: 'z'"):
        HidSettings("pad", levels={"x": 1}, buttons={"y": 1}, keys={"z": "call"})
