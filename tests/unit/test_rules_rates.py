"""Rates of ratings: golden values of the literature, sums, and what is no rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.rates import LEVELS, Share, Tally, wilson

# R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods",
# Statistics in Medicine 17 (8), 1998, pp. 857-872, table I, method 3 (score, without continuity correction).
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

counts = st.integers(0, 400_000)
shares = st.tuples(counts, counts).map(sorted)
tallies = st.builds(
    lambda levels, unrated: Tally(sum(levels.values()) + unrated, levels),
    st.dictionaries(st.sampled_from(LEVELS), st.integers(0, 1000)),
    st.integers(0, 1000),
)


@pytest.mark.parametrize(("k", "n", "low", "high"), NEWCOMBE)
def test_wilson_is_that_of_the_literature(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(shares)
def test_wilson_holds_the_rate_and_mirrors(share: list[int]) -> None:
    k, n = share
    found, mirrored = wilson(k, n), wilson(n - k, n)
    if found is None or mirrored is None:
        assert n == 0
        return
    assert 0 <= found.low <= k / n <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high)
    assert found.high == pytest.approx(1 - mirrored.low)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_solves_its_equation(share: tuple[int, int]) -> None:
    """Each bound is a rate p from which the seen one is z standard errors: |k/n - p| = z √(p(1-p)/n)."""
    k, n = share
    found = wilson(k, n)
    assert found is not None
    for p in (found.low, found.high):
        assert n * (k / n - p) ** 2 == pytest.approx(1.959963984540054**2 * p * (1 - p), abs=1e-6)


def test_a_perfect_few_ranks_below_many_good() -> None:
    few, many = wilson(3, 3), wilson(290, 300)
    assert few and many and few.low < many.low


@pytest.mark.parametrize(("k", "n"), [(1, 0), (2, 1), (-1, 3)])
def test_what_is_no_share(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(k, n)
    with pytest.raises(ValueError, match="no share"):
        Share(k, n)


def test_rates_by_hand() -> None:
    tally = Tally(20, {5: 7, 4: 2, 3: 1, 2: 1, 1: 1})
    assert str(tally.participation) == "60.0 % (12/20)"
    assert str(tally.good) == "83.3 % (10/12)"
    assert str(tally.bad) == "16.7 % (2/12)"


def test_nobody_rated_is_neither_good_nor_bad() -> None:
    tally = Tally(20, {})
    assert str(tally.participation) == "0.0 % (0/20)"
    assert (str(tally.good), str(tally.bad)) == ("—", "—")
    assert tally.good.rate is None
    assert tally.good.interval is None


def test_nothing_done_has_no_rate_at_all() -> None:
    assert str(Tally(0, {}).participation) == "—"


def test_what_is_no_tally() -> None:
    for acts, levels in ((1, {0: 1}), (1, {6: 1}), (1, {5: -1}), (1, {5: 1, 4: 1})):
        with pytest.raises(ValueError, match=r"no counts|ratings of"):
            Tally(acts, levels)


@given(tallies, tallies)
def test_the_whole_is_the_sum_of_its_parts(one: Tally, other: Tally) -> None:
    whole = one + other
    assert whole.acts == one.acts + other.acts
    assert whole.ratings == one.ratings + other.ratings
    assert whole.good.k + whole.bad.k == whole.good.n == whole.bad.n == whole.ratings
    assert whole.participation == Share(whole.ratings, whole.acts)
