"""The video of simulated cameras, watched by PyAV and by a viewer by hand: neither knows how it is made."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from drivers.camera.sim_ills import MODES
from tests.camera_viewers import Image, Seen, Viewer, features, serving, until, viewer, watch, watch_until


@pytest.mark.parametrize(
    "kind",
    [
        {},
        {"aggregates": True, "slices": 4},
        {"codec": "h265"},
        pytest.param({"codec": "h265", "aggregates": True}, marks=pytest.mark.thorough),
        {"b_frames": 2},
        {"control": "absolute"},
        {"control": "no_base"},
        {"tells_sets": False},
        {"sends_sets": False},
        {"fps": 10},
    ],
    ids=lambda kind: "-".join(kind) or "plain",
)
async def test_a_client_that_is_not_ours_sees_whole_pictures(clips: Path, kind: dict[str, object]) -> None:
    async with serving(features(clips, **kind)) as (_, url):
        seen = await watch(f"{url}/cam-1/sub", 30)
    assert seen.codec == ("hevc" if kind.get("codec") == "h265" else "h264")
    assert seen.corrupt == 0
    assert {image.shape for image in seen.images} == {(360, 640, 3)}
    assert seen.images[0].std() > 20  # of something, not of nothing
    step = 90_000 // int(str(kind.get("fps", 25)))
    assert set(np.diff(seen.pts)) == {step}


@pytest.mark.parametrize(
    ("kind", "together", "fragment"),
    [
        ({"codec": "h264"}, {24}, 28),
        ({"codec": "h265"}, {48}, 49),
        ({"codec": "h264", "aggregates": False}, set(), 28),
        ({"codec": "h265", "aggregates": False}, set(), 49),
    ],
)
async def test_small_units_share_a_packet_and_large_ones_take_many(
    clips: Path, kind: dict[str, object], together: set[int], fragment: int
) -> None:
    async with serving(features(clips, **{"aggregates": True} | kind)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        payloads = await _payloads(who, 150)
    kinds = {each[0] & 0x1F if kind["codec"] == "h264" else each[0] >> 1 & 0x3F for each in payloads}
    assert kinds & {24, 48} == together
    assert fragment in kinds
    assert max(map(len, payloads)) == 1400


@pytest.mark.parametrize("slices", [1, 4])
async def test_slices(clips: Path, slices: int) -> None:
    async with serving(features(clips, slices=slices)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        packets = [await who.packet() for _ in range(200)]
    first, last = packets[0].ticks, packets[-1].ticks
    begun = Counter(
        each.ticks
        for each in packets
        if each.payload[0] & 0x1F in (1, 5)
        or (each.payload[0] & 0x1F == 28 and each.payload[1] & 0x80 and each.payload[1] & 0x1F in (1, 5))
    )
    assert {count for ticks, count in begun.items() if ticks not in (first, last)} == {slices}


async def test_b_frames_come_out_of_order(clips: Path) -> None:
    async with serving(features(clips, b_frames=2)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        ticks = [(await who.packet()).ticks for _ in range(200)]
    steps = {(b - a + 2**31) % 2**32 - 2**31 for a, b in itertools.pairwise(ticks)}
    assert min(steps) < 0 < max(steps)


async def test_groups_are_as_long_as_asked_for(clips: Path) -> None:
    async with serving(features(clips, gop_s=2, gops=2)) as (_, url):
        seen = await watch(f"{url}/cam-1/sub", 101)
    assert seen.keys == [0, 50, 100]


async def test_main_is_the_same_place_in_full_size(clips: Path) -> None:
    async with serving(features(clips), profile="main") as (sim, url):
        await sim.prepare(["sub"])
        seen, small = await watch(f"{url}/cam-1/main"), await watch(f"{url}/cam-1/sub")
    assert seen.images[0].shape == (1080, 1920, 3)
    whole, part = (walls(each.images[0], size) for each, size in ((seen, 24), (small, 8)))
    assert np.corrcoef(whole, part)[0, 1] > 0.95


def walls(image: Image, size: int) -> Image:
    """In squares of `size`, below the clock and above the heads of those who walk about."""
    rows, columns = (length // size for length in image.shape[:2])
    squares = image.reshape(rows, size, columns, size, 3).mean((1, 3))
    return np.asarray(squares[3:12].ravel())


async def test_cameras_of_different_places_show_different_pictures(clips: Path) -> None:
    async with serving(features(clips, scenes=2)) as (_, url):
        one, other = await asyncio.gather(watch(f"{url}/cam-1/sub"), watch(f"{url}/cam-2/sub"))
    assert np.corrcoef(one.images[0].ravel(), other.images[0].ravel())[0, 1] < 0.9


async def test_the_picture_moves_and_its_noise_is_never_the_same(clips: Path) -> None:
    async with serving(features(clips)) as (_, url):
        seen = await watch(f"{url}/cam-1/sub", 26)
    assert np.abs(seen.images[0] - seen.images[25]).mean() > 0.5


async def test_a_key_picture_comes_at_the_cameras_own_time(clips: Path) -> None:
    """Two who come at different moments are sent the same pictures from then on."""
    async with serving(features(clips)) as (_, url), viewer(url) as one, viewer(url) as other:
        await one.play(f"{url}/cam-1/sub")
        await asyncio.sleep(0.3)
        await other.play(f"{url}/cam-1/sub")
        mine = await _payloads(one, 80)
        theirs = await _payloads(other, 20)
    assert any(mine[at : at + len(theirs)] == theirs for at in range(len(mine)))


async def _payloads(who: Viewer, count: int) -> list[bytes]:
    return [(await who.packet()).payload for _ in range(count)]


async def test_the_time_runs_on_over_the_end_of_the_loop(clips: Path) -> None:
    async with serving(features(clips)) as (_, url), viewer(url) as who:
        await who.play(f"{url}/cam-1/sub")
        packets = [await who.packet() for _ in range(100)]
        while len({packet.ticks for packet in packets}) < 90:  # the loop has 75
            packets.append(await who.packet())
    sequences = [packet.sequence for packet in packets]
    assert {(b - a) & 0xFFFF for a, b in itertools.pairwise(sequences)} == {1}
    steps = {(b.ticks - a.ticks) & 0xFFFFFFFF for a, b in itertools.pairwise(packets)}
    assert steps == {0, 3600}
    assert all(a.is_last == (a.ticks != b.ticks) for a, b in itertools.pairwise(packets))


def is_grey(image: Image) -> bool:
    return float(np.ptp(image[80:], axis=2).mean()) < 3


async def test_night_and_lights_off_come_with_a_key_picture(clips: Path) -> None:
    async with serving(features(clips)) as (sim, url):
        for mode in MODES:
            sim.set_mode(mode)
            await sim.prepare(["sub"])
        sim.set_mode("day")
        by_day = threading.Event()

        def saw_night_fall(seen: Seen) -> bool:
            by_day.set()
            return is_grey(seen.images[-1])

        watching = asyncio.create_task(watch_until(f"{url}/cam-1/sub", saw_night_fall))
        await until(by_day.is_set)
        sim.set_mode("night")
        seen = await watching
        sim.set_mode("off")
        dark = (await watch(f"{url}/cam-1/sub")).images[0]
    assert not is_grey(seen.images[0])
    assert len(seen.images) - 1 in seen.keys
    assert dark.mean() < seen.images[-1].mean() / 2
