"""The services that there are at any hour: who it is, and the cases and appointments that are his.

Taxes and payments are `update_tax`'s. What an answer means here goes by what was waited for; one that is not
what was asked for is a calm sentence, and everything stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

from edge.wire.services import (
    KioskBooking,
    KioskBookings,
    KioskCase,
    KioskCases,
    KioskPerson,
    KioskPrinted,
    KioskSlotDays,
    KioskSlots,
)
from kiosk_ui.actions import Screen
from kiosk_ui.actions_online import (
    Book,
    ByCard,
    CancelVisit,
    ChangeVisit,
    FindCase,
    Matter,
    NewVisit,
    OfCases,
    OfVisits,
    Online,
    PickCase,
    PickDay,
    PickService,
    PickTime,
    PickVisit,
    PrintCase,
    PrintVisit,
    ScanPaper,
)
from kiosk_ui.errand import CASE_DIGITS, Errand, Wish
from kiosk_ui.messages import OfServices, Scanned
from kiosk_ui.model import AskedOnline, Model, Personal, Place, Said, Work
from kiosk_ui.places_online import ONLINE
from kiosk_ui.update_places import arrive, further, shown, to, with_session
from kiosk_ui.update_tax import act_tax, done_tax, refused_tax
from kiosk_ui.update_waiting import (
    Step,
    ask,
    ask_for,
    at_once,
    begin,
    further_ask,
    read,
    sorry,
    well,
    with_errand,
)

_LIST: dict[Matter, AskedOnline] = {
    "cases": "cases",
    "bookings": "visits",
    "tax": "obligations",
    "receipts": "receipts",
    "certificates": "certificates",
}
# What was asked is of a person of whom the daemon knows no more: he shows his card again.
_OVER = frozenset({"visit_over", "unknown_person"})
_NOTES = {
    "book": "note.book",
    "cancel": "note.book",
    "pay": "note.pay",
    "abandon": "note.pay",
    "declare": "note.declare",
}


def act_online(model: Model, action: Online) -> Step:
    """What makes no sense on the page that shows changes nothing."""
    if not model.view.reachable:
        return model, ()
    match action:
        case ByCard(matter):
            return _by_card(model, matter)
        case ScanPaper():
            return read(model, "scan", model.view.told.scanners, "said.no_scanner")
        case FindCase() | PickCase() | PrintCase():
            return _act_cases(model, action)
        case (
            PickVisit()
            | NewVisit()
            | ChangeVisit()
            | CancelVisit()
            | PickService()
            | PickDay()
            | PickTime()
            | Book()
            | PrintVisit()
        ):
            return _act_visits(model, action)
        case _:
            return act_tax(model, action)


def may_open(model: Model, screen: Screen, about: str) -> bool:
    """Whether a control that leads there may: what is of somebody has to be asked for first."""
    services, session = model.view.told.online.services, model.session
    match screen:
        case Screen.ONLINE:
            return bool(services)
        case Screen.CASES | Screen.CASE_NUMBER:
            return "cases" in services
        case Screen.RECEIPTS:
            return "tax" in services
        case Screen.TAX_CHECK:
            return session.screen is Screen.TAX and bool(session.errand.to_declare())
        case Screen.TAX_VALUE:
            found = session.errand.field_of(about)
            return session.screen is Screen.TAX_CHECK and found is not None and found[1].editable
        case _:
            return False


def _by_card(model: Model, matter: Matter) -> Step:
    if model.session.screen not in ONLINE:
        return model, ()
    if model.session.errand.person:
        return ask_for(model, _LIST[matter])
    readers = model.view.told.card_readers
    if not readers:
        return sorry(model, "said.no_card_reader"), ()
    return ask(*at_once(*begin(model, "person", readers[0], matter=matter)))


def _act_cases(model: Model, action: OfCases) -> Step:
    session = model.session
    errand = session.errand
    match action:
        case FindCase():
            ready = session.screen is Screen.CASE_NUMBER and len(session.typed) == CASE_DIGITS
            return ask_for(model, "case", session.typed) if ready else (model, ())
        case PickCase(place):
            if session.screen is not Screen.CASE_LIST or not 0 <= place < len(errand.cases):
                return model, ()
            return further(model, Place(Screen.CASE, str(place))), ()
        case PrintCase():
            case = case_of(model)
            if session.screen is not Screen.CASE or case is None:
                return model, ()
            return _on_paper(model, "case_print", case.number)


def case_of(model: Model) -> KioskCase | None:
    """The one whose page it is."""
    cases, about = model.session.errand.cases, model.session.place.about
    return cases[int(about)] if about.isdecimal() and int(about) < len(cases) else None


def _on_paper(model: Model, kind: AskedOnline, about: str) -> Step:
    return ask_for(model, kind, about) if model.view.can_print else (sorry(model, "said.no_printer"), ())


# --- appointments ---
def _act_visits(model: Model, action: OfVisits) -> Step:
    errand, screen = model.session.errand, model.session.screen
    wish = errand.wish
    match action, screen:
        case PickVisit(place), Screen.VISITS if 0 <= place < len(errand.bookings):
            mine = errand.bookings[place]
            there = further(model, Place(Screen.VISIT))
            return with_errand(there, wish=Wish(mine.ref, mine.service, mine.day, mine.time)), ()
        case NewVisit(), Screen.VISITS:
            return with_errand(further(model, Place(Screen.VISIT_SERVICE)), wish=Wish()), ()
        case ChangeVisit(), Screen.VISIT:
            return ask_for(model, "days")
        case CancelVisit(), Screen.VISIT:
            return further(model, Place(Screen.VISIT_CANCEL)), ()
        case CancelVisit(), Screen.VISIT_CANCEL:
            return ask_for(model, "cancel", wish.ref)
        case PickService(service), Screen.VISIT_SERVICE:
            return ask_for(with_errand(model, wish=Wish(service=service)), "days")
        case PickDay(day), Screen.VISIT_DAY:
            return ask_for(model, "slots", day)
        case PickTime(time), Screen.VISIT_TIME:
            there = further(model, Place(Screen.VISIT_SURE))
            return with_errand(there, wish=replace(wish, time=time)), ()
        case Book(), Screen.VISIT_SURE:
            return ask_for(model, "book")
        case PrintVisit(), Screen.VISIT_DONE if errand.booked:
            return _on_paper(model, "visit_print", errand.booked.ref)
        case _:
            return model, ()


# --- answered ---
def done_online(model: Model, work: Work, told: OfServices | None) -> Step:
    """The work has ended; nothing is waited for."""
    match work.kind, told:
        case "person", KioskPerson():
            return _identified(model, work, told)
        case "case" | "cases", KioskCases():
            return _cases(model, work, told.cases), ()
        case "visits", KioskBookings():
            there = shown(arrive(model, Place(Screen.VISITS)))
            return with_errand(there, bookings=told.bookings, wish=Wish()), ()
        case "days", KioskSlotDays():
            return with_errand(shown(arrive(model, Place(Screen.VISIT_DAY))), days=told.days), ()
        case "slots", KioskSlots():
            wish = replace(model.session.errand.wish, day=told.day, time="")
            return with_errand(shown(arrive(model, Place(Screen.VISIT_TIME))), slots=told, wish=wish), ()
        case "book", KioskBooking():
            places = Place(Screen.HOME), Place(Screen.ONLINE), Place(Screen.VISIT_DONE)
            return with_errand(shown(to(model, places)), booked=told), ()
        case "cancel", _:
            places = Place(Screen.HOME), Place(Screen.ONLINE), Place(Screen.VISITS)
            return further_ask(well(to(model, places), "said.visit_cancelled"), "visits")
        case (("case_print" | "visit_print"), _) if not isinstance(told, KioskPrinted) or told.printed:
            return well(model, "said.slip_printed"), ()
        case (("case_print" | "visit_print"), _):
            return sorry(model, "said.no_printer"), ()
        case _:
            return done_tax(model, work, told)


def _identified(model: Model, work: Work, told: KioskPerson) -> Step:
    shown_as = Personal(told.personal.name, told.personal.number, model.session.personal.person)
    model = with_errand(with_session(model, personal=shown_as), person=told.person)
    return further_ask(model, _LIST[work.matter or "cases"])


def _cases(model: Model, work: Work, cases: tuple[KioskCase, ...]) -> Model:
    """The only one at once; of several the list."""
    if not cases:
        return sorry(model, "said.no_cases")
    place = Place(Screen.CASE, "0") if len(cases) == 1 else Place(Screen.CASE_LIST)
    number = work.about if work.kind == "case" else ""
    return with_errand(shown(arrive(model, place)), cases=cases, number=number)


def found_by_code(model: Model, scanned: Scanned) -> Step:
    """The number of a case, or of a payment."""
    kind: AskedOnline = "case" if scanned.kind == "case" else "order"
    service = "cases" if kind == "case" else "tax"
    if service not in model.view.told.online.services:
        return sorry(model, "said.unknown_code"), ()
    return ask_for(model, kind, scanned.text)


# --- not answered, or refused ---
def refused_online(model: Model, work: Work, code: str) -> Step:
    """What was said stands; beside it what is safe, and where one is then."""
    said = model.session.said
    if said is not None and (note := _NOTES.get(work.kind)) and code not in ("slot_taken", "amount_changed"):
        model = with_session(model, said=replace(said, note=note))
    if code in _OVER and work.kind != "person" and model.session.errand.person:
        places = Place(Screen.HOME), Place(Screen.ONLINE)
        return with_session(to(model, places), errand=Errand(), personal=Personal()), ()
    if code == "slot_taken" and work.kind == "book":
        wish = model.session.errand.wish
        return ask_for(arrive(model, Place(Screen.VISIT_TIME)), "slots", wish.day)
    return refused_tax(model, work, code)


def given_up(model: Model, work: Work) -> Step:
    """Nobody waits for it any more: what is then known of it."""
    said = Said("sorry", "said.no_answer", note=_NOTES.get(work.kind, ""))
    return with_session(refused_tax(model, work, "")[0], said=said), ()
