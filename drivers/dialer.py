"""What some links offer besides: lines to peers that take several at once, such as a machine on the network,
and peers that can be left to wait.

A link to the network itself (`lan://`) has no line of its own, and dials any machine by its name.

Standard library only, as `drivers.api`, of whose contract this is a part.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from drivers.api import Link


@runtime_checkable
class Dialer(Link, Protocol):
    """A link by which further lines to the same peer are opened."""

    @property
    def port(self) -> int | None:
        """Where its own line leads: 0 where lines have no ports (a null modem); None where it has no line of
        its own, so that `read` and `write` raise LinkLost."""
        ...

    async def dial(self, port: int | None = None, host: str = "") -> Link:
        """A further line, to the same port or another; `host` only by a link that leads to all machines, and
        there it is needed. Who dials it closes it. Raises LinkLost."""
        ...


@runtime_checkable
class Pausing(Link, Protocol):
    """A link whose peer can be left to wait."""

    def pause_reading(self, on: bool) -> None:
        """While it is on nothing is taken: what comes piles up on the way, and then comes together."""
        ...
