"""Whether the ratings of a window are too much alike to be the citizens' own.

The last `last` ratings of the window are compared with those of all other windows. Its commonest level has
come k times; how probable is k or more, were the window like the others? Windows do differ: a good one is
not a forged one. So the share of a level at one window is not the hall's own but Beta distributed around it
(`LIKENESS`), and k is beta-binomial:

    P(K = j) = C(n, j) · B(j + a, n − j + b) / B(a, b),  a = c·q,  b = c·(1 − q)

with q the share of the level at the other windows, one added to the count of each level (Laplace's rule),
and c the likeness. Five levels are looked at, so P counts five times (Bonferroni). The evidence is −log₁₀ of
that: 3 is one in a thousand.

How well that works, by simulation (52 windows which differ as assumed, 14 ratings a day each, 22 days, judged
anew at each; six such months of each kind; `last` 80, amber 3): false alarms 0 to 0.2 a month. Somebody who
presses "very satisfied" for everyone is found in four to six days where the others have it at 60 to 80 %.
Where they have it at 93 % he is not found: there, uniform is usual. That is a limit of any such test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import exp, lgamma, log10

LEVELS = (1, 2, 3, 4, 5)
LIKENESS = 40.0  # c: at a share of 80 % one window in three lies more than 6 % off the hall's
LEAST_OTHERS = 200  # ratings of other windows: below it their shares are not known to a few per cent
Tally = tuple[int, ...]  # how often each of LEVELS came


def tally(levels: Iterable[int]) -> Tally:
    found = tuple(levels)
    return tuple(map(found.count, LEVELS))


def evidence(ratings: Mapping[str, Sequence[int]], last: int) -> dict[str, float]:
    """Of each window that has so many ratings; 0.0 is none at all."""
    newest = {window: tally(levels[-last:]) for window, levels in ratings.items()}
    hall = tuple(sum(each) for each in zip(*newest.values(), strict=True))
    return {
        window: _evidence(own, tuple(all_ - mine for all_, mine in zip(hall, own, strict=True)))
        for window, own in newest.items()
        if sum(own) == last
    }


@lru_cache(maxsize=256)  # more than the windows of a hall: between two ratings nothing is reckoned again
def _evidence(own: Tally, others: Tally) -> float:
    if sum(others) < LEAST_OTHERS:
        return 0.0
    most = max(own)
    share = (others[own.index(most)] + 1) / (sum(others) + len(LEVELS))
    if most <= share * sum(own):
        return 0.0  # no more than elsewhere
    chance = len(LEVELS) * at_least(most, sum(own), share)
    return max(0.0, -log10(chance))


def at_least(k: int, n: int, share: float, likeness: float = LIKENESS) -> float:
    """P(K ≥ k), never 0."""
    a, b = likeness * share, likeness * (1 - share)
    norm = _log_beta(a, b)
    terms = (_log_choose(n, j) + _log_beta(j + a, n - j + b) - norm for j in range(k, n + 1))
    return max(sum(map(exp, terms)), 1e-300)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
