"""As many cards of one size as fit, in pages where they do not: no page of the kiosk scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from kiosk_ui.layout import cut_bottom, cut_left, grid, how_many
from kiosk_ui.node import Node, Rect
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import TARGET_MM, Kit
from kiosk_ui.widgets.pager import on_page, pager, pager_height, pager_width, pages
from kiosk_ui.widgets.stack import Part

MOST = 8  # cards of a page: more are searched, not read
MOST_ELDER = 4
_ALONE = 0.45  # of the page's width, that a button takes which has its row for itself
_SHAPE = 2.0  # of a card: so much wider than high, if it may be
_HOLE = 0.5  # how much worse a place without a card is than another shape
_GROWTH = 3.5  # of a card's height, at most, to fill the page


def deck(
    kit: Kit,
    rect: Rect,
    cards: Sequence[Part],
    *,
    width_em: float,
    extra: Button | None = None,
    is_list: bool = False,
    together: bool = False,
) -> tuple[Node, ...]:
    """The cards of the page that shows, then the pages' buttons and `extra` below. A card is at least
    `width_em` ems wide, if the panel is. On a tall panel a list is one below the other, where that leaves it
    on one page. `together`: no card is less than another, so all are on one page if there is room."""
    most = MOST_ELDER if kit.model.session.elder and not together else MOST
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
    across, down = _arranged(kit, rest, max(1, min(per_page, len(cards))), across, height)
    width = (rect.w - kit.gap * (across - 1)) / across
    room_of_one = Rect(rest.x, rest.y, width, (rest.h + kit.gap) / down - kit.gap)
    grown, height = _grown(kit, room_of_one, cards, height, width_em)
    filled = min(rest.h, down * (height * _GROWTH + kit.gap) - kit.gap)
    cells = grid(Rect(rest.x, rest.y, rest.w, filled), across, down, kit.gap)
    placed = (card.node(grown, cell) for card, cell in zip(shown, cells, strict=False))
    return (*placed, *buttons)


def _arranged(kit: Kit, room: Rect, count: int, most: int, height: float) -> tuple[int, int]:
    """How many cards across and down, at most so many across: rows of about the same length, and cards of a
    shape that is neither a tower nor a strip."""
    shapes: list[tuple[float, int, int]] = []
    for across in range(1, min(most, count) + 1):
        down = -(-count // across)
        if -(-count // down) != across or down > max(-(-count // most), how_many(room.h, height, kit.gap)):
            continue
        wide = (room.w + kit.gap) / across - kit.gap
        high = min((room.h + kit.gap) / down - kit.gap, height * _GROWTH)
        holes = across * down - count
        shapes.append((abs(log(wide / high / _SHAPE)) + _HOLE * holes, across, down))
    return min(shapes)[1:]


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
        shares = count > 1 and beside(kit, rect, extra)
        width = extra.width(kit) if shares else max(extra.width(kit), line.w * _ALONE)
        place, others = cut_left(line, min(line.w, width), kit.gap)
        nodes = (extra.node(kit, place),)
        if shares:
            return (*nodes, *pager(kit, others, page, count)), rest
    if count > 1:
        line, rest = cut_bottom(rest, pager_height(kit), kit.gap)
        nodes = (*pager(kit, line, page, count), *nodes)
    return nodes, rest
