"""A kiosk of a hall with the services of any hour, and what these answer."""

from __future__ import annotations

from typing import Any

from edge.wire.kiosk import KioskOnline
from edge.wire.services import (
    KioskBooking,
    KioskBookings,
    KioskCases,
    KioskDeclaration,
    KioskObligations,
    KioskPayment,
    KioskPerson,
    KioskSlotDays,
    KioskSlots,
)
from kiosk_ui.actions import Open, Screen
from kiosk_ui.actions_online import ByCard, Declare, Matter, Pay, ToggleTax
from kiosk_ui.messages import Answer, Answered, Ask, OfServices, Told
from tests.kiosk.update_kit import VIEW, Kiosk

ONLINE = VIEW.model_copy(update={"online": KioskOnline(services=("cases", "bookings", "tax"), sandbox=True)})
WHO = "9" * 32
NAME, NUMBER = "王*明", "340***********1234"
PERSON = KioskPerson.model_validate({"person": WHO, "personal": {"name": NAME, "number": NUMBER}})
TYPED = "20261120017788"
CASE = {"number": TYPED[:10], "name": "食品经营许可", "state": "in_progress", "due": "2026-12-10"}
OTHER = CASE | {"number": "2026111803", "name": "不动产转移登记", "state": "to_supplement"}
ONE, TWO = (KioskCases.model_validate({"cases": cases}) for cases in ([CASE], [CASE, OTHER]))
REF = "a" * 32
BOOKING = KioskBooking(ref=REF, service="tax", day="2026-12-02", time="09:30")
BOOKED = KioskBookings(bookings=(BOOKING,))
DAYS = KioskSlotDays.model_validate({"days": [{"day": "2026-12-03"}, {"day": "2026-12-05", "open": False}]})
SLOTS = KioskSlots.model_validate(
    {"day": "2026-12-03", "slots": [{"time": "10:00", "free": 2}, {"time": "10:30", "free": 0}]}
)
FIELD = {"id": "turnover", "name": "销售额", "value": 100_000, "highest": 200_000, "editable": True}
AREA = {"id": "area", "name": "面积", "unit": "count", "value": 120, "highest": 500, "editable": True}
OWED = KioskObligations.model_validate(
    {
        "obligations": [
            {"id": "vat", "name": "增值税", "due": "2026-12-15", "state": "to_declare", "fields": [FIELD]},
            {"id": "land", "name": "土地税", "due": "2026-12-31", "state": "to_declare", "fields": [AREA]},
            {"id": "stamp", "name": "印花税", "due": "2026-12-15", "state": "paid"},
        ]
    }
)
DECLARED = KioskDeclaration.model_validate(
    {
        "key": "d" * 32,
        "lines": [{"name": "增值税", "share": "national", "amount_fen": 617_00}],
        "national_fen": 617_00,
        "local_fen": 0,
        "total_fen": 617_00,
    }
)


def payment(key: str, state: str = "shown", **more: Any) -> KioskPayment:
    shown = {"qr": "https://pay.example/1", "expires_in_s": 120} if state == "shown" else {}
    told = {"key": key, "state": state, "total_fen": 617_00, "order": "P" + "1" * 19, **shown, **more}
    return KioskPayment.model_validate(told)


def at_online() -> Kiosk:
    """Somebody stands before the page of these services."""
    kiosk = Kiosk.awake()
    kiosk.say(Told(ONLINE))
    kiosk.touch(Open(Screen.ONLINE))
    kiosk.effects.clear()
    return kiosk


def tell(kiosk: Kiosk, told: OfServices | None = None) -> None:
    """Answer what is waited for."""
    kiosk.answer(online=told)


def asked(kiosk: Kiosk) -> Ask:
    """The last that the daemon was asked, polls aside."""
    return [each for each in kiosk.wanted(Ask) if each.verb != "payment.state"][-1]


def with_card(matter: Matter, told: OfServices) -> Kiosk:
    """He has shown his card, and what is his has come."""
    kiosk = at_online()
    kiosk.touch(ByCard(matter))
    tell(kiosk, PERSON)
    tell(kiosk, told)
    return kiosk


def at_sum() -> Kiosk:
    """Before the sum that he is to agree to."""
    kiosk = with_card("tax", OWED)
    kiosk.touch(ToggleTax("vat"), Open(Screen.TAX_CHECK), Declare())
    tell(kiosk, DECLARED)
    return kiosk


def paying() -> tuple[Kiosk, str]:
    """Before the code that he is to scan, and the payment's key."""
    kiosk = at_sum()
    kiosk.touch(Pay())
    key = str(asked(kiosk).args["key"])
    tell(kiosk, payment(key))
    kiosk.effects.clear()
    return kiosk, key


def poll(kiosk: Kiosk, told: KioskPayment | None) -> None:
    """The next question how a payment stands, and its answer: None for none."""
    kiosk.wait(1.0, 0.25)
    question = [each for each in kiosk.wanted(Ask) if each.verb == "payment.state"][-1]
    answer = Answer("done", online=told) if told else Answer("unknown", "unreachable")
    kiosk.say(Answered(question.work, answer))


def verbs(kiosk: Kiosk) -> list[str]:
    return [each.verb for each in kiosk.wanted(Ask)]
