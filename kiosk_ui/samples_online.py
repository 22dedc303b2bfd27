"""Samples of the services that there are at any hour: every page of theirs, with made-up data, marked so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.wire.kiosk import KioskOnline, KioskView, KioskWords
from edge.wire.services import (
    KioskBooking,
    KioskCase,
    KioskCaseStep,
    KioskCertificate,
    KioskDeclaration,
    KioskObligation,
    KioskPayment,
    KioskReceipt,
    KioskSlot,
    KioskSlotDay,
    KioskSlots,
    KioskTaxField,
    KioskTaxLine,
)
from kiosk_ui.actions import Screen
from kiosk_ui.errand import Changed, Errand, Paying, Wish
from kiosk_ui.model import Model, Personal, Place, Said, Work
from kiosk_ui.panel import Panel
from kiosk_ui.samples_hall import MORNING, model

_KEY = "5" * 32
_ONLINE = KioskOnline(
    services=("cases", "bookings", "tax"),
    sandbox=True,
    notices=(KioskWords(zh="12月5日零点到两点系统维护，暂停缴税", en="No taxes on 5 Dec from 0:00 to 2:00"),),
    announcements=(KioskWords(zh="每周三延时服务到 20:00", en="Open until 20:00 on Wednesdays"),),
)
_AWAY = _ONLINE.model_copy(update={"up": False, "since": "08:47"})
_OPEN = MORNING.model_copy(update={"online": _ONLINE, "card_readers": ("reader",)})
_DOWN = MORNING.model_copy(update={"online": _AWAY, "card_readers": ("reader",)})
_NO_PAPER = _OPEN.model_copy(update={"printer": "paper_out"})
_NIGHT = _OPEN.model_copy(
    update={
        "time": "2026-11-30T21:40:00",
        "services": tuple(each.model_copy(update={"open": False}) for each in MORNING.services),
        "called": (),
    }
)


def _steps(*states: str) -> tuple[KioskCaseStep, ...]:
    names = (
        ("受理", "Accepted"),
        ("审查", "Examined"),
        ("现场勘查", "Site visit"),
        ("决定", "Decided"),
        ("发证", "Issued"),
    )
    days = ("2026-11-20", "2026-11-25", "", "", "")
    told = zip(names, states, days, strict=True)
    return tuple(
        KioskCaseStep.model_validate({"name": zh, "name_en": en, "state": state, "on": day})
        for (zh, en), state, day in told
    )


_GOING_ON = KioskCase(
    number="2026112001",
    name="食品经营许可证核发",
    name_en="Food business licence",
    state="in_progress",
    due="2026-12-10",
    steps=_steps("done", "done", "current", "to_come", "to_come"),
)
_LACKING = KioskCase(
    number="2026111803",
    name="不动产转移登记",
    name_en="Transfer of real estate",
    state="to_supplement",
    due="2026-12-04",
    window="3号窗口",
    missing=("契税完税证明原件", "婚姻状况证明"),
    missing_en=("Receipt of the deed tax (original)", "Proof of marital status"),
    steps=_steps("done", "current", "to_come", "to_come", "to_come"),
)
_READY = KioskCase(
    number="2026110207",
    name="企业设立登记",
    name_en="Registration of a company",
    state="done",
    window="12号窗口",
    steps=_steps("done", "done", "done", "done", "done"),
)
_BOOKINGS = (
    KioskBooking(ref="a" * 32, service="estate", day="2026-12-01", time="09:30"),
    KioskBooking(ref="b" * 32, service="tax", day="2026-12-08", time="14:00"),
)
_DAYS = tuple(KioskSlotDay(day=f"2026-12-{day:02d}", open=day not in (5, 6, 12, 13)) for day in range(1, 15))
_SLOTS = KioskSlots(
    day="2026-12-02",
    slots=tuple(
        KioskSlot(time=f"{9 + at // 2:02d}:{30 * (at % 2):02d}", free=(3, 0, 5, 1, 12)[at % 5])
        for at in range(12)
    ),
)
_TURNOVER = KioskTaxField(
    id="turnover", name="不含税销售额", name_en="Turnover without tax", value=12_340_000, editable=True
)
_RATE_BASE = KioskTaxField(id="paid", name="已预缴税额", name_en="Paid in advance", value=0)
_AREA = KioskTaxField(
    id="area",
    name="占地面积（平方米）",
    name_en="Area in square metres",
    unit="count",
    value=120,
    highest=1_000_000,
    editable=True,
)
_OWED = (
    KioskObligation(
        id="vat",
        name="增值税及附加税费",
        name_en="Value added tax and surcharges",
        period="2026年第三季度",
        period_en="Third quarter of 2026",
        due="2026-12-15",
        state="to_declare",
        fields=(_TURNOVER, _RATE_BASE),
    ),
    KioskObligation(
        id="land",
        name="城镇土地使用税",
        name_en="Urban land use tax",
        period="2026年下半年",
        period_en="Second half of 2026",
        due="2026-12-31",
        state="to_declare",
        fields=(_AREA,),
    ),
    KioskObligation(
        id="stamp",
        name="印花税",
        name_en="Stamp duty",
        period="2026年11月",
        period_en="November 2026",
        due="2026-12-15",
        state="paid",
    ),
)
_DECLARED = KioskDeclaration(
    key=_KEY,
    lines=(
        KioskTaxLine(name="增值税", name_en="Value added tax", share="national", amount_fen=61_700),
        KioskTaxLine(name="增值税（地方分享）", name_en="Value added tax", share="local", amount_fen=61_700),
        KioskTaxLine(name="城市维护建设税", name_en="City maintenance tax", share="local", amount_fen=4_319),
        KioskTaxLine(name="教育费附加", name_en="Education surcharge", share="local", amount_fen=3_702),
    ),
    national_fen=61_700,
    local_fen=69_721,
    total_fen=131_421,
)
_ORDER = "P2026113000000000017"
_SHOWN = KioskPayment(
    key=_KEY,
    state="shown",
    order=_ORDER,
    qr=f"https://pay.example/q/{_ORDER}",
    expires_in_s=180,
    total_fen=131_421,
)
_PAID = _SHOWN.model_copy(update={"state": "paid", "qr": "", "expires_in_s": 0, "receipt": "printing"})
_RECEIPTS = (
    KioskReceipt(
        key=_KEY,
        name="增值税及附加税费",
        name_en="Value added tax and surcharges",
        total_fen=131_421,
        paid_on="2026-11-30",
    ),
    KioskReceipt(
        key="6" * 32,
        name="城镇土地使用税",
        name_en="Urban land use tax",
        total_fen=36_000,
        paid_on="2026-11-30",
    ),
)
_CERTIFICATES = (
    KioskCertificate(
        id="c1",
        name="税收完税证明",
        name_en="Tax payment certificate",
        period="2026年第二季度",
        period_en="Second quarter of 2026",
        total_fen=98_700,
    ),
    KioskCertificate(
        id="c2",
        name="个人所得税纳税记录",
        name_en="Income tax record",
        period="2025年",
        period_en="2025",
        total_fen=0,
    ),
)
_DEARER = Said(  # as the daemon says it
    "sorry",
    zh="应缴金额有变化，没有扣款，请核对新的金额",
    en="The sum has changed. Nothing was charged. Please check the new sum.",
    code="amount_changed",
)
_WHO = Personal("王*明", "340***********1234")


def of_services(panel: Panel) -> Mapping[str, Model]:
    """By the name of the page."""
    return {
        "attract-announced": model(Screen.ATTRACT, panel, told=_OPEN),
        "home-online": model(Screen.HOME, panel, told=_OPEN),
        "home-online-away": model(Screen.HOME, panel, told=_DOWN),
        "home-night": model(Screen.HOME, panel, told=_NIGHT),
        "online": _at(panel, Screen.ONLINE),
        "online-away": _at(panel, Screen.ONLINE, told=_DOWN),
        **_of_cases(panel),
        **_of_visits(panel),
        **_of_taxes(panel),
        **_of_payments(panel),
    }


def _at(panel: Panel, screen: Screen, about: str = "", told: KioskView = _OPEN, **session: object) -> Model:
    """Somebody who has come there by way of these services."""
    plain = model(screen, panel, told=told, about=about, **session)
    ways = dict.fromkeys((Place(Screen.HOME), Place(Screen.ONLINE), plain.session.place))
    return replace(plain, session=replace(plain.session, places=tuple(ways)))


def _of_cases(panel: Panel) -> Mapping[str, Model]:
    def of(case: KioskCase, told: KioskView = _OPEN) -> Model:
        return _at(panel, Screen.CASE, "0", told, errand=Errand(cases=(case,)))

    mine = Errand(person=_KEY, cases=(_GOING_ON, _LACKING, _READY))
    work = Work("person", "r", 0.0, wait=1)
    return {
        "cases": _at(panel, Screen.CASES),
        "case-number": _at(panel, Screen.CASE_NUMBER),
        "case-number-typed": _at(panel, Screen.CASE_NUMBER, typed="20261120017"),
        "case-list": _at(panel, Screen.CASE_LIST, errand=mine, personal=_WHO),
        "case": of(_GOING_ON),
        "case-lacking": of(_LACKING),
        "case-ready": of(_READY, _NO_PAPER),
        "card-shown": _at(panel, Screen.ONLINE, work=work),
    }


def _of_visits(panel: Panel) -> Mapping[str, Model]:
    mine = Errand(person=_KEY, bookings=_BOOKINGS, days=_DAYS, slots=_SLOTS)
    wish = Wish("a" * 32, "estate", "2026-12-02", "10:30")

    def at(screen: Screen, **errand: object) -> Model:
        had = replace(mine, wish=wish, **errand)  # type: ignore[arg-type]  # as named
        return _at(panel, screen, errand=had, personal=_WHO)

    return {
        "visits": at(Screen.VISITS),
        "visits-none": at(Screen.VISITS, bookings=()),
        "visit": at(Screen.VISIT),
        "visit-service": at(Screen.VISIT_SERVICE),
        "visit-day": at(Screen.VISIT_DAY),
        "visit-time": at(Screen.VISIT_TIME),
        "visit-time-none": at(Screen.VISIT_TIME, slots=KioskSlots(day="2026-12-02")),
        "visit-sure": at(Screen.VISIT_SURE),
        "visit-cancel": at(Screen.VISIT_CANCEL),
        "visit-done": at(Screen.VISIT_DONE, booked=_BOOKINGS[0]),
    }


def _of_taxes(panel: Panel) -> Mapping[str, Model]:
    mine = Errand(person=_KEY, obligations=_OWED, picked=frozenset({"vat", "land"}))
    mine = replace(mine, changed=(Changed("land", "area", 150),), declaration=_DECLARED)

    def at(screen: Screen, about: str = "", told: KioskView = _OPEN, **session: object) -> Model:
        return _at(panel, screen, about, told, **({"errand": mine, "personal": _WHO} | session))

    return {
        "tax": at(Screen.TAX),
        "tax-none": at(Screen.TAX, errand=Errand(person=_KEY)),
        "tax-check": at(Screen.TAX_CHECK),
        "tax-value": at(Screen.TAX_VALUE, "vat/turnover", typed="123500.5"),
        "tax-value-count": at(Screen.TAX_VALUE, "land/area"),
        "tax-sum": at(Screen.TAX_SUM),
        "tax-sum-no-paper": at(Screen.TAX_SUM, told=_NO_PAPER),
        "tax-sum-nothing": at(
            Screen.TAX_SUM,
            errand=replace(
                mine,
                declaration=_DECLARED.model_copy(update={"total_fen": 0}),
            ),
        ),
        "tax-no-answer": at(Screen.TAX_SUM, said=Said("sorry", "said.no_answer", note="note.pay")),
        "amount-changed": at(Screen.TAX_SUM, said=_DEARER),
    }


def _of_payments(panel: Panel) -> Mapping[str, Model]:
    def at(screen: Screen, told: KioskPayment, left_s: int = 0) -> Model:
        paying = Paying(_KEY, told, until_s=0.0, whole_s=180.0, left_s=left_s)
        return _at(panel, screen, errand=Errand(person=_KEY, declaration=_DECLARED, paying=paying))

    unprinted = _PAID.model_copy(update={"receipt": "not_printed"})
    ordering = KioskPayment(key=_KEY, state="created", total_fen=131_421)
    shown = at(Screen.PAY, _SHOWN, 127)
    mine = Errand(person=_KEY, receipts=_RECEIPTS, certificates=_CERTIFICATES)
    return {
        "pay": shown,
        "pay-away": replace(shown, view=replace(shown.view, reachable=False)),
        "pay-ordering": at(Screen.PAY, ordering, 60),
        "paid": at(Screen.PAID, _PAID),
        "paid-printed": at(Screen.PAID, _PAID.model_copy(update={"receipt": "printed"})),
        "paid-beyond": at(Screen.PAID, _PAID.model_copy(update={"receipt": "printed", "state": "refunded"})),
        "paid-beyond-not-printed": at(
            Screen.PAID, _PAID.model_copy(update={"receipt": "not_printed", "state": "refund_due"})
        ),
        "paid-not-printed": at(Screen.PAID, unprinted),
        "receipts": _at(panel, Screen.RECEIPTS),
        "receipts-no-paper": _at(panel, Screen.RECEIPTS, told=_NO_PAPER),
        "receipt-list": _at(panel, Screen.RECEIPT_LIST, errand=mine, personal=_WHO),
        "receipt-list-no-paper": _at(panel, Screen.RECEIPT_LIST, told=_NO_PAPER, errand=mine),
        "receipt-list-none": _at(panel, Screen.RECEIPT_LIST),
        "certificates": _at(panel, Screen.CERTIFICATES, errand=mine, personal=_WHO),
    }
