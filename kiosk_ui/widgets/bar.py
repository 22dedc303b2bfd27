"""A bar that shows how much is done, or left."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.node import Node, Rect, Role
from kiosk_ui.widgets.kit import Kit

_HIGH_MM = 3.0
_WIDE_MM = 140.0


@dataclass(frozen=True, slots=True)
class Bar:
    fraction: float
    name: str
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:  # noqa: ARG002 - as every part is asked
        return _HIGH_MM

    def node(self, kit: Kit, rect: Rect) -> Node:  # noqa: ARG002 - likewise
        width = min(rect.w, _WIDE_MM)
        place = Rect(rect.x + (rect.w - width) / 2, rect.y, width, rect.h)
        return Node(Role.PROGRESS, self.name, place, fraction=self.fraction)
