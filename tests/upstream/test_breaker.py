"""The breaker under any order of answers: who is away is left alone, and who is back is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.upstream.breaker import (
    FAILURES,
    REST_S,
    TRIAL_S,
    Breaker,
    admit,
    failed,
    succeeded,
    withdrawn,
)

STEPS = st.lists(
    st.tuples(st.sampled_from(["ok", "fails", "gives up", "asks"]), st.floats(0, 40)), max_size=60
)


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker, may = admit(breaker, 0.0)
        assert may
        breaker = failed(breaker, 0.0)
    assert breaker.state == "open"
    return breaker


def test_it_opens_after_failures_in_a_row_and_no_other() -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker = succeeded(failed(failed(breaker, 0.0), 0.0), 0.0)
    assert breaker.state == "closed"
    opened()


def test_one_is_let_through_after_a_rest_and_decides() -> None:
    breaker, may = admit(opened(), REST_S - 0.1)
    assert not may
    breaker, may = admit(breaker, REST_S)
    assert (may, breaker.state) == (True, "half_open")
    assert not admit(breaker, REST_S + 1)[1], "one at a time"
    assert succeeded(breaker, REST_S).state == "closed"
    again = failed(breaker, REST_S)
    assert again.state == "open"
    assert not admit(again, 2 * REST_S - 0.1)[1], "the rest begins anew"


def test_a_trial_that_was_given_up_is_the_next_ones() -> None:
    breaker, _ = admit(opened(), REST_S)
    assert admit(withdrawn(breaker, REST_S), REST_S)[1]


def test_a_trial_that_never_told_shuts_nobody_out_for_ever() -> None:
    breaker, _ = admit(opened(), REST_S)
    assert not admit(breaker, REST_S + TRIAL_S - 0.1)[1]
    assert admit(breaker, REST_S + TRIAL_S)[1]


@given(STEPS)
def test_under_any_order(steps: list[tuple[str, float]]) -> None:
    breaker, now_s, in_a_row, trials = Breaker(), 0.0, 0, 0
    for what, later_s in steps:
        now_s += later_s
        before = breaker
        breaker, may = admit(breaker, now_s)
        if not may:
            assert before.state != "closed", "who answers is asked"
            assert now_s - before.changed_s < max(REST_S, TRIAL_S)
            assert breaker == before
            continue
        if breaker.state == "half_open":
            trials += 1
            assert not admit(breaker, now_s)[1], "one trial at a time"
        match what:
            case "ok":
                breaker, in_a_row = succeeded(breaker, now_s), 0
                assert breaker == Breaker(changed_s=breaker.changed_s)
            case "fails":
                was_trial, breaker = breaker.state == "half_open", failed(breaker, now_s)
                in_a_row += 1
                assert (breaker.state == "open") == (was_trial or in_a_row >= FAILURES)
            case "gives up":
                breaker = withdrawn(breaker, now_s)
                assert breaker.state in ("closed", "open")
    ever_s = now_s + TRIAL_S + 0.001  # beyond what a sum of floats may lose
    assert admit(breaker, ever_s)[1], "in the end somebody is let through"


@pytest.mark.parametrize("late", [failed, succeeded, withdrawn])
def test_answers_that_come_after_it_opened_do_not_wedge_it(late: object) -> None:
    """Several had been asked at once."""
    assert callable(late)
    breaker = late(opened(), 1.0)
    assert isinstance(breaker, Breaker)
    assert admit(breaker, 1.0 + TRIAL_S)[1]
