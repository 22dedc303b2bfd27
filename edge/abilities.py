"""What a technician may have a device do from afar: as `about` tells it, and as the verbs then hold it."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.messages import Announce, AskRating, PrintSlip, ShowDigits, ShowLines, ShowText
from edge.settings import DeviceConfig
from edge.wire import Check, Pattern

# What a person at a device of this kind sees or hears, by the order that does it; "" is one without a kind.
SEEN: dict[str, type] = {
    "strip": ShowText,
    "caller": ShowDigits,
    "pad": AskRating,
    "board": ShowLines,
    "voice": Announce,
    "": PrintSlip,
}
# Of what stays on show. The lights of a caller have one colour.
PATTERNS: dict[type, tuple[Pattern, ...]] = {
    ShowText: ("all", "colors", "columns"),
    ShowLines: ("all", "colors", "columns"),
    ShowDigits: ("all", "columns"),
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """`seen`: the order by which something can be seen or heard at it, None where nothing can."""

    seen: type | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every device can be judged by what it says and how it stands."""
        return ("internal", "external") if self.seen else ("internal",)

    @property
    def shows(self) -> tuple[Pattern, ...]:
        return PATTERNS.get(self.seen, ()) if self.seen else ()

    @property
    def prints(self) -> bool:
        return self.seen is PrintSlip


def abilities(config: DeviceConfig, device: str) -> Abilities:
    """Of a device, or of one on its line."""
    child = config.children.get(device)
    if config.loaded is None or (child and child.problems):
        return Abilities()
    kind = (child or config).wire.kind or ""
    seen, spec = SEEN.get(kind), config.loaded.spec
    is_seen = seen in spec.orders and seen not in spec.unseen(config.loaded.settings, device)
    return Abilities(seen if is_seen else None)
