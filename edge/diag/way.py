"""Which node a command means: that of this machine, or one far away that is named before the command."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.broker import Broker, Tls


@dataclass(frozen=True, slots=True)
class Far:
    """A node behind a broker. `client`: the name under which its answers come, which the broker's access list
    has to let us hear."""

    broker: Broker
    tls: Tls
    hall: str
    node: str
    client: str


# What stands before a command holds for it, whichever it is; None: the node is this machine.
far: ContextVar[Far | None] = ContextVar("far", default=None)
