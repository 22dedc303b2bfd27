"""What the daemon and its picture worker say to each other: the worker first says what it is (`Hello`), then
answers each `Job` with an `Answer` of the same number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from drivers.camera.framing import HEAD_SIZE, MAX_BLOBS, MAX_TEXT, Frame, encode, is_count, is_name
from drivers.camera.model import AccessUnit, Codec
from drivers.strictjson import Json
from drivers.terminal import clean

MAX_UNIT = 4 << 20  # bytes of an access unit: an intra picture of 12 megapixels at the best quality has 3 MB
MAX_GIVEN = 256 << 10  # of all blobs that go with it, or come back: measures remember some 30 kB
# Decoded pictures of 16 megapixels take 24 MB each, and a decoder holds several; the largest single sensors
# of surveillance have 12. Of a larger camera the sub stream can be looked at.
MAX_PIXELS = 16 << 20
MAX_JPEG = 30_000  # of a picture for the technician: a hundred of them are kept for each camera
MAX_TO_WORKER = HEAD_SIZE + MAX_TEXT + MAX_UNIT + MAX_GIVEN
MAX_FROM_WORKER = HEAD_SIZE + MAX_TEXT + MAX_JPEG + MAX_GIVEN
MAX_MEASURES = 128
MAX_DETAIL = 200

_UNIT, _JPEG, _GIVEN = "unit", "jpeg", "given."  # names of blobs

Code = Literal[
    "ok",  # there is a picture, and it was measured; it may be `corrupt`
    "undecodable",  # no picture came of it
    "too_large",  # more pixels than are decoded
    "no_memory",  # the worker's limit was reached; the worker should be replaced
    "failed",  # measuring it raised an error: a fault of this program
]


# --- what is said ---
@dataclass(frozen=True, slots=True)
class Job:
    """Decode this, and measure it where that is wanted. Raises ValueError where it is larger than a worker
    takes."""

    unit: AccessUnit
    given: Mapping[str, bytes] = field(default_factory=dict)  # passed through to the measuring
    want_jpeg: bool = False
    want_measures: bool = True

    def __post_init__(self) -> None:
        if len(self.unit.data) > MAX_UNIT:
            raise ValueError(f"an access unit of {len(self.unit.data)} bytes: at most {MAX_UNIT}")
        _check_blobs(self.given, MAX_GIVEN)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job; `measures` and `blobs` are those of the measuring, empty unless it is "ok" and they
    are wanted."""

    code: Code
    detail: str = ""  # why there is no picture; or what the decoder said of a corrupt one
    width: int = 0  # of the picture in the stream, after cropping
    height: int = 0
    corrupt: bool = False  # the decoder had to make up a part of the picture
    measures: Mapping[str, float | int | str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    jpeg: bytes = b""
    cpu_ms: float = 0.0
    rss_kib: int = 0  # of the worker, after it


@dataclass(frozen=True, slots=True)
class Hello:
    """The worker's first frame: what it decodes with, or what it lacks."""

    decoder: str = ""  # "av 18.1.0" or "cv2 5.0.0"
    lacks: str = ""  # why it cannot work; it ends then


# --- to the worker ---
def write_job(number: int, job: Job) -> bytes:
    """`number` comes back with its answer."""
    unit = job.unit
    text = {
        "job": number,
        "codec": unit.format.codec,
        "width": unit.format.width,
        "height": unit.format.height,
        "jpeg": job.want_jpeg,
        "measures": job.want_measures,
    }
    blobs = {_UNIT: unit.data, **{_GIVEN + name: blob for name, blob in job.given.items()}}
    return encode(Frame(text, blobs), MAX_TO_WORKER)


@dataclass(frozen=True, slots=True)
class Order:
    """A job as the worker gets it."""

    number: int
    codec: Codec
    width: int  # 0: not known before it is decoded
    height: int
    data: bytes
    given: Mapping[str, bytes]
    want_jpeg: bool
    want_measures: bool


def read_order(frame: Frame) -> Order:
    """Raises ValueError: it was not `write_job` that made it."""
    text, blobs = frame.text, dict(frame.blobs)
    number, codec, width, height = (text.get(name) for name in ("job", "codec", "width", "height"))
    if codec not in get_args(Codec) or not all(map(is_count, (number, width, height))) or _UNIT not in blobs:
        raise ValueError("no job")
    data = blobs.pop(_UNIT)
    given = {name.removeprefix(_GIVEN): blob for name, blob in blobs.items()}
    wants = {f"want_{name}": text.get(name) is True for name in ("jpeg", "measures")}
    return Order(number, codec, width, height, data, given, **wants)


# --- from the worker ---
def write_hello(hello: Hello) -> bytes:
    return encode(Frame({"decoder": hello.decoder, "lacks": hello.lacks[:MAX_DETAIL]}, {}), MAX_FROM_WORKER)


def read_hello(frame: Frame) -> Hello:
    """Raises ValueError for anything else."""
    if not {"decoder", "lacks"} <= frame.text.keys():
        raise ValueError("no hello")
    return Hello(clean(frame.text["decoder"]), clean(frame.text["lacks"], MAX_DETAIL))


def write_answer(number: int, answer: Answer) -> bytes:
    """Raises ValueError where the measures are not such as `Answer` has them, or too many."""
    _check_blobs(answer.blobs, MAX_GIVEN)
    if len(answer.jpeg) > MAX_JPEG or len(answer.measures) > MAX_MEASURES:
        raise ValueError(f"{len(answer.measures)} measures, a JPEG of {len(answer.jpeg)} bytes")
    text = {
        "answer": number,
        "code": answer.code,
        "detail": answer.detail[:MAX_DETAIL],
        "width": answer.width,
        "height": answer.height,
        "corrupt": answer.corrupt,
        "measures": dict(answer.measures),
        "cpu_ms": answer.cpu_ms,
        "rss_kib": answer.rss_kib,
    }
    blobs = {_GIVEN + name: blob for name, blob in answer.blobs.items()}
    return encode(Frame(text, blobs | ({_JPEG: answer.jpeg} if answer.jpeg else {})), MAX_FROM_WORKER)


def read_answer(frame: Frame) -> tuple[int, Answer]:
    """The job's number with it. Raises ValueError for anything else."""
    text, blobs = frame.text, dict(frame.blobs)
    counts = [text.get(name) for name in ("answer", "width", "height", "rss_kib")]
    measures = text.get("measures")
    if not all(map(is_count, counts)) or text.get("code") not in get_args(Code):
        raise ValueError("no answer")
    if not isinstance(measures, dict) or len(measures) > MAX_MEASURES:
        raise ValueError("no measures")
    number, width, height, rss_kib = counts
    jpeg = blobs.pop(_JPEG, b"")
    if len(jpeg) > MAX_JPEG:
        raise ValueError(f"a JPEG of {len(jpeg)} bytes: at most {MAX_JPEG}")
    return number, Answer(
        text["code"],
        clean(text.get("detail"), MAX_DETAIL),
        width,
        height,
        text.get("corrupt") is True,
        {name: _measure(name, value) for name, value in measures.items()},
        {name.removeprefix(_GIVEN): blob for name, blob in blobs.items()},
        jpeg,
        float(_measure("cpu_ms", text.get("cpu_ms"))),
        rss_kib,
    )


def _measure(name: str, value: Json) -> float | int | str:
    """Whole numbers stay whole, fractions become floats. Raises ValueError."""
    if not is_name(name) or value is None or isinstance(value, bool | list | dict):
        raise ValueError(f"no measure: {name!r}")
    if isinstance(value, str):
        return clean(value, MAX_DETAIL)
    if not math.isfinite(number := float(value)):
        raise ValueError(f"no finite measure: {name!r}")
    return value if isinstance(value, int) else number


def _check_blobs(blobs: Mapping[str, bytes], most: int) -> None:
    """Raises ValueError; two names are left for what goes with them."""
    size = sum(len(blob) for blob in blobs.values())
    if size > most or len(blobs) > MAX_BLOBS - 2 or not all(is_name(_GIVEN + name) for name in blobs):
        raise ValueError(f"{len(blobs)} blobs of {size} bytes: at most {MAX_BLOBS - 2} of {most}")
