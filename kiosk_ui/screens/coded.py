"""A code to be scanned or photographed, with what belongs to it above and below, or beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk_ui.layout import cut_left
from kiosk_ui.node import Code, Node, Rect
from kiosk_ui.screens.dialogs import buttons_below
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Mark, Part, fitting, stack, stack_height

LEAST_MM = 32.0  # a telephone reads it from an arm's length
_MOST_MM = 120.0
_WORDS_MM, _WORDS_EM = 150.0, 22.0  # how wide the words beside it are, at least
_GAP_MM = 4.0


def coded(
    kit: Kit,
    name: str,
    code: Code,
    *,
    called: str,
    code_name: str,
    before: Sequence[Part],
    after: Sequence[Part],
    buttons: Sequence[Button],
) -> Node:
    """As large as the words leave room for. What stands here is a person's; `called`: its page, to others."""
    around = frame(kit)
    inner, placed = buttons_below(kit, around.body.inset(kit.pad * 2, kit.pad * 1.4), buttons)
    if inner.w > inner.h * 1.1:
        side = min(inner.h, inner.w * 0.42, _MOST_MM)
        wide = min(inner.w, side + kit.gap * 2 + max(_WORDS_MM, kit.em * _WORDS_EM))
        both = Rect(inner.x + (inner.w - wide) / 2, inner.y, wide, inner.h)
        left, right = cut_left(both, side, kit.gap * 2)
        mark = stack(kit, left, (Mark(code, side, name=code_name),), gap=0, valign="middle")
        shown = (*stack(kit, right, (*before, *after), gap=_GAP_MM, valign="middle"), *mark)
    else:
        shown = _upright(kit, inner, before, Mark(code, 0.0, name=code_name), after)
    body = card(kit, around.body, name, (*shown, *placed))
    return page(kit, called, around, (replace(body, private=True),))


def _upright(
    kit: Kit, rect: Rect, before: Sequence[Part], mark: Mark, after: Sequence[Part]
) -> tuple[Node, ...]:
    room = Rect(rect.x, rect.y, rect.w, rect.h - LEAST_MM - _GAP_MM)
    kept = fitting(kit, room, (*before, *after), _GAP_MM)
    spare = rect.h - stack_height(kit, rect.w, kept, _GAP_MM) - _GAP_MM
    code = replace(mark, side=min(_MOST_MM, rect.w * 0.8, spare))
    above = [part for part in kept if part in before]
    below = [part for part in kept if part not in above]
    return stack(kit, rect, (*above, code, *below), gap=_GAP_MM, valign="middle")
