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
_ALONE = 0.45  # of the page's width, that a button takes which has its row for itself
_GROWTH = 3.5  # of a card's height, at most, to fill the page


def deck(
    kit: Kit,
    rect: Rect,
    cards: Sequence[Part],
    *,
    width_em: float,
    extra: Button | None = None,
    is_list: bool = False,
) -> tuple[Node, ...]:
    """The cards of the page that shows, then the pages' buttons and `extra` below. A card is at least
    `width_em` ems wide, if the panel is. On a tall panel a list is one below the other, where that leaves it
    on one page."""
    most = MOST_ELDER if kit.model.session.elder else MOST
    across = max(1, min(len(cards), int((rect.w + kit.gap) // (kit.em * width_em + kit.gap))))
    if is_list and kit.panel.is_portrait and len(cards) <= most:
        high = max((card.height(kit, rect.w) for card in cards), default=0.0) + kit.gap
        across = 1 if len(cards) * high <= rect.h - (bar(kit) if extra else 0.0) else across
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
    fullest = max(1, min(per_page, len(cards)))
    down = -(-fullest // across)
    across = -(-fullest // down)  # rows of about the same length
    width = (rect.w - kit.gap * (across - 1)) / across
    room_of_one = Rect(rest.x, rest.y, width, (rest.h + kit.gap) / down - kit.gap)
    grown, height = _grown(kit, room_of_one, cards, height, width_em)
    filled = min(rest.h, down * (height * _GROWTH + kit.gap) - kit.gap)
    cells = grid(Rect(rest.x, rest.y, rest.w, filled), across, down, kit.gap)
    placed = (card.node(grown, cell) for card, cell in zip(shown, cells, strict=False))
    return (*placed, *buttons)


def _grown(kit: Kit, room: Rect, cards: Sequence[Part], height: float, width_em: float) -> tuple[Kit, float]:
    """The largest text with which every card still has the width that it wants, and fits into the room that
    there is for one; and how high one is then."""
    most = min(room.h / height, room.w / (kit.em * width_em))
    for grown in kit.grown(most):
        if grown is kit:
            break
        needed = max((card.height(grown, room.w) for card in cards), default=height)
        if needed <= room.h:
            return grown, needed
    return kit, height


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
        width = extra.width(kit) if count > 1 else max(extra.width(kit), line.w * _ALONE)
        place, others = cut_left(line, min(line.w, width), kit.gap)
        nodes = (extra.node(kit, place),)
        if count > 1 and beside(kit, rect, extra):
            return (*nodes, *pager(kit, others, page, count)), rest
    if count > 1:
        line, rest = cut_bottom(rest, pager_height(kit), kit.gap)
        nodes = (*pager(kit, line, page, count), *nodes)
    return nodes, rest
