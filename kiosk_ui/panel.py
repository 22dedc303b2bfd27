"""The panel that a kiosk draws on: pixels and millimetres, and how high they are above the floor."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Literal

MM_PER_INCH = 25.4
REACH_MM = (380.0, 1220.0)  # above the floor: what a hand reaches from a wheelchair (EN 301 549 8.3)

Inches = Literal["21.5", "27", "32"]


@dataclass(frozen=True, slots=True)
class Panel:
    """`bottom_mm` is how high the lower edge of the picture hangs above the floor. Pixels are square."""

    width_px: int
    height_px: int
    diagonal_in: float
    bottom_mm: float

    @property
    def px_per_mm(self) -> float:
        return hypot(self.width_px, self.height_px) / (self.diagonal_in * MM_PER_INCH)

    @property
    def width_mm(self) -> float:
        return self.width_px / self.px_per_mm

    @property
    def height_mm(self) -> float:
        return self.height_px / self.px_per_mm

    @property
    def is_portrait(self) -> bool:
        return self.height_px > self.width_px

    def px(self, mm: float) -> int:
        return round(mm * self.px_per_mm)

    def mm(self, px: float) -> float:
        return px / self.px_per_mm

    def floor_mm(self, y_mm: float) -> float:
        """How high above the floor a point `y_mm` below the picture's upper edge is."""
        return self.bottom_mm + self.height_mm - y_mm

    def reach(self) -> tuple[float, float]:
        """The first and the last `y_mm` of the picture that a hand reaches from a wheelchair."""
        low, high = REACH_MM
        top = self.bottom_mm + self.height_mm - high
        return max(0.0, top), min(self.height_mm, top + high - low)


# How high the common sizes hang: the middle at about 1.1 m, which suits who stands before them.
_BOTTOM_MM: dict[tuple[Inches, bool], float] = {
    ("21.5", True): 850.0,
    ("27", True): 750.0,
    ("32", True): 680.0,
    ("21.5", False): 1000.0,
    ("27", False): 950.0,
    ("32", False): 900.0,
}


def preset(inches: Inches, *, portrait: bool = True) -> Panel:
    """A panel of full HD as halls buy them."""
    width, height = (1080, 1920) if portrait else (1920, 1080)
    return Panel(width, height, float(inches), _BOTTOM_MM[inches, portrait])
