"""Every threshold, count, period and limit by which cameras are judged, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Votes:
    """`k` bad looks of the last `n`, over at least `span_s`; `gross_span_s` where the last `k` − 1 of them
    were gross: the first may have caught the beginning. With a `surplus` they need not each be gross: what
    they score beside it, more or less, has to sum up to so much (CUSUM)."""

    k: int
    n: int
    span_s: float = 0.0
    gross_span_s: float = 0.0
    surplus: float = 0.0


# A person, a ladder or a trolley stands before a lens for half a minute. What is gross, or does not stir as
# who stands there would, needs three looks alike: at 8 s between two, with all the jitter, these take 15 s.
_VIEW = Votes(3, 4, span_s=60.0, gross_span_s=15.0)
# One look at an edge among people errs either way, their sum less: three looks raise it where the edge stands
# as a wall's does, four where it moved by two thirds of a sample on average, five by a whole one.
_COVER = Votes(3, 4, span_s=60.0, gross_span_s=15.0, surplus=1.8)
# The lamps of the hall may have gone out: within a minute all cameras were looked at, and it is one event.
_LIGHT = Votes(3, 4, span_s=60.0, gross_span_s=60.0)
# What an encoder does in a crowded minute passes; a lens or a sensor does not get well by itself.
_DETAIL = Votes(5, 8, span_s=40.0, gross_span_s=40.0)
_TWICE = Votes(2, 2)


@dataclass(frozen=True, slots=True)
class CameraRules:
    # --- how often bad is a fault ---
    offline: Votes = _TWICE  # and another proof
    auth_failed: Votes = _TWICE  # recorders lock an account after three to five refusals: no third try
    session_limit: Votes = _TWICE
    no_frames: Votes = _TWICE
    corrupt: Votes = Votes(3, 4)  # one torn picture is one lost packet
    dark: Votes = _LIGHT
    over: Votes = _VIEW
    covered: Votes = _COVER
    blur: Votes = _DETAIL
    moved: Votes = _VIEW
    cast: Votes = _DETAIL
    unexpected_grey: Votes = _DETAIL
    noise: Votes = _DETAIL
    stripes: Votes = Votes(
        4, 6, span_s=40.0, gross_span_s=30.0
    )  # mains flicker comes and goes with the phase
    mosaic: Votes = Votes(3, 5, span_s=30.0, gross_span_s=15.0)  # no scene has it, but a lossy minute does
    frozen: Votes = Votes(3, 3, span_s=15.0, gross_span_s=15.0)
    low_fps: Votes = _TWICE
    wrong_size: Votes = _TWICE
    clock_drift: Votes = _TWICE

    clear_below: float = 0.7  # of the threshold that raises: a value that hovers there stays a fault
    clean_looks: int = 3  # in a row, to clear
    offline_alone: int = 3  # failures of one kind that do without another proof
    flap_raises: int = 3  # of one fault within `flap_s`: from then on it is unstable …
    flap_s: float = 3600.0
    flap_quiet_s: float = 1800.0  # … and clears only after so long without a bad look

    # --- modes ---
    mode_looks: int = 2  # alike in a row: one odd picture is no night
    mode_hold_s: float = 90.0  # exposure, white balance and focus settle within a minute
    grey_chroma: float = 2.0  # the most coloured twentieth of the tiles; encoders leave up to 1.5 of grey
    colour_chroma: float = 3.5  # above it a picture is coloured again
    lights_off_mean: float = 30.0  # luma; a lit room is above 60 with any exposure control
    lights_off_gain: float = 0.5  # of the reference's light
    lights_on_gain: float = 1.7  # of the dark reference's light
    relit: float = 0.22  # of log light, unevenly: a grey camera's lamps went on or off
    lights_back: float = 0.7  # of the day's light
    uneven: float = 0.15  # spread of log gain over the tiles: lamps go out unevenly, an iris closes evenly
    top_light: float = 0.8  # of log light, in the tiles that kept most: a lamp over a door, a screen
    some_light: float = 0.4  # … or less, where gain control speaks for a night, or one was as dark before
    noisier: float = 2.0  # of the usual noise: gain control answers missing light
    noisier_deep: float = 1.3  # where almost all light is missing
    deep_gain: float = 0.25
    blank_smooth: float = 0.5  # of the tiles gone smooth: covered, not another light
    grey_as_day_gain: float = 0.18  # of log light: a grey picture that is as bright as by day …
    grey_as_day_uneven: float = 0.08  # … and lit by the same lamps
    grey_as_day_noise: float = 2.0  # of the usual noise: encoders spend on it what colours no longer take

    # --- baseline ---
    learn_least: int = 24
    learn_most: int = 64
    learn_s: float = 7200.0  # a hall is empty and full within two hours
    learn_gap_s: float = 110.0  # so that the most make up the whole time
    restart_lost: float = 0.6  # structure lost against a half-learnt reference, so many looks in a row:
    restart_looks: int = 5  # the camera was still being mounted
    adapt: float = 1 / 240  # of the distance, each look: daylight moves within hours
    unusable_textured: float = 0.08  # share of tiles with any detail
    unusable_std: float = 6.0  # levels: a bare wall has more, a cap has less

    # --- gross, by absolute limits, before there is a baseline ---
    black_mean: float = 16.0
    black_p99: float = 40.0  # a lamp in a dark room is brighter
    white_share: float = 0.95  # burnt out: of a white wall, or a poster, something else is left beside it
    white_usual: float = 0.6  # of the picture, from which on white is what this view is like
    nothing_p99: float = 20.0  # … and with the lights off even noise is brighter
    blank_std: float = 3.0  # levels over the whole picture, which nothing but a cover or a dead sensor has

    # --- picture faults: what scores 1 ---
    same_view: float = 0.4  # structure kept: more or less light on what was seen before
    dark_gain: float = 0.58  # of the usual light, all over the picture
    over_gain: float = 1.6
    over_share: float = 0.2  # more of the picture burnt out than usual
    over_blind: float = 0.5  # of the picture burnt out: no structure can be kept
    over_least_gain: float = 1.15
    covered_smooth: float = 0.24  # more of the textured tiles gone smooth: a crowd has texture …
    covered_still: float = 0.17  # … and its smooth tiles do not stand still from look to look
    stands_still: float = 0.15  # of them changed since the last look: of who takes a step most do …
    edge_still: float = 0.5  # samples of 5 pixels that their edge moved: where so little is hidden, and …
    edge_sways: float = 1.75  # … who only sways does two: an edge that moves less scores above gross
    covered_purely: float = 0.5  # of the lost tiles are smooth; a view that moved brings other texture
    replaced_lost: float = 0.75  # all structure is another's: the camera looks elsewhere
    replaced_wholly: float = 0.9  # … and no crowd before a lens leaves as little of the view
    replaced_detail: float = 0.5  # of the usual: it does so sharply
    stirs_less: float = (
        0.4  # of it changed since the last look: in a crowd before the lens more than half does
    )
    blur_tiles: float = 6.0  # with texture, of 144
    blur_fall: float = 0.10  # of log sharpness; autofocus and crowded minutes take 0.02
    crisp_fall: float = 0.30  # of the log of fine detail that is found again; a crowded minute takes 0.08
    moved_share: float = 0.012  # of the width or height: below it a pole sways
    moved_degrees: float = 1.2
    moved_found: float = 0.15  # structure found again once the move is undone
    moved_least_found: float = 0.45
    cast_levels: float = 7.5  # of Cr and Cb, in the median of the tiles; a coloured crowd brings 6
    grey_share: float = 0.4  # of the usual colour
    grey_least: float = 4.0  # colour of the empty view, without which its loss cannot be told
    noise_least: float = 0.6  # levels above the usual, and
    noise_part: float = 0.3  # of the usual, in the picture …
    flicker_least: float = 0.8  # … or as much from one look to the next, where an encoder smooths it …
    flicker_part: float = 0.45
    noise_ratio: float = 1.2  # times the usual, by the mean of both, where the most restless places …
    noise_restful: float = 5.0  # … differ so many times as much as the stillest: people do so twenty times
    noise_among: float = 2.0  # so many times as much above the usual, where they do, and …
    noise_crowded: float = 1.4  # times the usual in the picture, which counts as no less than …
    noise_seen: float = 0.3  # levels: an encoder that is short of bits leaves none at times; unless …
    flicker_alone_least: float = (
        2.0  # … most of the picture differs far more than usual from one look to the next
    )
    flicker_alone_part: float = 1.3
    stripes_levels: float = 2.5
    stripes_own: float = 0.5  # of the strongest wave in the view itself, which people break
    stripes_peak: float = 4.5  # times the frequencies beside it: people make hills, not lines
    mosaic_comb: float = 0.2
    mosaic_part: float = 0.5  # of the usual, which is high where an encoder makes squares itself
    mosaic_blocks: float = 0.03  # of the block borders
    spreads: float = 6.0  # of the baseline's spread, where that is more than the fault's own measure
    gross_score: float = 2.0

    # --- frozen ---
    equal: float = 0.995  # of the samples, to the bit
    still_floor: float = 0.3  # of the usual noise between two looks
    still_top: float = 0.5  # of the usual noise, in the most restless twentieth
    noiseless: float = 0.9  # usual share of equal samples: only the clock can tell that such a view lives
    noiseless_floor: float = 0.15  # levels between two looks, or less
    # A stream that brings hardly anything from picture to picture is worth a second look at once, no more.
    calm_bits: float = 1.5  # a macroblock: one that is skipped takes less than a bit, headers half of one
    calmer: float = (
        1.1  # of log bytes: a third of the usual, while a rate control still refines what stands …
    )
    refined_looks: int = 2  # … which the first two looks of a suspicion may see, and no third
    clock_still: float = 0.003  # of the clock's samples: none
    clock_alive: float = 0.05
    repeat_odds: float = 1e-6  # of a false run, where pictures repeat now and then: a looped source
    repeat_most: int = 12

    # --- stream ---
    fps_share: float = 0.6  # of the announced or usual rate
    lost_share: float = 0.05  # of the packets: pictures tear
    clock_off_s: float = 60.0  # recordings are searched by the minute

    # --- hall ---
    group_share: float = 0.3
    group_least: int = 3  # cameras: of two, one is no crowd
    group_s: float = 60.0
    group_over_share: float = 0.15  # of its members still away: the rest are on their own
    group_after_s: float = 90.0  # after it cameras and switches start


FAULTS = (
    "offline",
    "auth_failed",
    "session_limit",
    "no_frames",
    "corrupt",
    "dark",
    "over",
    "covered",
    "blur",
    "moved",
    "cast",
    "unexpected_grey",
    "noise",
    "stripes",
    "mosaic",
    "frozen",
    "low_fps",
    "wrong_size",
    "clock_drift",
)
WAY = FAULTS[:5]  # on the way to a picture: each masks all behind it
PICTURE = FAULTS[5:16]  # in the picture: each masks those behind it here
STREAM = FAULTS[16:]  # beside the picture: only the way masks them
