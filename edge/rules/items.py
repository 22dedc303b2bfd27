"""The items of a service: what exactly somebody comes for, and what is known of each beforehand.

A service is a queue; a county's 398 items share some tens of them. A hall lists its items or does not: where
it lists some no other is taken, where it lists none any code is kept as it is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.rules.model import Hall

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"  # national item codes are digits, letters, "-" and "."
_CODE = re.compile(CODE, re.ASCII)

Kind = tuple[str, str]  # a service, and the item, "" where nobody told it


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    service: str
    usual_s: float = (
        0.0  # that an act takes, until the day tells better; 0: nobody knows how its service's differ
    )
    promise_min: float = 0.0  # 0: what is promised for its service
    fee_fen: int | None = None  # that is charged for it; None: nothing is said of it


def is_code(item: str) -> bool:
    return _CODE.fullmatch(item) is not None


def listed(hall: Hall, kind: Kind) -> Item | None:
    """One that was sent on to another service is none of that."""
    service, item = kind
    known = hall.items.get(item) if item else None
    return known if known and known.service == service else None


def own_usual_s(hall: Hall, kind: Kind) -> float:
    """0 where it has none but its service's."""
    item = listed(hall, kind)
    return item.usual_s if item else 0.0


def usual_s(hall: Hall, kind: Kind) -> float:
    """That an act takes, as configured, of a service that there is."""
    return own_usual_s(hall, kind) or hall.services[kind[0]].usual_s


def promise_min(hall: Hall, kind: Kind) -> float:
    """What is promised for an act; 0 is no promise. A reload may have taken the service out."""
    item, service = listed(hall, kind), hall.services.get(kind[0])
    return (item.promise_min if item else 0.0) or (service.promise_min if service else 0.0)
