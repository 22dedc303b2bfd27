"""What a technician may have a device do from afar: as `about` tells it, and as the verbs then hold it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from drivers.messages import Announce, AskRating, Beep, PrintSlip, ShowDigits, ShowLines, ShowText
from edge.wire import Check

# What a person at a device of this kind sees or hears, by the order that does it; "" is one without a kind.
SEEN: dict[str, tuple[type, ...]] = {
    "strip": (ShowText,),
    "caller": (ShowDigits, Beep),
    "pad": (AskRating, Beep),
    "board": (ShowLines,),
    "voice": (Announce,),
    "": (PrintSlip,),
}
_SHOWN = ShowText, ShowDigits, ShowLines  # what stays on show, and can be a pattern


@dataclass(frozen=True, slots=True)
class Abilities:
    """`seen`: of the orders that can be seen or heard at it, the first that its driver knows."""

    seen: type | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every device can be judged by what it says and how it stands."""
        return ("internal", "external") if self.seen else ("internal",)

    @property
    def shows(self) -> bool:
        return self.seen in _SHOWN

    @property
    def prints(self) -> bool:
        return self.seen is PrintSlip


def abilities(kind: str | None, orders: Set[type]) -> Abilities:
    """Of a device of this kind, whose driver knows these orders."""
    return Abilities(next((order for order in SEEN.get(kind or "", ()) if order in orders), None))
