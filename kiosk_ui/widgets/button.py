"""What is touched: buttons, toggles and keys of one make."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk_ui.actions import Action
from kiosk_ui.layout import balanced
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import LEADING, TARGET_MM, Kit
from kiosk_ui.widgets.stack import mark

_PAD_MM = 4.0
_CHOSEN_MM = 0.8  # how thick the edge of what is chosen is, at least
_ICON_EM = 1.35  # beside its words
_ICON_GAP_MM = 2.5


class Kind(Enum):
    """How much a button calls: one PRIMARY a page, for what most come for."""

    PLAIN = (Tone.CARD, Tone.ACCENT, Tone.LINE)
    PRIMARY = (Tone.ACCENT, Tone.ON_ACCENT, None)
    CHOSEN = (Tone.TINT, Tone.ACCENT, Tone.ACCENT)
    OFF = (Tone.OFF_FILL, Tone.OFF, Tone.LINE)

    def __init__(self, fill: Tone, ink: Tone, edge: Tone | None) -> None:
        self.fill = fill
        self.ink = ink
        self.edge = edge


@dataclass(frozen=True, slots=True)
class Button:
    """`on` makes a toggle of it, which shows a tick while it is on: colour alone says nothing."""

    label: str
    action: Action
    id: str
    icon: Icon | None = None
    kind: Kind = Kind.PLAIN
    enabled: bool = True
    on: bool | None = None
    speech: str = ""
    role: Role = Role.BUTTON
    size: float = 0.0  # of its words; 0 is that of body text
    leads: bool = False  # or of what is said first in a card
    optional: bool = False
    bare: bool = False  # its icon shows, and its label is only said

    @property
    def look(self) -> Kind:
        if not self.enabled:
            return Kind.OFF
        return Kind.CHOSEN if self.on else self.kind

    @property
    def shown(self) -> Icon | None:
        return Icon.CHECK if self.on else self.icon

    def width(self, kit: Kit) -> float:
        """With its words in one line."""
        words = kit.ruler.width(self.label, self._size(kit), True) if self.label else 0.0
        return max(TARGET_MM, words + self._beside(kit) + 2 * _PAD_MM)

    def least(self, kit: Kit) -> float:
        """The width in which no word of it is broken."""
        words = (kit.ruler.width(word, self._size(kit), True) for word in self.label.split())
        widest = 0.0 if not self.label.isascii() else max(words, default=0.0)
        return max(TARGET_MM, widest + self._beside(kit) + 2 * _PAD_MM)

    def height(self, kit: Kit, width: float) -> float:
        return max(TARGET_MM, len(self._lines(kit, width)) * self._pitch(kit) + 2 * _PAD_MM * 0.75)

    def node(self, kit: Kit, rect: Rect) -> Node:
        look = self.look
        style = Style(
            fill=look.fill,
            edge=look.edge,
            edge_mm=max(_CHOSEN_MM, 2 * kit.theme.edge_mm) if self.on else 0.0,
            radius=kit.radius,
            raised=look is Kind.PLAIN,
        )
        role = Role.TOGGLE if self.on is not None else self.role
        return Node(
            role,
            self.label,
            rect,
            action=self.action,
            id=self.id,
            enabled=self.enabled,
            on=self.on,
            speech=self.speech,
            style=style,
            children=self._inside(kit, rect, look.ink),
        )

    def _inside(self, kit: Kit, rect: Rect, ink: Tone) -> tuple[Node, ...]:
        size = self._size(kit)
        side = size * _ICON_EM
        lines = self._lines(kit, rect.w) if self.label and not self.bare else ()
        words = max((kit.ruler.width(line, size, True) for line in lines), default=0.0)
        beside = self._beside(kit) if self.shown is not None else 0.0
        x = rect.x + max(0.0, (rect.w - words - beside) / 2)
        nodes = []
        if self.shown is not None:
            icon = Rect(x, rect.y + (rect.h - side) / 2, side, side)
            if not lines:
                icon = Rect(rect.x + (rect.w - side) / 2, icon.y, side, side)
            nodes.append(mark(icon, self.shown, ink))
            x += beside
        if lines:
            height = len(lines) * self._pitch(kit)
            place = Rect(x, rect.y + (rect.h - height) / 2, words, height)
            style = Style(ink=ink, size=size, bold=True, align="middle", leading=LEADING)
            nodes.append(Node(Role.TEXT, self.label, place, style=style, lines=lines))
        return tuple(nodes)

    def _lines(self, kit: Kit, width: float) -> tuple[str, ...]:
        room = width - self._beside(kit) - 2 * _PAD_MM
        return balanced(self.label, room, self._size(kit), kit.ruler, bold=True)

    def _beside(self, kit: Kit) -> float:
        """The room that the icon takes. A toggle keeps it free for its tick."""
        if self.shown is None and self.on is None:
            return 0.0
        return self._size(kit) * _ICON_EM + (_ICON_GAP_MM if self.label else 0.0)

    def _size(self, kit: Kit) -> float:
        return self.size or (kit.lead if self.leads else kit.em)

    def _pitch(self, kit: Kit) -> float:
        return self._size(kit) * LEADING
