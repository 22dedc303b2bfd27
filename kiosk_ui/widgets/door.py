"""A way in: what one finds there, with an icon beside, on a card that is touched."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.actions import Action
from kiosk_ui.layout import cut_left
from kiosk_ui.node import Icon, Node, Rect
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.kit import ELDER_TEXT, TARGET_MM, Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, stack, stack_height

LARGEST = 3  # of the sizes of text
_ICON_EM = 2.8
_LINE_GAP_MM = 1.0
_APART = 1.6  # icon and words, in the distance of words from an edge


@dataclass(frozen=True, slots=True)
class Door:
    """A part of a deck. Where there is little room for large text, the note is only said."""

    icon: Icon
    name: str
    note: str
    action: Action
    id: str
    enabled: bool = True
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        room = self._room(kit, width)
        words = stack_height(kit, room, self._parts(kit, room), _LINE_GAP_MM)
        return max(TARGET_MM, words + 2 * kit.pad)

    def node(self, kit: Kit, rect: Rect) -> Node:
        inner = rect.inset(kit.pad)
        side = min(kit.em * _ICON_EM, inner.h)
        left, right = cut_left(inner, kit.em * _ICON_EM, kit.pad * _APART)
        disc, ink = (Tone.TINT, Tone.ACCENT) if self.enabled else (Tone.CARD, Tone.OFF)
        icon = stack(
            kit, left, (Mark(self.icon, side, ink, disc=disc, align="start"),), gap=0, valign="middle"
        )
        words = stack(kit, right, self._parts(kit, right.w), gap=_LINE_GAP_MM, valign="middle")
        return card(
            kit,
            rect,
            self.name,
            (*icon, *words),
            action=self.action,
            id_=self.id,
            enabled=self.enabled,
            speech=kit.tr("comma").join(filter(None, (self.name, self.note))),
        )

    def _parts(self, kit: Kit, room: float) -> tuple[Part, ...]:
        ink, soft = (Tone.ACCENT, Tone.SOFT) if self.enabled else (Tone.OFF, Tone.OFF)
        name = Para(self.name, size=self._size(kit, room), bold=True, ink=ink)
        low = kit.model.session.low and kit.text >= ELDER_TEXT
        cramped = low or (kit.text == LARGEST and not kit.panel.is_portrait)
        return (name, Para(self.note, ink=soft)) if self.note and not cramped else (name,)

    def _size(self, kit: Kit, room: float) -> float:
        """As large as leaves every word whole."""
        sizes = (kit.lead * 1.15, kit.lead)
        words = self.name.split() if self.name.isascii() else []
        fits = (each for each in sizes if all(kit.ruler.width(word, each, True) <= room for word in words))
        return next(fits, kit.em)

    def _room(self, kit: Kit, width: float) -> float:
        return width - (2 + _APART) * kit.pad - kit.em * _ICON_EM
