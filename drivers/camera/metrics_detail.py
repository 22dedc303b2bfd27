"""What a picture is like close up: sharpness, noise, stripes, blocks."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.metrics_reference import (
    F32,
    HEIGHT,
    TILE,
    TILES,
    TILES_H,
    TILES_W,
    U8,
    Bools,
    Reference,
    fraction,
    median,
    medians,
    quantile,
)

# J. Immerkær, Fast Noise Variance Estimation, CVIU 64 (1996): insensitive to edges and slopes.
# Its mask is this one down and across, which costs a seventh of both at once.
_NOISE = np.array([1, -2, 1], np.float32)
_TO_SIGMA = float(np.sqrt(np.pi / 2) / 6)
_TOLD = (12, 243)  # luma: black and white clip the noise away
_QUIET = 0.25  # of the tiles, those whose noise is least: texture is in the others
_NOISE_LEAST = 12  # such tiles: of a black picture the clock alone is neither, and no noise
_TEXTURED = 1.5  # levels² of the coarse band: below it a tile's sharpness is that of its noise
_FLOOR = 0.05  # levels²
_FINE, _COARSE = 1.0, 3.0  # pixels of a thumbnail, each four of the picture's
_MATCHES, _STRUCTURED = 0.35, (0.15, 1.5)  # correlation; levels² of the fine and of the coarse band
_TILES_LEAST = 6  # of texture, to say how sharp a picture is
_PERIODS = (4, 6, 8, 10, 12, 16, 20, 24, 32)  # pixels, of a mosaic's squares
_BANDS = 3
_FAINT = 3.0  # levels: encoders leave squares of a level or two where there is nothing else
_BLOCK = 16  # pixels: a macroblock of H.264
_STEP, _STEEP = 10.0, 3.0  # levels over a block's border, and how many times those beside it
_BESIDE = (-3, -2, 2, 3)  # lines from a border
_SLOWEST = 6  # cycles over the picture: slower waves are people and light
_WAVE_WINDOW = 31  # lines
_NEIGHBOURS = 25  # frequencies beside a stripe's, among which it stands out: people make broad hills


def tile_means(values: F32) -> F32:
    """(…, H, W), multiples of 9 and 16, to (…, 144)."""
    *which, high, wide = values.shape
    lines = np.add.reduce(values.reshape(*which, TILES_H, high // TILES_H, wide), axis=-2)
    tiles = np.add.reduce(lines.reshape(*which, TILES_H, TILES_W, wide // TILES_W), axis=-1)
    return np.asarray(tiles.reshape(*which, TILES) * np.float32(TILES / (high * wide)), dtype=np.float32)


def columns_of(grey: U8) -> F32:
    """The mean of each column in each of the nine rows of tiles: (9, 640)."""
    rows = (grey[at : at + TILE] for at in range(0, HEIGHT, TILE))
    return np.vstack([cv2.reduce(each, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F) for each in rows])


def sharpness_tiles(grey: U8) -> tuple[F32, F32]:
    """Of each tile the log ratio of fine to coarse detail, and the coarse detail's energy: (144,) twice.

    The ratio does not change with gain, exposure or contrast. The finest octave is left out: at the bit rates
    of sub streams it is the encoder's, not the lens's.
    """
    half = cv2.pyrDown(grey)
    quarter = cv2.pyrDown(half)
    eighth = cv2.pyrDown(quarter)
    fine = half.astype(np.float32) - cv2.resize(quarter, half.shape[::-1], interpolation=cv2.INTER_LINEAR)
    coarse = quarter.astype(np.float32) - cv2.resize(
        eighth, quarter.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    energy_fine, energy_coarse = tile_means(fine * fine), tile_means(coarse * coarse)
    ratio: F32 = np.log((energy_fine + _FLOOR) / (energy_coarse + _FLOOR)).astype(np.float32)
    return ratio * np.float32(0.5), energy_coarse


def noise(grey: U8, light: F32) -> float:
    """Sigma in grey levels, of the quietest quarter of the tiles that are neither black nor white; `light`
    (144,) is their mean."""
    response = np.asarray(cv2.sepFilter2D(grey, cv2.CV_32F, _NOISE, _NOISE), dtype=np.float32)
    tiles = tile_means(np.abs(response, out=response)) * _TO_SIGMA
    told = tiles[(light > _TOLD[0]) & (light < _TOLD[1])]
    return quantile(told if told.size >= _NOISE_LEAST else tiles, _QUIET)


def sharpness(tiles: F32, energy: F32, reference: Reference, same: Bools) -> dict[str, float]:
    """How sharp against the reference: 1 as it was. Of tiles that are the `same` (144,) as ever."""
    textured = (np.exp(reference.tiles[1]) > _TEXTURED) & (energy > _TEXTURED / 4) & same
    apart = (tiles - reference.tiles[0])[textured]
    share = float(np.exp(median(apart))) if apart.size >= _TILES_LEAST else 1.0
    return {"sharp": share, "sharp_tiles": float(apart.size)}


def crispness(now: U8, was: U8) -> dict[str, float]:
    """How much of the reference's fine detail is found again, against its coarse detail: 1 as it was.

    Of thumbnails (90, 160), by what both have in common: noise has nothing in common with the reference, so
    it hides no blur from this measure, as it does from `sharpness` by night.
    """
    (fine, coarse), (fine_was, coarse_was) = _bands(now), _bands(was)
    products = (
        fine_was * fine_was,
        coarse_was * coarse_was,
        coarse * coarse_was,
        coarse * coarse,
        fine * fine_was,
    )
    power_fine, power, common, power_now, common_fine = tile_means(np.stack(products))
    match = common / np.sqrt(power_now * power + 0.5)
    told = (match > _MATCHES) & (power_fine > _STRUCTURED[0]) & (power > _STRUCTURED[1])
    if told.sum() < _TILES_LEAST:
        return {"crisp": 1.0, "crisp_tiles": float(told.sum())}
    left = common_fine[told] / power_fine[told]
    share = median(left / np.maximum(common[told] / power[told], 0.05))
    return {"crisp": max(share, 0.01), "crisp_tiles": float(told.sum())}


def _bands(luma: U8) -> tuple[F32, F32]:
    whole = luma.astype(np.float32)
    soft, softer = (cv2.GaussianBlur(whole, (0, 0), sigma) for sigma in (_FINE, _COARSE))
    return np.asarray(whole - soft, dtype=np.float32), np.asarray(soft - softer, dtype=np.float32)


def profiles(grey: U8, columns: F32) -> tuple[F32, F32]:
    """The waves of lines (360,) and columns (640,) that go all across, as people do not. `columns` is
    `columns_of` it."""
    steps = grey.reshape(HEIGHT * TILES_W, TILE)
    lines = cv2.reduce(steps, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).reshape(HEIGHT, TILES_W)
    across = lines - cv2.blur(lines, (1, _WAVE_WINDOW))
    down = columns - cv2.blur(columns, (_WAVE_WINDOW, 1))
    return medians(across), medians(np.ascontiguousarray(down.T))


def stripes(rows: F32, columns: F32, reference: Reference | None) -> dict[str, float]:
    """The strongest wave across lines or columns that the reference does not have: levels, and times
    its neighbours.

    `stripes_ref` is the strongest that it does have: blinds and shelves.
    """
    was = (reference.rows, reference.columns) if reference else (None, None)
    across, down = _wave(rows, was[0]), _wave(columns, was[1])
    level, peak = max(across, down)
    own = max(_wave(each, None)[0] for each in was if each is not None) if reference else 0.0
    return {"stripes": level, "stripes_peak": peak, "stripes_ref": own}


def _wave(profile: F32, was: F32 | None) -> tuple[float, float]:
    if was is not None:
        power = float(was @ was)
        gain = float(profile @ was) / power if power > 1.0 else 1.0
        profile = profile - np.float32(min(max(gain, 0.2), 2.0)) * was
    spectrum = np.abs(np.fft.rfft(profile * _hann(profile.size))) * (4.0 / profile.size)
    waves = spectrum.astype(np.float32)[_SLOWEST:]
    # The middle seven of a window are the line itself, which the Hann window widens.
    wide = cv2.blur(waves.reshape(1, -1), (_NEIGHBOURS, 1)).ravel() * _NEIGHBOURS
    near = cv2.blur(waves.reshape(1, -1), (7, 1)).ravel() * 7
    beside = np.maximum(wide - near, 0.0) / (_NEIGHBOURS - 7) + 0.02
    at = int(np.argmax(waves - 2 * beside))
    return float(waves[at]), float(waves[at] / beside[at])


@lru_cache(4)  # of lines and of columns, of one size; making it costs as much as the spectrum
def _hann(size: int) -> npt.NDArray[np.float64]:
    return np.hanning(size)


def mosaic(grey: U8) -> dict[str, float]:
    """Squares of one size (0 none, 1 and more plainly), and the share of broken macroblock borders.

    Band by band, because a torn picture is whole above the tear.
    """
    across, down = cv2.absdiff(grey[:, 1:], grey[:, :-1]), cv2.absdiff(grey[1:], grey[:-1])
    high = grey.shape[0] // _BANDS
    rows = cv2.reduce(down, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    lines = np.resize(rows, high * _BANDS).reshape(_BANDS, high)  # a line too few: the first once more
    parts = (across[at * high : (at + 1) * high] for at in range(_BANDS))
    bands = np.vstack([cv2.reduce(part, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F) for part in parts])
    lines, bands = _clipped(lines.astype(np.float32)), _clipped(bands.astype(np.float32))
    periods = tuple(each for each in _PERIODS if 2 * each <= high)
    return {
        "mosaic": float(np.minimum(_combs(bands, periods), _combs(lines, periods)).max()),
        "blocks": max(_borders(cv2.transpose(across)), _borders(down)),
    }


def _clipped(profiles: F32) -> F32:
    """So that a single strong edge is no comb."""
    edge = 4 * profiles.mean(axis=1, keepdims=True) + 2
    return np.asarray(np.minimum(profiles, edge), dtype=np.float32)


def _combs(profiles: F32, periods: tuple[int, ...]) -> F32:
    """How far one phase of each period stands out of its others: (bands, length) to (bands, periods)."""
    folds, starts, others = _folds(profiles.shape[1], periods)
    phases = profiles @ folds
    top = np.maximum.reduceat(phases, starts, axis=1)
    rest = (np.add.reduceat(phases, starts, axis=1) - top) / others
    return np.asarray((top - rest) / (rest + _FAINT), dtype=np.float32)


@lru_cache(8)  # pictures of a few sizes, their lines and columns: one product instead of 80 small calls
def _folds(length: int, periods: tuple[int, ...]) -> tuple[F32, npt.NDArray[np.intp], F32]:
    """What makes a profile's mean at each phase of each period of it, where each period's phases begin, and
    how many others each phase has."""
    starts = np.cumsum((0, *periods[:-1]), dtype=np.intp)
    folds = np.zeros((length, sum(periods)), np.float32)
    for start, period in zip(starts, periods, strict=True):
        turns = length // period
        for phase in range(period):
            folds[phase : turns * period : period, start + phase] = 1 / turns
    return folds, starts, np.array(periods, np.float32) - 1


def _borders(steps: cv2.typing.MatLike) -> float:
    """The share of block borders, a block long each, that are steep where both sides of them are flat.

    `steps` (H−1, W) from line to line: across the borders, one of which is below every 16th line.
    """
    end, blocks = steps.shape[0] - 4, steps.shape[1] // _BLOCK
    lines = [steps[_BLOCK - 1 + off : end + off : _BLOCK, : blocks * _BLOCK] for off in (0, *_BESIDE)]
    if not lines[0].size:
        return 0.0
    pieces = np.concatenate(lines).reshape(-1, _BLOCK)
    means = cv2.reduce(pieces, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).reshape(len(lines), -1)
    border, beside = means[0], means[1:].max(axis=0)
    return fraction(np.asarray((border > _STEP) & (border > _STEEP * beside)))
