"""Whether a camera still looks at what it did: structure kept, where it went, and whether anything moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from drivers.camera.metrics_reference import (
    F32,
    SAMPLES_H,
    SAMPLES_W,
    THUMB_H,
    THUMB_W,
    TILES_H,
    TILES_W,
    U8,
    Bools,
    fraction,
    median,
    quantile,
)

_HANN = cv2.createHanningWindow((THUMB_W, THUMB_H), cv2.CV_32F)
_TEXTURED = 2.5  # levels of detail in a reference's tile, without which nothing can be said of it
_KEPT = 0.35  # correlation of a tile with its reference
_SMOOTH = 0.4  # of the reference's detail: what is too near to be in focus has less
_BARE = 1.2  # levels of detail that noise alone brings into a tile of a thumbnail
_APPEARED = 2.0  # times the texture's limit, where there was none: another view has come in
_STILL = 0.5  # pixels of a thumbnail
_FOUND = 0.8  # of the structure: the shift alone explains it, no turn is looked for
_WHOLLY = 0.95  # of a tile lies in both pictures
_TOLD_LEAST = 6  # tiles of texture in both: of fewer some match by chance
_OVERLAP = 0.3  # of the tiles, below which a match is chance
_IN_PLACE = 0.1  # share of tiles lost, below which nothing is looked for: what is in its place has not moved
_LOOK_CLOSER = 0.2  # share of tiles lost: below it nothing moved, and the costly ways are not gone
_CHANGED = 24  # levels: a digit against its ground, far above noise
_RESTLESS = 77  # of 255: a digit's cell has changed at every third look or more
_TEXT_HIGH, _TEXT_WIDE = 4, 3  # cells of 10 pixels: larger restless places are people
_MASK_AT_MOST = 0.15  # of the picture: beyond it the restless places are people
_BURNT = 245  # luma of a tile that was textured
_STIRS, _SHIFTS = 4.0, 8.0  # levels beside the noise, and of a tile's light: a fold of a coat, the coat
_NEXT = np.ones((3, 3), np.uint8)
_HIDES = 0.1  # of the textured tiles: of less the edge is not looked for
_GAPS = np.ones((5, 5), np.uint8)  # of noise, in a smooth place
_SIDE = SAMPLES_H // TILES_H  # samples of a tile
_SLOPE = 24  # eighths of a level from sample to sample, both ways together: the shade of what is out of focus
_HELD = 20  # samples: less of a smooth place is noise
_ECC = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 25, 1e-3)


def detail(luma: U8, clock: Bools) -> F32:
    """A thumbnail without what light and exposure change, nor the `clock` (36, 64), which stays where it is
    wherever the camera looks: (90, 160)."""
    values = luma.astype(np.float32)
    found = np.asarray(values - cv2.blur(values, (9, 9)), dtype=np.float32)
    if clock.any():
        written = cv2.resize(clock.view(np.uint8), (THUMB_W, THUMB_H), interpolation=cv2.INTER_NEAREST)
        found[written > 0] = 0.0
    return found


def _tiles(values: F32) -> F32:
    return np.asarray(cv2.resize(values, (TILES_W, TILES_H), interpolation=cv2.INTER_AREA), dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A picture's tiles, (9, 16), beside the reference's: of the detail of both."""

    energy: F32  # of the picture's detail
    correlation: F32
    textured: Bools  # the reference's: without texture nothing can be said
    energy_was: F32

    @property
    def same(self) -> Bools:
        """The tiles, (144,), that have texture and keep its structure."""
        return np.asarray((self.correlation > _KEPT) & self.textured).ravel()


def matched(now: F32, was: F32) -> Match:
    """`now` and `was` as `detail` makes them."""
    energy, energy_was = _tiles(now * now), _tiles(was * was)
    correlation = _tiles(now * was) / np.sqrt(energy * energy_was + 0.5)
    return Match(energy, correlation, energy_was > _TEXTURED**2, energy_was)


def _kept(now: F32, was: F32, within: Bools) -> float:
    match = matched(now, was)
    told = match.textured & within
    return fraction(match.correlation[told] > _KEPT) if told.sum() >= _TOLD_LEAST else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Tiles (9, 16): those with texture, of these the ones that have lost it, and those that went smooth."""

    textured: Bools
    lost: Bools
    smooth: Bools
    shares: dict[str, float]


def structure(match: Match, light: float) -> Structure:
    """The shares of textured tiles that keep their structure, that have lost it, and that went smooth
    with it.

    `appeared` is as many tiles as are textured now and were not. `light` is the picture's against the
    reference's: what is darker has less detail, and is no smoother.
    """
    textured = match.textured
    ratio = np.sqrt(np.maximum(match.energy - _BARE**2, 0.0) / (match.energy_was + 0.1))
    ratio /= max(min(light, 1.0), 0.1)
    lost = np.asarray((match.correlation <= _KEPT) & textured)
    smooth = np.asarray(lost & (ratio < _SMOOTH))
    count = int(textured.sum())
    if not count:
        shares = dict.fromkeys(("textured", "lost", "smooth", "appeared"), 0.0)
        return Structure(textured, lost, smooth, shares | {"kept": 1.0, "detail": 1.0, "match": 1.0})
    appeared = (match.energy > (_APPEARED * _TEXTURED) ** 2) & ~textured
    shares = {
        "textured": count / textured.size,
        "kept": 1.0 - float(lost.sum()) / count,
        "lost": float(lost.sum()) / count,
        "smooth": float(smooth.sum()) / count,
        "appeared": float(appeared.sum()) / count,
        "detail": median(ratio[textured]),
        "match": median(match.correlation[textured]),
    }
    return Structure(textured, lost, smooth, shares)


def burnt(seen: Structure, luma: F32) -> float:
    """The share of textured tiles that lost their structure to white; `luma` of the tiles, (144,)."""
    white = seen.lost & (luma.reshape(seen.lost.shape) >= _BURNT)
    return float(white.sum()) / max(int(seen.textured.sum()), 1)


def registration(now: F32, was: F32, lost: float) -> dict[str, float]:
    """How far the view has moved: shares of width and height, degrees, and the structure found again there.

    `dx` to the right, `dy` downwards: the way of the picture's content. `found` is the share of
    textured tiles that keep their structure once the move is undone, where both pictures overlap.
    """
    still = dict.fromkeys(("dx", "dy", "degrees"), 0.0) | {"response": 1.0, "found": 1.0 - lost}
    if lost < _IN_PLACE:
        return still
    (x, y), response = cv2.phaseCorrelate(was, now, _HANN)
    still |= {"dx": x / THUMB_W, "dy": y / THUMB_H, "response": float(response)}
    if lost < _LOOK_CLOSER and max(abs(x), abs(y)) < _STILL:
        return still
    warp = np.array([[1, 0, x], [0, 1, y]], np.float32)
    best = still | {"found": _found(now, was, warp)}
    if best["found"] < _FOUND:
        for start in (warp, np.eye(2, 3, dtype=np.float32)):
            turned = _turned(now, was, start)
            if turned is not None and (found := _found(now, was, turned)) > best["found"] + 0.05:
                angle = float(np.degrees(np.arctan2(turned[1, 0], turned[0, 0])))
                x, y = turned @ (THUMB_W / 2, THUMB_H / 2, 1) - (THUMB_W / 2, THUMB_H / 2)
                best |= {"dx": x / THUMB_W, "dy": y / THUMB_H, "degrees": angle, "found": found}
    return {key: float(value) for key, value in best.items()}


def _turned(now: F32, was: F32, start: F32) -> F32 | None:
    """The reference's way to the picture with a turn in it; None where there is none to be found."""
    soft_now, soft_was = (cv2.GaussianBlur(each, (5, 5), 0) for each in (now, was))
    try:
        _, warp = cv2.findTransformECC(
            soft_was, soft_now, start.copy(), cv2.MOTION_EUCLIDEAN, _ECC, np.ones_like(was, dtype=np.uint8), 3
        )
    except cv2.error:  # it says so when it does not converge
        return None
    return np.asarray(warp, dtype=np.float32)


def _found(now: F32, was: F32, warp: F32) -> float:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = cv2.warpAffine(now, warp, (THUMB_W, THUMB_H), flags=flags)
    inside = cv2.warpAffine(np.ones_like(now), warp, (THUMB_W, THUMB_H), flags=flags)
    within = _tiles(np.asarray(inside, dtype=np.float32)) > _WHOLLY
    overlap = fraction(within)
    return _kept(np.asarray(back, dtype=np.float32), was, within) if overlap > _OVERLAP else 0.0


def samples(grey: U8) -> U8:
    """Single pixels of the picture, (72, 128)."""
    return np.ascontiguousarray(grey[2::5, 2::5][:SAMPLES_H, :SAMPLES_W])


def changed_cells(now: U8, previous: U8) -> U8:
    """255 where something of a digit's contrast has changed: (36, 64)."""
    strong = cv2.absdiff(now, previous) > _CHANGED
    lines = strong[::2] | strong[1::2]
    return (lines[:, ::2] | lines[:, 1::2]).astype(np.uint8) * np.uint8(255)


def overlay(restless: U8) -> Bools:
    """Where the clock is written, (36, 64): restless places as low and wide as a line of text."""
    marks = (restless >= _RESTLESS).astype(np.uint8)
    joined = cv2.dilate(marks, np.ones((1, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    text = np.zeros_like(marks)
    for at in range(1, count):
        if stats[at, cv2.CC_STAT_HEIGHT] <= _TEXT_HIGH and stats[at, cv2.CC_STAT_WIDTH] >= _TEXT_WIDE:
            text[labels == at] = 1
    if not text.any() or fraction(text) > _MASK_AT_MOST:
        return np.zeros_like(text, dtype=bool)
    return np.asarray(cv2.dilate(text, np.ones((3, 5), np.uint8)) > 0)


def stirs(now: U8, previous: U8, seen: Structure, smooth_before: Bools, clock: Bools) -> dict[str, float]:
    """Of the tiles that lost their structure, and of those that went smooth, the share that has changed since
    the last picture; and how far the edge of the smooth place has moved, in samples. Who stands before a lens
    moves, at the edge above all; a cover and another view do not, whoever walks about in the rest."""
    signed = now.astype(np.float32) - previous
    light = _tiles(signed)
    noise = _tiles(np.abs(signed - np.repeat(np.repeat(light, 8, axis=0), 8, axis=1)))
    shift, floor = np.abs(light - median(light)), quantile(noise, 0.25)
    stirred = (noise > 2 * floor + _STIRS) | (shift > _SHIFTS)
    return {
        "lost_stirs": _share(stirred, seen.lost),
        "smooth_stirs": _share(stirred, seen.smooth),
        "edge_moves": _edge_moves(now, previous, seen, smooth_before, clock),
    }


def _edge_moves(now: U8, previous: U8, seen: Structure, before: Bools, clock: Bools) -> float:
    """On average along the edge, and a tile at most."""
    both = seen.smooth & before
    if both.sum() <= _HIDES * seen.textured.sum():
        return float(_SIDE)
    within = _spread(both)
    near = _spread(cv2.dilate((seen.smooth | before).view(np.uint8), _NEXT) > 0)
    hidden, hidden_before = (_hidden(each, near, within) for each in (now, previous))
    edge = cv2.morphologyEx((hidden | hidden_before).view(np.uint8), cv2.MORPH_GRADIENT, _NEXT)
    length = max(int(edge[1:-1, 1:-1].sum()) / 2, SAMPLES_H)  # both its sides are marked
    turned = (hidden ^ hidden_before) & ~clock.repeat(2, axis=0).repeat(2, axis=1)
    return min(int(turned.sum()) / length, float(_SIDE))


def _hidden(picture: U8, near: Bools, within: Bools) -> Bools:
    """The samples, (72, 128), of a smooth place: it reaches from `within` as far as nothing is seen, not
    beyond what is `near`."""
    x, y = cv2.spatialGradient(cv2.blur(picture, (3, 3)))
    smooth = np.asarray((np.abs(x) + np.abs(y) < _SLOPE) & near)
    count, labels = cv2.connectedComponents(smooth.view(np.uint8), connectivity=4)
    held = np.bincount(labels[within & smooth], minlength=count) >= _HELD
    held[0] = False  # the rest
    closed = cv2.morphologyEx(held[labels].view(np.uint8), cv2.MORPH_CLOSE, _GAPS)
    return np.asarray(closed > 0)


def _spread(tiles: Bools) -> Bools:
    """(9, 16) over the samples."""
    return tiles.repeat(_SIDE, axis=0).repeat(_SIDE, axis=1)


def _share(which: Bools, of: Bools) -> float:
    return fraction(which[of]) if of.any() else 0.0


def change(now: U8, previous: U8, clock: Bools | None) -> dict[str, Any]:
    """What differs from the last picture: the share that is equal to the bit, and the noise of still tiles.

    `floor` is the mean difference in levels of the stillest quarter of the tiles, beside what the light did:
    the sensor's noise, whoever walks about. `top` is that of the most restless twentieth. The clock is apart.
    """
    apart = cv2.absdiff(now, previous)
    written = np.zeros_like(apart, dtype=bool)
    if clock is not None:
        written = clock.repeat(2, axis=0).repeat(2, axis=1)
    rest = apart[~written]
    tiles = np.asarray(apart, dtype=np.float32)
    tiles[written] = 0.0
    means = np.sort(_tiles(tiles).ravel())
    signed = now.astype(np.float32) - previous
    signed -= np.repeat(np.repeat(_tiles(signed), 8, axis=0), 8, axis=1)  # what the light did
    signed[written] = 0.0
    noise = np.sort(_tiles(np.abs(signed)).ravel())
    return {
        "equal": fraction(rest == 0),
        "floor": float(noise[noise.size // 4]),
        "top": float(means[-8]),
        "clock": fraction(written),
        "clock_moves": fraction(apart[written] > _CHANGED) if written.any() else 0.0,
    }
