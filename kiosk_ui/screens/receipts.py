"""Receipts and certificates, printed again: by the code of the payment, or by the card of who paid."""

from __future__ import annotations

from edge.wire.services import KioskCertificate, KioskReceipt
from kiosk_ui.actions import Home
from kiosk_ui.actions_online import ByCard, PrintCertificate, PrintReceipt, ScanPaper
from kiosk_ui.layout import cut_top
from kiosk_ui.node import Icon, Node, Rect
from kiosk_ui.screens.dialogs import calm, sentence, sign
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.online import DOOR_EM
from kiosk_ui.screens.words import money, on, who
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.door import Door
from kiosk_ui.widgets.entry import Entry
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_PAPER_EM = 15.0


def receipts(kit: Kit) -> Node:
    """The two ways to one."""
    around = frame(kit)
    name, told, up = kit.tr("online.receipts"), kit.model.view.told, kit.model.view.told.online.up
    head, rest = title(kit, around.body, name, kit.tr("receipts.note"), room=80.0)
    nodes, rest = _no_printer(kit, rest)
    scan = Door(
        *(Icon.SCAN, kit.tr("receipts.scan"), kit.tr("receipts.scan.note"), ScanPaper(), "scan"),
        enabled=up and bool(told.scanners),
    )
    card = Door(
        *(Icon.CARD, kit.tr("receipts.card"), kit.tr("receipts.card.note"), ByCard("receipts"), "card"),
        enabled=up and bool(told.card_readers),
    )
    doors = deck(kit, rest, (scan, card), width_em=DOOR_EM, is_list=True)
    return page(kit, name, around, (*head, *nodes, *doors))


def receipt_list(kit: Kit) -> Node:
    found = kit.model.session.errand.receipts
    if not found:
        return _none(kit, kit.tr("receipts.none"))
    cards = [_receipt(kit, place, each) for place, each in enumerate(found)]
    return _papers(kit, kit.tr("receipts.title"), cards)


def certificates(kit: Kit) -> Node:
    found = kit.model.session.errand.certificates
    if not found:
        return _none(kit, kit.tr("certificates.none"))
    cards = [_certificate(kit, place, each) for place, each in enumerate(found)]
    return _papers(kit, kit.tr("certificates.title"), cards)


def _papers(kit: Kit, words: str, cards: list[Entry]) -> Node:
    around = frame(kit)
    head, rest = title(kit, around.body, words, who(kit), room=80.0)
    nodes, rest = _no_printer(kit, rest)
    return page(
        kit, words, around, (*head, *nodes, *deck(kit, rest, cards, width_em=_PAPER_EM, is_list=True))
    )


def _receipt(kit: Kit, place: int, receipt: KioskReceipt) -> Entry:
    name = kit.name(receipt) or kit.tr("receipts.paid")
    when = kit.tr("receipts.on", day=on(kit, receipt.paid_on)) if receipt.paid_on else kit.tr("receipts.paid")
    words = name, money(kit, receipt.total_fen), when
    return _paper(kit, words, PrintReceipt(place), f"receipt-{place}")


def _certificate(kit: Kit, place: int, certificate: KioskCertificate) -> Entry:
    name = kit.name(certificate) or certificate.id
    period = kit.of_two(certificate.period, certificate.period_en) or kit.tr("certificates.one")
    words = name, money(kit, certificate.total_fen), period
    return _paper(kit, words, PrintCertificate(place), f"certificate-{place}")


def _paper(kit: Kit, words: tuple[str, str, str], action: PrintReceipt | PrintCertificate, id_: str) -> Entry:
    """Touched, it is printed; where nothing can be, it only tells."""
    name, total, note = words
    able = kit.model.view.can_print
    icon = Icon.PRINTER if able else Icon.LIST

    def parts(kit: Kit) -> tuple[Part, ...]:
        return Para(name, bold=True), Para(total, size=kit.lead, bold=True, ink=Tone.ACCENT), Fact(icon, note)

    said = kit.tr("comma").join(words)
    return Entry(said, parts, said, action if able else None, id_ if able else "", private=True)


def _no_printer(kit: Kit, rest: Rect) -> tuple[list[Node], Rect]:
    """The reason why nothing is printed (K18)."""
    if kit.model.view.can_print:
        return [], rest
    banner = Banner(kit.tr("receipts.no_printer"), Tenor.WARN)
    place, rest = cut_top(rest, banner.height(kit, rest.w), kit.gap)
    return [banner.node(kit, place)], rest


def _none(kit: Kit, words: str) -> Node:
    parts: list[Part] = [sign(kit, Icon.INFO, Tone.ACCENT), sentence(kit, words)]
    return calm(
        kit, words, parts, [Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME, kind=Kind.PRIMARY)]
    )
