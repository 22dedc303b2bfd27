"""Sentences that several pages say."""

from __future__ import annotations

from edge.wire.kiosk import KioskPosition, KioskService
from kiosk_ui.widgets.kit import Kit


def ahead(kit: Kit, people: int) -> str:
    if people <= 1:
        return kit.tr("ahead.one" if people else "ahead.none")
    return kit.tr("ahead", people=people)


def wait(kit: Kit, service: KioskService | KioskPosition) -> str:
    """The wait as a range, or nothing where nobody can know it."""
    if service.to_min is None:
        return ""
    least, most = service.from_min or 0, service.to_min
    if most == 0:
        return kit.tr("wait.none")
    if least >= most:
        return kit.tr("wait.about", minutes=most)
    return kit.tr("wait.range", least=least, most=most) if least else kit.tr("wait.up_to", minutes=most)
