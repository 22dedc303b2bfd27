"""The services that there are at any hour, each a way in; and what is to be known of them today."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk_ui.actions import Action, Open, Screen
from kiosk_ui.actions_online import ByCard
from kiosk_ui.layout import cut_top
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import who
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.door import Door
from kiosk_ui.widgets.kit import Kit

DOOR_EM = 15.0
_LEAST_MM = 110.0  # of room for the ways in, before anything else is told
# A way in: the service it is of, its name, what it does, and its icon.
_WAYS: tuple[tuple[str, str, Action, Icon], ...] = (
    ("cases", "cases", Open(Screen.CASES), Icon.SEARCH),
    ("bookings", "bookings", ByCard("bookings"), Icon.CALENDAR),
    ("tax", "tax", ByCard("tax"), Icon.MONEY),
    ("tax", "receipts", Open(Screen.RECEIPTS), Icon.PRINTER),
    ("tax", "certificates", ByCard("certificates"), Icon.STAMP),
)


def online(kit: Kit) -> Node:
    told = kit.model.view.told.online
    if not told.services:
        return sorry(kit, kit.tr("online.none"))
    around = frame(kit)
    name = kit.tr("home.online")
    note = who(kit) or kit.tr("online.note") if told.up else kit.tr("online.away.note")
    head, rest = title(kit, around.body, name, note, room=_LEAST_MM)
    nodes: list[Node] = [*head]
    for banner in _banners(kit):
        high = banner.height(kit, rest.w)
        if rest.h - high - kit.gap >= _LEAST_MM or banner.tenor is Tenor.WARN:
            place, rest = cut_top(rest, high, kit.gap)
            nodes.append(banner.node(kit, place))
    doors = [_door(kit, *way) for way in _WAYS if way[0] in told.services]
    return page(kit, name, around, (*nodes, *deck(kit, rest, doors, width_em=DOOR_EM, is_list=True)))


def _banners(kit: Kit) -> Iterator[Banner]:
    if not kit.model.view.told.online.up:
        yield Banner(away(kit), Tenor.WARN)
    for notice in kit.model.view.told.online.notices:
        if words := kit.plain(notice.en or notice.zh if kit.language == "en" else notice.zh):
            yield Banner(words)


def away(kit: Kit) -> str:
    """That they do not answer, and since when."""
    since = kit.model.view.told.online.since
    return kit.tr("online.away.since", time=since) if since else kit.tr("online.away")


def _door(kit: Kit, _service: str, name: str, action: Action, icon: Icon) -> Door:
    note = kit.tr(f"online.{name}.note")
    up = kit.model.view.told.online.up
    return Door(icon, kit.tr(f"online.{name}"), note, action, f"open-{name}", enabled=up)
