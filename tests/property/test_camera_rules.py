"""The cameras' rules under any look: nothing raises, a state is always plain data, and time is bounded."""

from __future__ import annotations

import json
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from drivers.messages import CameraLooked, CameraRing
from edge.rules.cameras import judge
from edge.rules.cameras_limits import FAULTS, CameraRules
from edge.rules.cameras_machine import MOST_LOOKS
from edge.rules.cameras_model import CameraState, Phase, Turned, from_json, to_json
from tests.unit.camera_kit import USUAL, Desk

# Learns in five looks, so that the looks here meet every stage of a camera's life.
RULES = CameraRules(learn_least=4, learn_s=300.0, learn_gap_s=50.0)
LEARNT = Desk(rules=RULES).learnt().state
CODES = ("", "", "", "offline", "auth_failed", "session_limit", "no_frames", "corrupt", "worker_hung", "?")
NEXT: dict[Phase, set[Phase]] = {
    "unknown": {"learning", "ok", "suspect", "fault"},
    "learning": {"ok", "suspect", "fault"},
    "ok": {"suspect", "fault", "learning"},
    "suspect": {"ok", "fault", "learning"},
    "fault": {"recovering", "ok"},
    "recovering": {"ok", "fault"},
}

numbers = st.floats() | st.sampled_from((0.0, 1.0, -1.0, 1e-300, 1e300, float("nan"), float("inf")))
odd = st.dictionaries(st.sampled_from([*USUAL, "reachable", "clock_offset_s", "unheard_of"]), numbers)
near = st.dictionaries(
    st.sampled_from(sorted(USUAL)), st.floats(0.0, 4.0).map(lambda each: each), max_size=6
).map(lambda factors: USUAL | {name: USUAL[name] * factor for name, factor in factors.items()})
whole = st.just(USUAL)
checks = st.builds(
    CameraLooked,
    st.sampled_from(get_args(CameraRing)),
    st.sampled_from(CODES),
    whole | near | odd,
    st.sampled_from((0, 640, 1920, -1)),
    st.sampled_from((0, 360, 1080)),
    st.sampled_from(("", "h264", "h265")),
    numbers,
    numbers,
    st.integers(-5, 10**9),
    st.integers(-5, 10**9),
)
histories = st.lists(st.tuples(checks, st.sampled_from((0.0, 1.0, 11.0, 60.0, 3600.0, 1e7))), max_size=40)


@given(histories, st.booleans())
def test_no_look_is_too_odd_to_be_judged(history: list[tuple[CameraLooked, float]], learnt: bool) -> None:
    state, now_s = (LEARNT if learnt else CameraState()), 1e6
    for check, after_s in history:
        now_s += after_s
        state, changes, pace, _ = judge(state, check, now_s, RULES)
        assert pace in ("normal", "suspect")
        for each in changes:
            if isinstance(each, Turned):
                assert each.fault in FAULTS
                assert each.phase in NEXT[each.before]
        for fault in state.faults.values():
            assert len(fault.looks) <= MOST_LOOKS
        text = json.dumps(to_json(state), allow_nan=False)
        assert len(text) < 40_000
        assert from_json(json.loads(text)) == state


@given(histories)
def test_a_restart_at_any_moment_changes_nothing(history: list[tuple[CameraLooked, float]]) -> None:
    whole, restarted, now_s = LEARNT, LEARNT, 1e6
    for check, after_s in history:
        now_s += after_s
        first = judge(whole, check, now_s, RULES)
        second = judge(from_json(json.loads(json.dumps(to_json(restarted)))), check, now_s, RULES)
        assert first == second
        whole, restarted = first.state, second.state


@given(st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=6))
def test_healthy_hours_make_every_camera_well(ills: list[str]) -> None:
    from tests.unit.camera_kit import sick  # noqa: PLC0415 — after the rules' own imports

    desk = Desk(LEARNT, RULES, now_s=1e6)
    for ill in ills:
        desk.looks(sick(ill), 5)
    healthy: Any = CameraLooked("picture", "", USUAL, 640, 360, "h264")
    for _ in range(300):  # what has flapped takes half an hour
        desk.look(healthy)
        desk.look(CameraLooked("probe", "", {"clock_offset_s": 0.0}), after_s=0.0)
        desk.look(CameraLooked("stream", announced_fps=25, fps=25, received=900), after_s=0.0)
    assert {each.phase for each in desk.state.faults.values()} == {"ok"}
