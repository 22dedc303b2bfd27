"""What an encoded clip is made from, and the file it is kept in.

A clip is a loop of whole groups of pictures, each beginning with an instantaneous refresh, so that one may
follow any other, also of another clip of the same `gop_s`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Literal

from drivers.camera.sim_ills import Mode

Codec = Literal["h264", "h265"]
Source = Literal["vtest", "hall"]

TICKS_PER_S = 90_000  # of RTP timestamps of video, RFC 6184 §8.2.1
VTEST = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")  # of Debian's opencv-doc: PETS 2009, S2.L1
MAKERS = ("sim_recipe.py", "sim_scene.py", "sim_hall.py", "sim_picture.py", "sim_video.py")
MAX_HEADER = 4 * 1024 * 1024  # bytes of the first line: 40 for each of at most some 10,000 pictures


class NoVideo(Exception):
    """There is no such clip and none can be made; says what to install."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Two of the same recipe are the same clip, whoever made it."""

    source: Source
    scene: int = 0  # which place the camera sees
    codec: Codec = "h264"
    width: int = 640
    height: int = 360
    fps: int = 25
    kbit_s: int = 512
    gop_s: int = 2
    gops: int = 31  # a prime: who looks at any regular interval does not meet the same picture each time
    b_frames: int = 0
    slices: int = 1
    mode: Mode = "day"
    ills: tuple[tuple[str, float], ...] = ()

    @property
    def pictures(self) -> int:
        return self.gops * self.gop_s * self.fps

    def file(self) -> str:
        """Named by its recipe, by the code that makes it and by the footage it is cut from."""
        text = json.dumps([asdict(self), _maker(self.source)])
        sick = "".join(f"-{name}" for name, _ in self.ills)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.source}-{self.scene}-{self.width}x{self.height}-{self.mode}{sick}-{digest}.clip"


@cache
def _maker(source: Source) -> list[str]:
    here = Path(__file__).parent
    code = [hashlib.sha256((here / name).read_bytes()).hexdigest() for name in MAKERS]
    if source == "vtest" and VTEST.exists():
        code.append(str(VTEST.stat().st_size))
    return code


def best_source() -> Source:
    """A recording of a real camera where it is installed."""
    return "vtest" if VTEST.is_file() else "hall"


def default_folder() -> Path:
    """As the XDG base directory specification has it."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if cache else Path.home() / ".cache") / "hall-edge" / "cameras"


@dataclass(frozen=True, slots=True)
class Unit:
    """A coded picture in the order of decoding."""

    is_key: bool
    at_s: float  # when it is sent, from the beginning of its group
    ticks: int  # when it is shown, likewise, in units of 1/90,000 s
    data: bytes  # Annex B


Gop = tuple[Unit, ...]


def write_clip(path: Path, gops: Iterable[Gop]) -> None:
    """One line of JSON, then the pictures one after another. Whoever reads never sees half a file."""
    gops = tuple(gops)
    head = [[[unit.at_s, unit.ticks, len(unit.data)] for unit in gop] for gop in gops]
    draft = path.with_suffix(f".{os.getpid()}.draft")
    with draft.open("wb") as file:
        file.write(json.dumps(head, separators=(",", ":")).encode() + b"\n")
        file.writelines(unit.data for gop in gops for unit in gop)
    draft.replace(path)


def read_clip(path: Path) -> tuple[Gop, ...]:
    """Raises OSError, and ValueError for a file that is not whole."""
    with path.open("rb") as file:
        head = json.loads(file.readline(MAX_HEADER))
        gops = tuple(tuple(_units(file, gop)) for gop in head)
        if file.read(1) or not gops or not all(gops):
            raise ValueError(f"{path} is no clip")
    return gops


def _units(file: BinaryIO, gop: Sequence[tuple[float, int, int]]) -> Iterator[Unit]:
    for place, (at_s, ticks, size) in enumerate(gop):
        data = file.read(size)
        if len(data) != size:
            raise ValueError(f"{file.name} is cut short")
        yield Unit(place == 0, at_s, ticks, data)
