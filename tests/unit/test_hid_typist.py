"""What a wedge scanner types: a code for who asks, and nothing of it for anybody else."""

from __future__ import annotations

from drivers.hid.strokes import Stroke
from drivers.hid.typist import Typed, Typist
from drivers.scanning import MAX_CODE

A, ONE, EIGHT, ENTER, SHIFT, CTRL, ALT, CAPS, TAB, F1 = 30, 2, 9, 28, 42, 29, 56, 58, 15, 59


class Desk:
    def __init__(self) -> None:
        self.wanted = True
        self.now_s = 0.0
        self.typist = Typist(0.5, lambda: self.wanted)

    def type(self, *codes: int, step_s: float = 0.002) -> list[Typed]:
        """Keys down and up, one after the other; a negative one goes up only, a modifier stays down."""
        found = []
        for code in codes:
            self.now_s += step_s
            for down in (True, False) if code not in (SHIFT, CTRL, ALT, -SHIFT, -CTRL, -ALT) else (code > 0,):
                if typed := self.typist.take(Stroke(abs(code), down), self.now_s):
                    found.append(typed)
        return found

    def rest(self, for_s: float) -> Typed | None:
        self.now_s += for_s
        return self.typist.tick(self.now_s)


def test_enter_ends_a_code() -> None:
    assert Desk().type(A, ONE, ENTER) == [Typed("a1")]


def test_the_second_half_of_a_lines_end_is_no_code() -> None:
    assert Desk().type(A, ENTER, ENTER, ONE, ENTER) == [Typed("a"), Typed("1")]


def test_a_pause_ends_a_code_too() -> None:
    desk = Desk()
    desk.type(A)
    assert desk.rest(0.4) is None
    desk.type(ONE)
    assert desk.typist.due_s == desk.now_s + 0.5
    assert desk.rest(0.5) == Typed("a1")
    assert vars(desk.typist)["_last_s"] is None


def test_a_key_after_a_pause_begins_a_new_code() -> None:
    assert Desk().type(A, ONE, ENTER, step_s=0.6) == [Typed("a"), Typed("1")]


def test_shift_and_caps_lock() -> None:
    desk = Desk()
    keys = (SHIFT, A, EIGHT, -SHIFT, A, CAPS, A, EIGHT, SHIFT, A, EIGHT, -SHIFT, CAPS, A, ENTER)
    assert desk.type(*keys) == [Typed("A*aA8a*a")]


def test_control_characters_are_left_out_and_counted() -> None:
    keys = (A, TAB, CTRL, A, -CTRL, F1, ALT, ONE, -ALT, ONE, ENTER)
    assert Desk().type(*keys) == [Typed("a1", left_out=4)]


def test_the_longest_code_and_one_that_is_longer() -> None:
    desk = Desk()
    assert [len(typed.text) for typed in desk.type(*[A] * MAX_CODE, ENTER)] == [MAX_CODE]
    assert desk.type(*[A] * (3 * MAX_CODE), ENTER) == [Typed("", fault="code_too_long")]
    assert desk.type(ONE, ENTER) == [Typed("1")]


def test_what_nobody_asked_for_is_not_kept_not_even_its_end() -> None:
    desk = Desk()
    desk.wanted = False
    desk.type(A, A)
    assert vars(desk.typist)["_chars"] == []
    desk.wanted = True
    assert desk.type(ONE, ENTER) == []
    assert desk.type(ONE, ENTER) == [Typed("1")]


def test_who_no_longer_asks_takes_the_code_with_him() -> None:
    desk = Desk()
    desk.type(A, A)
    desk.typist.forget()
    assert vars(desk.typist)["_chars"] == []
    assert desk.type(ONE, ENTER) == []


def test_a_code_of_which_keys_were_lost_is_none() -> None:
    desk = Desk()
    desk.type(SHIFT, A)
    desk.typist.lose(desk.now_s)
    assert desk.type(ONE, ENTER) == [Typed("", fault="events_lost")]
    assert desk.type(A, ENTER) == [Typed("a")], "whether shift is still down is not known"


def test_a_code_stands_in_no_repr() -> None:
    assert "a1" not in repr(Typed("a1"))
