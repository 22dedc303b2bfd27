"""Measures of a camera's picture: numbers that the rules judge, and what is to be remembered of it.

Runs in the worker process, the only one that knows cv2 and numpy. It judges nothing and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from drivers.camera import metrics_detail as detail
from drivers.camera import metrics_tone as tone
from drivers.camera import metrics_view as view
from drivers.camera.metrics_reference import (
    F32,
    HEIGHT,
    TILES_H,
    TILES_W,
    U8,
    WIDTH,
    Bools,
    Previous,
    Reference,
    fold,
    pack,
    pack_previous,
    unpack,
    unpack_previous,
)

SMALLEST = 32  # pixels of either side: a picture below says nothing


def measure(bgr: U8, given: Mapping[str, bytes]) -> tuple[dict[str, float], dict[str, bytes]]:
    """Numbers by name, and `previous` and `reference`, 28 kB together, for the looks to come.

    `bgr` is (H, W, 3). `given` may hold `reference`, the camera's in its present mode, and `previous`, the
    last picture's; what is missing or of another version is done without, as are the measures that need it.
    The new `reference` is the given one with this picture in it: whoever finds the picture healthy keeps it.

    Raises ValueError for what is no picture.
    """
    if bgr.shape[2:] != (3,) or min(bgr.shape[:2]) < SMALLEST or bgr.dtype != np.uint8:
        raise ValueError(f"a picture is (H, W, 3) of 8 bits, not {bgr.shape} of {bgr.dtype}")
    native = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    grey = native
    if grey.shape != (HEIGHT, WIDTH):
        shrinks = grey.shape[0] * grey.shape[1] > HEIGHT * WIDTH
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        grey = np.asarray(cv2.resize(grey, (WIDTH, HEIGHT), interpolation=way), dtype=np.uint8)
    columns = detail.columns_of(grey)
    found = tone.light(grey) | detail.mosaic(native)
    found["noise"] = detail.noise(grey, detail.tile_means(columns))
    new, energy = _seen(grey, columns, bgr)
    found |= tone.chroma(new.tiles[2:])
    reference = unpack(given.get("reference", b""))
    previous = unpack_previous(given.get("previous", b""))
    clock = view.overlay(reference.restless) if reference else None
    smooth = np.zeros((TILES_H, TILES_W), dtype=bool)
    found |= detail.stripes(new.rows, new.columns, reference)
    samples, changed = view.samples(grey), None
    if previous is not None:
        changed = view.changed_cells(samples, previous.samples)
        found |= view.change(samples, previous.samples, clock)
    if reference and clock is not None:
        numbers, structure = _beside(new, energy, reference, clock)
        found |= numbers
        smooth = structure.smooth
        if previous is not None:
            found |= view.stirs(samples, previous.samples, structure, previous.smooth, clock)
    kept = fold(reference, new, changed)
    return found, {"previous": pack_previous(Previous(samples, smooth)), "reference": pack(kept)}


def _seen(grey: U8, columns: F32, bgr: U8) -> tuple[Reference, F32]:
    """This picture as a reference of its own, and the energy of its tiles' coarse detail."""
    luma = tone.thumb(grey)
    sharp, energy = detail.sharpness_tiles(grey)
    rows, waves = detail.profiles(grey, columns)
    chroma = tone.chroma_tiles(bgr)
    tiles = np.stack((sharp, np.log(energy + 1e-3), chroma[0], chroma[1])).astype(np.float32)
    return Reference(1, luma, np.zeros((36, 64), np.uint8), tiles, rows, waves), energy


def _beside(
    new: Reference, energy: F32, reference: Reference, clock: Bools
) -> tuple[dict[str, float], view.Structure]:
    """What only a reference can tell."""
    now, was = view.detail(new.luma, clock), view.detail(reference.luma, clock)
    match = view.matched(now, was)
    same = match.same
    found = {"reference": float(reference.count)}
    luma = detail.tile_means(new.luma.astype(np.float32))
    found |= tone.beside(new.tiles[2:], luma, reference, same)
    found |= detail.sharpness(new.tiles[0], energy, reference, same)
    found |= detail.crispness(new.luma, reference.luma)
    structure = view.structure(match, found["gain"])
    found |= structure.shares | {"burnt": view.burnt(structure, luma)}
    return found | view.registration(now, was, found["lost"]), structure
