"""A way in steps: what is behind, what is done now, what is to come; each with a mark and a word for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk_ui.layout import cut_left
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import Para, mark, stack, stack_height

State = Literal["done", "current", "to_come"]

_DISC_EM = 1.5
_LINE_MM = 0.9
_APART_MM = 1.2  # between a mark and the line to the next one
_TONES = {
    "done": (Tone.GOOD_TINT, Tone.GOOD, Icon.CHECK),
    "current": (Tone.ACCENT, Tone.ON_ACCENT, Icon.RIGHT),
    "to_come": (Tone.OFF_FILL, Tone.OFF, Icon.CLOCK),
}


@dataclass(frozen=True, slots=True)
class StepMark:
    """A part of a stack. `note`: how it stands, in words. `last`: no line leads on from it."""

    state: State
    name: str
    note: str
    last: bool = False
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        words = stack_height(kit, self._room(kit, width), self._parts(), 0.0)
        return max(kit.em * _DISC_EM, words + _lower(kit))

    def node(self, kit: Kit, rect: Rect) -> Node:
        side = kit.em * _DISC_EM
        left, right = cut_left(rect, side, kit.em * 0.6)
        fill, ink, icon = _TONES[self.state]
        disc = Rect(left.x, left.y, side, side)
        edge = Tone.LINE if kit.is_contrasty else None
        style = Style(fill=fill, edge=edge, radius=side / 2)
        nodes = [Node(Role.IMAGE, "", disc, style=style, children=(mark(disc.inset(side * 0.2), icon, ink),))]
        long = rect.bottom - disc.bottom - 2 * _APART_MM
        if not self.last and long > 0:
            x = disc.x + (side - _LINE_MM) / 2
            line = Rect(x, disc.bottom + _APART_MM, _LINE_MM, long)
            nodes.append(Node(Role.IMAGE, "", line, style=Style(fill=Tone.LINE)))
        words = Rect(right.x, right.y + _lower(kit), right.w, right.h - _lower(kit))
        shown = stack(kit, words, self._parts(), gap=0)
        said = kit.tr("comma").join(filter(None, (self.name, self.note)))
        return Node(Role.STATUS, said, rect, children=(*nodes, *shown))

    def _parts(self) -> tuple[Para, ...]:
        now = self.state == "current"
        name = Para(self.name, bold=now, ink=Tone.ACCENT if now else Tone.INK)
        return (name, Para(self.note, ink=Tone.SOFT)) if self.note else (name,)

    def _room(self, kit: Kit, width: float) -> float:
        return width - kit.em * (_DISC_EM + 0.6)


def _lower(kit: Kit) -> float:
    """The name's line is level with the mark."""
    return max(0.0, (_DISC_EM - LEADING) / 2 * kit.em)
