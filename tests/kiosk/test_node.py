"""The tree: order, touches, and how it is told."""

from __future__ import annotations

from kiosk_ui.actions import Back, Home, Open, Screen
from kiosk_ui.node import Node, Rect, Role, control_at, controls, find, hit, walk

INNER = Node(Role.TEXT, "返回", Rect(12, 12, 10, 5))
BACK = Node(Role.BUTTON, "返回", Rect(10, 10, 20, 20), action=Back(), id="back", children=(INNER,))
OFF = Node(Role.BUTTON, "取号", Rect(50, 10, 20, 20), action=Open(Screen.SERVICES), id="take", enabled=False)
OVER = Node(Role.BUTTON, "首页", Rect(25, 10, 20, 20), action=Home(), id="home")
TREE = Node(Role.PAGE, "首页", Rect(0, 0, 100, 100), children=(BACK, OFF, OVER))


def test_a_tree_is_walked_in_reading_order() -> None:
    assert [node.name for node in walk(TREE)] == ["首页", "返回", "返回", "取号", "首页"]
    assert [node.id for node in controls(TREE)] == ["back", "take", "home"]


def test_a_touch_meets_the_control_and_not_what_is_drawn_in_it() -> None:
    assert control_at(TREE, 13, 13) is BACK
    assert hit(TREE, 13, 13) == Back()


def test_a_touch_meets_what_is_drawn_last() -> None:
    assert hit(TREE, 27, 15) == Home()


def test_a_touch_beside_everything_or_of_what_is_off_asks_for_nothing() -> None:
    assert hit(TREE, 90, 90) is None
    assert hit(TREE, 55, 15) is None
    assert control_at(TREE, 55, 15) is OFF


def test_a_rectangle_ends_before_its_far_edge() -> None:
    assert not Rect(0, 0, 10, 10).has(10, 5)
    assert Rect(0, 0, 10, 10).has(0, 0)


def test_a_control_is_found_by_its_id() -> None:
    assert find(TREE, "home") is OVER
    assert find(TREE, "nothing") is None
