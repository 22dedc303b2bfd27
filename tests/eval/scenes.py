"""What cameras look at: halls that are drawn, photographs, and clips, each (360, 640, 3) of 8 bits, BGR.

Sources are apart: what thresholds were found on (`tune`) is never what is reported (`held`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]
W, H = 640, 360
EXAMPLES = Path("/usr/share/doc/opencv-doc/examples")  # of Debian's opencv-doc

PHOTOS = {
    "tune": (
        *("data/aloeL.jpg", "data/stuff.jpg", "data/leuvenA.jpg", "text/scenetext01.jpg", "data/left01.jpg"),
        *(
            "data/building.jpg",
            "text/scenetext04.jpg",
            "data/graf1.png",
            "data/board.jpg",
            "data/rubberwhale1.png",
        ),
        *(
            "data/box_in_scene.png",
            "data/fruits.jpg",
            "data/home.jpg",
            "text/scenetext06.jpg",
            "data/aero1.jpg",
        ),
        *("data/baboon.jpg", "text/scenetext05.jpg", "data/basketball1.png", "data/right05.jpg"),
    ),
    "held": (
        *("hfs/data/000.jpg", "text/scenetext02.jpg", "alphamat/input_images/plant.jpg", "data/messi5.jpg"),
        *("data/ela_original.jpg", "text/scenetext03.jpg", "data/butterfly.jpg", "data/cards.png"),
        *("data/starry_night.jpg", "data/orange.jpg", "data/squirrel_cls.jpg", "fuzzy/input.png"),
    ),
}
CLIPS = {
    "tune": (("data/tree.avi", 0, 30), ("data/vtest.avi", 0, 795)),
    "held": (),
}  # which frames hold still
DRAWN = {"tune": (*range(8), *range(100, 110), *range(300, 310)), "held": range(400, 416)}


@dataclass(frozen=True, slots=True)
class Scene:
    """`views` are what the camera may see of the empty place: one, or a clip's frames with its own people."""

    name: str
    views: tuple[Picture, ...]
    window: tuple[int, int, int, int] | None = None  # x, y, width, height: daylight and weather
    is_grey: bool = False  # a camera without colours

    @property
    def is_clip(self) -> bool:
        return len(self.views) > 1


def scenes(which: str) -> list[Callable[[], Scene]]:
    """Those of `tune` or `held`, to be made where they are needed; only drawn ones without opencv-doc."""
    drawings = [partial(drawn, seed) for seed in DRAWN[which]]
    if not EXAMPLES.exists():
        return list(drawings)
    real: list[Callable[[], Scene]] = [partial(clip, *each) for each in CLIPS[which]]
    real += [partial(photo, path) for path in PHOTOS[which]]
    mixed = [each for pair in zip_longest(real, drawings) for each in pair]
    return [each for each in mixed if each]


def _fit(picture: npt.NDArray[np.uint8]) -> Picture:
    """The middle of it in our shape."""
    high, wide = picture.shape[:2]
    if wide * H > high * W:
        cut = (wide - high * W // H) // 2
        picture = picture[:, cut : wide - cut]
    else:
        cut = (high - wide * H // W) // 2
        picture = picture[cut : high - cut]
    way = cv2.INTER_AREA if picture.shape[1] > W else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (W, H), interpolation=way), dtype=np.uint8)


@cache
def photo(path: str) -> Scene:
    picture = cv2.imread(str(EXAMPLES / path))
    assert picture is not None, path
    view = _fit(np.asarray(picture, dtype=np.uint8))
    grey = int(np.abs(view.astype(np.int16) - view[..., 1:2]).max()) <= 4
    return Scene(Path(path).stem, (view,), is_grey=grey)


@cache
def clip(path: str, first: int, last: int) -> Scene:
    video = cv2.VideoCapture(str(EXAMPLES / path))
    frames = []
    for at in range(last):
        ok, frame = video.read()
        if not ok:
            break
        if at >= first:
            frames.append(_fit(np.asarray(frame, dtype=np.uint8)))
    return Scene(Path(path).stem, tuple(frames))


@cache
def drawn(seed: int) -> Scene:
    """A hall: walls, floor, counters, signs, lamps, a window, things standing about; all by chance."""
    rng = np.random.default_rng(seed)

    def colour(low: int = 30, high: int = 225, spread: int = 35) -> tuple[int, int, int]:
        base = rng.integers(low, high)
        return tuple(int(each) for each in np.clip(base + rng.integers(-spread, spread + 1, 3), 5, 250))  # type: ignore[return-value]

    big = np.zeros((H * 2, W * 2, 3), np.uint8)
    horizon = int(rng.integers(240, 420))
    big[:horizon], big[horizon:] = colour(110, 215, 20), colour(60, 170, 25)
    _floor(big, horizon, rng, colour)
    shade = np.linspace(rng.uniform(0.75, 1.0), rng.uniform(0.9, 1.1), W * 2)[None, :, None]
    big[:] = np.clip(big * shade, 0, 255).astype(np.uint8)
    window = None
    if rng.random() < 0.5:
        x, y = int(rng.integers(40, 700)), int(rng.integers(40, 90))
        wide, high = int(rng.integers(200, 420)), int(rng.integers(90, 170))
        cv2.rectangle(big, (x, y), (x + wide, y + high), colour(170, 235, 15), -1)
        for bar in range(x, x + wide + 1, wide // 4):
            cv2.line(big, (bar, y), (bar, y + high), colour(30, 90), 5)
        window = (x // 2, y // 2, wide // 2, high // 2)
    for _ in range(int(rng.integers(2, 7))):  # counters and cabinets
        x, y = int(rng.integers(-60, 1150)), horizon + int(rng.integers(-80, 180))
        wide, high = int(rng.integers(90, 420)), int(rng.integers(50, 220))
        cv2.rectangle(big, (x, y), (x + wide, y + high), colour(), -1)
        cv2.rectangle(big, (x, y), (x + wide, y + 14), colour(), -1)
        for line in range(x, x + wide, int(rng.integers(40, 130))):
            cv2.line(big, (line, y), (line, y + high), colour(20, 120), 2)
    for _ in range(int(rng.integers(2, 9))):  # signs and posters
        _poster(big, horizon, rng, colour)
    for _ in range(int(rng.integers(0, 6))):  # lamps
        x = int(rng.integers(50, 1200))
        cv2.ellipse(
            big,
            (x, int(rng.integers(5, 60))),
            (int(rng.integers(40, 120)), 12),
            0,
            0,
            360,
            (250, 252, 250),
            -1,
        )
    for _ in range(int(rng.integers(0, 5))):  # plants
        x, y = int(rng.integers(0, 1280)), horizon + int(rng.integers(0, 160))
        for _ in range(25):
            tip = (x + int(rng.normal(0, 60)), y - int(rng.uniform(20, 140)))
            cv2.line(big, (x, y), tip, (int(rng.integers(20, 70)), int(rng.integers(70, 150)), 40), 4)
    grain = cv2.GaussianBlur(rng.normal(0, 14, (H * 2, W * 2, 1)).astype(np.float32), (0, 0), 1.5)
    textured = np.clip(big + grain[..., None] * rng.uniform(0.3, 1.6), 0, 255).astype(np.uint8)
    lens = cv2.GaussianBlur(
        cv2.resize(textured, (W, H), interpolation=cv2.INTER_AREA), (0, 0), rng.uniform(0.4, 0.9)
    )
    return Scene(f"hall{seed}", (np.asarray(lens, dtype=np.uint8),), window)


def _floor(
    big: Picture, horizon: int, rng: np.random.Generator, colour: Callable[..., tuple[int, int, int]]
) -> None:
    tint = colour(40, 160, 20)
    middle = int(rng.integers(300, 980))
    for at in np.linspace(-2500, 3800, int(rng.integers(14, 50))):
        cv2.line(big, (middle + int((at - middle) * 0.1), horizon), (int(at), H * 2), tint, 2)
    for step in np.geomspace(6, H * 2 - horizon, int(rng.integers(6, 14))):
        cv2.line(big, (0, horizon + int(step)), (W * 2, horizon + int(step)), tint, 2)


def _poster(
    big: Picture, horizon: int, rng: np.random.Generator, colour: Callable[..., tuple[int, int, int]]
) -> None:
    x, y = int(rng.integers(0, 1150)), int(rng.integers(20, max(60, horizon - 60)))
    wide, high = int(rng.integers(60, 260)), int(rng.integers(40, 130))
    cv2.rectangle(big, (x, y), (x + wide, y + high), colour(), -1)
    cv2.rectangle(big, (x, y), (x + wide, y + high), colour(10, 80), 3)
    ink = colour(10, 245, 60)
    for line in range(y + 26, y + high, 26):
        text = "".join(chr(int(each)) for each in rng.integers(65, 91, max(2, wide // 20)))
        cv2.putText(big, text, (x + 6, line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2, cv2.LINE_AA)
