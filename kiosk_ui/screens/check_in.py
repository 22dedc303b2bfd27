"""Check in: who has booked holds the booking's code to the scanner."""

from __future__ import annotations

from kiosk_ui.actions import CheckIn
from kiosk_ui.node import Icon, Node
from kiosk_ui.screens.dialogs import calm, sentence, sign, sorry
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part


def check_in(kit: Kit) -> Node:
    view = kit.model.view
    if not view.can_issue or not view.told.scanners:
        return sorry(kit, kit.tr("said.no_scanner"))
    name = kit.tr("home.check_in")
    parts: list[Part] = [
        sign(kit, Icon.SCAN, Tone.ACCENT),
        sentence(kit, kit.tr("check_in.title")),
        Para(kit.tr("check_in.note"), ink=Tone.SOFT, align="middle", optional=True),
    ]
    return calm(
        kit, name, parts, [Button(kit.tr("check_in.scan"), CheckIn(), "scan", Icon.SCAN, kind=Kind.PRIMARY)]
    )
