"""Handles of who stands there: for a while, a few at a time, and told to be over once each."""

from __future__ import annotations

from edge.upstream.people import MAX_PEOPLE, MAX_VISIT_S, People
from tests.upstream.kit import Ahead


def test_a_visit_ends_by_being_told_so_or_by_its_time() -> None:
    clock, left = Ahead(), list[str]()
    people = People(clock, left.append)
    first, second = people.came("a" * 32, 900), people.came("b" * 32, 60)
    assert (people.subject_of(first), people.subject_of(second)) == ("a" * 32, "b" * 32)
    assert "aaaa" not in first, "a handle says nothing of the secret"
    people.forget(first)
    people.forget(first)
    assert (people.subject_of(first), left) == (None, ["a" * 32])
    clock.ahead_s = 60.0
    assert people.subject_of(second) is None
    assert left == ["a" * 32, "b" * 32]


def test_nobody_stands_there_for_longer_than_a_visit_lasts() -> None:
    clock = Ahead()
    people = People(clock, lambda _: None)
    person = people.came("a" * 32, 1e9)
    clock.ahead_s = MAX_VISIT_S
    assert people.subject_of(person) is None


def test_the_one_who_came_first_goes_first() -> None:
    left = list[str]()
    people = People(Ahead(), left.append)
    handles = [people.came(f"{n:032x}", 900) for n in range(MAX_PEOPLE + 2)]
    assert len(people) == MAX_PEOPLE
    assert left == [f"{n:032x}" for n in range(2)]
    assert [people.subject_of(handle) is None for handle in handles[:3]] == [True, True, False]


def test_no_secret_stands_in_what_is_shown() -> None:
    people = People(Ahead(), lambda _: None)
    people.came("c" * 32, 900)
    assert "cccc" not in repr(vars(people))
