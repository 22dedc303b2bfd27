"""What stands before a simulated camera: a recording of a real one, or a hall that is drawn.

For the maker of clips alone: it imports OpenCV, which no daemon does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.sim_recipe import VTEST, NoVideo, Recipe

Picture = npt.NDArray[np.uint8]  # height × width × blue, green, red

VTEST_FPS = 10
VTEST_PICTURES = 795
MOVED_BY = 0.28  # of the picture's width, at full strength
MOVED_DEG = 9.0


@dataclass(frozen=True, slots=True)
class View:
    """What of a wider picture a camera sees: `width` of it around (x, y), perhaps mirrored, turned."""

    x: float
    y: float
    width: float
    is_mirrored: bool = False
    turned_deg: float = 0.0

    def moved(self, strength: float) -> View:
        shift = self.width * MOVED_BY * strength**2  # mild is a nudge: 3.4 % of the picture
        return View(
            self.x + shift,
            self.y - shift / 4,
            self.width,
            self.is_mirrored,
            self.turned_deg + MOVED_DEG * strength**2,
        )

    def of(self, wide: Picture, width: int, height: int) -> Picture:
        """As a picture of that size; what lies beyond the wide picture is its mirror image."""
        scale = width / self.width
        turn = math.radians(self.turned_deg)
        a, b = scale * math.cos(turn), scale * math.sin(turn)
        flip = -1.0 if self.is_mirrored else 1.0
        move = np.array(
            [
                [flip * a, flip * b, width / 2 - flip * (a * self.x + b * self.y)],
                [-b, a, height / 2 - (-b * self.x + a * self.y)],
            ]
        )
        return _uint8(cv2.warpAffine(wide, move, (width, height), borderMode=cv2.BORDER_REFLECT_101))


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places that are cut from the recording, and how bright it is."""

    view: View
    gain: float


# 768×576; each has people walking through it and the same light.
_PLACES = (
    Place(View(384, 288, 768), 1.0),
    Place(View(384, 360, 768, is_mirrored=True), 0.85),
    Place(View(460, 200, 560), 1.1),
    Place(View(320, 330, 600, is_mirrored=True), 1.0),
    Place(View(370, 402, 540), 0.9),
    Place(View(320, 180, 640, is_mirrored=True), 1.15),
    Place(View(450, 375, 620), 1.0),
    Place(View(384, 165, 512, is_mirrored=True), 0.95),
)
LATER_S = 13  # by which the next round of the same places begins in the recording


def views(recipe: Recipe) -> Iterator[Picture]:
    """What the camera sees from its place, in the recipe's rate and size, without end. Raises NoVideo."""
    strength = dict(recipe.ills).get("move", 0.0)
    if recipe.source == "hall":
        from drivers.camera.sim_hall import Hall  # noqa: PLC0415 it stands on what is above

        hall = Hall(recipe)
        for wide in hall.pictures():
            yield hall.view.moved(strength).of(wide, recipe.width, recipe.height)
    place = _PLACES[recipe.scene % len(_PLACES)]
    view = place.view.moved(strength)
    for wide in _recorded(recipe):
        seen = view.of(wide, recipe.width, recipe.height)
        yield seen if place.gain == 1.0 else _uint8(cv2.convertScaleAbs(seen, alpha=place.gain))


def _recorded(recipe: Recipe) -> Iterator[Picture]:
    """Each picture of the recording as often as its time lasts."""
    at = recipe.scene // len(_PLACES) * LATER_S * VTEST_FPS % VTEST_PICTURES
    number = 0
    while True:
        film = cv2.VideoCapture(str(VTEST))
        if not film.set(cv2.CAP_PROP_POS_FRAMES, at):
            raise NoVideo(f"{VTEST} cannot be read: apt-get install opencv-doc")
        at, begin_s = 0, number / recipe.fps
        shown = 0
        while True:
            is_there, picture = film.read()
            if not is_there:
                break
            shown += 1
            while number < (begin_s + shown / VTEST_FPS) * recipe.fps:
                yield _uint8(picture)
                number += 1
        if shown == 0:
            raise NoVideo(f"{VTEST} cannot be read: apt-get install opencv-doc")


def _uint8(picture: Any) -> Picture:
    """OpenCV's own type says less than is known here."""
    seen: Picture = picture
    return seen
