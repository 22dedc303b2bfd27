"""What goes wrong with a camera's picture, gross and mild."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from tests.eval.scenes import H, Light, Picture, W

STRENGTHS = ("mild", "gross")


@dataclass(slots=True)
class Ill:
    """One fault of one strength, in a form that chance gives it once and for all.

    `optical` is before the sensor, `electric` behind it and before the encoder, `decoded` behind both.
    """

    kind: str
    strength: str
    rng: np.random.Generator
    form: dict[str, float] = field(default_factory=dict)
    cover: Light | None = None
    cloth: Light | None = None
    kept: Picture | None = None

    def __post_init__(self) -> None:
        rng, mild = self.rng, self.strength == "mild"
        side = float(rng.choice([-1.0, 1.0]))
        match self.kind:
            case "dark":
                self.form["gain"] = rng.uniform(0.35, 0.48) if mild else rng.uniform(0.02, 0.1)
            case "over":
                self.form["gain"] = rng.uniform(1.8, 2.2) if mild else rng.uniform(3.5, 6)
            case "covered":
                self._cover(rng.uniform(0.4, 0.55) if mild else 1.0)
            case "blur":
                self.form["sigma"] = rng.uniform(1.5, 2.0) if mild else rng.uniform(3.5, 7)
            case "moved":
                self.form["degrees"] = side * (rng.uniform(0, 2.5) if mild else rng.uniform(0, 12))
                far = rng.uniform(0.025, 0.05) if mild else rng.uniform(0.1, 0.4)
                way = rng.uniform(0, 2 * np.pi)
                self.form |= {"x": far * np.cos(way) * W, "y": far * np.sin(way) * H * 1.2}
            case "cast":
                self.form |= {"red": 1.22, "blue": 0.8} if mild else {"red": 1.6, "blue": 0.5}
                if side < 0:
                    self.form |= {"red": self.form["blue"], "blue": self.form["red"]}
            case "unexpected_grey":
                self.form["left"] = 0.12 if mild else 0.0
            case "noise":
                self.form["sigma"] = rng.uniform(8, 11) if mild else rng.uniform(22, 40)
            case "stripes":
                self.form |= {"level": rng.uniform(6, 9) if mild else rng.uniform(20, 45)}
                self.form |= {"period": rng.uniform(6, 36), "down": float(rng.random() < 0.6)}
            case "mosaic":
                self.form |= {"size": float(rng.choice([6, 8] if mild else [12, 16, 20, 24]))}
                self.form["share"] = rng.uniform(0.35, 0.6) if mild else 1.0
            case "frozen":
                pass
            case _:
                raise ValueError(self.kind)

    def _cover(self, share: float) -> None:
        """Something near the lens: out of focus, of one colour with some shade, from one side or all over."""
        rng = self.rng
        y, x = np.mgrid[0 : 1 : H * 1j, 0 : 1 : W * 1j]
        if share >= 1:
            mask = np.ones((H, W))
        else:
            turn = rng.uniform(0, 2 * np.pi)
            along = (
                x * np.cos(turn) + y * np.sin(turn) + 0.04 * np.sin(9 * (x * np.sin(turn) - y * np.cos(turn)))
            )
            mask = (along < np.quantile(along, share)).astype(float)
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), rng.uniform(4, 14)))
        shade = cv2.GaussianBlur(rng.normal(0, 1, (H, W)), (0, 0), 60)
        shade = shade * (rng.uniform(3, 14) / max(float(shade.std()), 1e-6))
        colour = np.clip(rng.uniform(25, 170) + rng.uniform(-25, 25, 3), 8, 240)
        self.cover = mask.astype(np.float32)[..., None]
        self.cloth = np.clip(colour + shade[..., None], 0, 255).astype(np.float32)

    def optical(self, light: Light) -> Light:
        match self.kind:
            case "dark" | "over":
                return light * np.float32(self.form["gain"])
            case "covered":
                assert self.cover is not None and self.cloth is not None
                return light * (1 - self.cover) + self.cloth * self.cover
            case "blur":
                return np.asarray(cv2.GaussianBlur(light, (0, 0), self.form["sigma"]), dtype=np.float32)
            case "moved":
                return self._moved(light)
            case "cast":
                return light * np.array([self.form["blue"], 1.0, self.form["red"]], np.float32)
        return light

    def _moved(self, light: Light) -> Light:
        """What comes into view is not what left it: the picture, mirrored, stands for the unseen."""
        form = self.form
        warp = cv2.getRotationMatrix2D((W / 2, H / 2), form["degrees"], 1.0)
        warp[:, 2] += np.array([form["x"], form["y"]])
        return np.asarray(
            cv2.warpAffine(light, warp, (W, H), borderMode=cv2.BORDER_REFLECT), dtype=np.float32
        )

    def electric(self, picture: Picture) -> Picture:
        match self.kind:
            case "unexpected_grey":
                grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
                left = self.form["left"]
                return np.asarray(cv2.addWeighted(picture, left, grey, 1 - left, 0), dtype=np.uint8)
            case "noise":
                return _add(picture, self.rng.normal(0, self.form["sigma"], picture.shape))
            case "stripes":
                phase = self.rng.uniform(0, 2 * np.pi)
                across = self.form["down"] > 0
                wave = np.sin(np.arange(H if across else W) * 2 * np.pi / self.form["period"] + phase)
                wave = wave * self.form["level"]
                return _add(picture, wave[:, None, None] if across else wave[None, :, None])
            case "frozen":
                if self.kept is None:
                    self.kept = picture.copy()
                return self.kept
        return picture

    def decoded(self, picture: Picture) -> Picture:
        if self.kind != "mosaic":
            return picture
        size = int(self.form["size"])
        small = cv2.resize(picture, (W // size, H // size), interpolation=cv2.INTER_AREA)
        squares = np.kron(small, np.ones((size, size, 1), np.uint8))
        torn = picture.copy()
        high, wide = squares.shape[:2]
        first = int(high * (1 - self.form["share"])) // size * size
        torn[first:high, :wide] = squares[first:]
        return torn


def _add(picture: Picture, what: npt.NDArray[np.float64]) -> Picture:
    return np.clip(picture + what + 0.5, 0, 255).astype(np.uint8)
