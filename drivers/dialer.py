"""Peers that take several lines at once, such as a machine on the network: what a link to one offers besides.

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
