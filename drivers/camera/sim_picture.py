"""What a camera makes of what stands before its lens: light, lens, sensor, overlay, and their faults."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.sim_ills import is_gross
from drivers.camera.sim_recipe import Recipe
from drivers.camera.sim_scene import Picture

Field = npt.NDArray[np.float32]  # height × width, or × 3
GRAIN = {"day": 1.8, "night": 3.0, "off": 4.5}  # standard deviation of the sensor's noise, of 255
GRAINS = 8  # fields of noise, drawn from in turn and rolled
LIT_HEIGHT = 360  # lengths below are pixels at this height
BEGIN_S = 9 * 3600  # what the overlay's clock shows first


class Camera:
    """Lens and sensor of one recipe. The same pictures in the same order give the same pictures."""

    def __init__(self, recipe: Recipe) -> None:
        self._mode = recipe.mode
        self._ills = dict(recipe.ills)
        self._width, self._height, self._fps = recipe.width, recipe.height, recipe.fps
        self._px = recipe.height / LIT_HEIGHT
        self._chance = np.random.default_rng(recipe.scene)
        self._grains = self._grain(GRAIN[recipe.mode] + 38.0 * self._ills.get("noise", 0.0))
        self._light = self._lamps()
        self._cloth = self._covering() if "cover" in self._ills else None
        self._blocks = self._chance.random((self._height // 16 + 1, self._width // 16 + 1))
        self._frozen: Picture | None = None

    def sees(self, scene: Picture, number: int) -> Picture:
        """The `number`-th picture of the clip, with the clock burnt in."""
        freeze = self._ills.get("freeze")
        if freeze is None or self._frozen is None:
            self._frozen = self._taken(scene, number)
        picture = self._frozen.copy()
        self._clock(picture, 0 if freeze is not None and is_gross(freeze) else number)
        return self._sent(picture)

    def _taken(self, scene: Picture, number: int) -> Picture:
        picture = scene
        if strength := self._ills.get("blur"):
            sigma = 6.0 * strength * self._px  # mild 2.1: letters on signs can no longer be read
            picture = _picture(cv2.GaussianBlur(picture, (0, 0), sigma))
        if self._cloth is not None:
            picture = self._behind(picture, *self._cloth)
        if self._mode == "night" or "grey" in self._ills:
            picture = self._grey(picture)
        if self._light is not None:
            picture = _picture(cv2.multiply(picture, self._light, dtype=cv2.CV_8U))
        return self._noisy(picture, number)

    # --- light ---
    def _lamps(self) -> Field | None:
        """What the light does to each pixel and colour; None: nothing."""
        y, x = np.mgrid[0 : self._height, 0 : self._width].astype(np.float32)
        far = np.hypot(x / self._width - 0.5, y / self._height - 0.5)
        light = np.ones((self._height, self._width, 3), np.float32)
        if self._mode == "night":  # its own lamps, brightest before it
            light *= (1.25 - 1.3 * far)[:, :, None]
        if self._mode == "off":  # an exit sign is left
            near = np.hypot(x / self._width - 0.8, y / self._height - 0.25)
            light *= (0.10 + 0.35 * np.exp(-(near**2) * 40))[:, :, None] * np.array(
                [0.8, 1.1, 0.9], np.float32
            )
        if strength := self._ills.get("dark"):
            light *= 0.36 * (1 - strength) + 0.05  # gross 0.05, mild 0.28
        if strength := self._ills.get("over"):
            light *= 1 + 4 * strength**1.2
        if strength := self._ills.get("cast"):
            light *= np.array([1 + 0.6 * strength, 1 - 0.25 * strength, 1 - 0.6 * strength], np.float32)
        return None if np.all(light == 1) else light

    def _grey(self, picture: Picture) -> Picture:
        grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        if self._mode == "night" or is_gross(self._ills["grey"]):
            return _picture(grey)
        return _picture(cv2.addWeighted(grey, 0.85, picture, 0.15, 0))

    # --- lens ---
    def _covering(self) -> tuple[Field, Picture]:
        """(how much of each pixel is covered, by what): out of focus, since it lies on the lens."""
        strength = self._ills["cover"]
        y, x = np.mgrid[0 : self._height, 0 : self._width].astype(np.float32)
        wave = 0.08 * np.sin(9 * y / self._height) + 0.05 * np.sin(23 * y / self._height + 1)
        edge = (0.15 + strength - x / self._width + wave) * self._width / (14 * self._px)
        share = np.clip(edge, 0, 1) if not is_gross(strength) else np.ones_like(x)
        folds = self._chance.normal(0, 1, (5, 8)).astype(np.float32)
        folds = np.asarray(cv2.resize(folds, (self._width, self._height), interpolation=cv2.INTER_CUBIC))
        cloth = np.array([34, 38, 46], np.float32) + 7 * folds[:, :, None]
        return share[:, :, None], np.clip(cloth, 0, 255).astype(np.uint8)

    @staticmethod
    def _behind(picture: Picture, share: Field, cloth: Picture) -> Picture:
        return (picture * (1 - share) + cloth * share).astype(np.uint8)

    # --- sensor ---
    def _grain(self, sigma: float) -> list[npt.NDArray[np.int16]]:
        shape = (self._height, self._width)
        count = 1 if "freeze" in self._ills else GRAINS
        return [self._chance.normal(0, sigma, shape).astype(np.int16) for _ in range(count)]

    def _noisy(self, picture: Picture, number: int) -> Picture:
        grain = np.roll(self._grains[number % len(self._grains)], int(self._chance.integers(self._width)), 1)
        whole = np.asarray(cv2.merge([grain, grain, grain]))
        if strength := self._ills.get("stripes"):
            rows = np.arange(self._height, dtype=np.float32)[:, None, None]
            waves = np.sin((rows / self._px + 40 * number / self._fps) * 2 * np.pi / 24)
            whole = whole + (70 * strength * waves).astype(np.int16)
        return _picture(cv2.add(picture, whole, dtype=cv2.CV_8U))

    # --- what its processor adds ---
    def _clock(self, picture: Picture, number: int) -> None:
        seconds = BEGIN_S + int(number / self._fps)
        text = f"2024-05-06 {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        line = picture[: int(32 * self._px), : int(250 * self._px)]
        drawn = np.zeros(line.shape[:2], np.uint8)
        where, scale = (int(10 * self._px), int(22 * self._px)), 0.55 * self._px
        cv2.putText(drawn, text, where, cv2.FONT_HERSHEY_SIMPLEX, scale, (255,), max(round(self._px), 1))
        edge = np.asarray(cv2.dilate(drawn, np.ones((3, 3), np.uint8), iterations=max(round(self._px), 1)))
        line[edge > 0] = 0
        np.maximum(line, drawn[:, :, None], out=line)

    def _sent(self, picture: Picture) -> Picture:
        strength = self._ills.get("mosaic")
        if strength is None:
            return picture
        side = 24 * self._px if is_gross(strength) else 16 * self._px
        few = (max(round(self._width / side), 1), max(round(self._height / side), 1))
        small = cv2.resize(picture, few, interpolation=cv2.INTER_AREA)
        blocks = _picture(cv2.resize(small, (self._width, self._height), interpolation=cv2.INTER_NEAREST))
        if is_gross(strength):
            return blocks
        hit = (self._blocks > 1 - strength).astype(np.uint8)
        where = cv2.resize(hit, (self._width, self._height), interpolation=cv2.INTER_NEAREST)
        np.copyto(picture, blocks, where=where[:, :, None] > 0)
        return picture


def _picture(picture: Any) -> Picture:
    """OpenCV's own type says less than is known here."""
    seen: Picture = picture
    return seen
