"""Take a ticket: the services with their waits, those that are closed with when they open; who goes first."""

from __future__ import annotations

from dataclasses import dataclass

from edge.wire.kiosk import KioskService
from kiosk_ui.actions import Open, Screen, TakeTicket
from kiosk_ui.node import Icon, Node, Rect
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import ahead, wait
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import TARGET_MM, Kit
from kiosk_ui.widgets.stack import Para, Part, stack, stack_height

WHO = "?"  # `about` of the page that asks who goes first
_CARD_EM = 15.0  # a name of ten Hanzi with its wait in a line each
_CLASS_EM = 18.0
_LINE_GAP_MM = 1.0


def services(kit: Kit) -> Node:
    """`about` of the place: the class of citizens that is called first, "" for everybody, WHO to pick one."""
    session, told = kit.model.session, kit.model.view.told
    about = session.place.about
    if about == WHO:
        return _who(kit)
    around = frame(kit)
    priority = next((each for each in told.priorities if each.id == about), None)
    heading = kit.tr("services.title") if priority is None else kit.name(priority) or priority.id
    note = kit.tr("services.note") if priority is None else kit.tr("services.first")
    head, rest = title(kit, around.body, heading, note, room=90.0)
    cards = [_Offer(each, about) for each in told.services]
    first = None
    if told.priorities and not about:
        first = Button(kit.tr("services.who"), Open(Screen.SERVICES, WHO), "first", Icon.PEOPLE)
    return page(kit, heading, around, (*head, *deck(kit, rest, cards, width_em=_CARD_EM, extra=first)))


def _who(kit: Kit) -> Node:
    around = frame(kit)
    head, rest = title(kit, around.body, kit.tr("who.title"), kit.tr("who.note"), room=80.0)
    classes = [
        Button(kit.name(each) or each.id, Open(Screen.SERVICES, each.id), f"who-{each.id}", leads=True)
        for each in kit.model.view.told.priorities
    ]
    return page(
        kit, kit.tr("who.title"), around, (*head, *deck(kit, rest, classes, width_em=_CLASS_EM, is_list=True))
    )


@dataclass(frozen=True, slots=True)
class _Offer:
    """A service's card, which is touched to take a ticket."""

    service: KioskService
    priority: str
    optional: bool = False

    def height(self, kit: Kit, width: float) -> float:
        inner = width - 2 * kit.pad
        return max(TARGET_MM, stack_height(kit, inner, self._parts(kit), _LINE_GAP_MM) + 2 * kit.pad)

    def node(self, kit: Kit, rect: Rect) -> Node:
        service = self.service
        name = kit.name(service) or service.id
        return card(
            kit,
            rect,
            name,
            stack(kit, rect.inset(kit.pad), self._parts(kit), gap=_LINE_GAP_MM, valign="middle"),
            action=TakeTicket(service.id, self.priority),
            id_=f"take-{service.id}",
            enabled=service.open and kit.model.view.can_issue,
            speech=kit.tr("comma").join((name, *self._words(kit))),
        )

    def _parts(self, kit: Kit) -> tuple[Part, ...]:
        enabled = self.service.open and kit.model.view.can_issue
        ink, soft = (Tone.INK, Tone.SOFT) if enabled else (Tone.OFF, Tone.OFF)
        name = kit.name(self.service) or self.service.id
        icons = (Icon.PEOPLE, Icon.CLOCK) if self.service.open else (Icon.CLOCK,)
        facts = (Fact(icon, each, soft) for icon, each in zip(icons, self._words(kit), strict=False))
        return (Para(name, size=kit.lead, bold=True, ink=ink), *facts)

    def _words(self, kit: Kit) -> list[str]:
        service = self.service
        if not service.open:
            key = "services.opens" if service.opens else "services.closed"
            return [kit.tr(key, time=service.opens)]
        return [ahead(kit, service.ahead), *filter(None, [wait(kit, service)])]
