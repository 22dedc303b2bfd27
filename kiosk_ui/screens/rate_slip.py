"""Rating by the number on the slip, typed or scanned: whatever was done today, until the day ends."""

from __future__ import annotations

from kiosk_ui.actions import FindSlip
from kiosk_ui.layout import cut_bottom
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.keyboard import field_height, keys, places, typed_field
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, stack, stack_height

_WORDS_GAP_MM = 1.0
_BUTTON_MM = 70.0  # wide, at least


def rate_slip(kit: Kit) -> Node:
    """Words, what was typed, keys and the way on, close together; where the page is wide, the keys beside."""
    around = frame(kit)
    body = around.body
    nodes = _beside(kit, body) if body.w > body.h * 1.3 else _below(kit, body)
    return page(kit, kit.tr("rate.slip"), around, nodes)


def _words(kit: Kit) -> tuple[Para, Para]:
    scans = kit.model.look.scans and bool(kit.model.view.told.scanners)
    return (
        Para(kit.tr("rate.slip"), size=min(kit.title, kit.lead * 1.25), bold=True, role=Role.HEADING),
        Para(kit.tr("rate.slip.scan" if scans else "rate.slip.note"), ink=Tone.SOFT, optional=True),
    )


def _find(kit: Kit) -> Button:
    able = bool(kit.model.session.typed) and kit.model.view.reachable
    return Button(kit.tr("rate.find"), FindSlip(), "find", Icon.CHECK, kind=Kind.PRIMARY, enabled=able)


def _beside(kit: Kit, body: Rect) -> tuple[Node, ...]:
    at, find = places(kit, body), _find(kit)
    left = Rect(at.rest.x, at.field.y, at.rest.w, at.keys.bottom - at.field.y)
    line, above = cut_bottom(left, find.height(kit, left.w), kit.gap)
    told = stack(kit, above, _words(kit), gap=_WORDS_GAP_MM)
    return (*told, *_typing(kit, at.field, at.keys), find.node(kit, _wide(kit, line, find)))


def _below(kit: Kit, body: Rect) -> tuple[Node, ...]:
    """In the middle of what there is, and as high as it needs."""
    at, find = places(kit, body), _find(kit)
    words, high = _words(kit), find.height(kit, body.w)
    told = stack_height(kit, body.w, words, _WORDS_GAP_MM)
    whole = told + field_height(kit) + at.keys.h + high + 3 * kit.gap
    top = body.y + max(0.0, (body.h - whole) / 2)
    spare = min(0.0, body.h - whole)
    head = Rect(body.x, top, body.w, told + spare)
    field = Rect(body.x, head.bottom + kit.gap, body.w, field_height(kit))
    board = Rect(body.x, field.bottom + kit.gap, body.w, at.keys.h)
    line = Rect(body.x, board.bottom + kit.gap, body.w, high)
    shown = stack(kit, head, words, gap=_WORDS_GAP_MM)
    return (*shown, *_typing(kit, field, board), find.node(kit, _wide(kit, line, find)))


def _typing(kit: Kit, field: Rect, board: Rect) -> tuple[Node, ...]:
    return typed_field(kit, field, kit.tr("rate.slip.field")), *keys(kit, board)


def _wide(kit: Kit, line: Rect, find: Button) -> Rect:
    width = min(line.w, max(find.width(kit) * 1.6, _BUTTON_MM))
    return Rect(line.right - width, line.y, width, line.h)
