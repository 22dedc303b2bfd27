"""What a look says of each fault: a score that is 1 where it is just bad, or nothing where it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.messages import CameraLooked
from edge.rules.cameras_baseline import spread, usual
from edge.rules.cameras_limits import WAY, CameraRules
from edge.rules.cameras_model import Baseline, CameraState

GROSS = 4.0  # what absolute limits tell: beyond doubt


@dataclass(frozen=True, slots=True)
class Look:
    """A check beside what is known: `usual` is the mode's baseline, None until it is learnt."""

    check: CameraLooked
    m: Mapping[str, float]  # the check's measures
    usual: Baseline | None
    state: CameraState
    rules: CameraRules

    def above(self, name: str, least: float) -> float:
        """How far a measure is above the usual, in units of `least` or of its spread, whichever is more."""
        if self.usual is None:
            return 0.0
        unit = max(least, self.rules.spreads * spread(self.usual, name))
        return (self.m[name] - usual(self.usual, name)) / unit

    def suspects(self, fault: str) -> bool:
        """Whether a look before this one was bad."""
        known = self.state.faults.get(fault)
        return known is not None and known.phase in ("suspect", "fault", "recovering")

    def bad_looks(self, fault: str) -> int:
        """Of a suspicion, up to now; none where it is a fault already."""
        known = self.state.faults.get(fault)
        return sum(1 for _, bad in known.looks if bad) if known else 0

    def has(self, *names: str) -> bool:
        return all(name in self.m for name in names)


Detector = Callable[[Look], float | None]


# --- in the picture ---
def dark(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.state.excused or not look.has("mean", "p99"):
        return None
    if look.state.mode == "lights_off" and look.usual is None:
        return GROSS if m["p99"] < rules.nothing_p99 else 0.0
    never_so_dark = look.usual is None or usual(look.usual, "mean") > 1.5 * rules.black_mean
    if never_so_dark and m["mean"] < rules.black_mean and m["p99"] < rules.black_p99:
        return GROSS
    if look.usual is None or not look.has("gain", "kept"):
        return 0.0
    if m["kept"] < rules.same_view:
        return 0.0  # not this view in less light: covered, or another view
    if m.get("gain_spread", 0.0) > rules.uneven:
        return 0.0  # lamps
    fall = math.log(max(usual(look.usual, "gain"), 0.1) / max(m["gain"], 0.01))
    return max(0.0, fall / math.log(1 / rules.dark_gain))


def over(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if not look.has("mean", "bright_share"):
        return None
    is_white = look.usual is not None and usual(look.usual, "bright_share") >= rules.white_usual
    if not is_white and m["bright_share"] > rules.white_share:
        return GROSS
    if is_white:  # as ever: what is not white there tells
        return m.get("burnt", 0.0) / rules.over_share
    if look.usual is None or not look.has("gain", "kept"):
        return 0.0
    if m["kept"] < rules.same_view and m["bright_share"] < rules.over_blind:
        return 0.0  # something bright before the lens
    rise = m["gain"] / max(usual(look.usual, "gain"), 0.1)
    burnt = look.above("bright_share", rules.over_share) if rise > rules.over_least_gain else 0.0
    lamps = m.get("gain_spread", 0.0) > rules.uneven
    return max(0.0, burnt, 0.0 if lamps else math.log(max(rise, 0.01)) / math.log(rules.over_gain))


def covered(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if not look.has("std"):
        return None
    if m["std"] < rules.blank_std and not look.state.excused:
        return GROSS
    if look.usual is None or not look.has("smooth", "lost"):
        return 0.0
    if not _purely_smooth(look):
        return 0.0
    inside, edge_samples = m.get("smooth_stirs", 1.0), m.get("edge_moves", math.inf)
    stands = inside <= rules.stands_still and edge_samples <= rules.edge_still
    first = not look.suspects("covered")  # which cannot tell: all of it has just come
    score = look.above("smooth", rules.covered_still if stands or first else rules.covered_smooth)
    if score < 1:
        return score
    stirs = edge_samples / rules.edge_sways if inside <= rules.stands_still else math.inf
    return max(1.0, rules.gross_score + 1 - stirs)


def blur(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.usual is None or not look.has("sharp", "crisp", "kept") or min(m["sharp"], m["crisp"]) <= 0:
        return None
    if m["kept"] < rules.same_view:
        return None
    return (
        math.hypot(  # two witnesses that err apart: noise and bit rates hide blur from the one or the other
            _fallen(look, look.usual, "sharp", rules.blur_fall),
            _fallen(look, look.usual, "crisp", rules.crisp_fall),
        )
    )


def _fallen(look: Look, known: Baseline, name: str, least: float) -> float:
    """How far detail has gone; nothing where there is too little to say."""
    if look.m.get(name + "_tiles", 0.0) < look.rules.blur_tiles or name not in known.centre:
        return 0.0
    unit = max(least, look.rules.spreads * spread(known, name))
    return max(0.0, math.log(max(usual(known, name), 0.1) / look.m[name])) / unit


def moved(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.usual is None or not look.has("dx", "dy", "degrees", "found", "kept", "lost", "smooth", "detail"):
        return None
    if m["found"] >= rules.moved_least_found and m["found"] - m["kept"] >= rules.moved_found:
        far = max(abs(m["dx"]), abs(m["dy"])) / rules.moved_share
        score = max(far, abs(m["degrees"]) / rules.moved_degrees)
        certain = m["found"] - m["kept"] >= 2 * rules.moved_found
        return max(score, rules.gross_score) if certain and score >= 1 else score
    stands = m.get("lost_stirs", 1.0) <= rules.stirs_less
    same_light = m.get("gain", 1.0) > rules.dark_gain  # what is dark has no detail, wherever it looks
    sharp = m["detail"] > rules.replaced_detail or (stands and same_light and not _purely_smooth(look))
    drowned = (stripes(look) or 0.0) >= rules.gross_score
    if m["lost"] < rules.replaced_lost or not sharp or drowned:
        return 0.0
    wholly = m["lost"] >= rules.replaced_wholly
    return rules.gross_score if stands or wholly else m["lost"] / rules.replaced_lost


def _purely_smooth(look: Look) -> bool:
    """Structure went and nothing came: a cover, and not another view."""
    m, rules = look.m, look.rules
    lost = m["lost"] - (usual(look.usual, "lost") if look.usual else 0.0)  # to who walks about as ever
    return m["smooth"] >= rules.covered_purely * lost and m["smooth"] > 1.5 * m.get("appeared", 0.0)


def cast(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.usual is None or not look.has("cast_cr", "cast_cb", "chroma_p95"):
        return None
    if m["chroma_p95"] < rules.grey_chroma:
        return 0.0
    red, blue = (m[name] - usual(look.usual, name) for name in ("cast_cr", "cast_cb"))
    width = max(spread(look.usual, "cast_cr"), spread(look.usual, "cast_cb"))
    return math.hypot(red, blue) / max(rules.cast_levels, rules.spreads * width)


def unexpected_grey(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.usual is None or look.state.mode != "colour" or not look.has("chroma", "chroma_p95"):
        return None
    if m.get("chroma_ref", 0.0) < rules.grey_least:
        return 0.0
    left = m["chroma"] / max(usual(look.usual, "chroma"), rules.grey_least)
    return rules.grey_share / max(left, 0.01)


def noise(look: Look) -> float | None:
    """In the picture, or from look to look: encoders smooth what they have no bits for. What people take of
    these the rest of the picture lacks, so that both rise among them, and have to by more."""
    m, rules = look.m, look.rules
    if look.usual is None or not look.has("noise"):
        return None
    lift = max(1.0, m.get("gain", 1.0))  # more light is more noise, and no fault
    usual_noise, still = usual(look.usual, "noise"), usual(look.usual, "floor")
    sigma, floor = m["noise"] / lift, m.get("floor", still) / lift
    wide, wide_floor = (rules.spreads * spread(look.usual, name) for name in ("noise", "floor"))
    score = max(
        (sigma - usual_noise) / max(rules.noise_least, rules.noise_part * usual_noise, wide),
        (floor - still) / max(rules.flicker_least, rules.flicker_part * still, wide_floor),
    )
    if m.get("top", 0.0) <= rules.noise_restful * m.get("floor", 0.0):
        times = sigma / max(usual_noise, 0.1)
        sure = math.sqrt(times * floor / max(still, 0.1)) / rules.noise_ratio
    else:
        score /= rules.noise_among
        sure = sigma / max(usual_noise, rules.noise_seen) / rules.noise_crowded
    alone = (floor - still) / (rules.flicker_alone_least + rules.flicker_alone_part * still)
    return max(min(score, sure), alone)


def stripes(look: Look) -> float | None:
    m, rules = look.m, look.rules
    if look.usual is None or not look.has("stripes", "stripes_peak"):
        return None
    least = max(rules.stripes_levels, rules.stripes_own * m.get("stripes_ref", 0.0))
    return min(look.above("stripes", least), m["stripes_peak"] / rules.stripes_peak)


def mosaic(look: Look) -> float | None:
    if look.usual is None or not look.has("mosaic", "blocks"):
        return None
    return max(_comb(look), look.above("blocks", look.rules.mosaic_blocks))


def _comb(look: Look) -> float:
    if look.usual is None or not look.has("mosaic"):
        return 0.0
    own = look.rules.mosaic_part * usual(look.usual, "mosaic")
    return look.above("mosaic", max(look.rules.mosaic_comb, own))


def frozen(look: Look) -> float | None:
    """Two looks alike to the bit, or more alike than this view's noise lets them be. Before that, a stream in
    which nothing stirs: it is worth a second look at once, and a third, which then has to show it."""
    m, rules = look.m, look.rules
    if not look.has("equal", "floor", "top"):
        return None
    if look.usual is None:
        return 0.0  # a view without noise stands still too
    floor = usual(look.usual, "floor")
    noiseless = usual(look.usual, "equal") >= rules.noiseless or floor < rules.noiseless_floor
    if noiseless and not _has_clock(look):
        return 0.0  # live or not, this view looks the same
    still = m["floor"] <= rules.still_floor * floor and m["top"] <= rules.still_top * floor
    alike = m["equal"] >= rules.equal
    if (alike and _clock_stands(look)) if noiseless else (still or alike):
        return GROSS
    if not look.suspects("frozen"):
        return float(_calm(look) or _calmer(look, look.usual))
    # No two pictures are alike while a rate control still refines what stands.
    return float(_calmer(look, look.usual) and 0 < look.bad_looks("frozen") < rules.refined_looks)


def _has_clock(look: Look) -> bool:
    goes = look.usual is not None and usual(look.usual, "clock_moves") > look.rules.clock_alive
    return goes and look.m.get("clock", 0.0) > 0


def _clock_stands(look: Look) -> bool:
    return look.m.get("clock_moves", 0.0) < look.rules.clock_still


def _calm(look: Look) -> bool:
    """Whether hardly anything is new from picture to picture, be it as ever."""
    macroblocks = max(look.check.width * look.check.height / 256, 1.0)
    return look.has("stir") and math.expm1(min(look.m["stir"], 20.0)) * 8 < look.rules.calm_bits * macroblocks


def _calmer(look: Look, known: Baseline) -> bool:
    """Whether far less is new from picture to picture than usual."""
    known_stir = look.has("stir") and "stir" in known.centre
    return known_stir and usual(known, "stir") - look.m["stir"] > look.rules.calmer


def repeats(measures: Mapping[str, float], rules: CameraRules) -> float:
    return float(measures.get("equal", 0.0) >= rules.equal)


def in_picture(look: Look) -> dict[str, float | None]:
    """By fault; what another one explains cannot be judged."""
    scores = {name: tell(look) for name, tell in IN_PICTURE.items()}
    if _starved(look, scores):
        scores["mosaic"] = None
    if (scores["frozen"] or 0.0) >= GROSS and _has_clock(look) and _clock_stands(look) and _shows_some(look):
        scores |= {"covered": None, "moved": None}  # who was before the lens then stands there for good
    certain = [name for name in EXPLAINS if (scores[name] or 0.0) >= 1]
    return scores | {name: None for each in certain for name in EXPLAINS[each]}


def _shows_some(look: Look) -> bool:
    """Of the usual view. Where it shows none, what was taken for a clock may be hidden with it."""
    return look.m.get("lost", 0.0) < look.rules.replaced_wholly


def _starved(look: Look, scores: Mapping[str, float | None]) -> bool:
    """What goes over all of a picture leaves an encoder no bits: squares of no one size are its own."""
    gross = (scores["noise"] or 0.0) >= look.rules.gross_score
    return (gross or (scores["stripes"] or 0.0) >= 1) and _comb(look) < 1


# --- the stream, the format, the clock ---
def low_fps(look: Look) -> float | None:
    check, rules = look.check, look.rules
    should = look.state.fps or check.announced_fps
    if check.ring != "stream" or check.code or should <= 0:
        return None
    return rules.fps_share / max(check.fps / should, 0.01)


def torn(look: Look) -> float | None:
    """Of a stream: packets that are missing tear pictures."""
    check = look.check
    if check.ring != "stream" or check.code or check.received + check.lost <= 0:
        return None
    return check.lost / (check.received + check.lost) / look.rules.lost_share


def wrong_size(look: Look) -> float | None:
    check, state = look.check, look.state
    if check.code or state.size == (0, 0) or not (check.width and check.height):
        return None
    if check.ring == "stream":
        return None  # of the main stream, which has a size of its own
    other_codec = bool(check.codec and state.codec and check.codec != state.codec)
    return GROSS if (check.width, check.height) != state.size or other_codec else 0.0


def clock_drift(look: Look) -> float | None:
    if "clock_offset_s" not in look.m:
        return None
    return abs(look.m["clock_offset_s"]) / look.rules.clock_off_s


# --- the way to a picture ---
def way(look: Look) -> dict[str, float | None]:
    """Of the way's faults: what failed is bad, what comes before it works, of the rest nothing is known."""
    check = look.check
    if check.code and check.code not in WAY:
        return {}
    failed = WAY.index(check.code) if check.code else len(WAY)
    if not check.code and check.ring == "probe":
        failed = WAY.index("session_limit")  # to describe a stream takes no session
    found: dict[str, float | None] = dict.fromkeys(WAY[:failed], 0.0)
    if check.code:
        found[check.code] = GROSS
    elif check.ring == "stream":
        found["corrupt"] = torn(look)
    return found


IN_PICTURE: dict[str, Detector] = {
    "dark": dark,
    "over": over,
    "covered": covered,
    "blur": blur,
    "moved": moved,
    "cast": cast,
    "unexpected_grey": unexpected_grey,
    "noise": noise,
    "stripes": stripes,
    "mosaic": mosaic,
    "frozen": frozen,
}
# What takes detail, structure or colour away in a way of its own leaves nothing to say of those faults.
EXPLAINS: dict[str, tuple[str, ...]] = {
    "mosaic": ("covered", "blur", "moved", "stripes", "noise"),
    "stripes": ("blur", "noise"),
    "moved": ("covered", "blur"),
    "unexpected_grey": ("cast",),
    "noise": ("cast", "unexpected_grey"),
}
BESIDE_PICTURE: dict[str, Detector] = {
    "low_fps": low_fps,
    "wrong_size": wrong_size,
    "clock_drift": clock_drift,
}
DETAILS: dict[str, tuple[str, ...]] = {
    "dark": ("mean", "gain"),
    "over": ("mean", "gain", "bright_share"),
    "covered": ("lost", "smooth"),
    "blur": ("sharp", "crisp"),
    "moved": ("dx", "dy", "degrees", "found"),
    "cast": ("cast_cr", "cast_cb"),
    "unexpected_grey": ("chroma",),
    "noise": ("noise",),
    "stripes": ("stripes",),
    "mosaic": ("mosaic", "blocks"),
    "frozen": ("equal", "floor", "clock_moves", "stir"),
    "clock_drift": ("clock_offset_s",),
}
