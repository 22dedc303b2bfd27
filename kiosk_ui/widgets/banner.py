"""A sentence across the page, with a mark: colour alone says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk_ui.layout import cut_left
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, mark, text

_PAD_MM = 4.0


class Tenor(Enum):
    INFO = (Tone.TINT, Tone.ACCENT, Icon.INFO)
    GOOD = (Tone.GOOD_TINT, Tone.GOOD, Icon.CHECK)
    WARN = (Tone.WARN_TINT, Tone.WARN, Icon.WARN)
    SORRY = (Tone.BAD_TINT, Tone.BAD, Icon.INFO)

    def __init__(self, fill: Tone, ink: Tone, icon: Icon) -> None:
        self.fill = fill
        self.ink = ink
        self.icon = icon


@dataclass(frozen=True, slots=True)
class Banner:
    """A part of a stack."""

    words: str
    tenor: Tenor = Tenor.INFO
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        return self._para().height(kit, self._room(kit, width)) + 2 * _PAD_MM

    def node(self, kit: Kit, rect: Rect) -> Node:
        left, right = cut_left(rect.inset(_PAD_MM), kit.em * 1.4, 3.0)
        icon = mark(Rect(left.x, left.y, left.w, left.w), self.tenor.icon, self.tenor.ink)
        edge = Tone.LINE if kit.is_contrasty else None
        style = Style(fill=self.tenor.fill, edge=edge, radius=kit.radius)
        words = text(kit, right, self._para(), valign="middle")
        return Node(Role.STATUS, self.words, rect, style=style, children=(icon, words))

    def _para(self) -> Para:
        return Para(self.words, ink=self.tenor.ink)

    def _room(self, kit: Kit, width: float) -> float:
        return width - 2 * _PAD_MM - kit.em * 1.4 - 3.0
