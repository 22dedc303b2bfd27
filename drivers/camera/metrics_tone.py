"""How bright and how coloured a picture is, by itself and beside its reference."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.camera.metrics_reference import (
    F32,
    HEIGHT,
    THUMB_H,
    THUMB_W,
    TILE,
    TILES_H,
    TILES_W,
    U8,
    WIDTH,
    Bools,
    Reference,
    median,
    medians,
    quantile,
)

DARK, BRIGHT = 16, 250  # luma: nothing is to be seen below, nothing is told apart above
_LIFT = 1.0  # levels, so that the ratio of two dark tiles is finite
_COUNTED = 3.0  # levels now: below it a ratio is that of the steps between whole levels
_LIT, _LIT_LEAST = 24.0, 12  # levels, below which a ratio says little, and tiles, of which there are 144
_CHROMA_LINES = 4  # of each so many, one: 400 pixels of a tile are enough for a mean
_CHANNELS = np.tile(np.eye(3, dtype=np.float32), (TILE, 1))  # what adds up each of a line's three
_CLIPS = 200.0  # level that light should give a tile: above it some of it is white, and gets no brighter


def light(grey: U8) -> dict[str, float]:
    """`grey` (H, W). Levels are 0 to 255. The shares are those of every second line, at half the cost."""
    some = grey[::2]
    histogram = cv2.calcHist([some], [0], None, [256], [0, 256]).ravel()
    summed = np.cumsum(histogram) / some.size
    marks = np.searchsorted(summed, (0.01, 0.05, 0.5, 0.95, 0.99))
    mean, std = cv2.meanStdDev(grey)
    found = dict(zip(("p1", "p5", "p50", "p95", "p99"), map(float, marks), strict=True))
    return found | {
        "mean": float(mean[0, 0]),
        "std": float(std[0, 0]),
        "dark_share": float(summed[DARK - 1]),
        "bright_share": float(1.0 - summed[BRIGHT - 1]),
    }


def chroma_tiles(bgr: U8) -> F32:
    """Mean Cr and Cb of each tile of (H, W, 3), 0 where grey: (2, 144)."""
    if bgr.shape[:2] == (HEIGHT, WIDTH):
        some = bgr.reshape(HEIGHT, WIDTH * 3)[::_CHROMA_LINES]
        step = TILE // _CHROMA_LINES
        rows = (some[at : at + step] for at in range(0, TILES_H * step, step))
        sums = np.vstack([cv2.reduce(each, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F) for each in rows])
        means = (sums.reshape(TILES_H, TILES_W, TILE * 3) @ _CHANNELS) * np.float32(1 / (step * TILE))
    else:
        small = cv2.resize(bgr, (THUMB_W, THUMB_H), interpolation=cv2.INTER_AREA).astype(np.float32)
        means = np.asarray(cv2.resize(small, (TILES_W, TILES_H), interpolation=cv2.INTER_AREA), np.float32)
    # Of floats OpenCV takes 0.5 for no colour, as if they were from 0 to 1.
    ycc = cv2.cvtColor(means, cv2.COLOR_BGR2YCrCb).reshape(-1, 3)
    return ycc[:, 1:].T - np.float32(0.5)


def chroma(tiles: F32) -> dict[str, float]:
    """How colourful the tiles (2, 144) are, 0 to 180: the mean, and the most coloured twentieth.

    Of tiles, because noise is coloured too, and is none in the mean of 1,600 pixels.
    """
    strength = np.sort(np.hypot(tiles[0], tiles[1]))
    return {"chroma": float(strength.mean()), "chroma_p95": float(strength[-strength.size // 20])}


def beside(tiles: F32, luma_tiles: F32, reference: Reference, same: Bools) -> dict[str, float]:
    """The tone of `tiles` (2, 144: Cr, Cb) and `luma_tiles` (144,) against the reference's.

    A median of the tiles that are the `same` (144,) as ever, where there are some: what stands before the
    lens has a light and a colour of its own. `gain_spread` is how unevenly light came or went there;
    `gain_top` how far above the gain the twentieth of all tiles is that kept most light.
    """
    was = cv2.resize(reference.luma, (TILES_W, TILES_H), interpolation=cv2.INTER_AREA).ravel()
    ratio = np.log((luma_tiles + _LIFT) / (was + _LIFT))
    lit = (was > _LIT) & (was < BRIGHT) & (luma_tiles < BRIGHT)
    lit = _enough(lit & (luma_tiles > _COUNTED), lit)
    lit = _enough(lit, np.ones_like(lit))
    seen = _enough(lit & same, lit)
    gain = median(ratio[seen])
    whole = ratio[_enough(seen & (was * np.exp(quantile(ratio[seen], 0.9)) < _CLIPS), seen)]
    known = _enough(same, np.ones_like(same))
    shift = medians((tiles - reference.tiles[2:])[:, known])
    return {
        "gain": float(np.exp(gain)),
        "gain_spread": median(np.abs(whole - median(whole))),
        "gain_top": quantile(ratio[lit], 0.95) - gain,
        "luma_apart": median(np.abs(luma_tiles - was)),
        "cast": float(np.hypot(*shift)),
        "cast_cr": float(shift[0]),
        "cast_cb": float(shift[1]),
        "chroma_same": median(np.hypot(*tiles[:, known])),
        "chroma_ref": float(np.hypot(reference.tiles[2], reference.tiles[3]).mean()),
    }


def _enough(tiles: Bools, otherwise: Bools) -> Bools:
    return tiles if tiles.sum() >= _LIT_LEAST else otherwise


def thumb(picture: U8) -> U8:
    """By halves, where it is the whole picture: OpenCV is three times as fast at that as at a quarter."""
    if picture.shape[:2] == (HEIGHT, WIDTH):
        picture = np.asarray(cv2.resize(picture, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(picture, (THUMB_W, THUMB_H), interpolation=cv2.INTER_AREA), dtype=np.uint8)
