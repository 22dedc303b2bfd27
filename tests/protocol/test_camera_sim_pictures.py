"""Each fault in the picture of a simulated camera, as a client sees it that does not know which it is."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from drivers.camera.sim_ills import PICTURE, STRENGTHS, Strength
from tests.camera_viewers import WAIT_S, Image, Seen, features, serving, until, viewer, watch, watch_until

BELOW_CLOCK = 40  # rows that the clock is in


def detail(image: Image) -> float:
    """How much differs from pixel to pixel."""
    return float(np.abs(np.diff(image[BELOW_CLOCK:].mean(2), axis=1)).mean())


def noise(image: Image) -> float:
    """How much each pixel differs from those on both sides."""
    grey = image[BELOW_CLOCK:].mean(2)
    return float(np.median(np.abs(2 * grey[:, 1:-1] - grey[:, :-2] - grey[:, 2:])))


def colour(image: Image) -> Image:
    return np.asarray(image[BELOW_CLOCK:].mean((0, 1)))


def colours(image: Image) -> float:
    return float(np.ptp(image[BELOW_CLOCK:], axis=2).mean())


def bars(image: Image) -> float:
    """How much the brightness of rows goes up and down within 24 of them."""
    rows = image[BELOW_CLOCK:].mean((1, 2))
    return float((rows - np.convolve(rows, np.ones(24) / 24, "same"))[24:-24].std())


def blocks(image: Image) -> float:
    """The share of pixels that are as the one to the left, to a hair."""
    return float((np.abs(np.diff(image[BELOW_CLOCK:].mean(2), axis=1)) < 1).mean())


def shift(before: Image, after: Image) -> int:
    """By how many columns: where the two agree best."""
    a, b = (image[BELOW_CLOCK:].mean((0, 2)) for image in (before, after))
    a, b = a - a.mean(), b - b.mean()
    best = max(range(-200, 201), key=lambda by: _likeness(a, np.roll(b, by), abs(by)))
    return abs(best)


def _likeness(a: Image, b: Image, edge: int) -> float:
    inner = slice(edge + 1, -edge - 1)
    return float(np.corrcoef(a[inner], b[inner])[0, 1]) if len(a[inner]) > 100 else -1.0


MILD = pytest.param("mild", marks=pytest.mark.thorough)  # as much of a test as the gross one, and as long
each_strength = pytest.mark.parametrize("strength", [MILD if each == "mild" else each for each in STRENGTHS])


def shows(fault: str, well: Image, ill: Image, mild: bool) -> bool:
    match fault:
        case "cover":
            return detail(ill) < detail(well) * (0.85 if mild else 0.5) and (
                mild or ill[BELOW_CLOCK:].std() < 15
            )
        case "blur":
            return detail(ill) < detail(well) * (0.75 if mild else 0.5)
        case "move":
            return shift(well, ill) >= 12 or not mild
        case "dark":
            return bool(ill.mean() < well.mean() * (0.5 if mild else 0.2))
        case "over":
            return bool((ill[BELOW_CLOCK:] > 250).mean() > (0.2 if mild else 0.5))
        case "cast":
            blue, _, red = colour(ill) / colour(well)
            return bool(blue / red > (1.3 if mild else 2.0))
        case "grey":
            return colours(ill) < (colours(well) / 2 if mild else 3)
        case "noise":
            return noise(ill) > noise(well) * (1.5 if mild else 2.5)
        case "stripes":
            return bars(ill) > bars(well) + (8 if mild else 25)
        case "mosaic":
            return blocks(ill) > blocks(well) + (0.05 if mild else 0.2)
    raise AssertionError(f"nobody looks for {fault}")


ONE_LOOK = sorted(PICTURE.keys() - {"freeze", "low_fps", "wrong_size"})


@each_strength
@pytest.mark.parametrize("fault", ONE_LOOK)
async def test_a_fault_of_the_picture(clips: Path, fault: str, strength: Strength) -> None:
    async with serving(features(clips), fault, strength=strength) as (_, url):
        address = f"{url}/cam-1/sub"
        well, ill = await asyncio.gather(
            watch(address), watch(f"{address}?fault={fault}&strength={strength}")
        )
    assert ill.corrupt == 0
    assert shows(fault, well.images[0], ill.images[0], strength == "mild")
    assert not shows(fault, well.images[0], well.images[0], strength == "mild") or fault == "move"


async def test_a_gross_move_shows_another_view(clips: Path) -> None:
    async with serving(features(clips), "move") as (_, url):
        well, ill = await asyncio.gather(watch(f"{url}/cam-1/sub"), watch(f"{url}/cam-1/sub?fault=move"))
    assert np.corrcoef(well.images[0].ravel(), ill.images[0].ravel())[0, 1] < 0.7


@each_strength
async def test_freeze(clips: Path, strength: Strength) -> None:
    """Nothing below the clock changes any more, and where it is mild the clock does."""
    async with serving(features(clips), "freeze", strength=strength) as (_, url):
        address = f"{url}/cam-1/sub"
        sick = f"{address}?fault=freeze&strength={strength}"
        well, seen = await asyncio.gather(watch(address, 52), watch(sick, 52))
    first, last = seen.images[1], seen.images[51]
    moving = np.abs(well.images[1] - well.images[51])[BELOW_CLOCK:].mean()
    assert np.abs(first - last)[BELOW_CLOCK:].mean() < moving / 2  # two encodings of one picture differ too
    clock = np.abs(first - last)[8:26, 150:260].mean()
    assert (clock > 6) == (strength == "mild")


@pytest.mark.parametrize(("strength", "fps"), [("gross", 5), ("mild", 12)])
async def test_low_fps(clips: Path, strength: Strength, fps: int) -> None:
    async with serving(features(clips), "low_fps", strength=strength) as (_, url):
        seen = await watch(f"{url}/cam-1/sub?fault=low_fps&strength={strength}", 8)
    assert set(np.diff(seen.pts)) == {90_000 // fps}


@pytest.mark.parametrize(("strength", "shape"), [("gross", (288, 352, 3)), ("mild", (270, 480, 3))])
async def test_wrong_size(clips: Path, strength: Strength, shape: tuple[int, ...]) -> None:
    async with serving(features(clips), "wrong_size", strength=strength) as (_, url):
        seen = await watch(f"{url}/cam-1/sub?fault=wrong_size&strength={strength}")
    assert seen.images[0].shape == shape


def is_covered(image: Image) -> bool:
    return bool(image[BELOW_CLOCK:].std() < 15)


async def test_a_fault_comes_and_goes_with_a_key_picture(clips: Path) -> None:
    well, covered = threading.Event(), threading.Event()

    def is_over(seen: Seen) -> bool:
        now = covered if is_covered(seen.images[-1]) else well
        now.set()
        return now is well and covered.is_set()

    async with serving(features(clips), "cover") as (sim, url):
        watching = asyncio.create_task(watch_until(f"{url}/cam-1/sub", is_over))
        await until(well.is_set)
        sim.cameras[1].fall_ill("cover")
        await until(covered.is_set)
        sim.cameras[1].recover("cover")
        seen = await watching
        other = await watch(f"{url}/cam-2/sub")
    dark = [is_covered(image) for image in seen.images]
    changes = [at for at in range(1, len(dark)) if dark[at] != dark[at - 1]]
    assert len(changes) == 2
    assert set(changes) <= set(seen.keys)
    assert other.images[0].std() > 20


async def test_a_fault_that_is_still_being_made_lets_the_stream_go_on(tmp_path: Path) -> None:
    async with serving(features(tmp_path)) as (sim, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        sim.cameras[1].fall_ill("blur")
        recipe = sim.cameras[1].recipe("sub", sim.cameras[1].ills)
        number = (await who.packet()).sequence
        async with asyncio.timeout(WAIT_S * 2):
            while await sim.library.at_hand(recipe) is None:
                packet = await who.packet()
                assert (packet.sequence - number) & 0xFFFF == 1
                number = packet.sequence


def test_every_fault_is_looked_for_here() -> None:
    image = np.random.default_rng(1).uniform(0, 255, (360, 640, 3)).astype(np.float32)
    for fault in ONE_LOOK:
        shows(fault, image, image, False)
    assert set(ONE_LOOK) | {"freeze", "low_fps", "wrong_size"} == set(PICTURE)
