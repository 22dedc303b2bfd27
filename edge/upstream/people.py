"""Who stands at the kiosks now: a handle by chance for the kiosk, and behind it the secret of the visit.

In memory only, and no longer than a visit. Whoever is forgotten here is forgotten by the services too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from drivers.api import Clock
from edge.ids import new_id
from edge.upstream.port import Refused

MAX_PEOPLE = 16  # kiosks of one node; the one who came first has long gone
MAX_VISIT_S = 960.0  # a quarter of an hour, as the services have it, and some slack


class Known(Protocol):
    """Who stands there: by a handle, for the time of a visit."""

    def subject_of(self, person: str) -> str | None: ...


def subject_of(people: Known, person: str) -> str:
    """The secret of who stands there. Raises Refused where the visit is over."""
    subject = people.subject_of(person)
    if subject is None:
        raise Refused("visit_over", "nobody stands there any more")
    return subject


@dataclass(frozen=True, slots=True)
class _Visit:
    subject: str = field(repr=False)
    ends_s: float


class People:
    """`left` is told the secret of each visit that is over, so that the services forget it."""

    def __init__(self, clock: Clock, left: Callable[[str], None]) -> None:
        self._clock = clock
        self._left = left
        self._visits: dict[str, _Visit] = {}  # by handle, oldest first

    def __len__(self) -> int:
        return len(self._visits)

    def came(self, subject: str, lasts_s: float) -> str:
        """The handle."""
        self.sweep()
        while len(self._visits) >= MAX_PEOPLE:
            self.forget(next(iter(self._visits)))
        person = new_id()
        ends_s = self._clock.now().mono_s + min(lasts_s, MAX_VISIT_S)
        self._visits[person] = _Visit(subject, ends_s)
        return person

    def subject_of(self, person: str) -> str | None:
        """None where the visit is over."""
        self.sweep()
        visit = self._visits.get(person)
        return visit.subject if visit else None

    def forget(self, person: str) -> None:
        """Nothing happens where it is over already."""
        visit = self._visits.pop(person, None)
        if visit is not None:
            self._left(visit.subject)

    def sweep(self) -> None:
        """Drop whose time has passed."""
        now_s = self._clock.now().mono_s
        for person in [name for name, visit in self._visits.items() if now_s >= visit.ends_s]:
            self.forget(person)
