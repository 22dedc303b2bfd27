"""Where in the queue a ticket is whose slip was scanned: how many are ahead, how long it takes, or what has
become of it. It is anybody's slip: nothing on the page is a person's."""

from __future__ import annotations

from edge.wire.kiosk import KioskPosition
from kiosk_ui.actions import FindSlip, Home
from kiosk_ui.node import Icon, Node, Role
from kiosk_ui.screens.dialogs import calm, sorry
from kiosk_ui.screens.words import ahead, wait
from kiosk_ui.theme import Tone
from kiosk_ui.widgets.button import Button, Kind
from kiosk_ui.widgets.fact import Fact
from kiosk_ui.widgets.kit import Kit
from kiosk_ui.widgets.stack import Para, Part

_NUMBER_EM, _NUMBER_LOW_EM = 4.5, 3.0  # where there is much room, and little
_PLACES = ("waiting", "held")  # phases in which somebody is still to be called


def position(kit: Kit) -> Node:
    found = kit.model.session.position
    if found is None:
        return sorry(kit, kit.tr("ticket.none"))
    roomy = kit.panel.is_portrait and not kit.model.session.low
    size = kit.em * (_NUMBER_EM if roomy else _NUMBER_LOW_EM)
    number = Para(found.ticket, size=size, bold=True, ink=Tone.ACCENT, align="middle")
    parts: list[Part] = [number, *_service(kit, found), *_facts(kit, found)]
    home = Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME, kind=Kind.PRIMARY)
    buttons = [home]
    if found.ratable:
        words = kit.tr("home.rate_window")
        rate = Button(words, FindSlip(found.ticket), "rate-slip", Icon.STAR, kind=Kind.PRIMARY)
        buttons = [rate, Button(kit.tr("go_home"), Home(), "go-home", Icon.HOME)]
    return calm(kit, kit.tr("position.name", number=" ".join(found.ticket)), parts, buttons)


def _service(kit: Kit, found: KioskPosition) -> list[Part]:
    service = next((each for each in kit.model.view.told.services if each.id == found.service), None)
    name = kit.name(service) if service else ""
    return [Para(name, size=kit.lead, bold=True, align="middle", optional=True)] if name else []


def _facts(kit: Kit, found: KioskPosition) -> list[Part]:
    words = kit.tr(f"position.{found.phase}", window=_window(kit, found))
    state = Para(words, size=kit.lead, bold=True, align="middle", role=Role.HEADING)
    if found.phase not in _PLACES:
        return [state]
    facts: list[Part] = [Fact(Icon.PEOPLE, ahead(kit, found.ahead or 0), Tone.INK, align="middle")]
    if told := wait(kit, found):
        facts.append(Fact(Icon.CLOCK, told, Tone.INK, align="middle"))
    note = Para(words, ink=Tone.SOFT, align="middle", optional=True)
    return [*facts, note]


def _window(kit: Kit, found: KioskPosition) -> str:
    named = next((each.name for each in kit.model.view.told.windows if each.id == found.window), "")
    return kit.window(named) or found.window
