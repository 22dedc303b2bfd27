"""Waits told on days by chance, which nothing was tuned on; `make bench-waits` tries more of them."""

from __future__ import annotations

import pytest

from tests.sim_day.day import ITEM_KINDS, MIDDLE, SMALL, Kind
from tests.sim_day.judge import played, score

MAE_MOST = 0.25  # of the mean wait
COVERED = 0.85, 0.95


@pytest.mark.parametrize(("kind", "days"), [(SMALL, 10), (MIDDLE, 4)], ids=["small", "middle"])
def test_told_waits_are_near_the_truth_and_far_better_than_the_last_five(kind: Kind, days: int) -> None:
    found = score(played(kind, range(1000, 1000 + days)))
    assert found.n > 150 * days, "a day without queues proves nothing"
    assert found.relative <= MAE_MOST
    assert COVERED[0] <= found.coverage <= COVERED[1]
    assert found.mae_s < found.last_five_s / 2
    assert found.unserved == 0


def test_where_items_differ_much_it_helps_to_know_who_waits_for_which() -> None:
    middle = next(kind for kind in ITEM_KINDS if kind.name.startswith("middle"))
    days = range(1000, 1004)
    blind, told = score(played(middle, days, "services")), score(played(middle, days, "items"))
    assert told.n > 500, "a day without queues proves nothing"
    assert told.relative < 0.93 * blind.relative
    assert COVERED[0] <= told.coverage <= COVERED[1]


def test_what_earlier_days_have_shown_of_codes_helps_from_the_morning_on() -> None:
    middle = next(kind for kind in ITEM_KINDS if kind.name.startswith("middle"))
    days = range(1000, 1003)
    first, later = score(played(middle, days, "codes")), score(played(middle, days, "codes", earlier=3))
    assert later.n > 400, "a day without queues proves nothing"
    assert later.relative < 0.95 * first.relative
    assert later.relative <= MAE_MOST
    assert COVERED[0] <= later.coverage <= COVERED[1]
