"""Sentences that several pages say."""

from __future__ import annotations

from datetime import date

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


def money(kit: Kit, fen: int) -> str:
    """ "1,234.56 元" """
    yuan, part = divmod(fen, 100)
    return kit.tr("money", yuan=f"{yuan:,}.{part:02d}")


def on(kit: Kit, day: str) -> str:
    """ "12月1日 星期二", with the year where it is another one."""
    try:
        told = date.fromisoformat(day)
    except ValueError:  # the 31st of February
        return day
    month, weekday = kit.tr(f"month.{told.month}"), kit.tr(f"weekday.{told.isoweekday()}")
    if kit.model.view.time[:4] not in ("", day[:4]):
        return kit.tr("day.year", year=told.year, month=month, day=told.day)
    return kit.tr("day", month=month, day=told.day, weekday=weekday)


def at(kit: Kit, day: str, time: str) -> str:
    return kit.tr("day.time", day=on(kit, day), time=time)


def service(kit: Kit, id_: str) -> str:
    found = next((each for each in kit.model.view.told.services if each.id == id_), None)
    return (kit.name(found) if found else "") or id_


def who(kit: Kit) -> str:
    """Whose card was shown, as it may be told: 王*明 340***********1234."""
    own = kit.model.session.personal
    return "  ".join(filter(None, (kit.plain(own.name), own.number)))
