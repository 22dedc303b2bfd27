"""What the way through an encoder does to a picture: key frames as sub streams of cameras bring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.video.frame import PictureType

from drivers.camera.flow import STIR_LEAST, StirMeter
from drivers.camera.rtp import Packet
from tests.eval.scenes import H, Picture, W


@dataclass(frozen=True, slots=True)
class _Codec:
    coder: str
    decoder: str
    options: Callable[[int], dict[str, str]]  # by the quantiser
    limits: tuple[int, int]  # of it
    foretells: bool  # pictures from others


_CODECS = {
    "h264": _Codec(
        "libx264",
        "h264",
        lambda q: {"preset": "superfast", "tune": "zerolatency", "forced-idr": "1", "qp": str(q)},
        limits=(16, 44),
        foretells=True,
    ),
    "h265": _Codec(
        "libx265",
        "hevc",
        lambda q: {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "forced-idr": "1",
            "x265-params": f"qp={q}:pools=none:frame-threads=1:log-level=none",
        },
        limits=(16, 44),
        foretells=True,
    ),
    "jpeg": _Codec("mjpeg", "mjpeg", lambda q: {"qmin": str(q), "qmax": str(q)}, (2, 28), foretells=False),
}
CODECS = tuple(_CODECS)
_GROUP = 1 << 20  # pictures: when a key picture comes is said with each
_SLACK = 0.2  # a rate control that is settled leaves its quantiser alone


@dataclass(slots=True)
class Encoder:
    """A key picture of about `bytes_each` for every look, and those that follow it, of which only the sizes
    count. What a GOP of 2 s at 512 kbit/s leaves for a key picture is 25 kB.

    The quantiser follows the size step by step, as in a camera, and stays where the size is about right: of a
    picture that stands every key frame is then the same. `codec` "" lets pictures through as they are.
    """

    codec: str
    bytes_each: int = 25_000
    _out: Any = field(default=None, init=False)
    _in: Any = field(default=None, init=False)
    _quantiser: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)

    def through(self, pictures: Callable[[int], Picture]) -> tuple[Picture, float | None]:
        """The key picture of a stream that begins with `pictures(0)`, and the stream's `stir`."""
        if not self.codec:
            return pictures(0), None
        if self._out is None:
            self._quantiser = sum(_CODECS[self.codec].limits) // 2
            self._open()
        key = self._encoded(pictures(0), is_key=True)
        (decoded,) = self._in.decode(key)
        meter = StirMeter(lambda payload: payload[:1] == b"I")
        for number in range(STIR_LEAST + 1):
            data = self._encoded(pictures(number), is_key=False) if number else key
            kind = b"P" if number and _CODECS[self.codec].foretells else b"I"
            meter.take(Packet(96, True, number, number, kind + bytes(data)[1:]))
        meter.take(Packet(96, True, 0, -2, b""))  # the last has ended
        self._control(key.size)
        planes = decoded.to_ndarray()
        return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8), meter.stir()

    def _encoded(self, picture: Picture, *, is_key: bool) -> Any:
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format=self._out.pix_fmt)
        frame.pts = self._count
        frame.pict_type = PictureType.I if is_key else PictureType.NONE
        self._count += 1
        (packet,) = self._out.encode(frame)
        assert packet.is_keyframe is (is_key or not _CODECS[self.codec].foretells)
        return packet

    def _control(self, size: int) -> None:
        off = size / self.bytes_each - 1
        if abs(off) <= _SLACK:
            return
        finest, coarsest = _CODECS[self.codec].limits
        step = (1 if off > 0 else -1) * (2 if abs(off) > 3 * _SLACK else 1)
        wanted = min(max(self._quantiser + step, finest), coarsest)
        if wanted != self._quantiser:
            self._quantiser = wanted
            self._open()

    def _open(self) -> None:
        codec = _CODECS[self.codec]
        out: Any = av.CodecContext.create(codec.coder, "w")
        out.width, out.height = W, H
        out.pix_fmt = "yuvj420p" if self.codec == "jpeg" else "yuv420p"
        out.time_base, out.framerate = Fraction(1, 25), Fraction(25)
        out.gop_size, out.max_b_frames, out.thread_count = _GROUP, 0, 1
        out.options = codec.options(self._quantiser)
        decoder: Any = av.CodecContext.create(codec.decoder, "r")
        decoder.thread_count = 1
        decoder.flags |= av.codec.context.Flags.low_delay
        self._out, self._in, self._count = out, decoder, 0
