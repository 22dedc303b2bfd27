"""What the way through an encoder does to a picture: key frames as sub streams of cameras bring them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np

from tests.eval.scenes import H, Picture, W

_OPTIONS = {
    "libx264": {"preset": "superfast", "tune": "zerolatency"},
    "mpeg4": {},
    "mjpeg": {},
}


@dataclass(slots=True)
class Encoder:
    """Every picture a key frame of about `bytes_each`: what a GOP of 2 s at 512 kbit/s leaves for one is 25 kB.

    `codec` "" lets pictures through as they are.
    """

    codec: str
    bytes_each: int = 25_000
    _out: Any = field(default=None, init=False)
    _in: Any = field(default=None, init=False)
    _count: int = field(default=0, init=False)

    def through(self, picture: Picture) -> Picture:
        if not self.codec:
            return picture
        if self._out is None:
            self._open()
        planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format=self._out.pix_fmt)
        frame.pts = self._count
        self._count += 1
        for packet in self._out.encode(frame):
            for decoded in self._in.decode(packet):
                return np.asarray(cv2.cvtColor(decoded.to_ndarray(), cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)
        raise RuntimeError(f"{self.codec} kept a picture back")

    def _open(self) -> None:
        out: Any = av.CodecContext.create(self.codec, "w")
        out.width, out.height = W, H
        out.pix_fmt = "yuvj420p" if self.codec == "mjpeg" else "yuv420p"
        out.time_base, out.framerate = Fraction(1, 25), Fraction(25)
        out.bit_rate, out.gop_size, out.max_b_frames = self.bytes_each * 8 * 25, 1, 0
        out.thread_count = 1
        out.options = _OPTIONS[self.codec]
        decoder: Any = av.CodecContext.create({"libx264": "h264"}.get(self.codec, self.codec), "r")
        decoder.thread_count = 1
        decoder.flags |= av.codec.context.Flags.low_delay
        self._out, self._in = out, decoder
