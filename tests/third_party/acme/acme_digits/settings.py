"""What a hall may set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True)
class DigitsSettings:
    address: Annotated[int, Interval(ge=1, le=99)] = 1  # of the board's switches
    brightness: Annotated[int, Interval(ge=1, le=9)] = 5
