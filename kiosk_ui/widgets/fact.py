"""A short statement with the icon of what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.layout import flowing
from kiosk_ui.node import Align, Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import mark

_ICON_EM = 1.1
_GAP_EM = 0.4


@dataclass(frozen=True, slots=True)
class Fact:
    """A part of a stack. In the middle, icon and words stand there together."""

    icon: Icon
    text: str
    ink: Tone = Tone.SOFT
    bold: bool = False
    align: Align = "start"
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        return len(self._lines(kit, width)) * kit.em * LEADING

    def node(self, kit: Kit, rect: Rect) -> Node:
        lines = self._lines(kit, rect.w)
        beside = kit.em * (_ICON_EM + _GAP_EM)
        words = max(kit.ruler.width(line, kit.em, self.bold) for line in lines)
        spare = max(0.0, rect.w - beside - words)
        x = rect.x + {"start": 0.0, "middle": spare / 2, "end": spare}[self.align]
        side = kit.em * _ICON_EM
        icon = mark(Rect(x, rect.y + (kit.em * LEADING - side) / 2, side, side), self.icon, self.ink)
        style = Style(ink=self.ink, size=kit.em, bold=self.bold, leading=LEADING)
        place = Rect(x + beside, rect.y, rect.right - x - beside, rect.h)
        told = Node(Role.TEXT, self.text, place, style=style, lines=lines)
        return Node(Role.TEXT, self.text, rect, children=(icon, told))

    def _lines(self, kit: Kit, width: float) -> tuple[str, ...]:
        room = width - kit.em * (_ICON_EM + _GAP_EM)
        return flowing(self.text, room, kit.em, kit.ruler, bold=self.bold)
