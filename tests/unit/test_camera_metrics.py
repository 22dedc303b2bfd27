"""Each measure on a picture to which one thing was done."""

from __future__ import annotations

import time
from functools import cache

import cv2
import numpy as np
import pytest

from drivers.camera.metrics import measure
from drivers.camera.metrics_reference import pack, pack_previous, unpack, unpack_previous
from tests.eval.scenes import Picture, drawn

H, W = 360, 640
Blobs = dict[str, bytes]


def live(seed: int, at: int, sigma: float = 1.5) -> Picture:
    """The same hall once more, with other noise and a clock that goes on."""
    rng = np.random.default_rng(1000 * seed + at)
    picture = drawn(seed).views[0] + rng.normal(0, sigma, (H, W, 3))
    whole = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    second = 37 * at % 86400
    text = f"2026-03-01 {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    cv2.putText(whole, text, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(whole, text, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return whole


@cache
def learnt(seed: int) -> Blobs:
    blobs: Blobs = {}
    for at in range(24):
        _, blobs = measure(live(seed, at), blobs)
    return blobs


def look(picture: Picture, seed: int) -> dict[str, float]:
    return measure(picture, learnt(seed))[0]


SEEDS = (1, 3, 100, 104, 107)
every_hall = pytest.mark.parametrize("seed", SEEDS)


@every_hall
def test_a_healthy_picture_is_as_its_reference(seed: int) -> None:
    m = look(live(seed, 99), seed)
    assert m["reference"] == 24
    assert 0.97 < m["gain"] < 1.03
    assert m["gain_spread"] < 0.05
    assert m["lost"] < 0.05
    assert m["smooth"] < 0.02
    assert 0.95 < m["sharp"] < 1.05
    assert m["cast"] < 1
    assert m["stripes"] < 1
    assert m["mosaic"] < 0.6
    assert max(abs(m["dx"]), abs(m["dy"])) < 0.002
    assert m["equal"] < 0.7


@every_hall
@pytest.mark.parametrize(("gain", "low", "high"), [(0.4, 0.36, 0.46), (0.7, 0.66, 0.74), (1.15, 1.08, 1.18)])
def test_gain_is_measured_and_spoils_no_sharpness(seed: int, gain: float, low: float, high: float) -> None:
    m = look(np.clip(live(seed, 99) * gain, 0, 255).astype(np.uint8), seed)
    assert low < m["gain"] < high
    assert 0.9 < m["sharp"] < 1.1
    assert m["kept"] > 0.9


@every_hall
@pytest.mark.parametrize(("sigma", "most"), [(1.5, 0.88), (3.0, 0.75), (6.0, 0.7)])
def test_blur_takes_sharpness(seed: int, sigma: float, most: float) -> None:
    soft = np.asarray(cv2.GaussianBlur(live(seed, 99), (0, 0), sigma), dtype=np.uint8)
    assert look(soft, seed)["sharp"] < most


@every_hall
@pytest.mark.parametrize("noise", [1.5, 6.0])
def test_noise_hides_no_blur_from_what_is_found_again(seed: int, noise: float) -> None:
    sharp, soft = live(seed, 98, noise), cv2.GaussianBlur(drawn(seed).views[0], (0, 0), 4.0)
    grainy = soft + np.random.default_rng(seed).normal(0, noise, soft.shape)
    assert look(sharp, seed)["crisp"] > 0.9
    assert look(np.clip(grainy, 0, 255).astype(np.uint8), seed)["crisp"] < 0.6


@every_hall
@pytest.mark.parametrize(("x", "y"), [(14, 0), (-30, 10), (0, -25), (60, 24)])
def test_a_shift_is_found_and_its_way(seed: int, x: int, y: int) -> None:
    moved = cv2.warpAffine(
        live(seed, 99), np.array([[1, 0, x], [0, 1, y]], np.float32), (W, H), borderMode=cv2.BORDER_REFLECT
    )
    m = look(np.asarray(moved, dtype=np.uint8), seed)
    assert m["dx"] == pytest.approx(x / W, abs=0.006)
    assert m["dy"] == pytest.approx(y / H, abs=0.01)
    assert m["found"] > m["kept"] + 0.1


@every_hall
@pytest.mark.parametrize("degrees", [-4.0, 2.5])
def test_a_turn_is_found(seed: int, degrees: float) -> None:
    warp = cv2.getRotationMatrix2D((W / 2, H / 2), degrees, 1.0)
    turned = cv2.warpAffine(live(seed, 99), warp, (W, H), borderMode=cv2.BORDER_REFLECT)
    m = look(np.asarray(turned, dtype=np.uint8), seed)
    assert abs(m["degrees"]) == pytest.approx(abs(degrees), abs=1.2)
    assert m["found"] > m["kept"] + 0.1


@every_hall
def test_a_cover_is_smooth_and_a_crowd_is_not(seed: int) -> None:
    picture = live(seed, 99)
    picture[:, : W // 2] = (60, 70, 80)
    m = look(picture, seed)
    assert m["smooth"] > 0.25
    assert m["lost"] > 0.25
    crowded = live(seed, 99)
    rng = np.random.default_rng(seed)
    crowded[150:] = cv2.resize(rng.integers(0, 255, (27, 80, 3), dtype=np.uint8), (W, H - 150))
    m = look(crowded, seed)
    assert m["lost"] > 0.2
    assert m["smooth"] < 0.1


@every_hall
@pytest.mark.parametrize("level", [15, 235])
def test_what_stands_before_the_lens_is_no_other_light(seed: int, level: int) -> None:
    picture = live(seed, 99)
    picture[:, : W * 6 // 10] = (level, level, level // 2)
    m = look(picture, seed)
    assert 0.97 < m["gain"] < 1.03
    assert m["gain_spread"] < 0.05
    assert m["cast"] < 1.5
    assert m["chroma_same"] < look(live(seed, 99), seed)["chroma_same"] + 3


@every_hall
@pytest.mark.parametrize("gain", [1.8, 2.5])
def test_what_burns_out_makes_no_light_uneven(seed: int, gain: float) -> None:
    over = np.clip(live(seed, 99) * gain, 0, 255).astype(np.uint8)
    assert look(over, seed)["gain_spread"] < 0.15


def test_the_clock_stays_where_it_is_and_is_no_view_that_did() -> None:
    """A bare wall with a clock: of that alone nothing can be said once the camera has turned."""

    def wall(at: int, left: int) -> Picture:
        bare = np.full((H, W, 3), 120, np.uint8)
        cv2.rectangle(bare, (left, 150), (left + 260, 260), (60, 60, 60), -1)
        noisy = np.clip(bare + np.random.default_rng(at).normal(0, 1.5, bare.shape), 0, 255).astype(np.uint8)
        noisy[:24] = live(1, at)[:24]
        return noisy

    blobs: Blobs = {}
    for at in range(24):
        _, blobs = measure(wall(at, 100), blobs)
    assert measure(wall(99, 100), blobs)[0]["lost"] < 0.05
    turned = measure(wall(99, 240), blobs)[0]
    assert turned["lost"] > 0.3
    assert turned["dx"] == pytest.approx(140 / W, abs=0.02)


@every_hall
def test_a_cast_is_told_from_light(seed: int) -> None:
    tinted = np.clip(live(seed, 99) * (0.85, 1.0, 1.2), 0, 255).astype(np.uint8)
    m = look(tinted, seed)
    assert m["cast"] > 5
    assert m["cast_cr"] > 3
    assert m["cast_cb"] < -3


@every_hall
def test_grey_has_no_chroma(seed: int) -> None:
    picture = live(seed, 99)
    picture[:] = picture[..., 1:2]
    assert look(picture, seed)["chroma_p95"] < 1
    noisy = np.clip(picture + np.random.default_rng(1).normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    assert look(noisy, seed)["chroma_p95"] < 2


@every_hall
def test_the_clock_in_a_black_picture_is_no_noise(seed: int) -> None:
    black = np.clip(live(seed, 99) * 0.03, 0, 255).astype(np.uint8)
    cv2.putText(black, "12:00:01", (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    assert look(black, seed)["noise"] < 1


@every_hall
@pytest.mark.parametrize("sigma", [6.0, 20.0])
def test_noise_is_measured_in_levels(seed: int, sigma: float) -> None:
    assert look(live(seed, 99, sigma), seed)["noise"] == pytest.approx(sigma * 0.67, rel=0.35)
    assert look(live(seed, 99, sigma), seed)["floor"] > 2 * look(live(seed, 99), seed)["floor"]


@every_hall
@pytest.mark.parametrize("period", [5, 12, 30])
@pytest.mark.parametrize("axis", [0, 1])
def test_stripes_stand_out(seed: int, period: int, axis: int) -> None:
    wave = 8 * np.sin(np.arange(W if axis else H) * 2 * np.pi / period)
    striped = live(seed, 99) + (wave[None, :, None] if axis else wave[:, None, None])
    m = look(np.clip(striped, 0, 255).astype(np.uint8), seed)
    assert m["stripes"] > 3
    assert m["stripes_peak"] > 5


@every_hall
@pytest.mark.parametrize("size", [8, 16, 20])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_squares_are_a_comb(seed: int, size: int, share: float) -> None:
    picture, healthy = live(seed, 99), look(live(seed, 99), seed)
    small = cv2.resize(picture, (W // size, H // size), interpolation=cv2.INTER_AREA)
    squares = np.kron(small, np.ones((size, size, 1), np.uint8))
    first = int(len(squares) * (1 - share)) // size * size
    picture[first : len(squares), : squares.shape[1]] = squares[first:]
    assert look(picture, seed)["mosaic"] > healthy["mosaic"] + 0.2


@every_hall
def test_broken_macroblocks_have_borders(seed: int) -> None:
    picture, rng = live(seed, 99), np.random.default_rng(seed)
    for _ in range(150):
        x, y = 16 * int(rng.integers(40)), 16 * int(rng.integers(22))
        picture[y : y + 16, x : x + 16] = rng.integers(0, 255, 3)
    assert look(picture, seed)["blocks"] > look(live(seed, 99), seed)["blocks"] + 0.1


@every_hall
def test_the_same_picture_twice_is_equal_and_its_clock_stands(seed: int) -> None:
    _, blobs = measure(live(seed, 99), learnt(seed))
    given = {"reference": learnt(seed)["reference"], "previous": blobs["previous"]}
    m, _ = measure(live(seed, 99), given)
    assert (m["equal"], m["floor"], m["clock_moves"]) == (1.0, 0.0, 0.0)
    alive, _ = measure(live(seed, 100), given)
    assert alive["clock"] > 0
    assert alive["clock_moves"] > 0.02
    assert alive["equal"] < 0.7


@every_hall
def test_what_burns_out_is_counted_where_there_was_texture(seed: int) -> None:
    assert look(live(seed, 99), seed)["burnt"] == 0.0
    assert look(np.clip(live(seed, 99) * 1.1, 0, 255).astype(np.uint8), seed)["burnt"] < 0.1
    white = live(seed, 99)
    white[:, : W // 2] = 255
    assert 0.25 < look(white, seed)["burnt"] < 0.75


@every_hall
def test_a_cover_stands_still_and_a_person_before_the_lens_does_not(seed: int) -> None:
    def covered(at: int, left: int) -> Picture:
        picture = live(seed, at)
        soft = cv2.GaussianBlur(np.full((H, W // 2, 3), (60, 70, 80), np.uint8), (0, 0), 4)
        picture[:, left : left + W // 2] = soft
        return picture

    def then(left: int) -> dict[str, float]:
        _, blobs = measure(covered(98, 20), learnt(seed))
        return measure(covered(99, left), learnt(seed) | {"previous": blobs["previous"]})[0]

    assert then(20)["smooth_stirs"] == 0.0
    assert then(20)["edge_moves"] < 0.1
    assert then(50)["edge_moves"] > 2.0
    assert then(20)["lost_stirs"] < 0.1
    assert then(90)["smooth_stirs"] > 0.1


@every_hall
def test_people_beside_a_cover_are_none_before_the_lens(seed: int) -> None:
    """Nor is the clock, of which a cover all over leaves nothing else to move."""

    def covered(at: int, wide: int) -> Picture:
        picture = live(seed, at)
        rng = np.random.default_rng(at)
        for x in rng.integers(0, W, 12):
            picture[180:330, x : x + 40] = rng.integers(0, 255, 3)
        written = picture[:24, :200].copy()
        picture[:, :wide] = (60, 70, 80)
        picture[:24, :200] = written
        return picture

    for wide in (W // 2, W):
        _, blobs = measure(covered(98, wide), learnt(seed))
        then = measure(covered(99, wide), learnt(seed) | {"previous": blobs["previous"]})[0]
        assert then["smooth"] > 0.25
        assert then["edge_moves"] < 0.5


def test_a_passer_by_leaves_no_ghost_in_the_reference() -> None:
    blobs = learnt(1)
    for at in range(40):
        picture = live(1, 200 + at)
        if at % 4 == 0:
            picture[100:300, 200:330] = (10, 200, 90)
        _, blobs = measure(picture, blobs)
    was, now = unpack(learnt(1)["reference"]), unpack(blobs["reference"])
    assert was is not None
    assert now is not None
    assert np.abs(now.luma.astype(float) - was.luma)[25:75, 50:82].mean() < 8


# --- what is given and what comes back ---
def test_blobs_are_small_and_come_back_the_same() -> None:
    blobs = learnt(1)
    assert sum(map(len, blobs.values())) <= 32_000
    reference = unpack(blobs["reference"])
    assert reference is not None
    assert pack(reference) == blobs["reference"]
    previous = unpack_previous(blobs["previous"])
    assert previous is not None
    assert pack_previous(previous) == blobs["previous"]


@pytest.mark.parametrize("torn", [b"", b"HCR1", b"x" * 20_000, learnt(1)["reference"][:-1]])
def test_a_torn_blob_counts_as_none(torn: bytes) -> None:
    m, blobs = measure(live(1, 99), {"reference": torn, "previous": torn})
    assert "lost" not in m
    assert "equal" not in m
    reference = unpack(blobs["reference"])
    assert reference is not None
    assert reference.count == 1


@pytest.mark.parametrize("shape", [(360, 640), (360, 640, 4), (8, 640, 3), (0, 0, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture is"):
        measure(np.zeros(shape, np.uint8), {})


@pytest.mark.parametrize("level", [0, 1, 128, 255])
@pytest.mark.parametrize("size", [(360, 640), (288, 352), (1080, 1920), (576, 704), (33, 47)])
def test_every_measure_is_finite(level: int, size: tuple[int, int]) -> None:
    flat = np.full((*size, 3), level, np.uint8)
    for given in ({}, learnt(1)):
        m, blobs = measure(flat, given)
        m, _ = measure(flat, blobs)
        assert all(np.isfinite(each) for each in m.values())


@pytest.mark.parametrize("size", [(1920, 1080), (704, 576), (352, 288)])
def test_another_size_of_the_same_view_is_the_same_view(size: tuple[int, int]) -> None:
    m = look(np.asarray(cv2.resize(live(1, 99), size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8), 1)
    assert m["lost"] < 0.1
    assert 0.95 < m["gain"] < 1.05


def test_a_picture_is_measured_in_a_few_milliseconds() -> None:
    """A generous limit: the figure itself is the evaluation's."""
    cv2.setNumThreads(1)
    picture, given = live(1, 99), learnt(1)
    began_s = time.process_time()
    for _ in range(20):
        measure(picture, given)
    assert (time.process_time() - began_s) / 20 < 0.05
