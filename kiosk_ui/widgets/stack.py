"""Things below each other: each tells how high it is for a width, and the stack gives it its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kiosk_ui.layout import balanced, flowing
from kiosk_ui.node import Align, Code, Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.kit import LEADING, Kit

VAlign = Literal["top", "middle"]


class Part(Protocol):
    """One of a stack. What is `optional` is left out where there is no room, the last ones first."""

    @property
    def optional(self) -> bool: ...
    def height(self, kit: Kit, width: float) -> float: ...
    def node(self, kit: Kit, rect: Rect) -> Node: ...


@dataclass(frozen=True, slots=True)
class Para:
    """Text, in as many lines as it needs. `size` 0 is that of body text."""

    text: str
    size: float = 0.0
    bold: bool = False
    ink: Tone = Tone.INK
    align: Align = "start"
    role: Role = Role.TEXT
    optional: bool = False
    speech: str = ""

    def lines(self, kit: Kit, width: float) -> tuple[str, ...]:
        breaks = flowing if self.align == "start" else balanced
        return breaks(self.text, width, self.size or kit.em, kit.ruler, bold=self.bold)

    def height(self, kit: Kit, width: float) -> float:
        return len(self.lines(kit, width)) * (self.size or kit.em) * LEADING

    def node(self, kit: Kit, rect: Rect) -> Node:
        style = Style(
            ink=self.ink, size=self.size or kit.em, bold=self.bold, align=self.align, leading=LEADING
        )
        lines = self.lines(kit, rect.w)
        return Node(self.role, self.text, rect, style=style, lines=lines, speech=self.speech)


@dataclass(frozen=True, slots=True)
class Mark:
    """An icon or a QR code, `side` mm wide; `disc` is the ground behind an icon."""

    picture: Icon | Code
    side: float
    ink: Tone = Tone.ACCENT
    disc: Tone | None = None
    align: Align = "middle"
    name: str = ""  # "" where the words beside it say all
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:  # noqa: ARG002 - as every part is asked
        return self.side

    def node(self, kit: Kit, rect: Rect) -> Node:
        x = {"start": rect.x, "middle": rect.x + (rect.w - self.side) / 2, "end": rect.right - self.side}
        place = Rect(x[self.align], rect.y, self.side, self.side)
        if self.disc is None:
            return mark(place, self.picture, self.ink, self.name)
        edge = Tone.LINE if kit.is_contrasty else None
        style = Style(fill=self.disc, edge=edge, radius=self.side / 2)
        inner = mark(place.inset(self.side * 0.22), self.picture, self.ink)
        return Node(Role.IMAGE, self.name, place, style=style, children=(inner,))


@dataclass(frozen=True, slots=True)
class Space:
    """Nothing, for distance."""

    mm: float
    optional: bool = True

    def height(self, kit: Kit, width: float) -> float:  # noqa: ARG002 - likewise
        return self.mm

    def node(self, kit: Kit, rect: Rect) -> Node:  # noqa: ARG002 - likewise
        return Node(Role.IMAGE, "", rect)


def mark(rect: Rect, picture: Icon | Code, ink: Tone = Tone.ACCENT, name: str = "") -> Node:
    return Node(Role.IMAGE, name, rect, style=Style(ink=ink), picture=picture)


def stack_height(kit: Kit, width: float, parts: Sequence[Part], gap: float) -> float:
    return sum(part.height(kit, width) for part in parts) + gap * max(0, len(parts) - 1)


def stack(
    kit: Kit, rect: Rect, parts: Sequence[Part], *, gap: float, valign: VAlign = "top"
) -> tuple[Node, ...]:
    """The parts within the rectangle; optional ones only as far as there is room."""
    kept = fitting(kit, rect, parts, gap)
    y = rect.y
    if valign == "middle":
        y += max(0.0, (rect.h - stack_height(kit, rect.w, kept, gap)) / 2)
    nodes = []
    for part in kept:
        height = part.height(kit, rect.w)
        nodes.append(part.node(kit, Rect(rect.x, y, rect.w, height)))
        y += height + gap
    return tuple(node for node in nodes if node.name or node.picture or node.children)


def fitting(kit: Kit, rect: Rect, parts: Sequence[Part], gap: float) -> list[Part]:
    """All that must be there, and what may be there as long as it fits."""
    kept = list(parts)
    while stack_height(kit, rect.w, kept, gap) > rect.h:
        spare = next((part for part in reversed(kept) if part.optional), None)
        if spare is None:
            break
        kept.remove(spare)
    return kept


def text(kit: Kit, rect: Rect, para: Para, *, valign: VAlign = "top") -> Node:
    """One text at a place: as wide as the rectangle, as high as it needs."""
    return stack(kit, rect, (para,), gap=0, valign=valign)[0]
