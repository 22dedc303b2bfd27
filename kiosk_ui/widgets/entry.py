"""One of a list: what it is with what there is to say of it, on a card, which may be touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk_ui.actions import Action
from kiosk_ui.node import Node, Rect
from kiosk_ui.widgets.cards import card, card_height
from kiosk_ui.widgets.kit import TARGET_MM, Kit
from kiosk_ui.widgets.stack import Part, stack

_LINE_GAP_MM = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a deck. `parts`: what stands on it, in the text that it is given."""

    name: str
    parts: Callable[[Kit], Sequence[Part]]
    speech: str
    action: Action | None = None
    id: str = ""
    private: bool = False  # as a node is
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        return max(TARGET_MM, card_height(kit, width, self.parts(kit), _LINE_GAP_MM))

    def node(self, kit: Kit, rect: Rect) -> Node:
        shown = stack(kit, rect.inset(kit.pad), self.parts(kit), gap=_LINE_GAP_MM, valign="middle")
        made = card(kit, rect, self.name, shown, action=self.action, id_=self.id, speech=self.speech)
        return replace(made, private=self.private)
