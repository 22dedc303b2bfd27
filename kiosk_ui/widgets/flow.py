"""Text and facts below each other, in pages where they do not fit on one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk_ui.node import Node, Rect, Role
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.cards import card_height, stacked_card
from kiosk_ui.widgets.deck import bar, below, beside
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.pager import on_page
from kiosk_ui.widgets.stack import Para, Part

_SLACK_MM = 0.01
_SPREAD_EM = 1.8  # how much further apart parts may be, to fill the page
_FULL = 0.6  # of the page: a card that takes so much takes all of it


def flow(
    kit: Kit,
    rect: Rect,
    name: str,
    parts_of: Callable[[Kit], Sequence[Part]],
    *,
    gap: float,
    extra: Button | None = None,
) -> tuple[Node, ...]:
    """A card with the parts of the page that shows, then the pages' buttons and `extra` below. A heading
    stays with what it is the heading of. Where all is on one page, it is as large as there is room."""
    inner = rect.inset(kit.pad)
    room = inner.h - (bar(kit) if extra else 0.0)
    parts = parts_of(kit)
    cut = _pages(kit, inner.w, room, parts, gap)
    if len(cut) == 1:
        buttons, rest = below(kit, rect, 1, extra)
        return (_whole(kit, rest, name, parts_of, gap), *buttons)
    room = inner.h - bar(kit) * (2 if extra and not beside(kit, rect, extra) else 1)
    cut = _pages(kit, inner.w, room, parts, gap)
    buttons, rest = below(kit, rect, len(cut), extra)
    (shown,) = on_page(cut, kit.model.session.place.page, 1)
    height = min(rest.h, card_height(kit, rest.w, shown, gap))
    ground = Rect(rest.x, rest.y, rest.w, height)
    return (stacked_card(kit, ground, name, shown, gap=gap, valign="top"), *buttons)


def _whole(kit: Kit, rect: Rect, name: str, parts_of: Callable[[Kit], Sequence[Part]], gap: float) -> Node:
    """All of it, in the largest text that leaves it on one page, and spread over what is left."""
    parts = parts_of(kit)
    plain = card_height(kit, rect.w, parts, gap)
    for grown in kit.grown(rect.h / plain):
        parts = parts_of(grown)
        height = card_height(grown, rect.w, parts, gap)
        if height <= rect.h:
            break
    wider = gap + min(kit.em * _SPREAD_EM, max(0.0, rect.h - height) / max(1, len(parts)))
    spread = card_height(grown, rect.w, parts, wider)
    ground = rect if spread > rect.h * _FULL else Rect(rect.x, rect.y, rect.w, min(rect.h, spread))
    return stacked_card(grown, ground, name, parts, gap=wider, valign="top")


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
