"""What is usual for a camera in a mode: learnt from healthy looks, then followed within limits."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import replace

from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import MODES, Baseline, CameraState, Forget

# What is learnt, with the least spread it is believed to have and how far its centre may drift from the first
# approved one, in its own unit. Slow defocus is so told from what is new in a season.
LEARNT: dict[str, tuple[float, float]] = {
    "mean": (6.0, 60.0),
    "gain": (0.04, 0.35),
    "bright_share": (0.01, 0.15),
    "smooth": (0.01, 0.10),
    "lost": (0.02, 0.30),
    "sharp": (0.015, 0.10),
    "crisp": (0.03, 0.15),
    "cast_cr": (0.3, 4.0),
    "cast_cb": (0.3, 4.0),
    "chroma": (0.5, 10.0),
    "noise": (0.1, 0.7),
    "stripes": (0.1, 1.0),
    "mosaic": (0.01, 0.15),
    "blocks": (0.002, 0.015),
    "floor": (0.05, 1.5),
    "top": (0.2, 20.0),
    "equal": (0.02, 0.3),
    "clock_moves": (0.02, 0.3),
    "repeats": (0.0, 0.0),
    "stir": (0.3, 2.0),
}
BESIDE = (
    "gain",
    "smooth",
    "lost",
    "sharp",
    "crisp",
    "cast_cr",
    "cast_cb",
)  # worth nothing beside the first few pictures
_REFERENCE_LEAST = 4.0  # pictures in a reference before anything is learnt beside it
_TO_SIGMA = 1.4826  # of a normal distribution, from the median absolute deviation
_CLIP = 3.0  # spreads that one look can pull by
_SPREAD_MOST = 2.0  # times the approved: what becomes restless is not usual for ever


def usual(baseline: Baseline, name: str) -> float:
    return baseline.centre.get(name, 0.0)


def spread(baseline: Baseline, name: str) -> float:
    return max(baseline.spread.get(name, 0.0), LEARNT[name][0])


def learn(
    was: Baseline, measures: Mapping[str, float], now_s: float, rules: CameraRules
) -> tuple[Baseline, bool]:
    """With one more healthy look, and whether its picture belongs into the reference."""
    if not was.count:
        was = replace(was, began_s=now_s)
    elif now_s - was.last_s < rules.learn_gap_s:
        return was, False
    if measures.get("reference", 0.0) >= _REFERENCE_LEAST and measures.get("lost", 0.0) > rules.restart_lost:
        odd = was.odd + 1
        return (Baseline() if odd >= rules.restart_looks else replace(was, odd=odd, last_s=now_s)), False
    samples = dict(was.samples)
    for name in LEARNT:
        early = name in BESIDE and measures.get("reference", 0.0) < _REFERENCE_LEAST
        if name in measures and not early:
            samples[name] = (*samples.get(name, ()), measures[name])[-rules.learn_most :]
    learnt = replace(was, samples=samples, count=was.count + 1, last_s=now_s, odd=0)
    if learnt.count >= rules.learn_least and now_s - learnt.began_s >= rules.learn_s:
        return _approved(learnt, measures, rules), True
    return learnt, True


def _approved(was: Baseline, measures: Mapping[str, float], rules: CameraRules) -> Baseline:
    centre = {name: statistics.median(values) for name, values in was.samples.items()}
    centre["repeats"] = statistics.fmean(was.samples.get("repeats", (0.0,)))
    spreads = {
        name: _TO_SIGMA * statistics.median(abs(value - centre[name]) for value in values)
        for name, values in was.samples.items()
    }
    why = ""
    if (
        measures.get("textured", 1.0) < rules.unusable_textured
        or measures.get("std", 99.0) < rules.unusable_std
    ):
        why = "nothing_to_see"
    return replace(
        was,
        samples={},
        centre=centre,
        spread=spreads,
        approved=dict(centre),
        approved_spread=dict(spreads),
        unusable=why,
    )


def follow(was: Baseline, measures: Mapping[str, float], rules: CameraRules) -> Baseline:
    """A step towards a healthy look, never farther from what was approved than the limit of drift."""
    centre, spreads = dict(was.centre), dict(was.spread)
    for name, (least, drift) in LEARNT.items():
        if name not in measures or name not in centre:
            continue
        width = spread(was, name)
        apart = measures[name] - centre[name]
        moved = centre[name] + max(-_CLIP * width, min(_CLIP * width, apart)) * rules.adapt
        first = was.approved[name]
        centre[name] = max(first - drift, min(first + drift, moved))
        # The median of |apart| × 1.48: up and down by equal steps as it is above or below.
        turn = 1 if abs(apart) * _TO_SIGMA > width else -1
        most = _SPREAD_MOST * max(least, was.approved_spread[name])
        spreads[name] = min(width * (1 + turn * rules.adapt), most)
    return replace(was, centre=centre, spread=spreads)


def accept_view(state: CameraState, by: str, now_s: float) -> tuple[CameraState, tuple[Forget, ...]]:
    """`by` says that the camera shall look as it does now: all is learnt anew, no fault stands."""
    fresh = CameraState(mode=state.mode, accepted_by=by, accepted_s=now_s)
    return fresh, tuple(Forget(mode) for mode in MODES)
