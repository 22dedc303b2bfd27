"""What a benchmark says: series of samples, and figures with their floors and requirements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Series:
    """Durations of one kind, kept in seconds and told in milliseconds."""

    name: str
    values_s: list[float] = field(default_factory=list)

    def ms(self, share: float) -> float:
        """The nearest-rank percentile. Raises ValueError where nothing was measured."""
        if not self.values_s:
            raise ValueError(f"{self.name}: no samples")
        ordered = sorted(self.values_s)
        rank = max(1, int(-(-len(ordered) * share // 1)))
        return ordered[rank - 1] * 1000

    @property
    def p50(self) -> float:
        return self.ms(0.50)

    @property
    def p99(self) -> float:
        return self.ms(0.99)

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "n": len(self.values_s),
            "p50_ms": round(self.p50, 3),
            "p95_ms": round(self.ms(0.95), 3),
            "p99_ms": round(self.p99, 3),
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """One number beside its floor. A limit that is None is not asked for."""

    name: str
    unit: str
    value: float
    floor: float | None = None
    floor_name: str = ""
    below: float | None = None  # required: value < below
    at_least: float | None = None  # required: value >= at_least
    ratio_at_most: float | None = None  # required: value <= ratio_at_most * floor
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def required(self) -> str:
        wishes = (
            f"< {self.below:g}" if self.below is not None else "",
            f"≥ {self.at_least:,.0f}" if self.at_least is not None else "",
            f"≤ {self.ratio_at_most:g} × floor" if self.ratio_at_most is not None else "",
        )
        return ", ".join(wish for wish in wishes if wish)

    @property
    def met(self) -> bool | None:
        """None where nothing is required."""
        checks: list[bool] = []
        if self.below is not None:
            checks.append(self.value < self.below)
        if self.at_least is not None:
            checks.append(self.value >= self.at_least)
        if self.ratio_at_most is not None:
            checks.append(self.ratio is not None and self.ratio <= self.ratio_at_most)
        return all(checks) if checks else None

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "value": round(self.value, 3),
            "floor": None if self.floor is None else round(self.floor, 3),
            "floor_name": self.floor_name,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "required": self.required,
            "met": self.met,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark has found. `notes`: how it was measured, as far as a reader must know."""

    title: str
    figures: tuple[Figure, ...]
    series: tuple[Series, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "title": self.title,
            "figures": [figure.as_json() for figure in self.figures],
            "series": [series.as_json() for series in self.series],
            "notes": list(self.notes),
        }


def rounds(total: int, size: int) -> Iterable[int]:
    """`total` in rounds of `size`, so that what is compared takes turns on a machine that is never quiet."""
    while total > 0:
        yield min(total, size)
        total -= size


def met(results: Sequence[Result]) -> bool:
    """Whether no requirement is missed."""
    return not any(figure.met is False for result in results for figure in result.figures)
