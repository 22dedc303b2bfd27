"""JPEG in RTP: taken apart by the RFC, and made again as a file that another program reads."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageDraw

from drivers.camera.errors import PictureTooLarge
from drivers.camera.jpeg import JpegSearch
from drivers.camera.model import AccessUnit, StreamFormat
from drivers.camera.rtp import packet
from tests.camera_packets import rtp

WIDTH, HEIGHT = 160, 96


def drawn() -> Image.Image:
    image = Image.new("RGB", (WIDTH, HEIGHT), "navy")
    ImageDraw.Draw(image).ellipse((20, 10, 140, 90), fill="orange")
    return image


def segments(data: bytes) -> tuple[dict[int, list[bytes]], bytes]:
    """ITU-T T.81 annex B: by marker, and the data of the scan."""
    found: dict[int, list[bytes]] = {}
    at = 2
    while True:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        found.setdefault(marker, []).append(data[at + 4 : at + 2 + size])
        at += 2 + size
        if marker == 0xDA:
            return found, data[at:-2]


def sent(quality: int, *, in_band: bool, subsampling: int = 2, part: int = 200) -> list[bytes]:
    file = io.BytesIO()
    drawn().save(file, "JPEG", quality=quality, subsampling=subsampling)
    found, scan = segments(file.getvalue())
    tables = b"".join(each[at : at + 64] for each in found[0xDB] for at in range(1, len(each), 65))
    assert len(tables) == 128
    q = 255 if in_band else quality
    payloads = []
    for offset in range(0, len(scan), part):
        kind = 1 if subsampling == 2 else 0
        head = struct.pack("!IBBBB", offset, kind, q, WIDTH // 8, HEIGHT // 8)
        if in_band and offset == 0:
            head += struct.pack("!BBH", 0, 0, len(tables)) + tables
        payloads.append(head + scan[offset : offset + part])
    last = len(payloads) - 1
    return [rtp(each, at, 0, marker=at == last, kind=26) for at, each in enumerate(payloads)]


def taken(data: list[bytes]) -> AccessUnit | None:
    search = JpegSearch(StreamFormat("jpeg"))
    found = next(filter(None, (search.take(packet(each)) for each in data)), None)
    return found or search.best


@pytest.mark.parametrize("in_band", [True, False])
@pytest.mark.parametrize("quality", [10, 50, 75, 95])
@pytest.mark.parametrize("subsampling", [1, 2])
def test_the_file_is_the_picture_that_was_sent(quality: int, in_band: bool, subsampling: int) -> None:
    unit = taken(sent(quality, in_band=in_band, subsampling=subsampling))
    assert unit
    assert unit.complete
    assert (unit.format.width, unit.format.height) == (WIDTH, HEIGHT)
    file = io.BytesIO()
    drawn().save(file, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(io.BytesIO(unit.data)) as found, Image.open(file) as original:
        assert found.tobytes() == original.tobytes()


def test_a_part_that_is_missing_makes_it_incomplete() -> None:
    data = sent(75, in_band=True)
    del data[1]
    unit = taken(data)
    assert unit
    assert not unit.complete
    assert taken(data[1:]) is None


@pytest.mark.parametrize(
    "head",
    [
        b"\x00" * 7,
        struct.pack("!IBBBB", 0, 9, 50, 1, 1),
        struct.pack("!IBBBB", 0, 1, 0, 1, 1),
        struct.pack("!IBBBB", 0, 1, 120, 1, 1),
        struct.pack("!IBBBB", 0, 1, 50, 0, 1),
        struct.pack("!IBBBB", 0, 1, 255, 1, 1) + b"\x00\x00\xff\xff",
        struct.pack("!IBBBB", 0, 1, 200, 1, 1) + b"\x00\x00\x00\x00",
    ],
)
def test_headers_that_the_rfc_does_not_have_bring_nothing(head: bytes) -> None:
    assert taken([rtp(head, 0, 0, marker=True)]) is None


def test_a_picture_without_end_is_bounded() -> None:
    search = JpegSearch(StreamFormat("jpeg"))
    with pytest.raises(PictureTooLarge):
        for number in range(1000):
            search.take(packet(rtp(struct.pack("!IBBBB", 1, 1, 50, 1, 1) + bytes(60_000), number, 0)))
