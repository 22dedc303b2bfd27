"""Typing on keys of the screen, and what has been typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk_ui.actions import Action, Clear, Erase, Type
from kiosk_ui.layout import cut_bottom, cut_right, cut_top, rows
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Kind
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import Para, mark, stack

ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")  # as on a telephone, which most know
_ACROSS = max(map(len, ROWS))
_INDENTS = (0.0, 0.0, 0.5, 1.0)  # of the rows, in keys
_GAP_MM = 3.0
_HIGH_MM = 24.0
_WIDE_MM = 21.0
_LOW_MM = 13.0  # where there is little room, and still more than a finger needs


@dataclass(frozen=True, slots=True)
class Places:
    """Of the parts of a page where something is typed."""

    field: Rect
    rest: Rect
    keys: Rect


def places(kit: Kit, body: Rect) -> Places:
    """Where the page is wider than high, the keys are beside the rest."""
    down = len(ROWS)
    if body.w > body.h * 1.3:
        width = min(body.w * 0.48, _ACROSS * (_WIDE_MM + _GAP_MM))
        right, left = cut_right(body, width, kit.gap)
        field, below = cut_top(right, field_height(kit), kit.gap)
        keys = Rect(below.x, below.y, below.w, min(below.h, down * (_HIGH_MM + _GAP_MM) - _GAP_MM))
        return Places(field, left, keys)
    room = max(_LOW_MM, min(_HIGH_MM, body.h * 0.36 / down - _GAP_MM))
    keys, rest = cut_bottom(body, down * (room + _GAP_MM) - _GAP_MM, kit.gap)
    field, left = cut_top(rest, field_height(kit), kit.gap)
    return Places(field, left, keys)


def field_height(kit: Kit) -> float:
    return kit.lead * LEADING + 2 * kit.pad * 0.6


def typed_field(kit: Kit, rect: Rect, empty: str) -> Node:
    """What has been typed; `empty` is what is said before."""
    typed = kit.model.session.typed
    # What was typed last is what is looked at: of a long text the end shows.
    shown = typed[-12:].upper() if typed else empty
    ink, said = (
        (Tone.INK, kit.tr("search.typed", typed=" ".join(typed.upper()))) if typed else (Tone.SOFT, shown)
    )
    side = kit.em * 1.2
    inner = rect.inset(kit.pad, kit.pad * 0.6)
    icon = mark(Rect(inner.x, inner.y + (inner.h - side) / 2, side, side), Icon.SEARCH)
    place = Rect(inner.x + side + 3, inner.y, inner.w - side - 3, inner.h)
    para = Para(shown, size=kit.lead if typed else 0.0, bold=bool(typed), ink=ink)
    words = stack(kit, place, (para,), gap=0, valign="middle")
    style = Style(fill=Tone.CARD, edge=Tone.ACCENT, radius=kit.radius)
    return Node(
        Role.STATUS, shown, rect, speech=said, style=style, children=(icon, *words), id="typed", private=True
    )


def keys(kit: Kit, rect: Rect) -> Iterator[Node]:
    """Erasing and clearing stand last, behind the letters of the last row."""
    typed = bool(kit.model.session.typed)
    erase = _Key(kit.tr("search.erase"), Erase(), "key-erase", Icon.LEFT, enabled=typed)
    clear = _Key(kit.tr("search.clear"), Clear(), "key-clear", Icon.CLOSE, enabled=typed)
    pitch = (rect.w + _GAP_MM) / _ACROSS
    for letters, row, indent in zip(ROWS, rows(rect, len(ROWS), _GAP_MM), _INDENTS, strict=True):
        row_keys = [_Key(letter, Type(letter.lower()), f"key-{letter.lower()}") for letter in letters]
        if letters == ROWS[-1]:
            row_keys += [erase, clear]
        for at, key in enumerate(row_keys):
            x = rect.x + (at + indent) * pitch
            yield key.node(kit, Rect(x, row.y, pitch - _GAP_MM, row.h))


@dataclass(frozen=True, slots=True)
class _Key:
    """With its name on it, or an icon in its place."""

    name: str
    action: Action
    id: str
    icon: Icon | None = None
    enabled: bool = True

    def node(self, kit: Kit, rect: Rect) -> Node:
        look = Kind.PLAIN if self.enabled else Kind.OFF
        ground = Style(fill=look.fill, edge=look.edge, radius=kit.radius, raised=self.enabled)
        return Node(
            Role.KEY,
            self.name,
            rect,
            action=self.action,
            id=self.id,
            enabled=self.enabled,
            style=ground,
            children=(self._inside(kit, rect, look.ink),),
        )

    def _inside(self, kit: Kit, rect: Rect, ink: Tone) -> Node:
        if self.icon is not None:
            side = min(kit.em * 1.35, rect.h - 2)
            place = Rect(rect.x + (rect.w - side) / 2, rect.y + (rect.h - side) / 2, side, side)
            return mark(place, self.icon, ink)
        high = min(kit.em * LEADING, rect.h)
        style = Style(ink=ink, size=kit.em, bold=True, align="middle", leading=high / kit.em)
        place = Rect(rect.x, rect.y + (rect.h - high) / 2, rect.w, high)
        return Node(Role.TEXT, self.name, place, style=style, lines=(self.name,))
