"""Text and facts below each other, in pages where they do not fit on one."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_ui.node import Node, Rect, Role
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.cards import card_height, stacked_card
from kiosk_ui.widgets.deck import bar, below, beside
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.pager import on_page
from kiosk_ui.widgets.stack import Para, Part

_SLACK_MM = 0.01


def flow(
    kit: Kit, rect: Rect, name: str, parts: Sequence[Part], *, gap: float, extra: Button | None = None
) -> tuple[Node, ...]:
    """A card with the parts of the page that shows, then the pages' buttons and `extra` below. A heading
    stays with what it is the heading of."""
    inner = rect.inset(kit.pad)
    room = inner.h - (bar(kit) if extra else 0.0)
    cut = _pages(kit, inner.w, room, parts, gap)
    if len(cut) > 1:
        room = inner.h - bar(kit) * (2 if extra and not beside(kit, rect, extra) else 1)
        cut = _pages(kit, inner.w, room, parts, gap)
    buttons, rest = below(kit, rect, len(cut), extra)
    (shown,) = on_page(cut, kit.model.session.place.page, 1)
    height = min(rest.h, card_height(kit, rest.w, shown, gap))
    ground = Rect(rest.x, rest.y, rest.w, height)
    return (stacked_card(kit, ground, name, shown, gap=gap, valign="top"), *buttons)


def _pages(kit: Kit, width: float, room: float, parts: Sequence[Part], gap: float) -> list[list[Part]]:
    pages: list[list[Part]] = [[]]
    used = 0.0
    for part in parts:
        height = part.height(kit, width)
        if pages[-1] and used + height > room + _SLACK_MM:
            last = pages[-1].pop() if _heads(pages[-1][-1]) and len(pages[-1]) > 1 else None
            pages.append([last] if last else [])
            used = last.height(kit, width) + gap if last else 0.0
        pages[-1].append(part)
        used += height + gap
    return pages


def _heads(part: Part) -> bool:
    return isinstance(part, Para) and part.role is Role.HEADING
