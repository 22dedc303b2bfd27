"""A camera in its hall over days: light, people, weather, sensor, clock and encoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from tests.eval.encoders import Encoder
from tests.eval.scenes import H, Light, Picture, Scene, W

DAY_S = 86400.0
OPEN_S = (8 * 3600.0, 18 * 3600.0)
VISIT_EACH_S, VISIT_S = 360.0, (10.0, 50.0)  # when somebody may come, and how long he stays
CLIP_FPS = 10.0  # of what opencv-doc has
_NOISE = np.random.default_rng(5).normal(0, 1, (6, H + 64, W + 64)).astype(np.float32)
_CLOUDS = np.stack([cv2.GaussianBlur(each, (0, 0), 7) * 90 for each in _NOISE])


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from camera to camera."""

    night: str  # "infrared", "dark" or "lit"
    lights_on_s: float
    lights_off_s: float
    busy: float  # people in the fullest hour
    noise: float  # levels, by day
    exposure: float  # share of a change of light that the camera evens out
    drift: float  # of daylight, as log gain at noon
    breathes: float  # pixels of blur that the autofocus plays with
    clock: str  # "none", "top", "bottom"
    warmth: float  # levels that white balance wanders over the day
    visits: float  # a day, of somebody who stops right before the lens

    @staticmethod
    def by_chance(rng: np.random.Generator) -> Habits:
        return Habits(
            night=str(rng.choice(["infrared", "infrared", "dark", "lit"])),
            lights_on_s=float(rng.uniform(6.5, 8.5)) * 3600,
            lights_off_s=float(rng.uniform(17.5, 21.0)) * 3600,
            busy=float(rng.choice([2, 8, 16, 28])),
            noise=float(rng.uniform(0.6, 3.0)),
            exposure=float(rng.uniform(0.4, 0.9)),
            drift=float(rng.uniform(0.0, 0.45)),
            breathes=float(rng.choice([0.0, 0.0, 0.35, 0.6])),
            clock=str(rng.choice(["none", "top", "bottom", "top"])),
            warmth=float(rng.uniform(0, 2.5)),
            visits=float(rng.choice([0.0, 4.0, 12.0])),
        )


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who stands right before the lens, out of focus, and does not keep quite still."""

    left: float  # share of the width
    wide: float
    top: float  # share of the height
    coat: tuple[int, int, int]

    @staticmethod
    def by_chance(rng: np.random.Generator, since_s: float) -> Visitor:
        """One and the same who has been there for so long: sways, and takes half a step now and then."""
        left, wide, top = rng.uniform(-0.1, 0.7), rng.uniform(0.35, 0.75), rng.uniform(-0.2, 0.3)
        coat = tuple(int(each) for each in rng.integers(15, 200, 3))
        steps = rng.normal(0, 0.04, 16).cumsum()
        sway = 0.02 * np.sin(since_s * 0.9 + rng.uniform(0, 6)) + steps[int(since_s / 8) % steps.size]
        return Visitor(left + sway, wide, top + sway / 4, (coat[0], coat[1], coat[2]))

    def before(self, view: Picture) -> Picture:
        mask = np.zeros((H, W), np.float32)
        middle, half, top = (self.left + self.wide / 2) * W, self.wide / 2 * W, self.top * H
        for y, reach in ((0.22, 0.38), (0.9, 1.0)):  # head, shoulders
            centre = (int(middle), int(top + y * H))
            cv2.ellipse(mask, centre, (int(half * reach), int((0.25 + y / 2) * H)), 0, 0, 360, 1.0, -1)
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 8), dtype=np.float32)[..., None]
        shade = np.linspace(1.15, 0.75, H, dtype=np.float32)[:, None, None]
        return (view * (1 - mask) + mask * shade * np.array(self.coat, np.float32)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Walk:
    view: int  # of the scene's
    people: int
    seed: int  # of where they are, what they wear and where they go
    visitor: Visitor | None = None


@dataclass(slots=True)
class Camera:
    """What it sees at a second of simulated time: `optical` before the sensor, `sense` behind it."""

    scene: Scene
    habits: Habits
    encoder: Encoder
    seed: int
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def told(self, at_s: float) -> str:
        habits = self.habits
        how = f"{self.encoder.codec} {self.encoder.bytes_each // 1000} kB, {habits.busy:g} people"
        return f"{self.scene.name} ({how}, noise {habits.noise:.1f}, {self.mode(at_s)})"

    def mode(self, at_s: float) -> str:
        habits, of_day = self.habits, at_s % DAY_S
        lit = habits.lights_on_s <= of_day < habits.lights_off_s
        return "day" if lit or habits.night == "lit" else habits.night

    def walk(self, at_s: float) -> Walk:
        """Who is in view at a moment, and goes on from there."""
        view = int(self.rng.integers(len(self.scene.views)))
        people = self._crowd(at_s) if self.mode(at_s) == "day" and not self.scene.is_clip else 0
        return Walk(view, people, int(self.rng.integers(1 << 31)), self._visitor(at_s))

    def _visitor(self, at_s: float) -> Visitor | None:
        """Of each tenth of an hour between eight and six some have one."""
        slot, since_s = divmod(at_s, VISIT_EACH_S)
        rng = np.random.default_rng([self.seed, int(slot), 9])
        wanted = rng.random() < self.habits.visits * VISIT_EACH_S / (OPEN_S[1] - OPEN_S[0])
        here = since_s < rng.uniform(*VISIT_S)
        if not (wanted and here and OPEN_S[0] <= at_s % DAY_S < OPEN_S[1]):
            return None
        return Visitor.by_chance(rng, since_s)

    def optical(self, at_s: float, walk: Walk, later_s: float = 0.0) -> Light:
        """What falls on the sensor: view, people some steps on, weather, light. (360, 640, 3), levels."""
        habits, mode = self.habits, self.mode(at_s)
        frame = walk.view + round(later_s * CLIP_FPS)
        view = self.scene.views[frame % len(self.scene.views)].copy()
        self._people(view, walk, later_s)
        if self.scene.window:
            self._weather(view, at_s)
        if walk.visitor and mode == "day":
            view = walk.visitor.before(view)
        light = view.astype(np.float32)
        sun = habits.drift * np.sin(np.pi * np.clip((at_s % DAY_S / 3600 - 6) / 13, 0, 1))
        cloud = 0.08 * np.sin(at_s / 411.0) * (habits.drift > 0.2)
        light *= np.float32(np.exp((sun + cloud) * (1 - habits.exposure)))
        if mode == "infrared":
            light = _infrared(light, self.seed)
        elif mode == "dark":
            light *= _lamp(self.seed)
        else:
            tint = habits.warmth * np.sin(at_s / DAY_S * 2 * np.pi)
            light[..., 2] += tint
            light[..., 0] -= tint
        if habits.breathes and int(at_s / 47) % 23 == 0:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), habits.breathes), dtype=np.float32)
        return light

    def sense(self, light: Light, at_s: float) -> Picture:
        """With the sensor's noise, and the clock written over it."""
        mode = self.mode(at_s)
        sigma = self.habits.noise * {"day": 1.0, "infrared": 1.8, "dark": 2.5}[mode]
        noise = np.float32(sigma) * self._noise()
        blue = red = noise
        if mode == "day":
            blue, red = (noise + np.float32(0.5 * sigma) * self._noise() for _ in range(2))
        noises = cv2.merge([blue, noise, red])
        picture = np.asarray(cv2.add(light, noises, dtype=cv2.CV_8U), dtype=np.uint8)  # saturates
        if self.scene.is_grey:
            picture[:] = picture[..., 1:2]
        self.write_clock(picture, at_s)
        return picture

    def write_clock(self, picture: Picture, at_s: float) -> None:
        if self.habits.clock == "none":
            return
        days, second = divmod(int(at_s), 86400)
        text = f"2026-03-{days % 28 + 1:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        where = (8, 18) if self.habits.clock == "top" else (W - 200, H - 8)
        for ink, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(picture, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, width, cv2.LINE_AA)

    def _noise(self) -> Light:
        y, x = self.rng.integers(64, size=2)
        return np.asarray(_NOISE[self.rng.integers(len(_NOISE)), y : y + H, x : x + W])

    def _crowd(self, at_s: float) -> int:
        hour = at_s % DAY_S / 3600
        shape = np.exp(-(((hour - 10.5) / 1.5) ** 2)) + 0.8 * np.exp(-(((hour - 15) / 1.7) ** 2))
        inside = 8 <= hour < 18
        return int(self.rng.poisson(self.habits.busy * shape)) if inside else int(self.rng.random() < 0.03)

    def _people(self, view: Picture, walk: Walk, later_s: float) -> None:
        rng = np.random.default_rng(walk.seed)
        for y in np.sort(rng.uniform(0.45, 1.05, walk.people)):
            high = int(40 + 230 * (y - 0.4))
            pace = rng.normal(0, 0.6) * high  # pixels a second: a third of them stands
            x, foot = int(rng.integers(0, W) + later_s * (pace if abs(pace) > 0.25 * high else 0)), int(y * H)
            coat, legs = (tuple(int(each) for each in rng.integers(15, 220, 3)) for _ in range(2))
            wide = max(6, high // 5)
            cv2.rectangle(view, (x - wide // 2, foot - high // 2), (x + wide // 2, foot), legs, -1)
            cv2.ellipse(view, (x, foot - high * 5 // 8), (wide, high // 4), 0, 0, 360, coat, -1)
            for fold in range(3):
                at = x - wide + fold * wide
                cv2.line(view, (at, foot - high * 3 // 4), (at + 4, foot - high // 2), legs, 1)
            skin = int(rng.integers(60, 200))
            cv2.circle(
                view, (x, foot - high * 15 // 16), max(3, high // 14), (skin - 30, skin, skin + 30), -1
            )

    def _weather(self, view: Picture, at_s: float) -> None:
        assert self.scene.window
        x, y, wide, high = self.scene.window
        hour = at_s % DAY_S / 3600
        sky = 230 * np.clip(np.sin(np.pi * (hour - 5) / 16), 0.04, 1) * (0.85 + 0.15 * np.sin(at_s / 1900))
        part = view[y : y + high, x : x + wide]
        shapes = _CLOUDS[int(at_s / 600) % len(_CLOUDS), :high, :wide]
        part[:] = np.clip(part * 0.35 + (sky * 0.65 + shapes)[..., None], 0, 255).astype(np.uint8)


@cache
def _beam(seed: int) -> tuple[Light, Light, float]:
    """An infra-red camera's own: reflectances, the lamp's beam, the curve."""
    rng = np.random.default_rng(seed + 71)
    mix = rng.dirichlet((2, 2, 2)).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : H * 1j, -1 : 1 : W * 1j]
    beam = np.exp(-(x**2 + y**2) * rng.uniform(0.4, 1.2)) * rng.uniform(0.7, 1.15)
    return mix, (255 * beam).astype(np.float32), float(rng.uniform(0.7, 1.2))


def _infrared(light: Light, seed: int) -> Light:
    """Grey, lit from the camera: bright in the middle, other reflectances than by day."""
    mix, beam, curve = _beam(seed)
    lit = beam * cv2.pow(np.clip(light @ mix, 0, 255) / 255, curve)
    return np.repeat(np.asarray(lit, dtype=np.float32)[..., None], 3, axis=2)


@cache
def _lamp(seed: int) -> Light:
    """Lights off: a lamp over a door, and what the gain control makes of the rest."""
    rng = np.random.default_rng(seed + 72)
    y, x = np.mgrid[0 : 1 : H * 1j, 0 : 1 : W * 1j]
    lamp = np.exp(-((x - rng.uniform()) ** 2 + (y - rng.uniform(0, 0.5)) ** 2) * 30) * rng.uniform(0.1, 0.5)
    return np.asarray(lamp + rng.uniform(0.06, 0.2), dtype=np.float32)[..., None]
