"""The appointments of who has shown his card: those that he has, one of them, and one that was made."""

from __future__ import annotations

from edge.wire.services import KioskBooking
from kiosk_ui.actions import Back, Finish
from kiosk_ui.actions_online import Book, CancelVisit, ChangeVisit, NewVisit, PickVisit, PrintVisit
from kiosk_ui.node import Code, Icon, Node
from kiosk_ui.screens.coded import coded
from kiosk_ui.screens.dialogs import calm, sentence, sign, sorry
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import at, service, who
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_VISIT_EM = 15.0


def visits(kit: Kit) -> Node:
    found = kit.model.session.errand.bookings
    new = Button(kit.tr("visits.new"), NewVisit(), "new", Icon.CALENDAR, kind=Kind.PRIMARY)
    if not found:
        words = kit.tr("visits.none")
        parts: list[Part] = [sign(kit, Icon.CALENDAR, Tone.ACCENT), sentence(kit, words)]
        parts.append(Para(kit.tr("visits.none.note"), ink=Tone.SOFT, align="middle", optional=True))
        return calm(kit, words, parts, [new])
    around = frame(kit)
    words = kit.tr("visits.title")
    head, rest = title(kit, around.body, words, who(kit), room=80.0)
    cards = [_entry(kit, place, each) for place, each in enumerate(found)]
    mine = deck(kit, rest, cards, width_em=_VISIT_EM, extra=new, is_list=True)
    return page(kit, words, around, (*head, *mine))


def _entry(kit: Kit, place: int, visit: KioskBooking) -> Entry:
    when, what = at(kit, visit.day, visit.time), service(kit, visit.service)

    def parts(kit: Kit) -> tuple[Part, ...]:
        return Para(when, size=kit.lead, bold=True, ink=Tone.ACCENT), Fact(Icon.LIST, what)

    said = kit.tr("comma").join((when, what))
    return Entry(said, parts, said, PickVisit(place), f"visit-{place}", private=True)


def visit(kit: Kit) -> Node:
    """What can be done about it."""
    wish = kit.model.session.errand.wish
    if not wish.ref:
        return sorry(kit, kit.tr("visits.none"))
    parts: list[Part] = [
        sign(kit, Icon.CALENDAR, Tone.ACCENT),
        *_what(kit, wish.service, wish.day, wish.time),
    ]
    change = Button(kit.tr("visit.change"), ChangeVisit(), "change", Icon.CLOCK, kind=Kind.PRIMARY)
    cancel = Button(kit.tr("visit.cancel"), CancelVisit(), "cancel", Icon.CLOSE)
    return calm(
        kit,
        _said(kit, wish.service, wish.day, wish.time),
        parts,
        [change, cancel],
        instead=kit.tr("online.bookings"),
    )


def visit_cancel(kit: Kit) -> Node:
    wish, words = kit.model.session.errand.wish, kit.tr("visit_cancel.title")
    if not wish.ref:
        return sorry(kit, kit.tr("visits.none"))
    parts: list[Part] = [sign(kit, Icon.INFO, Tone.WARN), sentence(kit, words)]
    parts.append(Para(at(kit, wish.day, wish.time), size=kit.lead, bold=True, align="middle"))
    parts.append(Para(service(kit, wish.service), align="middle"))
    sure = Button(kit.tr("visit_cancel.sure"), CancelVisit(), "cancel", Icon.CLOSE, kind=Kind.PRIMARY)
    keep = Button(kit.tr("visit_cancel.keep"), Back(), "keep", Icon.BACK)
    name = kit.tr("comma").join((words, _said(kit, wish.service, wish.day, wish.time)))
    return calm(kit, name, parts, [sure, keep], instead=kit.tr("online.bookings"))


def visit_sure(kit: Kit) -> Node:
    """As it is to be booked; beside it as it was, where it is another time."""
    errand = kit.model.session.errand
    wish = errand.wish
    if not wish.time:
        return sorry(kit, kit.tr("visits.none"))
    words = kit.tr("visit_sure.change" if wish.ref else "visit_sure.title")
    parts: list[Part] = [Para(words, size=kit.lead, ink=Tone.SOFT, align="middle", optional=True)]
    parts += _what(kit, wish.service, wish.day, wish.time)
    before = next((each for each in errand.bookings if each.ref == wish.ref), None)
    if before is not None:
        was = kit.tr("visit_sure.before", when=at(kit, before.day, before.time))
        parts.append(Para(was, ink=Tone.SOFT, align="middle", optional=True))
    book = Button(kit.tr("visit_sure.book"), Book(), "book", Icon.CHECK, kind=Kind.PRIMARY)
    name = kit.tr("comma").join((words, _said(kit, wish.service, wish.day, wish.time)))
    return calm(kit, name, parts, [book], instead=kit.tr("online.bookings"))


def visit_done(kit: Kit) -> Node:
    """It is booked: when, and the code to come with."""
    made = kit.model.session.errand.booked
    if made is None:
        return sorry(kit, kit.tr("visits.none"))
    words = kit.tr("visit_done.title")
    before: list[Part] = [Fact(Icon.CHECK, words, Tone.GOOD, bold=True, align="middle")]
    before += _what(kit, made.service, made.day, made.time)
    after: list[Part] = [Para(kit.tr("visit_done.note"), ink=Tone.SOFT, align="middle", optional=True)]
    buttons = [Button(kit.tr("ticket.done"), Finish(), "done", Icon.CHECK, kind=Kind.PRIMARY)]
    if kit.model.view.can_print:
        buttons.insert(0, Button(kit.tr("visit_done.print"), PrintVisit(), "print", Icon.PRINTER))
    name = kit.tr("comma").join((words, _said(kit, made.service, made.day, made.time)))
    return coded(
        kit,
        name,
        Code(made.ref),
        called=kit.tr("online.bookings"),
        code_name=kit.tr("visit_done.code"),
        before=before,
        after=after,
        buttons=buttons,
    )


def _what(kit: Kit, what: str, day: str, time: str) -> list[Part]:
    return [
        sentence(kit, at(kit, day, time)),
        Para(service(kit, what), size=kit.lead, bold=True, align="middle"),
    ]


def _said(kit: Kit, what: str, day: str, time: str) -> str:
    return kit.tr("comma").join((at(kit, day, time), service(kit, what)))
