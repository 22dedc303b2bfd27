"""A text for technicians in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Chinese and English of the same sentence; both empty where there is nothing to say."""

    zh: str = ""
    en: str = ""

    @classmethod
    def same(cls, text: str) -> Text:
        """A text that exists in one language only."""
        return cls(text, text)

    def __str__(self) -> str:
        return self.en if self.zh == self.en else f"{self.zh} / {self.en}"


NOTHING = Text()
