"""The quarter's score, by hand: every component, ties, shared places."""

from __future__ import annotations

import pytest

from edge.rules.rates import Share, Tally, wilson
from edge.rules.score import Candidate, Terms, Weights, rank

EVEN = Weights(1.0, 1.0, 1.0, 1.0)


def one(
    name: str, acts: int, good: int, rated: int, on_time: tuple[int, int] = (0, 0), *, unit: str = "u"
) -> Candidate:
    tally = Tally(acts, {5: good, 1: rated - good})
    return Candidate((name,), (unit,), tally, Share(*on_time))


def terms(places: int = 6, weights: Weights = EVEN, least: int = 1) -> Terms:
    return Terms(places, least, least, weights)


def test_each_component_by_hand() -> None:
    first, second = one("a", 300, 95, 100, (150, 200)), one("b", 100, 40, 50, (90, 100))
    ranked = {each.candidate.name[0]: each for each in rank([first, second], terms()).scored}
    a = ranked["a"]
    # Wilson's lower bound of 95 of 100 at z = 1.959964: (0.95 + 0.0192073 - 1.959964 * sqrt(0.000475 +
    # 0.0000960364)) / 1.0384146 = (0.9692073 - 0.0468361) / 1.0384146
    assert a.good == pytest.approx(0.8882495, abs=1e-6)
    assert a.participation == pytest.approx(1 / 3)
    assert a.volume == 0.6  # 300 of 300 + 200, the unit's mean
    assert a.timeliness == 0.75
    assert a.score == pytest.approx(100 * (0.8882495 + 1 / 3 + 0.6 + 0.75) / 4, abs=0.006)
    assert ranked["b"].volume == pytest.approx(1 / 3)


def test_a_few_friendly_ratings_do_not_win() -> None:
    few, many = one("few", 100, 3, 3), one("many", 100, 97, 100)
    only_good = Weights(1.0, 0.0, 0.0, 0.0)
    assert [each.candidate.name for each in rank([few, many], terms(weights=only_good)).scored] == [
        ("many",),
        ("few",),
    ]


def test_a_unit_is_compared_with_itself_and_who_is_alone_neither_wins_nor_loses() -> None:
    short = [one("s1", 2000, 90, 100, unit="short"), one("s2", 2000, 90, 100, unit="short")]
    long = [one("l1", 100, 90, 100, unit="long"), one("l2", 100, 90, 100, unit="long")]
    alone = one("x", 7, 6, 7, unit="x")
    volumes = {each.candidate.name[0]: each.volume for each in rank([*short, *long, alone], terms()).scored}
    assert set(volumes.values()) == {0.5}


def test_who_has_no_promise_gets_what_all_have_and_without_any_it_does_not_count() -> None:
    timely, late = one("a", 100, 90, 100, (100, 100)), one("b", 100, 90, 100, (50, 100))
    without = one("c", 100, 90, 100)
    order = [each.candidate.name[0] for each in rank([late, without, timely], terms()).scored]
    assert order == ["a", "c", "b"]  # 0.75 stands between 1 and 0.5
    nobody = rank([without], terms()).scored[0]
    assert nobody.timeliness is None
    low = wilson(90, 100)
    assert low
    assert nobody.score == round(100 * (low.low + 1.0 + 0.5) / 3, 2)


def test_equal_scores_are_decided_by_good_then_ratings_then_acts() -> None:
    none = Weights(0.0, 0.0, 0.0, 1.0)  # nobody has a promise: all scores are 0
    better = one("z", 10, 10, 10)
    more_rated, more_acts, fewer = one("y", 50, 0, 20), one("x", 50, 0, 10), one("w", 40, 0, 10)
    scored = rank([fewer, more_acts, more_rated, better], terms(weights=none)).scored
    assert [(each.candidate.name[0], each.tie, each.place) for each in scored] == [
        ("z", "", 1),
        ("y", "good", 2),
        ("x", "ratings", 3),
        ("w", "acts", 4),
    ]


def test_who_is_equal_in_all_shares_the_last_place() -> None:
    same = [one(name, 100, 90, 100) for name in "abc"]
    worse = one("d", 100, 50, 100)
    scored = rank([worse, *same], terms(places=2)).scored
    assert [(each.place, each.honoured) for each in scored] == [(1, True), (1, True), (1, True), (4, False)]
    assert [each.tie for each in scored] == ["", "shared", "shared", ""]


def test_too_few_acts_or_ratings_are_named_and_no_candidates() -> None:
    few_acts, few_ratings, enough = one("a", 9, 9, 9), one("b", 99, 9, 9), one("c", 10, 10, 10)
    ranking = rank([few_acts, few_ratings, enough], terms(least=10))
    assert [each.candidate.name for each in ranking.scored] == [("c",)]
    assert [each.name for each in ranking.too_few] == [("a",), ("b",)]


def test_without_ratings_nobody_is_a_candidate() -> None:
    assert rank([one("a", 10, 0, 0)], Terms(1, 0, 0, EVEN)).scored == ()


@pytest.mark.parametrize("weights", [(-1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0)])
def test_weights_that_cannot_be(weights: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="negative, or all are 0"):
        Weights(*weights)


def test_a_bad_rating_withdrawn_on_appeal_is_left_out_of_good_and_of_nothing_else() -> None:
    tally = Tally(20, {5: 8, 1: 2})
    judged = Candidate(("a",), ("u",), tally, Share(0, 0), withdrawn=2)
    (scored,) = rank([judged], terms()).scored
    bounds = wilson(8, 8)
    assert bounds
    assert scored.good == bounds.low
    assert scored.participation == 0.5, "ten of twenty did rate"
    assert (judged.counted.rate, tally.good.rate) == (1.0, 0.8)


def test_ratings_that_do_not_count_make_no_candidate() -> None:
    only = Candidate(("a",), ("u",), Tally(20, {2: 3}), Share(0, 0), withdrawn=3)
    assert rank([only], terms()).too_few == (only,)
