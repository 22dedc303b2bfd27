"""Finding an item: by the initials of its name or by its number, on keys of the screen."""

from __future__ import annotations

from kiosk_ui.node import Node, Rect
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.screens.guide import CARD_EM, entries
from kiosk_ui.widgets.banner import Banner
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.keyboard import keys, places, typed_field
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import stack


def search(kit: Kit) -> Node:
    if kit.model.guide.is_empty:
        return sorry(kit, kit.tr("guide.none"))
    around = frame(kit)
    at = places(kit, around.body)
    field = typed_field(kit, at.field, kit.tr("search.field"))
    found = _found(kit, at.rest)
    return page(kit, kit.tr("search.title"), around, (field, *found, *keys(kit, at.keys)))


def _found(kit: Kit, rect: Rect) -> tuple[Node, ...]:
    typed = kit.model.session.typed
    if not typed:
        return stack(kit, rect, (Banner(kit.tr("search.hint")),), gap=0)
    items = kit.model.guide.search(typed, kit.language)
    if not items:
        return stack(kit, rect, (Banner(kit.tr("search.nothing")),), gap=0)
    return deck(kit, rect, entries(kit, items), width_em=CARD_EM)
