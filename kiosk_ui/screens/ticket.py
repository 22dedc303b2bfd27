"""The ticket: printed and to be taken, or big on the screen with a code to photograph."""

from __future__ import annotations

from collections.abc import Sequence

from edge.wire.kiosk import KioskService, KioskTicket
from kiosk_ui.actions import Finish
from kiosk_ui.layout import cut_bottom, cut_left, cut_top
from kiosk_ui.node import Code, Icon, Node, Rect, Role
from kiosk_ui.screens.dialogs import sorry
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.screens.words import ahead, wait
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.banner import Banner, Tenor
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import LEADING, Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, fitting, stack, stack_height

_NUMBER_MM = 62.0  # its em, where there is room: read from three metres
_NUMBER_LEAST_MM = 18.0
CODE_MM = 60.0  # a phone reads it from half a metre
_CODE_LEAST_MM = 28.0
_CODE_SHARE = 0.2  # of a large panel's width


def ticket(kit: Kit) -> Node:
    """What was taken in this session; without one, a way back home."""
    taken = kit.model.session.ticket
    if taken is None:
        return sorry(kit, kit.tr("ticket.none"))
    around = frame(kit)
    body = around.body
    done = Button(kit.tr("ticket.done"), Finish(), "done", Icon.CHECK, kind=Kind.PRIMARY)
    place, rest = cut_bottom(body, done.height(kit, body.w), kit.gap)
    banner = _banner(kit, taken)
    top, rest = cut_top(rest, banner.height(kit, body.w), kit.gap)
    nodes = (banner.node(kit, top), _card(kit, rest, taken), done.node(kit, _middle(kit, place, done)))
    return page(kit, kit.tr("ticket.name"), around, nodes, speech=_speech(kit, taken))


def _banner(kit: Kit, taken: KioskTicket) -> Banner:
    if taken.printed:
        return Banner(kit.tr("ticket.printed"), Tenor.GOOD)
    return Banner(kit.tr("ticket.shown"), Tenor.WARN)


def _card(kit: Kit, rect: Rect, taken: KioskTicket) -> Node:
    inner = rect.inset(kit.pad * 1.4, kit.pad)
    words = _words(kit, taken)
    if taken.printed:
        children = _upright(kit, inner, taken.ticket, words, None)
    elif kit.panel.is_portrait:
        children = _upright(kit, inner, taken.ticket, words, _qr(kit, taken))
    else:
        side = min(inner.h, inner.w * 0.36, CODE_MM * 1.4)
        left, right = cut_left(inner, side, kit.gap * 2)
        code = stack(
            kit, left, (Mark(_qr(kit, taken), side, name=kit.tr("ticket.code")),), gap=0, valign="middle"
        )
        children = (*code, *_upright(kit, right, taken.ticket, words, None))
    return card(kit, rect, kit.tr("ticket.name"), children, role=Role.STATUS)


def _upright(kit: Kit, rect: Rect, number: str, words: Sequence[Part], code: Code | None) -> tuple[Node, ...]:
    """The number as large as the rest leaves room for; the code, then, as large as it may be."""
    label = Para(kit.tr("ticket.label"), ink=Tone.SOFT, align="middle", optional=True)
    parts: list[Part] = [label, *words]
    least = _NUMBER_LEAST_MM * LEADING + (_CODE_LEAST_MM + kit.gap if code else 0.0)
    kept = fitting(kit, Rect(rect.x, rect.y, rect.w, rect.h - least), parts, 1.0)
    room = rect.h - stack_height(kit, rect.w, kept, 1.0) - 3.0
    most = max(CODE_MM, rect.w * _CODE_SHARE)
    side = min(most, room - _NUMBER_LEAST_MM * LEADING) if code else 0.0
    size = min(
        _NUMBER_MM, (room - side) / LEADING, _NUMBER_MM * rect.w / kit.ruler.width(number, _NUMBER_MM, True)
    )
    big = Para(number, size=size, bold=True, ink=Tone.ACCENT, align="middle", role=Role.HEADING)
    shown: list[Part] = [label] if label in kept else []
    shown.append(big)
    if code is not None:
        shown.append(Mark(code, side, name=kit.tr("ticket.code")))
    shown += [part for part in kept if part is not label]
    return stack(kit, rect, shown, gap=1.0, valign="middle")


def _words(kit: Kit, taken: KioskTicket) -> list[Part]:
    service = _service(kit, taken)
    parts: list[Part] = []
    if service is not None:
        parts.append(Para(kit.name(service) or service.id, size=kit.lead, bold=True, align="middle"))
    facts = [(Icon.PEOPLE, ahead(kit, taken.ahead))] if taken.ahead is not None else []
    if service is not None and wait(kit, service):
        facts.append((Icon.CLOCK, wait(kit, service)))
    facts.append((Icon.SOUND, kit.tr("ticket.listen")))
    return [*parts, *(Fact(icon, words, align="middle", optional=True) for icon, words in facts)]


def _service(kit: Kit, taken: KioskTicket) -> KioskService | None:
    return next((each for each in kit.model.view.told.services if each.id == taken.service), None)


def _qr(kit: Kit, taken: KioskTicket) -> Code:
    """What a photograph of the screen reminds of, and last what the code on a slip says, so that it can be
    scanned as one; nothing of the person. The space stays where a scanner leaves out the ends of lines."""
    service = _service(kit, taken)
    told, day = kit.model.view.told, kit.model.view.time[:10]
    slip = f" {told.hall_id}/{day}/{taken.ticket}" if told.hall_id and day else ""
    parts = (told.hall, taken.ticket, service.name if service else "", day, slip)
    return Code("\n".join(filter(None, parts)))


def _middle(kit: Kit, rect: Rect, button: Button) -> Rect:
    width = min(rect.w, max(button.width(kit) * 1.6, 70.0))
    return Rect(rect.x + (rect.w - width) / 2, rect.y, width, rect.h)


def _speech(kit: Kit, taken: KioskTicket) -> str:
    return kit.tr("ticket.speech", number=" ".join(taken.ticket))
