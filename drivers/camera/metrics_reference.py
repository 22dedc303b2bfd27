"""What is remembered of pictures between two looks: the reference of a view, and the last picture's samples.

Both are plain bytes, so that the daemon can keep them without knowing numpy: a header, then the arrays
as they lie in memory. Together they take 28 kB. A blob of another version, or a torn one, counts as none.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

WIDTH, HEIGHT = 640, 360  # every picture is judged at this size: a reference fits whatever the stream's is
THUMB_W, THUMB_H = 160, 90
TILES_W, TILES_H = 16, 9
TILES = TILES_W * TILES_H
TILE = WIDTH // TILES_W  # pixels, of either side
SAMPLES_W, SAMPLES_H = 128, 72  # single pixels, every fifth: an average would hide the sensor's noise
CELLS_W, CELLS_H = 64, 36  # of the map of restless places: two samples by two

MAX_COUNT = 64  # pictures in a reference: beyond it each new one counts as one of so many
_MAGIC = b"HCR1"
_HEAD = struct.Struct("<4sH")
_PLAIN_AVERAGE = 8  # of the first pictures; later ones pull less far, so that a passer-by leaves no ghost
# Evenly between 0 and 1, at each place and from turn to turn. numpy.random would be 7 MB of each worker.
_DITHER = (np.arange(THUMB_H * THUMB_W) * 0.6180339887 % 1.0).astype(np.float32).reshape(THUMB_H, THUMB_W)
_PULL = 24.0  # grey levels a later picture can differ by at most


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A view as it usually is, folded from `count` healthy pictures of one mode."""

    count: int
    luma: U8  # (90, 160)
    restless: U8  # (36, 64): share of looks at which the cell had changed, of 255
    tiles: F32  # (4, 144): log sharpness, log noise energy, Cr, Cb
    rows: F32  # (360,): mean luma of each line
    columns: F32  # (640,)


def quantile(values: F32, share: float) -> float:
    """Between the two values that are nearest to it, as `np.quantile` has it, at a tenth of its cost for some
    hundred values. There must be one."""
    ordered = np.sort(values, axis=None)
    at = share * (ordered.size - 1)
    low = int(at)
    below, above = float(ordered[low]), float(ordered[min(low + 1, ordered.size - 1)])
    return below + (above - below) * (at - low)


def fraction(which: Bools | U8) -> float:
    """Of what is not zero: a third of the cost of `np.mean`. There must be something."""
    return float(np.count_nonzero(which)) / which.size


def median(values: F32) -> float:
    return quantile(values, 0.5)


def medians(rows: F32) -> F32:
    """Of each row of (n, m): (n,)."""
    ordered = np.sort(rows, axis=1)
    wide = ordered.shape[1]
    found: F32 = (ordered[:, (wide - 1) // 2] + ordered[:, wide // 2]) * np.float32(0.5)
    return found


def pack(reference: Reference) -> bytes:
    head = _HEAD.pack(_MAGIC, reference.count)
    floats = (reference.tiles, reference.rows, reference.columns)
    wide = b"".join(np.ascontiguousarray(each, dtype="<f2").tobytes() for each in floats)
    return head + reference.luma.tobytes() + reference.restless.tobytes() + wide


def unpack(blob: bytes) -> Reference | None:
    """None for what is no reference of this version."""
    sizes = (THUMB_W * THUMB_H, CELLS_W * CELLS_H, 4 * TILES * 2, HEIGHT * 2, WIDTH * 2)
    if len(blob) != _HEAD.size + sum(sizes) or not blob.startswith(_MAGIC):
        return None
    (_, count), at = _HEAD.unpack_from(blob), _HEAD.size
    parts = []
    for size in sizes:
        parts.append(blob[at : at + size])
        at += size
    luma, restless = (np.frombuffer(part, np.uint8) for part in parts[:2])
    tiles, rows, columns = (np.frombuffer(part, "<f2").astype(np.float32) for part in parts[2:])
    if not (count and all(np.isfinite(each).all() for each in (tiles, rows, columns))):
        return None
    return Reference(
        count,
        luma.reshape(THUMB_H, THUMB_W),
        restless.reshape(CELLS_H, CELLS_W),
        tiles.reshape(4, TILES),
        rows,
        columns,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Previous:
    """Of the last picture."""

    samples: U8  # (72, 128)
    smooth: Bools  # (9, 16): tiles that had lost their structure and gone smooth


def pack_previous(previous: Previous) -> bytes:
    return previous.samples.tobytes() + np.packbits(previous.smooth).tobytes()


def unpack_previous(blob: bytes) -> Previous | None:
    """None for what is none of this version."""
    size = SAMPLES_W * SAMPLES_H
    if len(blob) != size + TILES // 8:
        return None
    samples = np.frombuffer(blob[:size], np.uint8).reshape(SAMPLES_H, SAMPLES_W)
    smooth = np.unpackbits(np.frombuffer(blob[size:], np.uint8)).reshape(TILES_H, TILES_W)
    return Previous(samples, smooth.astype(bool))


def fold(old: Reference | None, new: Reference, changed: U8 | None) -> Reference:
    """`old` with one more picture in it. `changed` is 255 where a cell differs from the last picture."""
    if old is None:
        return new
    weight = 1.0 / min(old.count + 1, MAX_COUNT)
    pull = _PULL if old.count >= _PLAIN_AVERAGE else 255.0
    restless = old.restless
    if changed is not None:
        restless = _towards(old.restless, changed, max(weight, 1 / 16), 255.0, old.count)
    return replace(
        old,
        count=min(old.count + 1, MAX_COUNT),
        luma=_towards(old.luma, new.luma, weight, pull, old.count),
        restless=restless,
        tiles=old.tiles + (new.tiles - old.tiles) * weight,
        rows=old.rows + (new.rows - old.rows) * weight,
        columns=old.columns + (new.columns - old.columns) * weight,
    )


@lru_cache(2)  # of the luma, and of the cells
def _twice(high: int, wide: int) -> F32:
    """The uneven rounding, two times over: a turn begins anywhere in the first."""
    once = _DITHER[:high, :wide].ravel()
    return np.concatenate((once, once))


def _towards(old: U8, new: U8, weight: float, pull: float, turn: int) -> U8:
    """A running mean in whole numbers: an uneven rounding that moves on carries what is below one."""
    step = np.clip(new.astype(np.float32) - old, -pull, pull) * weight
    uneven = _twice(*old.shape)
    begin = -7 * turn % old.size
    threshold = uneven[begin : begin + old.size].reshape(old.shape)
    whole: U8 = np.clip(np.floor(old + step + threshold), 0, 255).astype(np.uint8)
    return whole
