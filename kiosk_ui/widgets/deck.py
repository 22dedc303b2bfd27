"""As many cards of one size as fit, in pages where they do not: no page of the kiosk scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_ui.layout import cut_bottom, cut_left, grid, how_many
from kiosk_ui.node import Node, Rect
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import TARGET_MM, Kit
from kiosk_ui.widgets.pager import on_page, pager, pager_height, pager_width, pages
from kiosk_ui.widgets.stack import Part

MOST = 8  # cards of a page: more are searched, not read
MOST_ELDER = 4
_GROWTH = 2.0  # of a card's height, at most, to fill the page


def deck(
    kit: Kit, rect: Rect, cards: Sequence[Part], *, width_em: float, extra: Button | None = None
) -> tuple[Node, ...]:
    """The cards of the page that shows, then the pages' buttons and `extra` below. A card is at least
    `width_em` ems wide, if the panel is."""
    most = MOST_ELDER if kit.model.session.elder else MOST
    across = max(1, min(len(cards), int((rect.w + kit.gap) // (kit.em * width_em + kit.gap))))
    width = (rect.w - kit.gap * (across - 1)) / across
    height = max((card.height(kit, width) for card in cards), default=TARGET_MM)
    room = rect.h - (bar(kit) if extra else 0.0)
    per_page = min(most, across * how_many(room, height, kit.gap))
    if len(cards) > per_page:
        room = rect.h - bar(kit) * (2 if extra and not beside(kit, rect, extra) else 1)
        per_page = max(1, min(most, across * how_many(room, height, kit.gap)))
    count = pages(len(cards), per_page)
    buttons, rest = below(kit, rect, count, extra)
    shown = on_page(cards, kit.model.session.place.page, per_page)
    down = max(1, -(-min(per_page, len(cards)) // across))
    filled = min(rest.h, down * (height * _GROWTH + kit.gap) - kit.gap)
    cells = grid(Rect(rest.x, rest.y, rest.w, filled), across, down, kit.gap)
    placed = (card.node(kit, cell) for card, cell in zip(shown, cells, strict=False))
    return (*placed, *buttons)


def bar(kit: Kit) -> float:
    """The height of a row of buttons below, with its distance."""
    return pager_height(kit) + kit.gap


def beside(kit: Kit, rect: Rect, extra: Button) -> bool:
    """Whether `extra` and the pages' buttons share a row."""
    return rect.w >= extra.width(kit) + kit.gap + pager_width(kit)


def below(kit: Kit, rect: Rect, count: int, extra: Button | None) -> tuple[tuple[Node, ...], Rect]:
    """The buttons below `count` pages, and what they leave."""
    nodes: tuple[Node, ...] = ()
    rest, page = rect, kit.model.session.place.page
    if extra is not None:
        line, rest = cut_bottom(rest, pager_height(kit), kit.gap)
        place, others = cut_left(line, min(line.w, extra.width(kit)), kit.gap)
        nodes = (extra.node(kit, place),)
        if count > 1 and beside(kit, rect, extra):
            return (*nodes, *pager(kit, others, page, count)), rest
    if count > 1:
        line, rest = cut_bottom(rest, pager_height(kit), kit.gap)
        nodes = (*pager(kit, line, page, count), *nodes)
    return nodes, rest
