"""A service hall, drawn: where no recording of a real camera is installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from drivers.camera.sim_recipe import Recipe
from drivers.camera.sim_scene import Picture, View

WIDER = 1.3  # the hall, than what the camera sees of it
COUNTERS = 6
PEOPLE = 7
COAT_PX = 24  # side of the cloth that all coats are cut from


@dataclass(frozen=True, slots=True)
class Person:
    """Walks along a line through the hall and back. Lengths are parts of the hall's height."""

    coat: Picture
    hair: tuple[int, int, int]
    y: float  # of the feet
    height: float
    speed: float  # per second
    begin: float

    def x(self, at_s: float, span: float) -> float:
        way = (self.begin + self.speed * at_s) % (2 * span)
        return way if way < span else 2 * span - way


class Hall:
    """Two of the same scene look the same at the same time."""

    def __init__(self, recipe: Recipe) -> None:
        self._chance = np.random.default_rng(1_000 + recipe.scene)
        self._fps = recipe.fps
        self._height = int(recipe.height * WIDER)
        self._width = int(recipe.width * WIDER)
        self.view = View(self._width / 2, self._height / 2, recipe.width)
        self._empty = self._walls()
        people = sorted((self._person() for _ in range(PEOPLE)), key=lambda person: person.y)
        self._people = people  # the nearest last, so that they hide the others

    def pictures(self) -> Iterator[Picture]:
        number = 0
        while True:
            picture = self._empty.copy()
            for person in self._people:
                self._draw(picture, person, number / self._fps)
            yield picture
            number += 1

    def _walls(self) -> Picture:
        """Wall, windows, counters with their numbers, and a tiled floor."""
        height, width, chance = self._height, self._width, self._chance
        wall = np.full((height, width, 3), chance.integers(150, 200, 3), np.uint8)
        floor = height * 9 // 20
        shade = np.linspace(0.55, 1.0, height - floor)[:, None, None]
        wall[floor:] = (shade * chance.integers(120, 180, 3)).astype(np.uint8)
        for line in np.geomspace(2, height - floor, 14).astype(int):
            cv2.line(wall, (0, floor + int(line)), (width, floor + int(line)), (95, 100, 105), 1)
        for line in range(-width, 2 * width, width // 12):
            cv2.line(wall, (width // 2 + (line - width // 2) // 3, floor), (line, height), (95, 100, 105), 1)
        step = width // COUNTERS
        for number in range(COUNTERS):
            left, right = number * step + step // 10, (number + 1) * step - step // 10
            colour = tuple(int(each) for each in chance.integers(40, 140, 3))
            cv2.rectangle(wall, (left, floor - height // 10), (right, floor + height // 12), colour, -1)
            cv2.rectangle(wall, (left, height // 12), (right, height // 5), (235, 235, 225), -1)
            where = (left + step // 4, height // 6)
            cv2.putText(
                wall, f"{number + 1:02d}", where, cv2.FONT_HERSHEY_SIMPLEX, height / 500, (30, 30, 190), 2
            )
        grain = chance.normal(0.0, 7.0, (height // 2, width // 2, 1)).astype(np.float32)
        rough = cv2.resize(grain, (width, height))[:, :, None]
        room: Picture = np.clip(wall + rough, 0, 255).astype(np.uint8)
        return room

    def _person(self) -> Person:
        chance = self._chance
        coat = chance.integers(20, 210, 3) + chance.normal(0, 22, (COAT_PX, COAT_PX, 3))
        y = float(chance.uniform(0.55, 1.0))
        return Person(
            coat=np.clip(coat, 0, 255).astype(np.uint8),
            hair=(int(chance.integers(10, 70)), int(chance.integers(10, 70)), int(chance.integers(10, 90))),
            y=y,
            height=0.55 * y**1.5,
            speed=float(chance.uniform(0.08, 0.35)),
            begin=float(chance.uniform(0, 4)),
        )

    def _draw(self, picture: Picture, person: Person, at_s: float) -> None:
        """A shadow, a coat with its cloth, a head."""
        size = self._height
        x = int(person.x(at_s, self._width / size) * size)
        feet, tall = int(person.y * size), int(person.height * size)
        half = tall // 6
        cv2.ellipse(picture, (x, feet), (half * 3 // 2, max(tall // 20, 1)), 0, 0, 360, (70, 72, 75), -1)
        top, left = max(feet - tall * 5 // 6, 0), max(x - half, 0)
        body = picture[top:feet, left : x + half]
        if not body.size:
            return
        shape = np.zeros(body.shape[:2], np.uint8)
        middle = (x - left, (feet - top) // 2)
        cv2.ellipse(shape, middle, (half, (feet - top) // 2), 0, 0, 360, 255, -1)
        cloth = cv2.resize(person.coat, (body.shape[1], body.shape[0]), interpolation=cv2.INTER_NEAREST)
        np.copyto(body, cloth, where=shape[:, :, None] > 0)
        head = (x, feet - tall * 11 // 12)
        cv2.circle(picture, head, max(half * 2 // 3, 1), (135, 165, 205), -1)
        cv2.ellipse(picture, head, (max(half * 2 // 3, 1),) * 2, 0, 180, 360, person.hair, -1)
