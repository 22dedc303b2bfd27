"""One fault's states: what raises it, what clears it, and what is only a suspicion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.cameras_limits import CameraRules, Votes
from edge.rules.cameras_machine import idle, step
from edge.rules.cameras_model import FaultState

RULES = CameraRules()
THREE_OF_FOUR = Votes(3, 4, span_s=60.0, gross_span_s=20.0)
FIVE_OF_EIGHT = Votes(5, 8)

# Looks 10 s apart: . clean (0), ~ near the threshold (0.8), x bad (1.2), X gross (5). What it is then.
TABLE = [
    (THREE_OF_FOUR, ".", "ok"),
    (THREE_OF_FOUR, "~", "ok"),
    (THREE_OF_FOUR, ".x", "suspect"),
    (THREE_OF_FOUR, ".xxx", "suspect"),
    (THREE_OF_FOUR, ".xxxxxx", "suspect"),
    (THREE_OF_FOUR, ".xxxxxxx", "fault"),
    (THREE_OF_FOUR, ".XX", "suspect"),
    (THREE_OF_FOUR, ".XXX", "fault"),
    (THREE_OF_FOUR, ".XxX", "suspect"),
    (THREE_OF_FOUR, ".X.XX", "fault"),
    (THREE_OF_FOUR, ".X..", "ok"),
    (THREE_OF_FOUR, ".x..x", "suspect"),
    (THREE_OF_FOUR, "X", "suspect"),
    (THREE_OF_FOUR, "xXX", "fault"),
    (THREE_OF_FOUR, "XXx", "suspect"),
    (THREE_OF_FOUR, "XXX", "fault"),
    (THREE_OF_FOUR, "XXX~", "fault"),
    (THREE_OF_FOUR, "XXX.", "recovering"),
    (THREE_OF_FOUR, "XXX..", "recovering"),
    (THREE_OF_FOUR, "XXX..x", "fault"),
    (THREE_OF_FOUR, "XXX..~", "fault"),
    (THREE_OF_FOUR, "XXX...", "ok"),
    (THREE_OF_FOUR, "XXX..~...", "ok"),
    (FIVE_OF_EIGHT, "xxxx", "suspect"),
    (FIVE_OF_EIGHT, "xxxxx", "fault"),
    (FIVE_OF_EIGHT, "x.x.x.x", "suspect"),
    (FIVE_OF_EIGHT, "xx.x.x.x", "fault"),
    (FIVE_OF_EIGHT, "x....", "ok"),
    (Votes(2, 2), "x.", "ok"),
    (Votes(2, 2), "xx", "fault"),
]
SCORES = {".": 0.0, "~": 0.8, "x": 1.2, "X": 5.0}


@pytest.mark.parametrize(
    ("votes", "looks", "phase"), TABLE, ids=[f"{v.k}of{v.n}:{looks}" for v, looks, _ in TABLE]
)
def test_looks_lead_to_a_phase(votes: Votes, looks: str, phase: str) -> None:
    state = FaultState()
    for at, look in enumerate(looks):
        state = step(state, SCORES[look], at * 10.0, votes, RULES)
    assert state.phase == phase


SURPLUS = Votes(3, 4, span_s=60.0, gross_span_s=20.0, surplus=2.0)


@pytest.mark.parametrize(
    ("scores", "after"),
    [
        ([3.0] * 8, 3),  # as soon as the least time is over
        ([2.7] * 8, 4),
        ([2.5] * 8, 5),
        ([2.7, 2.4, 2.8, 2.9, 2.9], 4),  # one weak look takes nothing back
        ([3.0, 1.0, 3.0, 3.0, 3.0], 4),  # one that speaks against it counts as much as one for it
        ([3.0, 3.0, 1.0, 1.0, 3.0, 3.0], 6),  # and no more than all that was there
        ([2.0] * 8, 7),  # neither for nor against: over the longer time
    ],
    ids=str,
)
def test_what_is_beyond_gross_adds_up(scores: list[float], after: int) -> None:
    """From the second look on, 10 s apart: the first may have caught the beginning."""
    state = FaultState()
    for at, score in enumerate(scores):
        state = step(state, score, at * 10.0, SURPLUS, RULES)
        if state.phase == "fault":
            break
    assert (state.phase, at + 1) == ("fault", after)
    assert state.surplus == 0.0


@given(st.lists(st.floats(0.0, 6.0), max_size=40))
def test_a_surplus_raises_nothing_without_looks_and_time(scores: list[float]) -> None:
    """`k` of the last `n` are bad, over the least time."""
    state = FaultState()
    for at, score in enumerate(scores):
        before, state = state, step(state, score, at * 10.0, SURPLUS, RULES)
        assert state.surplus >= 0.0
        if before.phase == "suspect" and state.phase == "fault":
            looks = (*before.looks, (at * 10.0, 1))[-SURPLUS.n :]
            assert score >= 1
            assert sum(1 for _, bad in looks if bad) >= SURPLUS.k
            assert at * 10.0 - before.looks[0][0] >= SURPLUS.gross_span_s


def test_without_another_proof_it_stays_a_suspicion() -> None:
    state = FaultState()
    for at in range(30):
        state = step(state, 5.0, at * 10.0, THREE_OF_FOUR, RULES, proven=False)
    assert state.phase == "suspect"
    assert step(state, 5.0, 300.0, THREE_OF_FOUR, RULES).phase == "fault"


def test_what_flaps_is_unstable_and_then_no_storm() -> None:
    state, now_s, turns = FaultState(), 0.0, 0
    for _ in range(200):  # 2 min sick, 2 min well, for 13 h
        for score in (5.0,) * 12 + (0.0,) * 12:
            before = state.phase
            state = step(state, score, now_s, THREE_OF_FOUR, RULES)
            turns += before == "suspect" and state.phase == "fault"
            now_s += 10
    assert state.unstable
    assert turns == RULES.flap_raises


def test_an_unstable_fault_ends_after_a_long_quiet() -> None:
    state = FaultState("fault", 0.0, unstable=True, raised_s=(0.0, 1.0, 2.0))
    state = step(state, 0.0, 10.0, THREE_OF_FOUR, RULES)
    state = step(state, 0.0, RULES.flap_quiet_s, THREE_OF_FOUR, RULES)
    state = step(state, 0.0, RULES.flap_quiet_s + 5, THREE_OF_FOUR, RULES)
    assert state.phase == "recovering"
    state = step(state, 0.0, RULES.flap_quiet_s + 10, THREE_OF_FOUR, RULES)
    assert (state.phase, state.unstable) == ("ok", False)


@pytest.mark.parametrize(
    ("was", "becomes"), [("suspect", "ok"), ("fault", "fault"), ("recovering", "recovering")]
)
def test_what_cannot_be_judged_drops_suspicions_and_keeps_faults(was: str, becomes: str) -> None:
    assert idle(FaultState(was), 5.0, "ok").phase == becomes  # type: ignore[arg-type]
