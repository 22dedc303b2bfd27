"""The service guide: where to look, then the items there."""

from __future__ import annotations

from collections.abc import Sequence

from edge.catalogue import Item, Theme, Words
from kiosk_ui.actions import Action, Open, Screen
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

CARD_EM = 15.0


def guide(kit: Kit) -> Node:
    """`about` of the place: the theme whose items are to be seen, "" for the themes."""
    if kit.model.guide.is_empty:
        return sorry(kit, kit.tr("guide.none"))
    about = kit.model.session.place.about
    theme = next((each for each, _ in kit.model.guide.themes() if each.id == about), None)
    return _themes(kit) if theme is None else _items(kit, theme)


def _themes(kit: Kit) -> Node:
    around = frame(kit)
    note = kit.tr("guide.sample") if kit.model.guide.catalogue.sample else kit.tr("guide.note")
    head, rest = title(kit, around.body, kit.tr("guide.title"), note, room=90.0)
    cards = [_of_theme(kit, theme, count) for theme, count in kit.model.guide.themes()]
    search = Button(kit.tr("guide.search"), Open(Screen.SEARCH), "search", Icon.SEARCH, kind=Kind.PRIMARY)
    return page(
        kit, kit.tr("guide.title"), around, (*head, *deck(kit, rest, cards, width_em=11.0, extra=search))
    )


def _items(kit: Kit, theme: Theme) -> Node:
    around = frame(kit)
    name = words(kit, theme.name)
    items = kit.model.guide.of_theme(theme.id)
    head, rest = title(kit, around.body, name, kit.tr("guide.items", count=len(items)), room=90.0)
    search = Button(kit.tr("guide.search"), Open(Screen.SEARCH), "search", Icon.SEARCH)
    return page(
        kit, name, around, (*head, *deck(kit, rest, entries(kit, items), width_em=CARD_EM, extra=search))
    )


def entries(kit: Kit, items: Sequence[Item]) -> list[Entry]:
    """A card for each, which leads to it."""
    return [
        entry(
            kit,
            words(kit, item.name),
            kit.tr("guide.number", number=item.number),
            Open(Screen.ITEM, item.number),
            f"item-{item.number}",
        )
        for item in items
    ]


def words(kit: Kit, both: Words) -> str:
    """A catalogue's text in the language of who stands there."""
    return kit.plain(both.of(kit.language)) or both.en


def entry(kit: Kit, name: str, note: str, action: Action, id_: str) -> Entry:
    """A name with a note below, which is touched."""

    def parts(kit: Kit) -> tuple[Part, ...]:
        return Para(name, size=kit.lead, bold=True, ink=Tone.ACCENT), Fact(Icon.LIST, note)

    return Entry(name, parts, kit.tr("comma").join((name, note)), action, id_)


def _of_theme(kit: Kit, theme: Theme, count: int) -> Entry:
    note = kit.tr("guide.items", count=count)
    return entry(kit, words(kit, theme.name), note, Open(Screen.GUIDE, theme.id), f"theme-{theme.id}")
