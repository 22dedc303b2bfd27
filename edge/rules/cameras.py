"""How a camera is judged: one look at a time, each camera against what is usual for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from drivers.messages import CameraLooked
from edge.rules import cameras_evidence as evidence
from edge.rules.cameras_baseline import follow, learn
from edge.rules.cameras_limits import FAULTS, PICTURE, WAY, CameraRules, Votes
from edge.rules.cameras_machine import idle, step
from edge.rules.cameras_model import (
    Baseline,
    BaselineReady,
    BaselineUnusable,
    CameraState,
    Change,
    FaultState,
    Judgement,
    Keep,
    Mode,
    ModeChanged,
    Stirred,
    Turned,
)
from edge.rules.cameras_modes import seen_mode

_SICK = ("suspect", "fault", "recovering")
_UNKNOWN = FaultState()
MOST = 1e6  # of any number that a look brings: a clock that is two weeks off is as wrong as one can be


def judge(state: CameraState, check: CameraLooked, now_s: float, rules: CameraRules) -> Judgement:
    """What follows from one look. `now_s` never goes back; numbers that make no sense say nothing."""
    check = _sane(check)
    measures = dict(check.measures)
    before = state
    state, changes = _format(state, check), list[Change]()
    seen = check.ring == "picture" and not check.code and "mean" in measures
    settled = True
    if seen:
        state, settled = _mode(state, measures, now_s, rules, changes)
        state = _pardoned(state, measures, now_s, rules)
    look = evidence.Look(check, measures, _usual(state), state, rules)
    scores = _scores(look, now_s, seen=seen, settled=settled)
    state = _ring(state, check)
    state = replace(state, faults=_step(state, look, scores, now_s, changes))
    if seen and settled:
        state = _learn(state, measures, now_s, rules, changes)
    _stirred(before, state, changes)
    sick = [name for name in FAULTS if state.faults.get(name, _UNKNOWN).phase in ("suspect", "recovering")]
    hasty = bool(sick) or bool(state.next_mode)
    return Judgement(state, tuple(changes), "suspect" if hasty else "normal", _wants_stream(state))


def _sane(check: CameraLooked) -> CameraLooked:
    """Without what no picture and no stream can bring."""

    def rate(value: float) -> float:
        return value if 0 <= value <= MOST else 0.0

    return replace(
        check,
        measures={name: float(each) for name, each in check.measures.items() if abs(each) <= MOST},
        fps=rate(check.fps),
        announced_fps=rate(check.announced_fps),
        received=max(check.received, 0),
        lost=max(check.lost, 0),
    )


def _usual(state: CameraState) -> Baseline | None:
    found = state.baselines.get(state.mode)
    return found if found and found.ready else None


def _format(state: CameraState, check: CameraLooked) -> CameraState:
    """The first size, codec and rate told are the usual ones, until a new view is accepted."""
    if check.code:
        return state
    if check.ring != "stream" and state.size == (0, 0) and check.width and check.height:
        state = replace(state, size=(check.width, check.height), codec=check.codec)
    if check.ring == "stream" and not state.fps:
        state = replace(state, fps=check.announced_fps or max(check.fps, 0.0))
    return state


def _ring(state: CameraState, check: CameraLooked) -> CameraState:
    if check.code != "offline":
        return replace(state, failing=()) if state.failing else state
    if check.ring in state.failing:
        return state
    return replace(state, failing=(*state.failing, check.ring))


# --- modes ---
def _mode(
    state: CameraState, measures: Mapping[str, float], now_s: float, rules: CameraRules, changes: list[Change]
) -> tuple[CameraState, bool]:
    """The state in its mode, and whether this picture can be judged by it."""
    speaks = seen_mode(measures, state, rules)
    if speaks == state.mode:
        return (replace(state, next_mode="", next_looks=0) if state.next_mode else state), True
    looks = state.next_looks + 1 if speaks == state.next_mode else 1
    if state.mode and looks < rules.mode_looks:
        if looks == 1:
            changes.append(Stirred("light"))
        return replace(state, next_mode=speaks, next_looks=looks), False
    return _enter(state, speaks, now_s, rules, changes), not state.mode


def _enter(
    state: CameraState, mode: Mode, now_s: float, rules: CameraRules, changes: list[Change]
) -> CameraState:
    changes.append(ModeChanged(state.mode, mode))
    hold_s = now_s + rules.mode_hold_s if state.mode else 0.0
    return replace(
        state,
        mode=mode,
        next_mode="",
        next_looks=0,
        hold_until_s=max(state.hold_until_s, hold_s),
        excused=state.excused and mode == "lights_off",
    )


def _pardoned(
    state: CameraState, measures: Mapping[str, float], now_s: float, rules: CameraRules
) -> CameraState:
    """Who was dark with the whole hall is judged again once it is light, or has its own."""
    lit = measures["mean"] > rules.lights_off_mean * rules.lights_on_gain or state.mode == "infrared"
    if state.excused and lit and now_s >= state.hold_until_s:
        return replace(state, excused=False)
    return state


# --- faults ---
def _scores(look: evidence.Look, now_s: float, *, seen: bool, settled: bool) -> dict[str, float | None]:
    """By fault; one that is missing was not looked at, None could not be judged."""
    scores = evidence.way(look)
    if look.state.away:
        scores = dict.fromkeys(scores)
    scores |= {
        name: found for name, tell in evidence.BESIDE_PICTURE.items() if (found := tell(look)) is not None
    }
    if not seen:
        return scores
    waits = not settled or now_s < look.state.hold_until_s or bool(scores.get("wrong_size"))
    return scores | (dict.fromkeys(PICTURE) if waits else evidence.in_picture(look))


def _step(
    state: CameraState,
    look: evidence.Look,
    scores: Mapping[str, float | None],
    now_s: float,
    changes: list[Change],
) -> dict[str, FaultState]:
    faults = dict(state.faults)
    look = replace(look, state=state)
    masked_way = masked_picture = False
    for name in FAULTS:
        was = faults.get(name, _UNKNOWN)
        masked = masked_way or (masked_picture and name in PICTURE)
        now = was
        if masked:
            now = idle(was, now_s, "ok" if was.phase == "suspect" else was.phase)
        elif name in scores:
            now = _look(was, name, scores[name], look, now_s)
        if now is not was:
            faults[name] = now
            if now.phase != was.phase:
                details = {each: look.m[each] for each in evidence.DETAILS.get(name, ()) if each in look.m}
                score = scores.get(name) or 0.0
                changes.append(Turned(name, was.phase, now.phase, score, details, now.unstable))
        if name in WAY:
            masked_way |= now.phase in _SICK
        elif name in PICTURE:
            masked_picture |= now.phase in _SICK
    return faults


def _look(was: FaultState, name: str, score: float | None, look: evidence.Look, now_s: float) -> FaultState:
    rules = look.rules
    if score is None:
        learning = name in PICTURE and look.usual is None and bool(look.state.mode)
        return idle(was, now_s, "learning" if learning else "ok" if was.phase == "suspect" else was.phase)
    if name in PICTURE and look.usual is None and score < 1 and was.phase in ("unknown", "learning", "ok"):
        return idle(was, now_s, "learning")
    votes: Votes = getattr(rules, name)
    if name == "frozen" and look.usual is not None:
        votes = _of_a_loop(votes, look.usual.centre.get("repeats", 0.0), rules)
    proven = True
    if name == "offline":
        proven = _gone(was, look)
    elif name == "frozen":  # a calm stream only says that another look is worth it
        proven = score >= rules.gross_score
    return step(was, score, now_s, votes, rules, proven=proven)


def _gone(was: FaultState, look: evidence.Look) -> bool:
    """That a camera is gone: two rings say so, or its host is silent too, or one says it thrice."""
    return (
        len(look.state.failing) > 1
        or look.m.get("reachable") == 0.0
        or sum(1 for _, bad in was.looks if bad) + 1 >= look.rules.offline_alone
    )


def _of_a_loop(votes: Votes, repeats: float, rules: CameraRules) -> Votes:
    """A source that repeats itself by chance has to do so longer."""
    if repeats <= 0:
        return votes
    odds = min(max(repeats, 0.001), 0.9)
    run = min(max(votes.k, math.ceil(math.log(rules.repeat_odds) / math.log(odds))), rules.repeat_most)
    return replace(votes, k=run, n=run)


# --- learning ---
def _learn(
    state: CameraState, measures: dict[str, float], now_s: float, rules: CameraRules, changes: list[Change]
) -> CameraState:
    """Never while anything is suspected of the picture, nor while exposure settles."""
    mode = state.mode
    sick = any(state.faults.get(name, _UNKNOWN).phase in _SICK for name in (*WAY, *PICTURE, "wrong_size"))
    if not mode or sick or now_s < state.hold_until_s:
        return state
    was = state.baselines.get(mode, Baseline())
    if was.unusable:
        return state
    measures["repeats"] = evidence.repeats(measures, rules)
    if was.ready:
        return replace(state, baselines={**state.baselines, mode: follow(was, measures, rules)})
    now, keep = learn(was, measures, now_s, rules)
    if keep:
        changes.append(Keep(mode))
    if now.approved:
        changes.append(BaselineUnusable(mode, now.unusable) if now.unusable else BaselineReady(mode))
    return replace(state, baselines={**state.baselines, mode: now})


def _wants_stream(state: CameraState) -> bool:
    """Where the stream's flow would tell more: suspicions of it, and of pictures that tear."""
    return any(
        state.faults.get(name, _UNKNOWN).phase == "suspect"
        for name in ("no_frames", "corrupt", "mosaic", "low_fps")
    )


def _stirred(before: CameraState, after: CameraState, changes: list[Change]) -> None:
    """What the hall has to know at once: a group event is told by first suspicions, not by proven faults."""

    def turned(name: str, phase: str) -> bool:
        was = before.faults.get(name, _UNKNOWN).phase
        return was != phase and after.faults.get(name, _UNKNOWN).phase == phase

    if not before.failing and after.failing:
        changes.append(Stirred("gone"))
    if before.failing and not after.failing:
        changes.append(Stirred("back"))
    if turned("dark", "suspect") or turned("over", "suspect"):
        changes.append(Stirred("light"))
    elif any(turned(name, "suspect") for name in PICTURE if name != "frozen"):  # a hall may well be calm
        changes.append(Stirred("picture"))
