"""The reasons that a citizen may give with a rating: codes of a table that has an edition.

What is kept names the edition, so that a code is read by the table it was given by. There are no words of the
citizen's own: those could name people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LEVEL_UNIT = 100  # the first of a code's three digits is its level


@dataclass(frozen=True, slots=True)
class Reason:
    code: int
    zh: str
    en: str

    @property
    def level(self) -> int:
        return self.code // LEVEL_UNIT


@dataclass(frozen=True, slots=True)
class Reasons:
    """One edition of the table, "" where there is none."""

    version: str = ""
    by_code: Mapping[int, Reason] = field(default_factory=dict)
