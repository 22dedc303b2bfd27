"""What any rating pad must be able to say, of any make: levels 5 very satisfied … 1 very dissatisfied."""

from __future__ import annotations

from collections.abc import Collection

SATISFIED, DISSATISFIED = frozenset({5, 4, 3}), frozenset({2, 1})


def lacking(levels: Collection[int]) -> str:
    """What the keys of a pad cannot say and must, in a technician's words; "" where they are fair. A pad on
    which nobody can be dissatisfied forces a rating, which the national rules forbid."""
    if not DISSATISFIED & set(levels):
        return "no key says dissatisfied (level 2 or 1)"
    return "" if SATISFIED & set(levels) else "no key says satisfied (level 5, 4 or 3)"
