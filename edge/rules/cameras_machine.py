"""One fault of one camera: UNKNOWN → LEARNING → OK → SUSPECT → FAULT → RECOVERING → OK."""

from __future__ import annotations

from dataclasses import replace

from edge.rules.cameras_limits import CameraRules, Votes
from edge.rules.cameras_model import FaultState, Phase

MOST_LOOKS = 16  # remembered of a suspicion: above every `n`


def step(
    was: FaultState, score: float, now_s: float, votes: Votes, rules: CameraRules, *, proven: bool = True
) -> FaultState:
    """After a look that scores `score`: 1 and more is bad. Without `proven` a fault stays suspected."""
    bad = score >= 1
    match was.phase:
        case "unknown" | "learning" | "ok" if not bad:
            return _enter(was, "ok", now_s) if was.phase != "ok" else was
        case "unknown" | "learning" | "ok":
            return _suspected(_enter(was, "suspect", now_s), score, now_s, votes, rules, proven=proven)
        case "suspect":
            return _suspected(was, score, now_s, votes, rules, proven=proven)
        case _:
            return _faulty(was, score, now_s, rules)


def idle(was: FaultState, now_s: float, phase: Phase) -> FaultState:
    """While it cannot be judged: a fault stays one, a mere suspicion is dropped."""
    if was.phase in ("fault", "recovering") or was.phase == phase:
        return was
    return _enter(was, phase, now_s)


def _enter(was: FaultState, phase: Phase, now_s: float) -> FaultState:
    return replace(was, phase=phase, since_s=now_s, looks=(), surplus=0.0, clean=0)


def _suspected(
    was: FaultState, score: float, now_s: float, votes: Votes, rules: CameraRules, *, proven: bool
) -> FaultState:
    bad = 0 if score < 1 else 2 if score >= rules.gross_score else 1
    surplus = max(0.0, was.surplus + score - rules.gross_score) if was.looks else 0.0
    looks = (*was.looks, (now_s, bad))[-MOST_LOOKS:]
    recent = looks[-votes.n :]
    worst = [each for _, each in recent if each]
    if sum(1 for _, each in recent if not each) > votes.n - votes.k:
        return _enter(was, "ok", now_s)
    each_gross = all(each == 2 for each in worst[1 - votes.k :])  # noqa: PLR2004 see `FaultState`
    gross = surplus >= votes.surplus if votes.surplus else each_gross
    span_s = votes.gross_span_s if gross else votes.span_s
    if bad and proven and len(worst) >= votes.k and now_s - looks[0][0] >= span_s:
        return _raised(was, now_s, rules)
    return replace(was, looks=looks, surplus=surplus)


def _raised(was: FaultState, now_s: float, rules: CameraRules) -> FaultState:
    raised = (*(at for at in was.raised_s if now_s - at < rules.flap_s), now_s)[-rules.flap_raises :]
    unstable = was.unstable or len(raised) >= rules.flap_raises
    return replace(_enter(was, "fault", now_s), raised_s=raised, unstable=unstable)


def _faulty(was: FaultState, score: float, now_s: float, rules: CameraRules) -> FaultState:
    if score >= rules.clear_below:
        return was if was.phase == "fault" else _enter(was, "fault", now_s)
    if was.phase == "fault":
        was = _enter(was, "recovering", now_s)
    was = replace(was, clean=min(was.clean + 1, rules.clean_looks))
    quiet = not was.unstable or now_s - was.since_s >= rules.flap_quiet_s
    if was.clean < rules.clean_looks or not quiet:
        return was
    return replace(_enter(was, "ok", now_s), unstable=False, raised_s=() if was.unstable else was.raised_s)
