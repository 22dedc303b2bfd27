"""Access units as encoders make them, for tests of what decodes them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.model import AccessUnit, Codec, StreamFormat

ENCODERS: dict[Codec, Literal["libx264", "libx265", "mjpeg"]] = {
    "h264": "libx264",
    "h265": "libx265",
    "jpeg": "mjpeg",
}
GROUP = 5  # pictures from one intra picture to the next in `unit`
Picture = npt.NDArray[np.uint8]


def scene(width: int, height: int, number: int = 0) -> Picture:
    """A static room with texture of every size, and a person that walks: (height, width, 3), BGR."""
    chance = np.random.default_rng(5)
    room = np.zeros((height, width, 3), np.float32)
    for size in (6, 24, 96):
        coarse = chance.normal(0, 30, (max(2, size * height // width), size, 3)).astype(np.float32)
        room += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = np.asarray(np.clip(room + 120, 0, 255), np.uint8)
    left, top = (number * 8) % (width * 3 // 4), height // 3
    cv2.rectangle(picture, (left, top), (left + width // 12, top + height // 2), (40, 60, 200), -1)
    return picture


@functools.cache
def stream(  # noqa: PLR0917 as an encoder has them
    codec: Codec,
    width: int = 640,
    height: int = 360,
    pictures: int = 30,
    group: int = 15,
    pixels: str = "yuv420p",
    options: tuple[tuple[str, str], ...] = (("preset", "veryfast"),),
) -> tuple[tuple[bool, bytes], ...]:
    """(is a key frame, its bytes), as a camera would send them."""
    encoder = av.CodecContext.create(ENCODERS[codec], "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixels
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    encoder.gop_size = group
    encoder.thread_count = 2
    encoder.options = dict(options)
    found: list[tuple[bool, bytes]] = []
    for number in range(pictures):
        frame = av.VideoFrame.from_ndarray(scene(width, height, number), "bgr24")
        frame.pts = number
        found += [(packet.is_keyframe, bytes(packet)) for packet in encoder.encode(frame)]
    found += [(packet.is_keyframe, bytes(packet)) for packet in encoder.encode(None)]
    return tuple(found)


def unit(codec: Codec = "h264", width: int = 640, height: int = 360) -> AccessUnit:
    """An intra picture from the middle of a stream with B frames: `scene` number GROUP."""
    keys = [data for is_key, data in stream(codec, width, height, 2 * GROUP, GROUP) if is_key]
    return AccessUnit(StreamFormat(codec, width, height), keys[1], complete=True)


def nal_units(data: bytes) -> Iterator[bytes]:
    """Annex B of ITU-T H.264 and H.265: between start codes, without trailing zeros."""
    for part in re.split(b"\x00\x00\x01", data):
        if found := part.rstrip(b"\x00"):
            yield found


def annex_b(units: list[bytes]) -> bytes:
    return b"".join(b"\x00\x00\x01" + each for each in units)
