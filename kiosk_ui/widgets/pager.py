"""Pages instead of scrolling: which of them shows, and the buttons that turn them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kiosk_ui.actions import Turn
from kiosk_ui.layout import cut_left, cut_right
from kiosk_ui.node import Icon, Node, Rect
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, text

Item = TypeVar("Item")

_SHORT = "88/88"


def pages(count: int, per_page: int) -> int:
    return max(1, -(-count // max(1, per_page)))


def on_page(items: Sequence[Item], page: int, per_page: int) -> Sequence[Item]:
    """Those of a page; the last one where there are not so many pages any more."""
    at = min(max(0, page), pages(len(items), per_page) - 1) * max(1, per_page)
    return items[at : at + max(1, per_page)]


def pager_height(kit: Kit) -> float:
    return max(_previous(kit, 1).height(kit, 1e6), _next(kit, 0, 2).height(kit, 1e6))


def pager_width(kit: Kit) -> float:
    """The least that it needs for its words in one line."""
    buttons = (_previous(kit, 1), _next(kit, 0, 2))
    return (
        2 * max(button.width(kit) for button in buttons)
        + 2 * kit.gap
        + kit.ruler.width(_SHORT, kit.em, False)
    )


def pager(kit: Kit, rect: Rect, page: int, count: int) -> tuple[Node, ...]:
    """Previous, where we are, next; a button at an end is off, and stays where it was."""
    page = min(max(0, page), count - 1)
    before, after = _previous(kit, page), _next(kit, page, count)
    width = max(before.width(kit), after.width(kit))
    left, rest = cut_left(rect, width, kit.gap)
    right, middle = cut_right(rest, width, kit.gap)
    where = Para(kit.tr("pager.where", page=page + 1, pages=count), align="middle")
    if where.height(kit, middle.w) > middle.h:
        where = Para(f"{page + 1}/{count}", align="middle", speech=where.text)
    return before.node(kit, left), text(kit, middle, where, valign="middle"), after.node(kit, right)


def _previous(kit: Kit, page: int) -> Button:
    return Button(kit.tr("pager.previous"), Turn(page - 1), "page-previous", Icon.LEFT, enabled=page > 0)


def _next(kit: Kit, page: int, count: int) -> Button:
    return Button(kit.tr("pager.next"), Turn(page + 1), "page-next", Icon.RIGHT, enabled=page < count - 1)
