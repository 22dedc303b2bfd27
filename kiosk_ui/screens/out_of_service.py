"""Out of service: what to do instead, and for technicians why."""

from __future__ import annotations

from kiosk_ui.actions import Open, Screen
from kiosk_ui.layout import cut_bottom
from kiosk_ui.node import Icon, Node, Rect, Role
from kiosk_ui.screens.frame import frame, page
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button
from kiosk_ui.widgets.cards import card
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Mark, Para, Part, stack


def out_of_service(kit: Kit) -> Node:
    around = frame(kit)
    body = around.body
    words = kit.tr("out.title")
    telephone = kit.plain(kit.model.look.telephone)
    parts: list[Part] = [
        Mark(Icon.CLOCK, kit.em * 4, disc=Tone.TINT, optional=True),
        Para(words, size=kit.title, bold=True, align="middle", role=Role.HEADING),
        Para(kit.tr("out.do"), align="middle"),
        Para(kit.tr("out.back"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    if telephone:
        parts.append(
            Para(telephone, size=kit.lead, bold=True, ink=Tone.ACCENT, align="middle", optional=True)
        )
    below: list[Node] = []
    if kit.model.look.has_guide:
        guide = Button(kit.tr("out.guide"), Open(Screen.GUIDE), "open-guide", Icon.BOOK)
        line, body = cut_bottom(body, guide.height(kit, body.w), kit.gap)
        width = min(line.w, max(guide.width(kit), 110.0))
        below.append(guide.node(kit, Rect(line.x + (line.w - width) / 2, line.y, width, line.h)))
    shown = stack(kit, body.inset(kit.pad * 2, kit.pad), parts, gap=kit.gap, valign="middle")
    return page(kit, words, around, (card(kit, body, words, shown, role=Role.STATUS), *below))
