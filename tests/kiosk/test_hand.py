"""Fingers, mouse and keys: one thing counts at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.actions import (
    Back,
    EnterPin,
    Erase,
    Home,
    Louder,
    Open,
    SayAgain,
    Screen,
    Softer,
    TakeTicket,
    Type,
)
from kiosk_ui.hand import QUIET_S, STUCK_S, TRANSITION_S, Felt, Finger, Hand, Key
from kiosk_ui.messages import Act, Dotted, Message, Press
from kiosk_ui.node import CANVAS, HEADER, Node, Rect, Role

PAGE_S = 100.0
NOW_S = PAGE_S + 1.0
BUTTONS = (
    Node(Role.BUTTON, "税务", Rect(10, 10, 40, 20), action=TakeTicket("tax"), id="tax"),
    Node(Role.BUTTON, "社保", Rect(10, 40, 40, 20), action=TakeTicket("social"), id="social", enabled=False),
    Node(Role.BUTTON, "返回", Rect(10, 70, 40, 20), action=Back(), id="back"),
)
TREE = Node(Role.PAGE, "取号", Rect(0, 0, 100, 200), children=BUTTONS)
KEYS = tuple(
    Node(Role.KEY, str(digit), Rect(15 * digit, 10, 14, 14), action=Type(str(digit)), id=f"key-{digit}")
    for digit in range(5)
)
PAD = Node(Role.PAGE, "密码", Rect(0, 0, 100, 200), children=KEYS)


def feel(hand: Hand, *felt: Felt, tree: Node = TREE, focus: str = "", now_s: float = NOW_S) -> list[Message]:
    return [message for each in felt for message in hand.feel(each, tree, focus, PAGE_S, now_s)]


def acts(messages: list[Message]) -> list[object]:
    return [message.action for message in messages if isinstance(message, Act)]


def down(x: float, y: float, finger: int = 1) -> Finger:
    return Finger("down", finger, x, y)


def up(x: float, y: float, finger: int = 1) -> Finger:
    return Finger("up", finger, x, y)


def move(x: float, y: float, finger: int = 1) -> Finger:
    return Finger("move", finger, x, y)


# --- fingers ---
def test_a_tap_does_what_stands_there_when_it_goes_up() -> None:
    hand = Hand()
    assert feel(hand, down(20, 20)) == [Press(pressed="tax", focus="")]
    assert feel(hand, up(21, 22)) == [Press(pressed=""), Act(TakeTicket("tax"))]


def test_a_finger_that_slides_off_does_nothing_and_the_control_shows_it() -> None:
    hand = Hand()
    assert feel(hand, down(20, 20), move(20, 50), move(20, 20), move(90, 90))[1:] == [
        Press(pressed=""),
        Press(pressed="tax"),
        Press(pressed=""),
    ]
    assert acts(feel(hand, up(90, 90))) == [None]


@pytest.mark.parametrize(("x", "y"), [(20, 50), (90, 150)])
def test_what_is_off_and_what_is_nothing_are_signs_of_life_only(x: float, y: float) -> None:
    assert acts(feel(Hand(), down(x, y), up(x, y))) == [None]


def test_of_ten_fingers_the_first_counts() -> None:
    hand = Hand()
    many = [down(20, 80, finger) for finger in range(2, 11)]
    gone = [up(20, 80, finger) for finger in range(2, 11)]
    assert acts(feel(hand, down(20, 20), *many, *gone)) == []
    assert acts(feel(hand, up(20, 20))) == [TakeTicket("tax")]


def test_a_finger_left_over_is_not_promoted() -> None:
    hand = Hand()
    assert acts(feel(hand, down(20, 20, 1), down(20, 80, 2), up(20, 20, 1), up(20, 80, 2))) == [
        TakeTicket("tax")
    ]


def test_touches_while_a_page_comes_are_dropped() -> None:
    hand = Hand()
    early = PAGE_S + TRANSITION_S / 2
    assert feel(hand, down(20, 20), now_s=early) == []
    assert acts(feel(hand, up(20, 20))) == [], "also where it goes up later"
    assert acts(feel(hand, down(20, 20), up(20, 20))) == [TakeTicket("tax")]


def test_a_finger_that_was_down_on_the_page_before_does_nothing_here() -> None:
    hand = Hand()
    feel(hand, down(20, 20))
    assert acts(hand.feel(up(20, 20), TREE, "", PAGE_S + 0.5, NOW_S)) == []


def test_a_drop_of_water_does_not_hold_the_screen_for_ever() -> None:
    hand = Hand()
    feel(hand, down(90, 150, 7))
    assert acts(feel(hand, down(20, 20), up(20, 20))) == []
    later = NOW_S + STUCK_S + 0.1
    assert acts(feel(hand, down(20, 20), up(20, 20), now_s=later)) == [TakeTicket("tax")]


@given(
    st.lists(
        st.builds(
            Finger,
            st.sampled_from(["down", "move", "up"]),
            st.integers(1, 10),
            st.floats(-10, 110),
            st.floats(-10, 210),
        ),
        max_size=60,
    )
)
def test_whatever_fingers_do_there_is_at_most_one_act_for_each_that_goes_up(felt: list[Finger]) -> None:
    hand = Hand()
    found = acts(feel(hand, *felt))
    assert len(found) <= sum(each.does == "up" for each in felt)
    assert set(map(type, found)) <= {type(None), TakeTicket, Back}
    assert TakeTicket("social") not in found


# --- keys ---
def walk(hand: Hand, *names: str, tree: Node = TREE) -> tuple[list[object], str]:
    """Slowly, as a hand does: what it did, and where the focus is."""
    done: list[object] = []
    focus, now_s = "", NOW_S
    for name in names:
        now_s += 0.2
        for message in hand.feel(Key(name), tree, focus, PAGE_S, now_s):  # type: ignore[arg-type]
            if isinstance(message, Act):
                done.append(message.action)
            elif isinstance(message, Press) and message.focus is not None:
                focus = message.focus
    return done, focus


def test_k7_keys_go_round_every_control_and_press_it() -> None:
    assert walk(Hand(), "next")[1] == "tax"
    assert walk(Hand(), "previous")[1] == "back"
    assert walk(Hand(), *["next"] * 4)[1] == "tax"
    done, focus = walk(Hand(), "next", "press")
    assert (done, focus) == ([None, TakeTicket("tax")], "tax")
    assert walk(Hand(), "next", "next", "press")[0][-1] is None, "what is off says why, and does nothing"


def test_k7_a_key_can_do_nothing_that_a_finger_cannot() -> None:
    assert walk(Hand(), "back")[0] == [Back()]
    assert walk(Hand(), "back", "erase", tree=PAD)[0] == [None, None]
    assert walk(Hand(), "again")[0] == [SayAgain()]
    assert walk(Hand(), "softer", "louder")[0] == [Softer(), Louder()]
    erase = Node(Role.KEY, "删除", Rect(0, 50, 14, 14), action=Erase(), id="erase")
    assert walk(Hand(), "erase", tree=Node(Role.PAGE, "", TREE.rect, children=(erase,)))[0] == [Erase()]
    assert Home() not in walk(Hand(numeric=True), *"0123456789")[0]


def test_k7_digits_type_where_they_can_be_typed_and_steer_where_they_cannot() -> None:
    assert walk(Hand(numeric=True), "2", "3", tree=PAD)[0] == [Type("2"), Type("3")]
    assert walk(Hand(numeric=True), "2", "6", "8", "5")[0] == [None, None, None, TakeTicket("tax")]
    assert walk(Hand(), "2", "5")[0] == [None, None], "five keys have no digits"
    assert walk(Hand(numeric=True), "7", "9", "0")[0] == [Softer(), Louder(), SayAgain()]


def test_a_page_without_controls_takes_no_harm() -> None:
    empty = Node(Role.PAGE, "", Rect(0, 0, 100, 200))
    assert walk(Hand(), "next", "press", "back", tree=empty) == ([None, None, None], "")


def test_a_scanner_that_is_set_up_as_a_keyboard_presses_nothing() -> None:
    hand, done = Hand(numeric=True), []
    for number in range(10_000):
        done += acts(hand.feel(Key(str(number % 10)), PAD, "", PAGE_S, NOW_S + number * 0.002))  # type: ignore[arg-type]
    end_s = NOW_S + 10_000 * 0.002
    done += acts(hand.feel(Key("press"), PAD, "key-1", PAGE_S, end_s))
    assert len(done) <= 3, "which it types before anybody can know"
    assert acts(hand.feel(Key("1"), PAD, "", PAGE_S, end_s + QUIET_S + 0.1)) == [Type("1")]


# --- the way in for technicians ---
HEAD = Node(Role.STATUS, "大厅", Rect(0, 0, 100, 9), id=HEADER)
WITH_HEAD = Node(Role.PAGE, "取号", Rect(0, 0, 100, 200), children=(HEAD, *BUTTONS))


def knocks(hand: Hand, count: int, every_s: float) -> list[object]:
    said: list[object] = []
    for at in range(count):
        said += acts(feel(hand, down(50, 5), up(50, 5), tree=WITH_HEAD, now_s=NOW_S + at * every_s))
    return said


def test_five_touches_of_the_header_within_three_seconds_ask_for_the_pin() -> None:
    assert knocks(Hand(), 5, 0.7) == [None] * 4 + [Open(Screen.PIN)]
    assert knocks(Hand(), 9, 0.8) == [None] * 9
    assert knocks(Hand(), 4, 0.1) == [None] * 4


def test_touches_of_another_session_do_not_count() -> None:
    hand = Hand()
    knocks(hand, 4, 0.1)
    hand.forget()
    assert knocks(hand, 1, 0.1) == [None]


def test_the_erase_key_does_the_same_where_nothing_can_be_erased() -> None:
    def pressed(tree: Node) -> list[object]:
        hand = Hand()
        return [
            each
            for at in range(5)
            for each in acts(feel(hand, Key("erase"), tree=tree, now_s=NOW_S + at / 2))
        ]

    assert pressed(TREE) == [None] * 4 + [Open(Screen.PIN)]
    erase = Node(Role.KEY, "删除", Rect(10, 100, 20, 20), action=Erase(), id="erase")
    assert pressed(Node(Role.PAGE, "查找", Rect(0, 0, 100, 200), children=(erase,))) == [Erase()] * 5


def test_what_is_typed_in_secret_moves_the_keys_to_enter() -> None:
    key = Node(Role.KEY, "1", Rect(10, 10, 20, 20), action=Type("1", secret=True), id="pin-1")
    enter = Node(Role.KEY, "确定", Rect(40, 10, 20, 20), action=EnterPin(), id="enter")
    pad = Node(Role.PAGE, "密码", Rect(0, 0, 100, 200), children=(key, enter))
    assert feel(Hand(), Key("1"), tree=pad) == [Press(focus="enter"), Act(Type("1", secret=True))]


def test_every_finger_leaves_dots_on_a_canvas_and_presses_nothing() -> None:
    canvas = Node(Role.IMAGE, "触摸测试", Rect(0, 100, 100, 50), id=CANVAS)
    tree = Node(Role.PAGE, "触摸测试", Rect(0, 0, 100, 200), children=(*BUTTONS, canvas))
    felt = (down(5, 110, 1), down(50, 120, 2), move(6, 111, 1), up(6, 111, 1), down(20, 20, 3), up(20, 20, 3))
    assert feel(Hand(), *felt, tree=tree) == [
        Dotted(5, 110),
        Dotted(50, 120),
        Dotted(6, 111),
        Press(pressed="tax", focus=""),
        Press(pressed=""),
        Act(TakeTicket("tax")),
    ]
