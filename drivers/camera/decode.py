"""One access unit to a small picture. Only the worker process imports this: decoders crash, hang and swell.

PyAV decodes where it is installed, at a third of OpenCV's cost. Else OpenCV does, from a file in memory: from
a buffer it decodes no video (with its ffmpeg it dies of it).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.job import MAX_PIXELS
from drivers.camera.model import Codec

try:
    import av
    from av.codec.context import CodecContext, Flags
    from av.video.frame import VideoFrame
    from av.video.reformatter import Interpolation, VideoReformatter
except ModuleNotFoundError as error:
    if error.name != "av":
        raise
    HAS_AV = False
else:
    HAS_AV = True
    av.logging.restore_default_callback()  # to standard error; PyAV would swallow it
    av.logging.set_libav_level(av.logging.ERROR)  # as OpenCV has it

Bgr = npt.NDArray[np.uint8]  # (height, width, 3)

SHOWN = (
    640 * 360
)  # pixels of the picture that is measured, at most: so that no camera costs more than another
# Larger ones are made anew. For a full HD picture that takes 7 ms, a quarter of its look: pages are cleared.
KEPT_CANVAS = 8 << 20
MAX_SAID = 16 << 10  # bytes read of what a decoder says: a broken picture makes a line for each macroblock

# As libavcodec's own log has it (libavutil/log.c), and libjpeg's (jerror.h). On supplemental information,
# which vendors fill as they like, nothing in the picture depends; nor on what OpenCV is forbidden.
_SAID = re.compile(
    r"^(?:\[(?:h264|hevc|mpeg4) @ 0x[0-9a-f]+\] (?!.*\b(?:SEI|VUI|whitelist)\b)|(?=Corrupt JPEG))(.+)$", re.M
)

# H.264 table 7-1, §7.3.3: a slice whose first_mb_in_slice is 0, which is a single bit.
_FIRST_SLICE = re.compile(rb"\x00\x00\x01[\x01\x05\x21\x25\x41\x45\x61\x65][\x80-\xff]")
_TOO_LARGE = re.compile(r"Picture size .* exceeds specified max pixel count")  # libavutil/imgutils.c


_AV_NAMES: dict[Codec, Literal["h264", "hevc", "mpeg4"]] = {"h264": "h264", "h265": "hevc", "mpeg4": "mpeg4"}

# For `cv2.VideoCapture`: no codec is opened while a stream is only being looked over, which would decode the
# one picture that there is a first time (avformat_find_stream_info). What the parser finds is enough. And the
# format is told, as the camera has announced it: nobody's bytes are tried for being a playlist.
_CV_NAME = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_CV_OPTIONS = "codec_whitelist;none|input_format;{}"
_CV_FORMATS: dict[Codec, str] = {"h264": "h264", "h265": "hevc", "mpeg4": "m4v"}


UNSEEN: Bgr = np.empty((0, 0, 3), np.uint8)


class Undecodable(Exception):
    """No picture came of it; says why."""


class TooLarge(Exception):
    """More pixels than are decoded; says how many."""


@dataclass(frozen=True, slots=True)
class Picture:
    bgr: Bgr  # of at most SHOWN pixels, its sides as those of the stream; UNSEEN where it was not wanted
    width: int  # in the stream, after cropping
    height: int
    complaint: str = ""  # of the decoder, which had to make up a part of the picture; "" for a sound one


def decoder() -> str:
    """The one that is used, with its version."""
    return f"av {av.__version__}" if HAS_AV else f"cv2 {cv2.__version__}"


def decode(codec: Codec, data: bytes, width: int = 0, height: int = 0, *, want: bool = True) -> Picture:
    """`data` is Annex B with its parameter sets in front, or a JPEG; `width` and `height` are what is
    known. Whether it can be decoded is known without the picture's being wanted, at two thirds of the cost.

    A damaged picture of H.264 is known for it; of H.265 often not: its decoder conceals nothing, and tells
    of a third. Raises Undecodable, TooLarge, MemoryError.
    """
    if width * height > MAX_PIXELS:
        raise TooLarge(f"{width}x{height}: at most {MAX_PIXELS} pixels")
    if codec == "jpeg":
        return decode_jpeg(data)
    if HAS_AV and codec in _AV_NAMES:
        return decode_av(codec, data, want=want)
    return decode_cv(codec, data, is_refresh(codec, data), want=want)


def is_refresh(codec: Codec, data: bytes) -> bool:
    """Whether these are several pictures of H.264, of which only the last is whole: where a decoder has to
    begin at a recovery point. It is given them one by one."""
    return codec == "h264" and len(_FIRST_SLICE.findall(data)) > 1


def shown(width: int, height: int) -> tuple[int, int]:
    """The size in which a picture is measured: never larger than it is, each side even."""
    if width * height <= SHOWN:
        return width, height
    scale = (SHOWN / (width * height)) ** 0.5
    return max(2, int(width * scale) & ~1), max(2, int(height * scale) & ~1)


# --- PyAV ---
def decode_av(codec: Codec, data: bytes, *, want: bool = True) -> Picture:
    """In a context of its own, which takes 0.02 ms: nothing of one camera is left for the next."""
    context = CodecContext.create(_AV_NAMES[codec], "r")
    context.thread_count = 1
    context.flags |= Flags.low_delay
    context.options = {"max_pixels": str(MAX_PIXELS)}
    try:
        with complaints() as said:
            if is_refresh(codec, data):
                pictures = [*context.parse(data), *context.parse()]
                frames = [frame for each in pictures for frame in context.decode(each)]
                frames += context.decode(None)
            else:
                frames = context.decode(av.Packet(data)) or context.decode(None)
    except av.error.FFmpegError as error:
        if found := _TOO_LARGE.search(said.text):
            raise TooLarge(found[0]) from None
        if isinstance(error, MemoryError):
            raise
        raise Undecodable(said.first() or error.strerror) from None
    if not frames:
        raise Undecodable(said.first() or "no picture in it")
    frame = frames[-1]
    # What H.264 has made up it marks in the frame; H.265 only says so, and not always.
    complaint = said.first() if codec != "h264" else ""
    if frame.is_corrupt:
        complaint = said.first() or "a part of it is missing"
    return Picture(_small(frame) if want else UNSEEN, frame.width, frame.height, complaint)


def _small(frame: VideoFrame) -> Bgr:
    """By swscale's mean over areas: the whole picture is never made a second time at its full size. In this
    thread, for starting others takes longer than the work."""
    width, height = shown(frame.width, frame.height)
    small = VideoReformatter().reformat(
        frame, width, height, "bgr24", interpolation=Interpolation.AREA, threads=1
    )
    return np.ascontiguousarray(small.to_ndarray(), np.uint8)


# --- OpenCV ---
def decode_cv(codec: Codec, data: bytes, to_last: bool = False, *, want: bool = True) -> Picture:
    """The first picture, or the last."""
    if codec not in _CV_FORMATS:
        raise Undecodable(f"nothing decodes {codec}")
    with complaints() as said, memory_file(data) as path, options(codec):
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        try:
            found = _captured(capture, to_last, want) if capture.grab() else None
        finally:
            capture.release()
    if found is None:
        raise Undecodable(said.first() or "no picture in it")
    # A refresh begins without what its first pictures refer to: the decoder complains of nothing else.
    return replace(found, complaint="" if to_last else said.first())


@contextmanager
def options(codec: Codec) -> Iterator[None]:
    """For a capture that is opened meanwhile; the environment is the only way in."""
    os.environ[_CV_NAME] = _CV_OPTIONS.format(_CV_FORMATS[codec])
    try:
        yield
    finally:
        del os.environ[_CV_NAME]


def _captured(capture: cv2.VideoCapture, to_last: bool, want: bool) -> Picture | None:
    """The picture that was grabbed, or the last; None where there is none after all."""
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    if not want and not to_last:
        return Picture(UNSEEN, width, height)
    shrinks = width * height > SHOWN  # so that nothing of the canvas goes out of here
    canvas = _canvas(width, height) if shrinks and width * height * 3 <= KEPT_CANVAS else None
    is_there, bgr = capture.retrieve(canvas)
    while to_last and is_there and capture.grab() and (more := capture.retrieve(canvas))[0]:
        bgr = more[1]
    return _shrunk(bgr) if is_there else None


@lru_cache(2)  # sizes of full streams in one hall, usually
def _canvas(width: int, height: int) -> Bgr:
    """Where a picture is put, and the next one over it."""
    return np.empty((height, width, 3), np.uint8)


def decode_jpeg(data: bytes) -> Picture:
    """OpenCV's own limit on pixels is an environment variable that the worker sets."""
    with complaints() as said:
        try:
            bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        except cv2.error as error:
            if "MAX_IMAGE_PIXELS" in error.err:
                raise TooLarge(f"a JPEG of more than {MAX_PIXELS} pixels") from None
            raise
    if bgr is None:
        raise Undecodable(said.first() or "no JPEG")
    return _shrunk(bgr, said.first())


def _shrunk(bgr: cv2.typing.MatLike, complaint: str = "") -> Picture:
    height, width = bgr.shape[:2]
    if (size := shown(width, height)) != (width, height):
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return Picture(np.asarray(bgr, np.uint8), width, height, complaint)


# --- the system ---
@contextmanager
def memory_file(data: bytes) -> Iterator[str]:
    """A path under which `data` can be read, and which leaves nothing behind when this process is killed."""
    file = os.memfd_create("unit", os.MFD_CLOEXEC)
    try:
        os.write(file, data)
        yield f"/proc/self/fd/{file}"
    finally:
        os.close(file)


@dataclass(slots=True)
class Said:
    text: str = ""

    def first(self) -> str:
        """The first line that tells of damage; "" without one."""
        found = _SAID.search(self.text)
        return found[1].strip() if found else ""


@contextmanager
def complaints() -> Iterator[Said]:
    """What is written to standard error meanwhile, by C too, which has no other way to tell."""
    said = Said()
    file, kept = os.memfd_create("said", os.MFD_CLOEXEC), os.dup(2)
    os.dup2(file, 2)
    try:
        yield said
    finally:
        os.dup2(kept, 2)
        said.text = os.pread(file, MAX_SAID, 0).decode(errors="replace")
        os.close(file)
        os.close(kept)
