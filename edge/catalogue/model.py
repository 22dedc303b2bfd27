"""An item of a hall: name, procedure, time limits, fee and its basis, telephone, materials by case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["county", "city", "province"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Chinese and English."""

    zh: str = ""
    en: str = ""

    def of(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Theme:
    """Where a citizen looks for an item."""

    id: str
    name: Words


@dataclass(frozen=True, slots=True)
class Unit:
    id: str
    name: Words
    telephone: str  # for complaints


@dataclass(frozen=True, slots=True)
class Case:
    """A circumstance by which the materials go: `also` beside others, else in their place."""

    id: str
    name: Words
    also: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    name: Words
    originals: int
    copies: int
    cases: tuple[str, ...] = ()  # needed where one of them is chosen; none: always

    def needed(self, chosen: Collection[str]) -> bool:
        return not self.cases or any(case in chosen for case in self.cases)


@dataclass(frozen=True, slots=True)
class Item:
    number: str
    theme: str
    unit: Unit
    service: str  # of the hall, whose ticket is taken for it; "" where none is
    level: Level  # whose power it is
    kind: Words
    name: Words
    legal_days: int  # working days; 0 is done at once
    promised_days: int
    fee: Words
    fee_basis: Words
    telephone: str  # for complaints
    steps: tuple[Words, ...]
    cases: tuple[Case, ...] = ()
    materials: tuple[Material, ...] = ()

    def choices(self) -> tuple[Case, ...]:
        """Of which exactly one is at hand."""
        return tuple(case for case in self.cases if not case.also)

    def extras(self) -> tuple[Case, ...]:
        """Which may come beside it."""
        return tuple(case for case in self.cases if case.also)

    def at_hand(self, picked: Iterable[str]) -> tuple[Case, ...]:
        """The picked cases that are this item's; of those in place of each other the first stands, and where
        none is picked, the item's first."""
        picked = set(picked)
        choices = self.choices()
        one = next((case for case in choices if case.id in picked), choices[0] if choices else None)
        extras = tuple(case for case in self.extras() if case.id in picked)
        return (one, *extras) if one else extras

    def needed(self, picked: Iterable[str]) -> tuple[Material, ...]:
        """All that has to be brought for the case at hand: told once, in full."""
        chosen = [case.id for case in self.at_hand(picked)]
        return tuple(material for material in self.materials if material.needed(chosen))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`sample` is one that was made up: whatever shows it says so."""

    edition: str = ""
    sample: bool = False
    note: Words = Words()
    themes: tuple[Theme, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)  # by number, in the order of the file
