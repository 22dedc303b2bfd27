"""Which mode a picture is of: by colour, by infra-red lamps, or with the lights off.

What looks like another mode and is none: an iris that closes darkens all tiles alike and leaves noise
and light in proportion; a lit room without colours is a filter that hangs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from edge.rules.cameras_baseline import usual
from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import Baseline, CameraState, FaultState, Mode

_TOLD = 2  # of a suspicion's looks, where a gross one counts twice
_NEAR = 0.35  # of log mean: a mode that has been learnt is known again


def is_grey(measures: Mapping[str, float], mode: str, rules: CameraRules) -> bool:
    """Whether it is without colours. What may cover a part of a night's view has some of its own."""
    limit = rules.grey_chroma if mode == "colour" else rules.colour_chroma
    by_part = mode != "colour" and measures.get("smooth", 0.0) > rules.covered_still
    return measures.get("chroma_same" if by_part else "chroma_p95", 99.0) < limit


def seen_mode(measures: Mapping[str, float], state: CameraState, rules: CameraRules) -> Mode:
    """The mode that this picture speaks for; the present one where it speaks for none, as when covered."""
    mean = max(measures["mean"], 0.0)
    grey = is_grey(measures, state.mode, rules)
    if not state.mode:
        return "lights_off" if mean < rules.lights_off_mean else "infrared" if grey else "colour"
    now = state.baselines.get(state.mode, Baseline())
    known = now.ready and "gain" in measures
    if state.excused and mean < rules.lights_off_mean and state.mode != "infrared":
        return "lights_off"  # with the whole hall, and be it black
    if known and measures.get("smooth", 0.0) > rules.blank_smooth:
        return state.mode
    grey_camera = state.mode == "colour" and _lately(now, "chroma", 0.0) < rules.colour_chroma
    as_ever = state.mode == "lights_off" or grey_camera or grey == (state.mode == "infrared")
    if as_ever and _near(mean, state, state.mode):
        return state.mode
    relit = _relit(measures, now, rules) if grey and known and state.mode != "lights_off" else 0.0
    if relit > 0 or (relit < 0 and grey_camera):
        return "colour" if relit > 0 else "infrared"
    if state.mode == "lights_off":
        return _from_dark(measures, state, rules, grey=grey, known=known)
    iris = known and not state.excused and _iris(measures, now, state, rules)
    dark = _dark(measures, now, rules, known=known)
    if state.mode == "infrared":
        if not grey:
            return "lights_off" if _near(mean, state, "lights_off") else "colour"
        return "lights_off" if dark and not iris and mean < rules.lights_off_mean else "infrared"
    hangs = grey and known and not state.excused and _filter_hangs(measures, now, rules)
    says_nothing = iris and (
        not grey or grey_camera or measures["gain"] < rules.deep_gain * max(usual(now, "gain"), 0.1)
    )
    if hangs or says_nothing:  # of what is almost black the colours are gone too
        return "colour"
    by_lamp = grey and _near(mean, state, "infrared")
    if dark and not (grey_camera and by_lamp):
        return "infrared" if by_lamp else "lights_off"
    return "infrared" if by_lamp or (grey and not grey_camera and not _black(measures, rules)) else "colour"


def _from_dark(
    measures: Mapping[str, float], state: CameraState, rules: CameraRules, *, grey: bool, known: bool
) -> Mode:
    mean = measures["mean"]
    lit = measures["gain"] > rules.lights_on_gain if known else mean > _lit_mean(state, rules)
    if lit and known and grey and _exposed(measures, state, rules) and not _near(mean, state, "infrared"):
        return "lights_off"
    brighter = not known or math.log(max(measures["gain"], 0.01)) > rules.relit
    if lit or (brighter and _like_another(mean, state)):
        return "infrared" if grey else "colour"
    return "lights_off"


def _exposed(measures: Mapping[str, float], state: CameraState, rules: CameraRules) -> bool:
    """More of the same light and none of the colours that the day is known to have: no lamp went on."""
    day = state.baselines.get("colour", Baseline())
    coloured = day.ready and usual(day, "chroma") >= rules.colour_chroma
    even = measures.get("gain_spread", 1.0) < rules.uneven
    return coloured and even and measures.get("kept", 0.0) >= rules.same_view


def _black(measures: Mapping[str, float], rules: CameraRules) -> bool:
    """No lamp lights this, and no colour could be seen in it."""
    return measures.get("p99", 255.0) < rules.black_p99 and measures["mean"] < rules.black_mean


def _dark(measures: Mapping[str, float], now: Baseline, rules: CameraRules, *, known: bool) -> bool:
    """Dark as of lamps that are off, with something still to be seen."""
    if _black(measures, rules):
        seen = known and measures.get("kept", 0.0) >= rules.same_view
        if not seen or measures.get("noise", 0.0) < rules.noisier_deep * max(usual(now, "noise"), 0.5):
            return False
    if not known:
        return measures["mean"] < rules.lights_off_mean
    fall = measures["gain"] / max(usual(now, "gain"), 0.1)
    same_view = measures.get("kept", 1.0) >= rules.same_view
    return same_view and (fall < rules.lights_off_gain or measures["mean"] < rules.lights_off_mean / 2)


def _filter_hangs(measures: Mapping[str, float], now: Baseline, rules: CameraRules) -> bool:
    """Whether a coloured view has gone grey while its lamps burn as they did."""
    bright = abs(math.log(max(measures["gain"], 0.01) / max(usual(now, "gain"), 0.1)))
    same_lamps = (
        bright < rules.grey_as_day_gain and measures.get("gain_spread", 1.0) < rules.grey_as_day_uneven
    )
    calm = measures.get("noise", 0.0) < rules.grey_as_day_noise * max(usual(now, "noise"), 0.5)
    return same_lamps and calm and measures.get("chroma_ref", 0.0) > rules.grey_least


def _relit(measures: Mapping[str, float], now: Baseline, rules: CameraRules) -> float:
    """How much brighter other lamps light the same view, as a log; 0 where they are the same lamps."""
    rise = math.log(max(measures["gain"], 0.01) / max(usual(now, "gain"), 0.1))
    uneven = measures.get("gain_spread", 0.0) > rules.uneven and measures.get("kept", 0.0) >= rules.same_view
    burnt = measures.get("bright_share", 0.0) > rules.over_share  # which is uneven too
    return rise if uneven and not burnt and abs(rise) > rules.relit else 0.0


def _iris(measures: Mapping[str, float], now: Baseline, state: CameraState, rules: CameraRules) -> bool:
    """Where it has been told that it is dark, gain control that comes to answer is no night either: by the
    fault, or by a gross look or two, after which an encoder refines what it shows. Where something kept more
    of its light, looks alone have told nothing yet."""
    top = measures.get("gain_top", 0.0)
    if measures.get("gain_spread", 1.0) >= rules.uneven or top >= rules.top_light:
        return False
    found = state.faults.get("dark", FaultState())
    told = found.phase in ("fault", "recovering")
    if top < rules.some_light:
        told |= sum(bad for _, bad in found.looks) >= _TOLD
    elif not told and _near(measures["mean"], state, "lights_off"):
        return False
    deep = measures["gain"] < rules.deep_gain * max(usual(now, "gain"), 0.1)
    noisier = rules.noisier_deep if deep else rules.noisier
    return told or measures.get("noise", 0.0) < noisier * max(usual(now, "noise"), 0.5)


def _lately(found: Baseline, name: str, otherwise: float) -> float:
    """Usual, or of the last picture that was learnt."""
    samples = found.samples.get(name, ())
    return usual(found, name) if found.approved else samples[-1] if samples else otherwise


def _near(mean: float, state: CameraState, mode: str) -> bool:
    """Whether that mode's light is known to be about this."""
    known = _lately(state.baselines.get(mode, Baseline()), "mean", -1.0)
    return known >= 0 and abs(math.log((max(mean, 0.0) + 4) / (known + 4))) < _NEAR


def _lit_mean(state: CameraState, rules: CameraRules) -> float:
    """Of a picture out of a darkness that is not learnt yet: most of the usual light, where that is known."""
    day = state.baselines.get("colour", Baseline())
    usual_mean = usual(day, "mean") if day.ready else 0.0
    return max(rules.lights_off_mean * 1.3, rules.lights_back * usual_mean)


def _like_another(mean: float, state: CameraState) -> bool:
    """Out of the dark by a learnt mode's light, and no more like the darkness that was learnt."""
    if _near(mean, state, "lights_off"):
        return False
    return _near(mean, state, "colour") or _near(mean, state, "infrared")
