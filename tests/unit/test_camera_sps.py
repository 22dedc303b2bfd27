"""Sequence parameter sets: as encoders make them, torn, and lying."""

from __future__ import annotations

import contextlib

import pytest

from drivers.camera.bits import Bits
from drivers.camera.errors import BadSyntax, PictureTooLarge
from drivers.camera.sps import MAX_PARAMETER_SET, h264_sps
from drivers.camera.sps265 import h265_sps
from tests.camera_packets import se, sps_264, ue
from tests.golden.camera_pictures import H264, H265


@pytest.mark.parametrize(("options", "nal", "width", "height", "fps"), H264)
def test_h264_as_encoders_make_it(options: str, nal: str, width: int, height: int, fps: float) -> None:
    found = h264_sps(bytes.fromhex(nal))
    assert (found.width, found.height, round(found.fps, 3)) == (width, height, round(fps, 3))


@pytest.mark.parametrize(("options", "nal", "width", "height", "fps"), H265)
def test_h265_as_encoders_make_it(options: str, nal: str, width: int, height: int, fps: float) -> None:
    found = h265_sps(bytes.fromhex(nal))
    assert (found.width, found.height, round(found.fps, 3)) == (width, height, round(fps, 3))


def test_numbers_are_read_as_they_are_written() -> None:
    for number in (0, 1, 2, 7, 254, 2**16, 2**32 - 2):
        text = ue(number)
        data = int(text + "1" + "0" * (-(len(text) + 1) % 8), 2).to_bytes((len(text) + 8) // 8, "big")
        assert Bits(data).ue() == number
    for number in (0, 1, -1, 2, -200):
        text = se(number) + "1"
        assert Bits(int(text.ljust(64, "0"), 2).to_bytes(8, "big")).se() == number


def test_what_is_cropped_away_is_not_shown() -> None:
    found = h264_sps(sps_264(120, 68, crop=(0, 0, 0, 4)))
    assert (found.width, found.height) == (1920, 1080)


@pytest.mark.parametrize("crop", [(480, 480, 0, 0), (0, 0, 600, 600), (0, 65_000, 0, 0)])
def test_a_picture_that_is_cropped_to_nothing_is_none(crop: tuple[int, ...]) -> None:
    with pytest.raises(BadSyntax):
        h264_sps(sps_264(120, 68, crop=crop))


@pytest.mark.parametrize(("x", "y"), [(1024, 1024), (65_536, 1), (1, 1056)])
def test_more_than_any_level_allows_is_refused(x: int, y: int) -> None:
    with pytest.raises(PictureTooLarge):
        h264_sps(sps_264(x, y))


def test_16k_by_16k_is_refused_by_name_and_8k_is_not() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        h264_sps(sps_264(1024, 1024))
    assert refused.value.code == "picture_too_large"
    assert h264_sps(sps_264(480, 270)).width == 7680


@pytest.mark.parametrize("read", [h264_sps, h265_sps])
@pytest.mark.parametrize("nal", [bytes.fromhex(each[1]) for each in (*H264, *H265)])
def test_a_torn_one_raises_what_it_should(nal: bytes, read: type) -> None:
    for size in range(len(nal)):
        for tail in (b"", b"\xff" * 8, bytes(8)):
            with contextlib.suppress(BadSyntax, PictureTooLarge):
                read(nal[:size] + tail)


def test_numbers_that_lie_about_what_follows_are_refused() -> None:
    bits = Bits(bytes(64))
    with pytest.raises(BadSyntax):
        bits.ue()
    with pytest.raises(BadSyntax):
        Bits(b"\x01\x01").ue(1)
    with pytest.raises(BadSyntax):
        h264_sps(bytes.fromhex(H264[1][1]) + bytes(MAX_PARAMETER_SET))


def test_timing_that_can_be_none_is_not_told() -> None:
    nal = bytes.fromhex(H264[1][1])
    assert h264_sps(nal).fps == 25.0
    assert h264_sps(nal[:14]).fps == 0.0  # the VUI is cut off
    assert h264_sps(nal[:14]).width == 640
