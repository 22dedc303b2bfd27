"""Access units of real encoders to small pictures, by both decoders, whole and damaged."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera import decode as module
from drivers.camera.decode import (
    Picture,
    TooLarge,
    Undecodable,
    complaints,
    decode,
    decode_av,
    decode_cv,
    decode_jpeg,
    decoder,
    is_refresh,
    memory_file,
    options,
    shown,
)
from drivers.camera.h264 import H264
from drivers.camera.job import MAX_PIXELS
from drivers.camera.model import Codec, StreamFormat
from drivers.camera.rtp import packet
from drivers.camera.units import IntraSearch
from tests.camera_packets import nals_of, packets
from tests.camera_units import GROUP, annex_b, nal_units, scene, stream, unit

VIDEO: list[Codec] = ["h264", "h265"]
FAST = ("preset", "ultrafast")
PACKET = 1400  # bytes: what is gone when a packet is


def far(one: Picture, other: Picture) -> float:
    return float(np.abs(one.bgr.astype(int) - other.bgr).mean())


def looks_like(picture: Picture, number: int, width: int = 640, height: int = 360) -> bool:
    shape = picture.bgr.shape[1::-1]
    wanted = cv2.resize(scene(width, height, number), shape, interpolation=cv2.INTER_AREA)
    return float(np.abs(picture.bgr.astype(int) - wanted).mean()) < 10


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("start", [1, 17, 38])
def test_a_stream_of_intra_refresh_is_seen_from_anywhere(start: int, b_frames: int) -> None:
    """After its first picture it has no other that a decoder could begin with: x264's own."""
    params = f"intra-refresh=1:keyint=40:bframes={b_frames}"
    sent = stream("h264", pictures=130, group=40, options=(FAST, ("x264-params", params)))
    pictures = [nals_of(data) for _, data in sent]
    sets = tuple(nal for nal in pictures[0] if nal[0] & 0x1F in (7, 8))
    search = IntraSearch(H264(), StreamFormat("h264", parameter_sets=sets))
    units = (search.take(packet(each)) for each in packets(pictures[start:]))
    found = next(each for each in units if each)
    assert found.complete
    assert is_refresh("h264", found.data)
    last = start + search.pictures - 1
    for picture in (decode_av("h264", found.data), decode_cv("h264", found.data, to_last=True)):
        assert picture.complaint == ""
        assert any(looks_like(picture, number) for number in range(last - 2, last + 3))


def test_an_intra_picture_of_several_slices_is_no_refresh() -> None:
    sent = stream("h264", pictures=2, group=1, options=(FAST, ("x264-params", "slices=4")))
    assert [is_refresh("h264", data) for _, data in sent] == [False, False]


SIZES = [(640, 360), (704, 576), (360, 640)]
MORE = [pytest.param(each, marks=pytest.mark.thorough) for each in ((1920, 1080), (352, 288))]


@pytest.mark.parametrize("codec", VIDEO)
@pytest.mark.parametrize("size", [*SIZES, *MORE])
def test_both_decoders_see_the_same(codec: Codec, size: tuple[int, int]) -> None:
    data = unit(codec, *size).data
    mine, theirs = decode_av(codec, data), decode_cv(codec, data)
    assert (mine.width, mine.height) == (theirs.width, theirs.height) == size
    assert mine.bgr.shape == theirs.bgr.shape == (*shown(*size)[::-1], 3)
    assert mine.bgr.dtype == np.uint8
    assert mine.bgr.flags.c_contiguous
    assert mine.complaint == theirs.complaint == ""
    assert far(mine, theirs) < 4


@pytest.mark.parametrize("codec", VIDEO)
@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (360, 640)])
def test_whether_it_can_be_decoded_is_known_without_the_picture(codec: Codec, size: tuple[int, int]) -> None:
    data = unit(codec, *size).data
    for found in (decode_av(codec, data, want=False), decode_cv(codec, data, want=False)):
        assert (found.width, found.height, found.complaint) == (*size, "")
        assert found.bgr.size == 0
    with pytest.raises(Undecodable):
        decode_av(codec, data[:40], want=False)
    with pytest.raises(Undecodable):
        decode_cv(codec, data[:40], want=False)


def test_nobody_chooses_the_format_by_bytes(tmp_path: Path) -> None:
    """What is announced as a stream and is a playlist leads to no file."""
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    writer.write(np.full((48, 64, 3), 200, np.uint8))
    writer.release()
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{film}\n#EXT-X-ENDLIST\n".encode()
    concat = f"ffconcat version 1.0\nfile {film}\n".encode()
    for data in (film.read_bytes(), playlist, concat):
        for codec in (*VIDEO, "mpeg4"):
            with pytest.raises(Undecodable):
                decode_cv(codec, data)
    with pytest.raises(Undecodable):
        decode_cv("other", unit("h264").data)


def test_a_full_picture_leaves_nothing_in_the_next() -> None:
    """They are put into the same memory."""
    one, other = (data for is_key, data in stream("h264", 1920, 1080, 2, 1) if is_key)
    first = decode_cv("h264", one)
    kept = first.bgr.copy()
    assert far(first, decode_cv("h264", other)) > 0
    assert (first.bgr == kept).all()


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1920, 1080), (640, 360)),
        ((3840, 2160), (640, 360)),
        ((640, 360), (640, 360)),
        ((352, 288), (352, 288)),
        ((704, 576), (530, 434)),
        ((1080, 1920), (360, 640)),
        ((16_000, 2), (16_000, 2)),
        ((160_000, 2), (135_764, 2)),
        ((0, 0), (0, 0)),
    ],
)
def test_the_size_in_which_a_picture_is_measured(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert shown(*size) == small


@pytest.mark.parametrize("codec", VIDEO)
@pytest.mark.parametrize("group", [5, 15])
def test_the_intra_pictures_of_any_group_are_what_was_there(codec: Codec, group: int) -> None:
    keys = [data for is_key, data in stream(codec, group=group) if is_key]
    assert len(keys) == 30 // group
    assert all(looks_like(decode(codec, data), number * group) for number, data in enumerate(keys))


def test_an_intra_picture_that_is_no_idr_is_one_too() -> None:
    """Open groups, with and without the recovery point that tells of it."""
    options = (FAST, ("x264-params", "open-gop=1:keyint=10:bframes=2"))
    first, second, *_ = (data for is_key, data in stream("h264", options=options, group=10) if is_key)
    types = [each[0] & 31 for each in nal_units(second)]
    assert 5 not in types
    sets = [each for each in nal_units(first) if each[0] & 31 in (7, 8)]
    slices = [each for each in nal_units(second) if each[0] & 31 == 1]
    for data in (second, annex_b(sets + slices)):
        assert decode("h264", data).complaint == ""


def test_a_picture_in_slices_is_whole() -> None:
    """As our encoder makes it with two threads."""
    data = next(data for _, data in stream("h264", options=(FAST,)))
    assert sum(each[0] & 31 == 5 for each in nal_units(data)) == 2
    assert looks_like(decode("h264", data), 0)


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [
        ("h264", "yuvj420p"),
        ("h264", "yuv422p"),
        ("h264", "gray"),
        ("h265", "yuv420p10le"),
        ("h265", "yuv444p"),
    ],
)
def test_any_kind_of_pixels(codec: Codec, pixels: str) -> None:
    data = next(data for _, data in stream(codec, pictures=2, pixels=pixels))
    found = decode(codec, data)
    assert found.complaint == ""
    if pixels == "gray":
        assert np.ptp(found.bgr.astype(int), axis=2).max() <= 2
    else:
        assert looks_like(found, 0)


# --- damaged ---
def lost(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) // 10, len(data) - PACKET)
    return data[:at] + data[at + PACKET :]


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) // 10, len(data) - PACKET)]


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    changed[rng.randrange(len(data) // 10, len(data) - PACKET)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def known(
    codec: Codec, by: Callable[[bytes], Picture], damage: Callable[[bytes, random.Random], bytes]
) -> float:
    """The share of 30 damaged pictures that are known for it."""
    rng, data, count = random.Random(1), unit(codec).data, 0
    for _ in range(30):
        try:
            count += bool(by(damage(data, rng)).complaint)
        except Undecodable:
            count += 1
    return count / 30


@pytest.mark.parametrize("damage", [lost, cut, flipped])
def test_a_damaged_picture_of_h264_is_known_for_it(damage: Callable[[bytes, random.Random], bytes]) -> None:
    assert known("h264", lambda data: decode_av("h264", data), damage) >= 0.9
    assert known("h264", lambda data: decode_cv("h264", data), damage) >= 0.5


def test_of_damaged_pictures_of_h265_some_are_known_and_no_sound_one() -> None:
    """A third, of which the docstring speaks: its decoder does not look."""
    shares = [known("h265", lambda data: decode_av("h265", data), each) for each in (lost, cut, flipped)]
    assert 0.05 <= sum(shares) / 3 <= 0.9
    keys = [data for is_key, data in stream("h265", group=5) if is_key]
    assert [decode("h265", data).complaint for data in keys] == [""] * 6


@pytest.mark.parametrize("codec", ["h264", "h265", "jpeg", "other"])
@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x00\x01", b"rubbish" * 500, bytes(5000)])
def test_what_is_no_picture(codec: Codec, data: bytes) -> None:
    with pytest.raises(Undecodable, match=r".+"):
        decode(codec, data)


@pytest.mark.parametrize("codec", VIDEO)
def test_parameter_sets_alone_are_no_picture(codec: Codec) -> None:
    heads = [each for each in nal_units(unit(codec).data) if len(each) < 200]
    with pytest.raises(Undecodable, match=r".+"):
        decode(codec, annex_b(heads))


@pytest.mark.parametrize("codec", [*VIDEO, "jpeg", "other"])
def test_rubbish_within_a_picture_never_raises_anything_else(codec: Codec) -> None:
    rng, data = (
        random.Random(4),
        JPEG if codec == "jpeg" else unit("h264" if codec == "other" else codec).data,
    )
    for _ in range(40):
        spoilt = bytearray(data)
        for _ in range(rng.choice((1, 20, 500))):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        try:
            found = decode(codec, bytes(spoilt))
        except (Undecodable, TooLarge):
            continue
        assert found.bgr.size <= 640 * 360 * 3


def test_what_vendors_put_into_a_stream_is_no_damage() -> None:
    """Supplemental information that is cut short, and units of types that nobody has defined."""
    sets = list(nal_units(unit("h264").data))
    extra = [b"\x06\x05\xff\xff\x20" + b"vendor" * 4, b"\x06\x04\x80", b"\x1e\x01\x02\x03", b"\x18\x01"]
    assert decode("h264", annex_b([*sets[:2], *extra, *sets[2:]])).complaint == ""
    sets = list(nal_units(unit("h265").data))
    extra = [b"\x4e\x01\x05\xff\xff\x20" + b"vendor" * 4, b"\x4e\x01\x01\x80", b"\x7e\x01\x02\x03"]
    assert decode("h265", annex_b([*sets[:3], *extra, *sets[3:]])).complaint == ""


# --- too large ---
def test_a_picture_that_is_said_to_be_too_large_is_not_decoded() -> None:
    with pytest.raises(TooLarge, match="16384x16384"):
        decode("h264", unit().data, 16_384, 16_384)


@pytest.mark.parametrize("codec", VIDEO)
def test_nor_is_one_of_which_nothing_was_said(codec: Codec) -> None:
    data = next(data for _, data in stream(codec, 5120, 4096, pictures=1, options=(FAST,)))
    assert MAX_PIXELS < 5120 * 4096
    with pytest.raises(TooLarge, match="5120x4096"):
        decode(codec, data)


# --- JPEG and others ---
JPEG = cv2.imencode(".jpg", scene(1280, 720))[1].tobytes()


def test_a_jpeg() -> None:
    found = decode("jpeg", JPEG)
    assert (found.width, found.height, found.bgr.shape, found.complaint) == (1280, 720, (360, 640, 3), "")
    assert looks_like(found, 0, 1280, 720)


def test_a_damaged_jpeg_is_known_for_it() -> None:
    assert "Corrupt JPEG" in decode_jpeg(JPEG[:20_000] + JPEG[21_000:]).complaint


@pytest.mark.parametrize("codec", VIDEO)
def test_opencv_decodes_no_picture_only_to_look_it_over(codec: Codec) -> None:
    with complaints() as said, memory_file(unit(codec).data) as path, options(codec):
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        assert capture.isOpened()
        assert (capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (640, 360)
        capture.release()
    assert "not on whitelist 'none'" in said.text, "the decoder was kept out"
    assert not said.first(), "which is no damage"


def test_without_pyav_opencv_decodes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decoder().startswith("av ")
    monkeypatch.setattr(module, "HAS_AV", False)
    monkeypatch.delattr(module, "av")
    assert decoder().startswith("cv2 ")
    assert looks_like(decode("h265", unit("h265").data), GROUP)


# --- the system ---
def test_nothing_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for data in (unit().data, b"rubbish", JPEG[:5000]):
        for codec in ("h264", "other", "jpeg"):
            try:
                decode(codec, data)
            except Undecodable:
                continue
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_said_meanwhile_is_kept_and_bounded() -> None:
    with complaints() as said:
        os.write(2, b"[h264 @ 0x55] SEI type 5 truncated\n[hevc @ 0x5f] CABAC_MAX_BIN : 7\n")
    assert said.first() == "CABAC_MAX_BIN : 7"
    with complaints() as said:
        os.write(2, b"x" * 1_000_000)
    assert len(said.text) < 100_000
    assert said.first() == ""


def test_a_file_in_memory_is_read_by_its_path_and_is_gone_afterwards() -> None:
    with memory_file(b"abc") as path, Path(path).open("rb") as file:
        assert file.read() == b"abc"
    assert not Path(path).exists()
