"""A number typed on keys of the screen: words and the number above or beside the keys, the way on below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kiosk_ui.actions import Action, Clear, Erase, Type
from kiosk_ui.layout import cut_bottom, cut_right, grid
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import LEADING, TARGET_MM, Kit
from kiosk_ui.widgets.stack import Para, Part, stack, stack_height

_KEY_MM = (56.0, 36.0)  # wide and high, at most
_GAP_MM = 3.0
_WORDS_GAP_MM = 1.0


@dataclass(frozen=True, slots=True)
class NumberPad:
    """`shown`: the number as far as it is typed, as it is to be read; `empty`: what stands there before;
    `said`: what is said of it. `on`: the way on. `point`: whether it may have a part behind a point."""

    words: Sequence[Part]
    shown: str
    empty: str
    said: str
    on: Button
    point: bool = False
    private: bool = False  # what the words say, as a node's

    def nodes(self, kit: Kit, body: Rect) -> tuple[Node, ...]:
        """Where the page is wider than high, the keys are beside the words."""
        most = 3 * _KEY_MM[0] + 2 * _GAP_MM, 4 * _KEY_MM[1] + 3 * _GAP_MM
        if body.w > body.h * 1.3:
            keys, left = cut_right(body, min(body.w * 0.45, most[0]), 2 * kit.gap)
            keys = _middle(keys, min(keys.h, most[1]))
            left = _middle(left, min(left.h, self._high(kit, left.w)))
            line, left = cut_bottom(left, self.on.height(kit, left.w), kit.gap)
        else:
            column = _centred(body, most[0])
            told = self._high(kit, column.w)
            high = min(most[1], max(body.h - told - kit.gap, 4 * TARGET_MM + 3 * _GAP_MM))
            column = _middle(column, min(column.h, high + told + kit.gap))
            line, rest = cut_bottom(column, self.on.height(kit, column.w), kit.gap)
            keys, left = cut_bottom(rest, high, kit.gap)
        field, above = cut_bottom(left, _field_height(kit), kit.gap)
        shown = stack(kit, above, self.words, gap=_WORDS_GAP_MM)
        words = tuple(replace(each, private=self.private) for each in shown)
        return (*words, self._field(kit, field), *self._keys(kit, keys), self.on.node(kit, line))

    def _high(self, kit: Kit, width: float) -> float:
        """Of all but the keys."""
        words = stack_height(kit, width, self.words, _WORDS_GAP_MM)
        return words + _field_height(kit) + self.on.height(kit, width) + 2 * kit.gap

    def _field(self, kit: Kit, rect: Rect) -> Node:
        words = self.shown or self.empty
        size = kit.lead
        room = rect.w - 2 * kit.pad
        if kit.ruler.width(words, size, True) > room:
            size = max(kit.em, size * room / kit.ruler.width(words, size, True))
        para = Para(words, size=size, bold=True, ink=Tone.INK if self.shown else Tone.SOFT, align="middle")
        shown = stack(kit, rect.inset(kit.pad, 0), (para,), gap=0, valign="middle")
        style = Style(fill=Tone.CARD, edge=Tone.ACCENT, radius=kit.radius)
        return Node(
            Role.STATUS, words, rect, speech=self.said, style=style, children=shown, id="typed", private=True
        )

    def _keys(self, kit: Kit, rect: Rect) -> Iterator[Node]:
        cells = grid(rect, 3, 4, _GAP_MM)
        typed = bool(kit.model.session.typed)
        for digit, cell in zip("123456789", cells, strict=False):
            yield _key(kit, digit).node(kit, cell)
        left, nought, right = cells[-3:]
        if self.point:
            able = typed and "." not in kit.model.session.typed
            yield _key(kit, ".", "point", enabled=able).node(kit, left)
        else:
            yield _icon(kit.tr("search.clear"), Clear(), Icon.CLOSE, enabled=typed).node(kit, left)
        yield _key(kit, "0").node(kit, nought)
        yield _icon(kit.tr("search.erase"), Erase(), Icon.LEFT, enabled=typed).node(kit, right)


def _field_height(kit: Kit) -> float:
    return max(TARGET_MM * 0.8, kit.lead * LEADING + kit.pad)


def _key(kit: Kit, text: str, name: str = "", *, enabled: bool = True) -> Button:
    return Button(text, Type(text), f"key-{name or text}", role=Role.KEY, size=kit.lead, enabled=enabled)


def _icon(name: str, action: Action, icon: Icon, *, enabled: bool) -> Button:
    return Button(name, action, f"key-{icon}", icon, enabled=enabled, role=Role.KEY, bare=True)


def _middle(rect: Rect, height: float) -> Rect:
    return Rect(rect.x, rect.y + (rect.h - height) / 2, rect.w, height)


def _centred(rect: Rect, most: float) -> Rect:
    width = min(rect.w, most)
    return Rect(rect.x + (rect.w - width) / 2, rect.y, width, rect.h)
