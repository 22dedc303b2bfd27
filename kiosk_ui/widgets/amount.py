"""What something comes to: its name, and at the end of the line the sum, as sums stand below each other."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk_ui.node import Node, Rect, Role
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, stack

_APART_EM = 1.0  # name and sum, at least


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a stack. Where both are too long for one line, the sum is below the name."""

    name: str
    sum: str
    bold: bool = False
    ink: Tone = Tone.INK
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        return sum(part.height(kit, room) for part, room in self._parts(kit, width))

    def node(self, kit: Kit, rect: Rect) -> Node:
        parts = self._parts(kit, rect.w)
        if len(parts) == 1:
            name, total = self._name, self._sum
            wide = self._sum_width(kit)
            beside = Rect(rect.x, rect.y, rect.w - wide - kit.em * _APART_EM, rect.h)
            end = Rect(rect.right - wide, rect.y, wide, rect.h)
            shown = (*stack(kit, beside, (name,), gap=0), *stack(kit, end, (total,), gap=0))
        else:
            shown = stack(kit, rect, (self._name, self._sum), gap=0)
        said = kit.tr("comma").join((self.name, self.sum))
        return Node(Role.STATUS, said, rect, children=shown)

    @property
    def _name(self) -> Para:
        return Para(self.name, bold=self.bold, ink=self.ink)

    @property
    def _sum(self) -> Para:
        return Para(self.sum, bold=self.bold, ink=self.ink, align="end")

    def _sum_width(self, kit: Kit) -> float:
        return kit.ruler.width(self.sum, kit.em, self.bold) + 0.5

    def _parts(self, kit: Kit, width: float) -> list[tuple[Para, float]]:
        room = width - self._sum_width(kit) - kit.em * _APART_EM
        if kit.ruler.width(self.name, kit.em, self.bold) <= room:
            return [(self._name, room)]
        return [(self._name, width), (self._sum, width)]
