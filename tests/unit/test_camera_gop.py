"""How long a stream's key frames are waited for: long at first, then as it has shown."""

from __future__ import annotations

from random import Random

import pytest

from drivers.camera.client import FIRST_S, MAX_PICTURE_S, deadline_s
from drivers.camera.gop import LOOKS, Gop

ANSWERS_S = 0.2


@pytest.mark.parametrize("gop_s", [1.0, 2.0, 4.0, 8.0, 10.0])
def test_whoever_begins_anywhere_waits_long_enough(gop_s: float) -> None:
    chance, missed = Random(3), 0
    for _ in range(50):
        gop = Gop()
        for _ in range(100):
            wait_s = ANSWERS_S + chance.uniform(0.0, gop_s)
            if wait_s > deadline_s(gop.s):
                missed += 1
                gop.missed()
            else:
                gop.waited(wait_s)
    assert missed <= 5  # of 5,000


def test_short_groups_are_soon_not_waited_for_long() -> None:
    gop = Gop()
    for _ in range(LOOKS - 1):
        gop.waited(0.9)
        assert deadline_s(gop.s) == MAX_PICTURE_S
    gop.waited(0.9)
    assert deadline_s(gop.s) == 7.0
    gop.missed()
    assert deadline_s(gop.s) == MAX_PICTURE_S


def test_what_was_measured_counts_more() -> None:
    gop = Gop()
    gop.measured(1.0)
    assert deadline_s(gop.s) == 5.0
    gop.measured(0.0)
    assert deadline_s(gop.s) == MAX_PICTURE_S


@pytest.mark.parametrize("gop_s", [1.0, 5.0, 10.0])
def test_who_says_nothing_until_a_key_frame_is_left_at_most_once(gop_s: float) -> None:
    chance, worst = Random(5), 0
    for _ in range(50):
        gop, in_a_row = Gop(), 0
        for _ in range(100):
            silent_s = chance.uniform(0.0, gop_s)
            if silent_s > gop.first_s:
                in_a_row += 1
                gop.missed()
            else:
                in_a_row = 0
                gop.waited(ANSWERS_S + silent_s)
            worst = max(worst, in_a_row)
    assert worst <= 1
    assert Gop().first_s == FIRST_S, "who hangs is told early"
