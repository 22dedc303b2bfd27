"""Check in: who has booked holds the booking's code to the scanner, or lays his card on the reader; of
several appointments he picks one."""

from __future__ import annotations

from edge.wire.kiosk import KioskAppointment
from kiosk_ui.actions import CheckIn, Home, Open, PickBooking, Screen
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import calm, sentence, sign, sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_BOOKING_EM = 14.0


def check_in(kit: Kit) -> Node:
    view = kit.model.view
    by_code = view.can_issue and bool(view.told.scanners)
    by_card = view.can_issue and bool(view.told.card_readers) and kit.model.look.has_card_check_in
    if not by_code and not by_card:
        return sorry(kit, kit.tr("said.no_scanner"))
    way = "both" if by_code and by_card else "card" if by_card else "code"
    parts: list[Part] = [
        sign(kit, Icon.SCAN if by_code else Icon.CARD, Tone.ACCENT),
        sentence(kit, kit.tr(f"check_in.title.{way}")),
        Para(kit.tr(f"check_in.note.{way}"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    buttons = []
    if by_code:
        words = kit.tr("check_in.scan")
        buttons.append(Button(words, CheckIn(), "scan", Icon.SCAN, kind=Kind.PRIMARY))
    if by_card:
        kind = Kind.PLAIN if by_code else Kind.PRIMARY
        buttons.append(Button(kit.tr("check_in.card"), CheckIn("card"), "card", Icon.CARD, kind=kind))
    return calm(kit, kit.tr("home.check_in"), parts, buttons)


def bookings(kit: Kit) -> Node:
    """Those of a card; where there is none, the way to an ordinary ticket."""
    found = kit.model.session.bookings
    if not found:
        return _none(kit)
    around = frame(kit)
    words = kit.tr("bookings.title")
    head, rest = title(kit, around.body, words, kit.tr("bookings.note", count=len(found)), room=80.0)
    cards = [_booking(kit, place, each) for place, each in enumerate(found)]
    return page(kit, words, around, (*head, *deck(kit, rest, cards, width_em=_BOOKING_EM, is_list=True)))


def _none(kit: Kit) -> Node:
    words = kit.tr("bookings.none")
    parts: list[Part] = [
        sign(kit, Icon.CALENDAR, Tone.ACCENT),
        sentence(kit, words),
        Para(kit.tr("bookings.none.note"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    ticket = Button(
        kit.tr("home.services"), Open(Screen.SERVICES), "open-services", Icon.TICKET, kind=Kind.PRIMARY
    )
    return calm(kit, words, parts, [ticket, Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME)])


def _booking(kit: Kit, place: int, booking: KioskAppointment) -> Entry:
    service = next((each for each in kit.model.view.told.services if each.id == booking.service), None)
    name = (kit.name(service) if service else "") or booking.service

    def parts(kit: Kit) -> tuple[Part, ...]:
        return Para(booking.time, size=kit.lead * 1.3, bold=True, ink=Tone.ACCENT), Fact(Icon.LIST, name)

    said = kit.tr("comma").join((booking.time, name))
    return Entry(said, parts, said, PickBooking(place), f"booking-{place}", private=True)
