"""The technicians' PIN, on keys of the screen. How many digits it has so far shows, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk_ui.actions import EnterPin, Erase, Type
from kiosk_ui.layout import cut_bottom, cut_right, grid
from kiosk_ui.node import Icon, Node, Rect, Role, Style
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, stack

KEYS = "123456789"
_MOST_DOTS = 12  # what is longer shows no more of them
_FIELD_MM = 20.0
_KEY_MM = (56.0, 40.0)  # wide and high, at most


def pin(kit: Kit) -> Node:
    """Where the page is wider than high, the keys are beside the words."""
    around = frame(kit)
    body = around.body
    most = 3 * _KEY_MM[0] + 2 * kit.gap, 4 * _KEY_MM[1] + 3 * kit.gap
    if body.w > body.h * 1.3:
        beside, words = cut_right(body, min(body.w * 0.48, most[0]), 2 * kit.gap)
        keys = _middle(beside, min(beside.h, most[1]))
        words = _middle(words, keys.h)
    else:
        high = min(body.h * 0.55, most[1])
        group = _middle(body, min(body.h, high + 4 * kit.title + _FIELD_MM + 4 * kit.gap))
        below, words = cut_bottom(group, high, 2 * kit.gap)
        words = _centred(words, most[0])
        keys = _centred(below, most[0])
    return page(kit, kit.tr("pin.title"), around, (*_words(kit, words), *_keys(kit, keys)))


def _middle(rect: Rect, height: float) -> Rect:
    return Rect(rect.x, rect.y + (rect.h - height) / 2, rect.w, height)


def _centred(rect: Rect, most: float) -> Rect:
    width = min(rect.w, most)
    return Rect(rect.x + (rect.w - width) / 2, rect.y, width, rect.h)


def _words(kit: Kit, rect: Rect) -> tuple[Node, ...]:
    field, above = cut_bottom(rect, _FIELD_MM, kit.gap)
    heading = Para(
        kit.tr("pin.title"),
        size=min(kit.title, kit.lead * 1.25),
        bold=True,
        align="middle",
        role=Role.HEADING,
    )
    note = Para(kit.tr("pin.note"), ink=Tone.SOFT, align="middle", optional=True)
    return (*stack(kit, above, (heading, note), gap=1.0, valign="middle"), _field(kit, field))


def _field(kit: Kit, rect: Rect) -> Node:
    count = len(kit.model.session.typed)
    side = rect.h * 0.3
    shown = min(count, _MOST_DOTS)
    left = rect.x + (rect.w - shown * side * 2 + side) / 2
    style = Style(fill=Tone.INK, radius=side / 2)
    dots = tuple(
        Node(
            Role.IMAGE, "", Rect(left + at * side * 2, rect.y + (rect.h - side) / 2, side, side), style=style
        )
        for at in range(shown)
    )
    said = kit.tr("pin.typed", count=count)
    ground = Style(fill=Tone.CARD, edge=Tone.ACCENT, radius=kit.radius)
    return Node(Role.STATUS, said, rect, style=ground, children=dots, id="typed", private=True)


def _keys(kit: Kit, rect: Rect) -> Iterator[Node]:
    """As on a telephone; erasing and entering stand beside the nought."""
    typed = bool(kit.model.session.typed)
    cells = grid(rect, 3, 4, kit.gap)
    for digit, cell in zip(KEYS, cells, strict=False):
        yield _digit(kit, digit).node(kit, cell)
    erase, nought, enter = cells[-3:]
    yield _icon(kit.tr("search.erase"), Erase(), Icon.LEFT, enabled=typed).node(kit, erase)
    yield _digit(kit, "0").node(kit, nought)
    yield _icon(kit.tr("pin.enter"), EnterPin(), Icon.CHECK, enabled=typed).node(kit, enter)


def _digit(kit: Kit, digit: str) -> Button:
    return Button(digit, Type(digit, secret=True), f"pin-{digit}", role=Role.KEY, size=kit.lead)


def _icon(name: str, action: Erase | EnterPin, icon: Icon, *, enabled: bool) -> Button:
    kind = Kind.PRIMARY if isinstance(action, EnterPin) else Kind.PLAIN
    return Button(name, action, f"pin-{icon}", icon, kind=kind, enabled=enabled, role=Role.KEY, bare=True)
