"""Cases and appointments: which way leads where, what the daemon is asked, and what a refusal means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.wire.services import KioskBookings, KioskCases, KioskPrinted
from kiosk_ui.actions import Back, Finish, GiveUp, Home, Open, Screen, Type
from kiosk_ui.actions_online import (
    Book,
    ByCard,
    CancelVisit,
    ChangeVisit,
    FindCase,
    NewVisit,
    PickCase,
    PickDay,
    PickService,
    PickTime,
    PickVisit,
    PrintCase,
    PrintVisit,
    ScanPaper,
)
from kiosk_ui.errand import Errand
from kiosk_ui.messages import Answer, Answered, Ask, Read, Scanned, Told, Withdraw
from kiosk_ui.model import Personal
from kiosk_ui.update_scan import STANDING
from tests.kiosk.online_kit import (
    BOOKED,
    BOOKING,
    CASE,
    DAYS,
    NAME,
    NUMBER,
    ONE,
    ONLINE,
    PERSON,
    REF,
    SLOTS,
    TWO,
    TYPED,
    WHO,
    asked,
    at_online,
    tell,
    verbs,
    with_card,
)
from tests.kiosk.update_kit import VIEW, Kiosk


# --- who it is ---
def test_a_card_is_shown_once_and_says_who_it_is_masked() -> None:
    kiosk = at_online()
    kiosk.touch(ByCard("cases"))
    assert (asked(kiosk).verb, asked(kiosk).args["device"]) == ("person.identify", "reader")
    assert kiosk.model.session.work and kiosk.model.session.work.wait == 1, "it shows at once"
    tell(kiosk, PERSON)
    assert kiosk.model.session.personal == Personal(NAME, NUMBER)
    assert (asked(kiosk).verb, asked(kiosk).args) == ("case.list", {"person": WHO})
    tell(kiosk, ONE)
    kiosk.touch(Home(), Open(Screen.ONLINE), ByCard("bookings"))
    assert verbs(kiosk).count("person.identify") == 1
    assert (asked(kiosk).verb, asked(kiosk).args) == ("booking.list", {"person": WHO})


def test_a_card_need_not_be_shown_after_all() -> None:
    kiosk = at_online()
    kiosk.touch(ByCard("tax"), GiveUp())
    assert kiosk.wanted(Withdraw) and kiosk.model.session.work is None
    assert kiosk.at(Screen.ONLINE)


def test_without_a_reader_it_is_said() -> None:
    kiosk = at_online()
    kiosk.say(Told(ONLINE.model_copy(update={"card_readers": ()})))
    kiosk.touch(ByCard("tax"))
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_card_reader"


def test_who_he_was_is_forgotten_with_the_session() -> None:
    kiosk = with_card("cases", TWO)
    kiosk.effects.clear()
    kiosk.touch(Finish())
    assert [(each.verb, each.args) for each in kiosk.wanted(Ask)] == [("person.forget", {"person": WHO})]
    assert kiosk.model.session.errand == Errand() and kiosk.model.session.personal == Personal()


def test_who_stays_too_long_shows_his_card_again() -> None:
    kiosk = with_card("bookings", BOOKED)
    kiosk.touch(NewVisit(), PickService("tax"))
    kiosk.answer("rejected", code="visit_over", zh="请重新刷身份证", en="Please show your card again")
    assert kiosk.at(Screen.ONLINE)
    assert (kiosk.model.session.errand, kiosk.model.session.personal) == (Errand(), Personal())
    kiosk.touch(ByCard("bookings"))
    assert asked(kiosk).verb == "person.identify"


def test_a_hall_without_these_services_has_none_of_it() -> None:
    kiosk = Kiosk.awake()
    for screen in (Screen.ONLINE, Screen.CASES, Screen.CASE_NUMBER, Screen.RECEIPTS, Screen.TAX):
        kiosk.touch(Open(screen))
    kiosk.touch(ByCard("cases"))
    assert kiosk.at(Screen.HOME) and kiosk.wanted(Ask) == []


# --- cases ---
def test_a_case_is_found_by_the_number_that_is_typed_and_by_nothing_shorter() -> None:
    kiosk = at_online()
    kiosk.touch(Open(Screen.CASES), Open(Screen.CASE_NUMBER), *(Type(each) for each in TYPED[:-1]))
    kiosk.touch(FindCase())
    assert kiosk.wanted(Ask) == []
    kiosk.touch(Type("x"), Type("8"), Type("9"), FindCase())
    assert (asked(kiosk).verb, asked(kiosk).args) == ("case.find", {"number": TYPED})
    tell(kiosk, ONE)
    assert kiosk.at(Screen.CASE) and kiosk.model.session.typed == ""
    kiosk.touch(PrintCase())
    assert asked(kiosk).verb == "case.print"
    assert (asked(kiosk).args["number"], asked(kiosk).args["case"]) == (TYPED, CASE["number"])
    tell(kiosk, KioskPrinted(printed=True))
    assert kiosk.model.session.said and kiosk.model.session.said.kind == "good"


def test_of_several_cases_one_is_picked() -> None:
    kiosk = with_card("cases", TWO)
    assert kiosk.at(Screen.CASE_LIST)
    kiosk.touch(PickCase(7))
    assert kiosk.at(Screen.CASE_LIST)
    kiosk.touch(PickCase(1))
    assert kiosk.at(Screen.CASE) and kiosk.model.session.place.about == "1"
    kiosk.touch(PrintCase())
    assert asked(kiosk).args["person"] == WHO and "number" not in asked(kiosk).args
    tell(kiosk, KioskPrinted(printed=False))
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_printer"


def test_no_case_is_a_calm_sentence() -> None:
    kiosk = with_card("cases", KioskCases())
    assert kiosk.at(Screen.ONLINE)
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_cases"


@pytest.mark.parametrize(
    ("kind", "text", "verb", "args"),
    [
        ("case", TYPED, "case.find", {"number": TYPED}),
        ("order", "P" + "1" * 19, "receipt.find", {"order": "P" + "1" * 19}),
    ],
)
def test_a_code_is_looked_for_from_whatever_page(kind: str, text: str, verb: str, args: object) -> None:
    kiosk = at_online()
    kiosk.touch(Home())
    scans = replace(kiosk.model.look, scans=True)
    kiosk.model = replace(kiosk.model, look=scans)
    kiosk.say(Told(ONLINE))
    standing = kiosk.wanted(Read)[-1]
    assert standing.stands and standing.online
    scanned = Scanned(kind, text, "")  # type: ignore[arg-type]  # as parametrized
    kiosk.say(Answered(STANDING, Answer("done", scanned=scanned, mark="1" * 32)))
    assert (asked(kiosk).verb, asked(kiosk).args) == (verb, args)


def test_who_asks_to_scan_waits_for_it_and_may_leave() -> None:
    kiosk = at_online()
    kiosk.touch(Open(Screen.CASES), ScanPaper())
    (reading,) = kiosk.wanted(Read)
    assert (reading.what, reading.online) == ("code", True)
    kiosk.answer(scanned=Scanned("case", TYPED, ""))
    tell(kiosk, ONE)
    assert kiosk.at(Screen.CASE)


def test_a_code_of_services_that_are_not_there_is_nobodys() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Told(VIEW))
    kiosk.touch(Open(Screen.CHECK_IN))
    from kiosk_ui.actions import CheckIn  # noqa: PLC0415 of this test alone

    kiosk.touch(CheckIn())
    kiosk.answer(scanned=Scanned("case", TYPED, ""))
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.unknown_code"


# --- appointments ---
def booked_at(kiosk: Kiosk, time: str) -> Ask:
    kiosk.touch(PickDay("2026-12-03"))
    tell(kiosk, SLOTS)
    kiosk.touch(PickTime(time), Book())
    return asked(kiosk)


def test_an_appointment_is_made() -> None:
    kiosk = with_card("bookings", KioskBookings())
    assert kiosk.at(Screen.VISITS)
    kiosk.touch(NewVisit(), PickService("tax"))
    assert (asked(kiosk).verb, asked(kiosk).args) == ("slot.days", {"service": "tax"})
    tell(kiosk, DAYS)
    question = booked_at(kiosk, "10:00")
    assert question.verb == "booking.make"
    ref = question.args["ref"]
    assert question.args == {
        **{"person": WHO, "ref": ref, "service": "tax", "day": "2026-12-03", "time": "10:00"}
    }
    kiosk.answer("unknown")
    assert asked(kiosk).args["ref"] == ref, "asked again, it is the same appointment"
    tell(kiosk, BOOKING.model_copy(update={"ref": ref}))
    assert kiosk.at(Screen.VISIT_DONE)
    kiosk.touch(PrintVisit())
    assert (asked(kiosk).verb, asked(kiosk).args["ref"]) == ("booking.print", ref)


def test_an_appointment_is_changed_and_stays_the_same_one() -> None:
    kiosk = with_card("bookings", BOOKED)
    kiosk.touch(PickVisit(0), ChangeVisit())
    assert asked(kiosk).args == {"service": "tax"}
    tell(kiosk, DAYS)
    assert booked_at(kiosk, "10:00").args["ref"] == REF


def test_an_appointment_is_cancelled_once_he_is_sure() -> None:
    kiosk = with_card("bookings", BOOKED)
    kiosk.touch(PickVisit(0), CancelVisit())
    assert kiosk.at(Screen.VISIT_CANCEL) and asked(kiosk).verb == "booking.list"
    kiosk.touch(Back())
    assert kiosk.at(Screen.VISIT)
    kiosk.touch(CancelVisit(), CancelVisit())
    assert (asked(kiosk).verb, asked(kiosk).args) == ("booking.cancel", {"person": WHO, "ref": REF})
    kiosk.answer()
    assert asked(kiosk).verb == "booking.list"
    tell(kiosk, KioskBookings())
    assert kiosk.at(Screen.VISITS) and kiosk.model.session.errand.bookings == ()


def test_a_time_that_somebody_else_took_leads_to_the_other_times() -> None:
    kiosk = with_card("bookings", BOOKED)
    kiosk.touch(PickVisit(0), ChangeVisit())
    tell(kiosk, DAYS)
    booked_at(kiosk, "10:00")
    kiosk.answer("rejected", code="slot_taken", zh="刚被约走了", en="Just taken")
    assert (asked(kiosk).verb, asked(kiosk).args) == ("slot.find", {"service": "tax", "day": "2026-12-03"})
    tell(kiosk, SLOTS)
    assert kiosk.at(Screen.VISIT_TIME)
    assert kiosk.model.session.said and kiosk.model.session.said.code == "slot_taken"


def test_where_nobody_knows_whether_it_was_booked_he_is_told_to_look() -> None:
    kiosk = with_card("bookings", BOOKED)
    kiosk.touch(NewVisit(), PickService("tax"))
    tell(kiosk, DAYS)
    booked_at(kiosk, "10:00")
    kiosk.answer("failed", code="upstream_away", zh="暂时连不上", en="Away")
    said = kiosk.model.session.said
    assert said and (said.code, said.note) == ("upstream_away", "note.book")
    assert kiosk.at(Screen.VISIT_SURE), "what he had picked is still there"


def test_who_no_longer_waits_for_an_answer_is_told_that_there_was_none() -> None:
    kiosk = at_online()
    kiosk.touch(ByCard("cases"))
    tell(kiosk, PERSON)
    kiosk.wait(11.0)
    kiosk.touch(GiveUp())
    said = kiosk.model.session.said
    assert said and (said.key, said.note) == ("said.no_answer", "")


def test_what_makes_no_sense_is_a_calm_sentence() -> None:
    for wrong in (None, DAYS, SLOTS):
        kiosk = at_online()
        kiosk.touch(ByCard("cases"))
        tell(kiosk, PERSON)
        tell(kiosk, wrong)
        assert kiosk.model.session.said and kiosk.model.session.said.key == "said.trouble"
        assert kiosk.at(Screen.ONLINE)
