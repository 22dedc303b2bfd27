"""A hall as it might be on a morning: what screenshots and the tests of the layout show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.catalogue import SAMPLE
from edge.wire.kiosk import (
    KioskAppointment,
    KioskCondition,
    KioskDevice,
    KioskDevices,
    KioskPosition,
    KioskRatable,
    KioskTicket,
    KioskView,
)
from kiosk_ui.actions import Screen
from kiosk_ui.catalogue_loading import load
from kiosk_ui.model import Model, Own, Said, Technical, Work
from kiosk_ui.panel import Panel
from kiosk_ui.samples_hall import FULL, MORNING, NO_PAPER, model
from kiosk_ui.samples_online import of_services

GUIDE = load(str(SAMPLE))


def _of_the_guide(panel: Panel) -> Mapping[str, Model]:
    def at(screen: Screen, about: str = "", told: KioskView = MORNING, **session: object) -> Model:
        return replace(model(screen, panel, about=about, told=told, **session), guide=GUIDE)

    cases = frozenset({"change", "proxy"})
    return {
        "guide": at(Screen.GUIDE),
        "guide-theme": at(Screen.GUIDE, "home"),
        "search": at(Screen.SEARCH),
        "search-found": at(Screen.SEARCH, typed="1"),
        "search-number": at(Screen.SEARCH, typed="1001"),
        "search-nothing": at(Screen.SEARCH, typed="qqqqqqqqqqqqqqqqqqqqqqqq"),
        "item": at(Screen.ITEM, "1001"),
        "item-fee": at(Screen.ITEM, "0111"),
        "item-gone": at(Screen.ITEM, "9999"),
        "cases": at(Screen.NOTICE, "1001?", cases=cases),
        "papers": at(Screen.NOTICE, "1001", cases=cases),
        "papers-no-printer": at(Screen.NOTICE, "1001", NO_PAPER, cases=cases),
        "papers-two": at(Screen.NOTICE, "0114"),
        "guide-none": model(Screen.GUIDE, panel),
    }


__all__ = ["GUIDE", "MORNING", "NO_PAPER", "everything", "model"]

_PAPER_OUT = KioskCondition(code="paper_out", zh="没有纸了", en="out of paper")
_SILENT = KioskCondition(code="silent", zh="设备没有回应", en="the device does not answer")
_DEVICES = KioskDevices(
    devices=(
        KioskDevice(id="slips", state="degraded", conditions=(_PAPER_OUT,)),
        KioskDevice(id="reader", state="backoff", conditions=(_SILENT,)),
        *(KioskDevice(id=f"{kind}-{at}", state="online") for kind in ("pad", "strip") for at in range(1, 6)),
    ),
    more=12,
)
_OWN = Own(
    version="1.0.0",
    up_min=1503,
    memory_mb=71,
    troubles=("touch_lost: no touch for 4.0 h while the hall was open",),
    errors=tuple(
        f"11-30 0{9 - at % 9}:15:22 the daemon cannot be asked: timed out after 0.9 s" for at in range(20)
    ),
)


def _of_technicians(panel: Panel) -> Mapping[str, Model]:
    technical = Technical(own=_OWN, devices=_DEVICES)

    def at(about: str, told: KioskView = MORNING, **changes: object) -> Model:
        shown = replace(technical, **changes)  # type: ignore[arg-type]
        return model(Screen.TECHNICIAN, panel, about=about, told=told, technical=shown)

    away = at("", NO_PAPER, own=replace(_OWN, errors=(), troubles=()))
    return {
        "pin": model(Screen.PIN, panel, typed="135790"),
        "technician": at(""),
        "technician-away": replace(away, view=replace(away.view, reachable=False)),
        "technician-devices": at("devices"),
        "technician-devices-asked": at("devices", devices=None),
        "technician-errors": at("errors"),
        "technician-errors-none": at("errors", own=Own()),
        "technician-touch": at("touch", dots=tuple((60.0 + 9 * step, 150.0) for step in range(15))),
    }


_BOOKINGS = (
    KioskAppointment(ref="r1-0000001", service="estate", time="09:30"),
    KioskAppointment(ref="r2-0000002", service="fund", time="10:30"),
    KioskAppointment(ref="r3-0000003", service="household", time="14:00"),
)
_SLIP = KioskRatable(ticket="A012", service="estate", window="w5")


def _carded(plain: Model) -> Model:
    """In a hall where cards check in."""
    readers = plain.view.told.model_copy(update={"card_readers": ("reader",)})
    look = replace(plain.look, has_card_check_in=True)
    return replace(plain, look=look, view=replace(plain.view, told=readers))


def _of_positions(panel: Panel) -> Mapping[str, Model]:
    def at(phase: str, **told: object) -> Model:
        found = {"ticket": "A019", "service": "estate", "phase": phase, **told}
        return model(Screen.POSITION, panel, position=KioskPosition.model_validate(found))

    return {
        "position": at("waiting", ahead=3, from_min=10, to_min=15),
        "position-called": at("called", window="w1"),
        "position-done": at("done", window="w1", ratable=True),
        "position-missed": at("no_show", window="w1"),
    }


def everything(panel: Panel) -> Mapping[str, Model]:
    """Every page there is, and each face that it has, by name."""
    printed = KioskTicket(ticket="A019", service="estate", phase="waiting", ahead=7, printed=True)
    shown = printed.model_copy(update={"printed": False})
    work = Work("ticket", "r", 0.0, wait=1)
    return {
        "attract": model(Screen.ATTRACT, panel),
        "home": model(Screen.HOME, panel),
        "home-no-paper": model(Screen.HOME, panel, told=NO_PAPER),
        "home-full": model(Screen.HOME, panel, told=FULL),
        "services": model(Screen.SERVICES, panel),
        "services-first": model(Screen.SERVICES, panel, about="senior"),
        "services-who": model(Screen.SERVICES, panel, about="?"),
        "ticket-printed": model(Screen.TICKET, panel, ticket=printed),
        "ticket-shown": model(Screen.TICKET, panel, told=NO_PAPER, ticket=shown),
        "check-in": model(Screen.CHECK_IN, panel),
        "check-in-card": _carded(model(Screen.CHECK_IN, panel)),
        "check-in-card-only": _carded(
            model(Screen.CHECK_IN, panel, told=MORNING.model_copy(update={"scanners": ()}))
        ),
        "bookings": model(Screen.BOOKINGS, panel, bookings=_BOOKINGS),
        "bookings-none": model(Screen.BOOKINGS, panel),
        **_of_positions(panel),
        "rate-window": model(Screen.RATE_WINDOW, panel),
        "rate-window-none": model(Screen.RATE_WINDOW, panel, told=MORNING.model_copy(update={"windows": ()})),
        "rate-slip": model(Screen.RATE_SLIP, panel),
        "rate-slip-typed": model(Screen.RATE_SLIP, panel, typed="a012"),
        "rate-of-slip": model(Screen.RATE, panel, about="w5", slip=_SLIP),
        "rate": model(Screen.RATE, panel, about="w5"),
        "rate-reasons": model(Screen.RATE, panel, about="w5", level=2, reasons=frozenset({210})),
        "queue": model(Screen.QUEUE, panel),
        **_of_the_guide(panel),
        **_of_technicians(panel),
        **of_services(panel),
        "access": model(Screen.ACCESS, panel, speech=True),
        "out-of-service": model(Screen.OUT_OF_SERVICE, panel),
        "working": model(Screen.SERVICES, panel, work=work),
        "working-long": model(Screen.SERVICES, panel, work=replace(work, wait=2)),
        "ending": model(Screen.SERVICES, panel, ends_in_s=24),
        "said": model(Screen.SERVICES, panel, said=Said("sorry", key="sorry", code="printer_offline")),
    }
