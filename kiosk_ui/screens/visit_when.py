"""What an appointment is for, on which day, and at what time."""

from __future__ import annotations

from edge.wire.services import KioskSlot, KioskSlotDay
from kiosk_ui.actions import Back
from kiosk_ui.actions_online import PickDay, PickService, PickTime
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import calm, sentence, sign
from kiosk_ui.screens.frame import frame, page, title
from kiosk_ui.screens.words import on, service
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.deck import deck
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_SERVICE_EM = 14.0
_DAY_EM = 10.0
_TIME_EM = 8.0


def visit_service(kit: Kit) -> Node:
    told = kit.model.view.told.services
    words = kit.tr("visit_service.title")
    around = frame(kit)
    head, rest = title(kit, around.body, words, kit.tr("visit_service.note"), room=80.0)
    buttons = [
        Button(kit.name(each) or each.id, PickService(each.id), f"service-{each.id}", leads=True)
        for each in told
    ]
    return page(kit, words, around, (*head, *deck(kit, rest, buttons, width_em=_SERVICE_EM)))


def visit_day(kit: Kit) -> Node:
    days, wish = kit.model.session.errand.days, kit.model.session.errand.wish
    if not any(each.open for each in days):
        return _none(kit, kit.tr("visit_day.none"))
    words = kit.tr("visit_day.title")
    around = frame(kit)
    head, rest = title(kit, around.body, words, service(kit, wish.service), room=80.0)
    buttons = [_day(kit, each) for each in days]
    return page(kit, words, around, (*head, *deck(kit, rest, buttons, width_em=_DAY_EM)))


def _day(kit: Kit, each: KioskSlotDay) -> Button:
    words = [on(kit, each.day)] if each.open else [on(kit, each.day), kit.tr("visit_day.closed")]
    return Button(
        *("\n".join(words), PickDay(each.day), f"day-{each.day}"),
        enabled=each.open,
        leads=True,
        speech=kit.tr("comma").join(words),
    )


def visit_time(kit: Kit) -> Node:
    slots = kit.model.session.errand.slots
    if slots is None or not any(each.free for each in slots.slots):
        return _none(kit, kit.tr("visit_time.none"))
    words = kit.tr("visit_time.title")
    around = frame(kit)
    head, rest = title(kit, around.body, words, on(kit, slots.day), room=80.0)
    return page(
        kit,
        words,
        around,
        (*head, *deck(kit, rest, [_slot(kit, each) for each in slots.slots], width_em=_TIME_EM)),
    )


def _slot(kit: Kit, slot: KioskSlot) -> Button:
    free = kit.tr("visit_time.free", time=slot.time, free=slot.free)
    label = free if slot.free else kit.tr("visit_time.full", time=slot.time)
    return Button(label, PickTime(slot.time), f"time-{slot.time}", enabled=slot.free > 0, leads=True)


def _none(kit: Kit, words: str) -> Node:
    """Nothing is free, and there are other days."""
    parts: list[Part] = [sign(kit, Icon.CALENDAR, Tone.ACCENT), sentence(kit, words)]
    parts.append(Para(kit.tr("visit_time.none.note"), ink=Tone.SOFT, align="middle", optional=True))
    return calm(kit, words, parts, [Button(kit.tr("back"), Back(), "go-back", Icon.BACK, kind=Kind.PRIMARY)])
