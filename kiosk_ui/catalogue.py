"""The items of the guide as the screens ask for them: by theme, by number, by the initials of their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.catalogue import Catalogue, Item, Theme
from kiosk_ui.actions import Language

# What a name can be typed by: for each of its characters, or English words, the letters that it may begin
# with. More than one for 重 (zhong, chong); "" where nobody knows, which any letter fits.
Initials = tuple[str, ...]
MAX_FOUND = 120  # items: nobody turns 15 pages, one more letter is quicker


@dataclass(frozen=True, slots=True)
class Guide:
    """`folder` is where it was read from, "" where there is none; `initials` are by number, and come a moment
    later. `wrong` tells a technician how much of it could not be read."""

    folder: str = ""
    catalogue: Catalogue = field(default_factory=Catalogue, repr=False)
    initials: Mapping[str, Initials] = field(default_factory=dict, repr=False)
    wrong: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.catalogue.items

    def item(self, number: str) -> Item | None:
        return self.catalogue.items.get(number)

    def themes(self) -> tuple[tuple[Theme, int], ...]:
        """Those that have items, each with how many."""
        counts = [
            (theme, sum(item.theme == theme.id for item in self.catalogue.items.values()))
            for theme in self.catalogue.themes
        ]
        return tuple((theme, count) for theme, count in counts if count)

    def of_theme(self, theme: str) -> tuple[Item, ...]:
        return tuple(item for item in self.catalogue.items.values() if item.theme == theme)

    def search(self, typed: str, language: Language) -> tuple[Item, ...]:
        """The best first: by number what begins with it; by initials what begins with them, then what has
        them in a row, then what has them in this order."""
        typed = typed.strip().lower()
        if not typed:
            return ()
        ranked = [
            (rank, item)
            for item in self.catalogue.items.values()
            if (rank := self._rank(item, typed, language)) is not None
        ]
        ranked.sort(key=lambda each: each[0])  # within a rank as in the file
        return tuple(item for _, item in ranked[:MAX_FOUND])

    def _rank(self, item: Item, typed: str, language: Language) -> int | None:
        if typed.isdecimal():
            at = item.number.find(typed)
            return None if at < 0 else min(at, 1)
        if language == "en":
            words = item.name.en.lower().split()
            if any(word.startswith(typed) for word in words):
                return 0 if words[0].startswith(typed) else 1
            return rank(tuple(word[:1] for word in words), typed)
        return rank(self.initials.get(item.number, ()), typed)


def rank(initials: Initials, typed: str) -> int | None:
    """0 where the name begins with what was typed, 1 where it has it in a row, 2 where in this order."""
    for start in range(len(initials) - len(typed) + 1):
        if all(_fits(initials[start + at], letter) for at, letter in enumerate(typed)):
            return min(start, 1)
    rest = iter(initials)
    return 2 if all(any(_fits(each, letter) for each in rest) for letter in typed) else None


def _fits(may_be: str, letter: str) -> bool:
    return not may_be or letter in may_be
