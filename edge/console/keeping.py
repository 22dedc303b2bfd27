"""Whether the record keeps what it is given, as those find it who write to it.

A full disk still answers what is asked of it: without this nobody at a page would know that nothing new is
kept. Each writer says how its last attempt went, and tries again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError

from edge.console import tables
from edge.console.engine import RecordError, lock_for_writing

Writer = Literal["recorder", "lease", "pages"]


class Keeping:
    """Shared by the writers of one console, in their threads."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._failing: dict[Writer, float] = {}  # since when

    @contextmanager
    def attempt(self, who: Writer) -> Iterator[None]:
        """To write: what the database refuses for its own sake fails, whatever else goes wrong does not."""
        try:
            yield
        except RecordError as error:
            if isinstance(error.__cause__, OperationalError):
                self._failing.setdefault(who, self._wall())
            raise
        self.went(who)

    def went(self, who: Writer) -> None:
        """Or it is not this one's to write any more."""
        self._failing.pop(who, None)

    def fails(self, who: Writer) -> bool:
        return who in self._failing

    @property
    def stuck_since_s(self) -> float | None:
        """Wall time; None while all goes well."""
        return min(tuple(self._failing.values()), default=None)


def touch(db: Connection) -> None:
    """A write that changes nothing: raises SQLAlchemyError where none can be kept."""
    lock_for_writing(db)
    db.execute(update(tables.version).values(version=tables.version.c.version))
