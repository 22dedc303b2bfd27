"""Ratings too much alike: the evidence by hand, and how often it is wrong."""

from __future__ import annotations

import random
from math import comb, isclose, log10

import pytest

from edge.rules.supervision_limits import DEFAULTS
from edge.rules.supervision_ratings import LEVELS, at_least, evidence

RULE = DEFAULTS["uniform"]
WINDOWS, A_DAY, DAYS = 52, 14, 22  # of the reference hall: 23 acts a day at each, six in ten rated


def test_the_beta_binomial_tail_by_hand() -> None:
    """With a = b = 1 every count is as probable as any other (Pólya's urn)."""
    assert isclose(at_least(7, 9, 0.5, likeness=2.0), 3 / 10)
    assert isclose(at_least(0, 9, 0.3, likeness=40.0), 1.0)


def test_windows_that_are_all_alike_make_it_the_binomial() -> None:
    exact = sum(comb(20, k) * 0.8**k * 0.2 ** (20 - k) for k in range(19, 21))
    assert isclose(at_least(19, 20, 0.8, likeness=1e7), exact, rel_tol=1e-3)


def test_where_windows_differ_less_is_proven() -> None:
    assert at_least(80, 80, 0.8, likeness=40.0) > 100 * at_least(80, 80, 0.8, likeness=1e7)


def hall(share: float, of: int = 200) -> dict[str, list[int]]:
    """Five windows at which `share` of the ratings are a 5, the others a 4."""
    return {str(n): [5] * round(share * of) + [4] * (of - round(share * of)) for n in range(5)}


def test_one_who_always_has_a_five_where_others_do_not() -> None:
    ratings = hall(0.8)
    for levels in ratings.values():
        random.Random(7).shuffle(levels)
    found = evidence(ratings | {"9": [5] * 80}, 80)
    assert found["9"] >= RULE.amber
    assert max(found[window] for window in ratings) < RULE.clear


def test_where_everybody_has_it_nothing_is_found() -> None:
    assert evidence({str(n): [5] * 80 for n in range(5)}, 80) == dict.fromkeys(map(str, range(5)), 0.0)


def test_too_few_ratings_prove_nothing() -> None:
    assert evidence(hall(0.8) | {"9": [5] * 79}, 80).get("9") is None
    assert evidence({"1": [4] * 100, "9": [5] * 80}, 80) == {"1": 0.0, "9": 0.0}, "80 of others are few"


def test_five_levels_are_five_chances() -> None:
    """The least that can be found is five times the tail."""
    ratings = {"1": [5, 4] * 100, "2": [4, 5] * 100, "3": [5, 4] * 100, "9": [4] * 80}
    share = (120 + 1) / (240 + 5)
    assert isclose(evidence(ratings, 80)["9"], -log10(5 * at_least(80, 80, share)))


def a_month(seed: int, base: list[float], likeness: float) -> int:
    """Windows that differ as assumed, each rating of a level by its own shares; how many warnings that is."""
    chance = random.Random(seed)
    shares = []
    for _ in range(WINDOWS):
        parts = [chance.gammavariate(likeness * each, 1.0) for each in base]  # Dirichlet by gamma variates
        shares.append([part / sum(parts) for part in parts])
    ratings = {str(n): chance.choices(LEVELS, share, k=RULE.last) for n, share in enumerate(shares)}
    raised, standing = 0, set[str]()
    for _ in range(DAYS * A_DAY // 2):  # looked at after every second rating of each window
        for n, share in enumerate(shares):
            ratings[str(n)] += chance.choices(LEVELS, share, k=2)
        for window, found in evidence(ratings, RULE.last).items():
            if found >= RULE.amber and window not in standing:
                raised += 1
                standing.add(window)
            elif found < RULE.clear:
                standing.discard(window)
    return raised


@pytest.mark.parametrize(
    ("base", "likeness"),
    [
        ([0.005, 0.01, 0.035, 0.15, 0.8], 40.0),  # as assumed
        ([0.005, 0.01, 0.035, 0.15, 0.8], 1e6),  # windows without any difference
        ([0.02, 0.03, 0.1, 0.25, 0.6], 40.0),
    ],
)
def test_a_hall_without_forgery_has_hardly_a_false_alarm(base: list[float], likeness: float) -> None:
    assert sum(a_month(seed, base, likeness) for seed in (1, 2)) <= 2, "in two months of 52 windows"
