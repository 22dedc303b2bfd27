"""How the citizens' ratings are counted into rates: always with the numbers that they are made of.

participation = ratings ÷ acts, good = levels 5, 4 and 3 ÷ ratings, bad = levels 2 and 1 ÷ ratings. Who has
not rated is in the first only, neither good nor bad. 0 ÷ 0 is no rate: it is written "—", and ranks nobody.

Small numbers are uncertain, which a bare rate hides: 3 of 3 is not better than 290 of 300. So a ranking goes
by a bound of the Wilson score interval: E. B. Wilson, "Probable Inference, the Law of Succession, and
Statistical Inference", Journal of the American Statistical Association 22 (158), 1927, pp. 209-212.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point: 95 % two-sided
LEVELS = (5, 4, 3, 2, 1)  # best first
GOOD, BAD = (5, 4, 3), (2, 1)
NO_RATE = "—"


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def wilson(k: int, n: int, z: float = Z_95) -> Interval | None:
    """Where the true rate lies, of which k of n were seen; None where n is 0, of which nothing is known.

    With p = k/n: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) ÷ (1 + z²/n). Raises ValueError unless 0 ≤ k ≤ n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share")
    if n == 0:
        return None
    p, spread = k / n, z * z / n
    middle, half = p + spread / 2, z * sqrt(p * (1 - p) / n + spread / n / 4)
    low = 0.0 if k == 0 else (middle - half) / (1 + spread)  # exact, where floats would leave a trace
    high = 1.0 if k == n else (middle + half) / (1 + spread)
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`. Raises ValueError unless 0 ≤ k ≤ n."""

    k: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.k <= self.n:
            raise ValueError(f"{self.k} of {self.n} is no share")

    @property
    def rate(self) -> float | None:
        return self.k / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """95 %, by Wilson."""
        return wilson(self.k, self.n)

    def __str__(self) -> str:
        """ "98.7 % (75/76)", or "—"."""
        return NO_RATE if self.rate is None else f"{100 * self.rate:.1f} % ({self.k}/{self.n})"


@dataclass(frozen=True, slots=True)
class Tally:
    """Ratings of a window, a unit, a member of staff, a time; tallies of parts are added up.

    `acts`: all of them, rated or not, each once, also one of which only the rating is on record.
    `levels`: how often each level was given. Raises ValueError for a level that there is not, and for more
    ratings than acts, since an act is rated once.
    """

    acts: int
    levels: Mapping[int, int]

    def __post_init__(self) -> None:
        unknown = self.levels.keys() - set(LEVELS)
        if unknown or min(self.levels.values(), default=0) < 0:
            raise ValueError(f"no counts of levels: {dict(self.levels)}")
        if self.ratings > self.acts:
            raise ValueError(f"{self.ratings} ratings of {self.acts} acts")

    def __add__(self, other: Tally) -> Tally:
        levels = {level: self.count(level) + other.count(level) for level in LEVELS}
        return Tally(self.acts + other.acts, levels)

    def count(self, *levels: int) -> int:
        return sum(self.levels.get(level, 0) for level in levels)

    @property
    def ratings(self) -> int:
        return sum(self.levels.values())

    @property
    def participation(self) -> Share:
        return Share(self.ratings, self.acts)

    @property
    def good(self) -> Share:
        return Share(self.count(*GOOD), self.ratings)

    @property
    def bad(self) -> Share:
        return Share(self.count(*BAD), self.ratings)
