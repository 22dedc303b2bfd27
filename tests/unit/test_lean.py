"""Frozen dataclasses that share their refusals are what they would be without."""

from __future__ import annotations

from copy import copy
from dataclasses import FrozenInstanceError, dataclass, replace
from pickle import dumps, loads

import pytest

from drivers.lean import lean


@dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: str = ""


@dataclass(slots=True)
class Open:
    a: int


@dataclass(frozen=True, slots=True)
class Own:
    a: int

    def __repr__(self) -> str:
        return "own"


BEFORE = repr(Frozen(1, "x")), repr(Open(2))
lean(globals())


def test_nothing_of_it_can_be_changed_or_taken_away() -> None:
    frozen = Frozen(1)
    with pytest.raises(FrozenInstanceError, match="'a' of Frozen"):
        frozen.a = 2  # type: ignore[misc] # that is the test
    with pytest.raises(FrozenInstanceError, match="'b' of Frozen"):
        del frozen.b
    assert frozen == Frozen(1)


def test_it_is_equal_hashed_copied_and_pickled_as_ever() -> None:
    frozen = Frozen(1, "x")
    assert {frozen, Frozen(1, "x"), copy(frozen), loads(dumps(frozen))} == {frozen}
    assert replace(frozen, a=2) == Frozen(2, "x")


def test_one_that_is_not_frozen_is_left_alone() -> None:
    each = Open(1)
    each.a = 2
    assert each == Open(2)


def test_each_says_what_it_said_before() -> None:
    assert (repr(Frozen(1, "x")), repr(Open(2))) == BEFORE == ("Frozen(a=1, b='x')", "Open(a=2)")
    assert repr(Own(1)) == "own"
