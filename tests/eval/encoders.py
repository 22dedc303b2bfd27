"""What the way through an encoder does to a picture: key frames as sub streams of cameras bring them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np

from tests.eval.scenes import H, Picture, W

_OPEN = {"libx264": {"preset": "superfast", "tune": "zerolatency"}, "mpeg4": {}, "mjpeg": {}}
_LIMITS = {"libx264": (16, 44), "mpeg4": (2, 28), "mjpeg": (2, 28)}  # of the quantiser
_SLACK = 0.2  # a rate control that is settled leaves its quantiser alone


@dataclass(slots=True)
class Encoder:
    """Every picture a key frame of about `bytes_each`: what a GOP of 2 s at 512 kbit/s leaves for one
    is 25 kB.

    The quantiser follows the size step by step, as in a camera, and stays where the size is about right: of a
    picture that stands every key frame is then the same. `codec` "" lets pictures through as they are.
    """

    codec: str
    bytes_each: int = 25_000
    _out: Any = field(default=None, init=False)
    _in: Any = field(default=None, init=False)
    _quantiser: int = field(default=0, init=False)
    _count: int = field(default=0, init=False)

    def through(self, picture: Picture) -> Picture:
        if not self.codec:
            return picture
        if self._out is None:
            self._quantiser = sum(_LIMITS[self.codec]) // 2
            self._open()
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format=self._out.pix_fmt)
        frame.pts = self._count
        self._count += 1
        for packet in self._out.encode(frame):
            for decoded in self._in.decode(packet):
                self._control(packet.size)
                return np.asarray(cv2.cvtColor(decoded.to_ndarray(), cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)
        raise RuntimeError(f"{self.codec} kept a picture back")

    def _control(self, size: int) -> None:
        off = size / self.bytes_each - 1
        if abs(off) <= _SLACK:
            return
        finest, coarsest = _LIMITS[self.codec]
        step = (1 if off > 0 else -1) * (2 if abs(off) > 3 * _SLACK else 1)
        wanted = min(max(self._quantiser + step, finest), coarsest)
        if wanted != self._quantiser:
            self._quantiser = wanted
            self._open()

    def _open(self) -> None:
        out: Any = av.CodecContext.create(self.codec, "w")
        out.width, out.height = W, H
        out.pix_fmt = "yuvj420p" if self.codec == "mjpeg" else "yuv420p"
        out.time_base, out.framerate = Fraction(1, 25), Fraction(25)
        out.gop_size, out.max_b_frames, out.thread_count = 1, 0, 1
        q = str(self._quantiser)
        out.options = _OPEN[self.codec] | ({"qp": q} if self.codec == "libx264" else {"qmin": q, "qmax": q})
        decoder: Any = av.CodecContext.create({"libx264": "h264"}.get(self.codec, self.codec), "r")
        decoder.thread_count = 1
        decoder.flags |= av.codec.context.Flags.low_delay
        self._out, self._in, self._count = out, decoder, 0
