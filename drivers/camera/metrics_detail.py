"""What a picture is like close up: sharpness, noise, stripes, blocks."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.camera.metrics_reference import F32, TILES_H, TILES_W, U8, Reference

# J. Immerkær, Fast Noise Variance Estimation, CVIU 64 (1996): insensitive to edges and slopes.
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_TO_SIGMA = float(np.sqrt(np.pi / 2) / 6)
_QUIET = 25  # per cent of the tiles whose noise is least: texture is in the others
_TEXTURED = 1.5  # levels² of the coarse band: below it a tile's sharpness is that of its noise
_FLOOR = 0.05  # levels²
_PERIODS = (4, 5, 6, 8, 10, 12, 14, 15, 16, 20, 24, 32, 40)  # pixels, of a mosaic's squares
_BLOCK = 16  # pixels: a macroblock of H.264
_STEP, _STEEP = 10.0, 3.0  # levels over a block's border, and how many times those beside it
_SLOWEST = 6  # cycles over the picture: slower waves are people and light
_WAVE_WINDOW = 31  # lines


def tile_means(values: F32) -> F32:
    """(H, W), multiples of 9 and 16, to (144,)."""
    small = cv2.resize(values, (TILES_W, TILES_H), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32).ravel()


def sharpness_tiles(grey: U8) -> tuple[F32, F32]:
    """Of each tile the log ratio of fine to coarse detail, and the coarse detail's energy: (144,) twice.

    The ratio does not change with gain, exposure or contrast. The finest octave is left out: at the bit rates
    of sub streams it is the encoder's, not the lens's.
    """
    half = cv2.pyrDown(grey)
    quarter = cv2.pyrDown(half)
    eighth = cv2.pyrDown(quarter)
    fine = half.astype(np.float32) - cv2.resize(quarter, half.shape[::-1], interpolation=cv2.INTER_LINEAR)
    coarse = quarter.astype(np.float32) - cv2.resize(eighth, quarter.shape[::-1], interpolation=cv2.INTER_LINEAR)
    energy_fine, energy_coarse = tile_means(fine * fine), tile_means(coarse * coarse)
    return 0.5 * np.log((energy_fine + _FLOOR) / (energy_coarse + _FLOOR)), energy_coarse


def noise(grey: U8) -> float:
    """Sigma in grey levels, of the quietest quarter of the tiles that are neither black nor white."""
    response = cv2.filter2D(grey, cv2.CV_16S, _NOISE)
    tiles = tile_means(np.abs(response).astype(np.float32)) * _TO_SIGMA
    light = tile_means(grey.astype(np.float32))
    told = tiles[(light > 12) & (light < 243)]
    return float(np.percentile(told if told.size else tiles, _QUIET))


def sharpness(tiles: F32, energy: F32, reference: Reference) -> dict[str, float]:
    """How sharp against the reference: 1 as it was, 0.5 with half the fine detail. Median of textured tiles."""
    textured = (np.exp(reference.tiles[1]) > _TEXTURED) & (energy > _TEXTURED / 4)
    apart = (tiles - reference.tiles[0])[textured]
    share = float(np.exp(np.median(apart))) if apart.size >= 6 else 1.0
    return {"sharp": share, "sharp_tiles": float(apart.size)}


def stripes(rows: F32, columns: F32, reference: Reference | None) -> dict[str, float]:
    """The strongest wave across lines or columns that the reference does not have: levels, and times the rest."""
    was = (reference.rows, reference.columns) if reference else (None, None)
    across, down = _wave(rows, was[0]), _wave(columns, was[1])
    level, peak = max(across, down)
    return {"stripes": level, "stripes_peak": peak}


def _wave(profile: F32, was: F32 | None) -> tuple[float, float]:
    if was is not None:
        spread = float(was.var())
        gain = float(np.mean((profile - profile.mean()) * (was - was.mean()))) / spread if spread > 1.0 else 1.0
        profile = profile - np.float32(np.clip(gain, 0.2, 2.0)) * was
    smooth = cv2.blur(profile.reshape(1, -1), (_WAVE_WINDOW, 1)).ravel()
    waves = np.abs(np.fft.rfft((profile - smooth) * np.hanning(profile.size))) * (4.0 / profile.size)
    waves = waves[_SLOWEST:]
    top = int(np.argmax(waves))
    rest = float(np.median(waves)) + 0.02
    return float(waves[top]), float(waves[top]) / rest


def mosaic(grey: U8) -> dict[str, float]:
    """Squares of one size all over (0 none, 1 and more plainly), and the share of broken macroblock borders."""
    across = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    down = cv2.absdiff(grey[1:], grey[:-1])
    by_column = cv2.reduce(across, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    by_row = cv2.reduce(down, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    score = max(min(_comb(by_column, period), _comb(by_row, period)) for period in _PERIODS)
    return {"mosaic": score, "blocks": max(_borders(across), _borders(down.T))}


def _comb(profile: F32, period: int) -> float:
    """How far one phase of `period` stands out of the others."""
    whole = profile[: profile.size // period * period].reshape(-1, period)
    phases = np.median(whole, axis=0)
    rest = np.median(phases)
    return float((phases.max() - rest) / (rest + 1.0))


def _borders(steps: U8) -> float:
    """The share of block borders, a block long each, that are steep where both sides of them are flat.

    `steps` (H, W−1): differences across the borders, one of which is behind every 16th column.
    """
    high = steps.shape[0] // _BLOCK * _BLOCK
    at = np.arange(_BLOCK - 1, steps.shape[1] - 4, _BLOCK)

    def mean(offset: int) -> F32:
        columns = steps[:high, at + offset].reshape(-1, _BLOCK, at.size)
        return np.asarray(columns.mean(axis=1, dtype=np.float32))

    border = mean(0)
    beside = np.maximum(np.maximum(mean(-2), mean(2)), np.maximum(mean(-3), mean(3)))
    return float(np.mean((border > _STEP) & (border > _STEEP * beside)))
