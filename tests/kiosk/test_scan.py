"""Paper that is held to the scanner, whatever page shows; cards that check in; ratings by the slip."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.wire.kiosk import KioskAppointment, KioskPosition, KioskRatable
from kiosk_ui.actions import (
    Action,
    Back,
    CheckIn,
    Dismiss,
    FindSlip,
    Finish,
    GiveUp,
    Home,
    Open,
    PickBooking,
    PickLevel,
    Screen,
    SendRating,
    Type,
)
from kiosk_ui.catalogue import Guide
from kiosk_ui.messages import (
    Answer,
    Answered,
    Ask,
    AskReasons,
    Lost,
    Read,
    Scanned,
    Told,
    ToldGuide,
    ToldReasons,
    Withdraw,
)
from kiosk_ui.model import Session
from kiosk_ui.update_scan import AGAIN_S, LIES_S, RETRY_S, STANDING
from tests.kiosk.update_kit import TICKET, VIEW, Kiosk

MARK, OTHER = "1" * 32, "2" * 32
ITEM = Scanned("item", "1001", "yunhe", ("renew",))
SLIP = Scanned("ticket", "yunhe/2026-11-30/A004", "yunhe")
BOOKINGS = (
    KioskAppointment(ref="r-0000001", service="tax", time="09:30"),
    KioskAppointment(ref="r-0000002", service="social", time="10:30"),
)
PLACE = KioskPosition(ticket="A004", service="tax", phase="waiting", ahead=3, from_min=10, to_min=15)
ACT = KioskRatable(ticket="A004", service="tax", window="1")


def scanning() -> Kiosk:
    """Where the scanner reads at any time; somebody stands at home."""
    kiosk = Kiosk()
    kiosk.model = replace(kiosk.model, look=replace(kiosk.model.look, scans=True))
    kiosk.say(Told(VIEW))
    kiosk.touch(None)
    return kiosk


def scan(kiosk: Kiosk, scanned: Scanned | None = ITEM, mark: str = MARK, **more: object) -> None:
    answer = Answer("done", scanned=scanned, mark=mark, **more)  # type: ignore[arg-type]  # as named
    kiosk.say(Answered(STANDING, answer))


def readings(kiosk: Kiosk) -> list[Read]:
    return [each for each in kiosk.wanted(Read) if each.work == STANDING]


def said(kiosk: Kiosk) -> str:
    told = kiosk.model.session.said
    return told.key or told.code if told else ""


# --- it goes on beside all else ---
def test_it_begins_with_the_hall_and_ends_with_it() -> None:
    kiosk = scanning()
    (read,) = readings(kiosk)
    assert (read.what, read.device, read.stands) == ("code", "scanner", True)
    kiosk.touch(Open(Screen.QUEUE), Home(), Finish())
    kiosk.wait(300)
    assert len(readings(kiosk)) == 1, "no session ends it, and none begins it"
    kiosk.say(Lost())
    assert kiosk.wanted(Withdraw)[-1].work == STANDING
    kiosk.say(Told(VIEW))
    assert len(readings(kiosk)) == 2
    kiosk.say(Told(VIEW.model_copy(update={"scanners": ()})))
    assert kiosk.model.scan.device == ""


def test_where_it_is_not_wanted_nothing_is_read() -> None:
    kiosk = Kiosk.awake()
    kiosk.wait(60)
    assert kiosk.wanted(Read) == []


def test_after_a_code_it_goes_on_and_after_a_failure_a_while_later() -> None:
    kiosk = scanning()
    scan(kiosk)
    assert len(readings(kiosk)) == 1
    kiosk.wait(AGAIN_S, 0.5)
    assert len(readings(kiosk)) == 2
    kiosk.say(Answered(STANDING, Answer("rejected", "busy", "忙", "busy")))
    assert said(kiosk) == "", "nobody has asked for anything"
    kiosk.wait(RETRY_S - 1)
    assert len(readings(kiosk)) == 2
    kiosk.wait(1)
    assert len(readings(kiosk)) == 3


# --- a notice ---
@pytest.mark.parametrize("page", [Screen.ATTRACT, Screen.HOME, Screen.SERVICES, Screen.ACCESS, Screen.QUEUE])
def test_a_notice_opens_its_item_from_any_page(page: Screen) -> None:
    kiosk = scanning()
    if page is Screen.ATTRACT:
        kiosk.wait(100)
    else:
        kiosk.touch(Open(page))
    assert kiosk.screen is page
    scan(kiosk)
    session = kiosk.model.session
    assert kiosk.at(Screen.ITEM) and session.place.about == "1001" and session.cases == {"renew"}
    kiosk.touch(Back())
    assert kiosk.screen is (Screen.HOME if page is Screen.ATTRACT else page)
    assert kiosk.model.session.cases == frozenset()


def test_it_is_a_sign_of_life_and_what_was_said_has_been_read() -> None:
    kiosk = scanning()
    kiosk.touch(Open(Screen.QUEUE))
    kiosk.wait(40)
    assert kiosk.model.session.ends_in_s is not None
    scan(kiosk)
    assert kiosk.model.session.ends_in_s is None and kiosk.screen is Screen.ITEM
    kiosk.wait(20)
    assert kiosk.screen is Screen.ITEM


def test_paper_that_lies_there_still_is_one_wish() -> None:
    kiosk = scanning()
    scan(kiosk)
    kiosk.touch(Home())
    for _ in range(4):
        kiosk.wait(AGAIN_S + 1)
        scan(kiosk)
        assert kiosk.screen is Screen.HOME
    kiosk.wait(LIES_S + 1)
    scan(kiosk)
    assert kiosk.screen is Screen.ITEM
    kiosk.wait(AGAIN_S + 1)
    scan(kiosk, SLIP, OTHER)
    assert kiosk.wanted(Ask)[-1].verb == "ticket.find"


@pytest.mark.parametrize("scanned", [replace(ITEM, hall="other"), replace(SLIP, hall="other")])
def test_paper_of_another_hall_is_a_calm_sentence(scanned: Scanned) -> None:
    kiosk = scanning()
    scan(kiosk, scanned)
    assert (said(kiosk), kiosk.screen, kiosk.wanted(Ask)) == ("said.other_hall", Screen.HOME, [])


def test_a_code_that_nobody_knows_is_a_calm_sentence_also_to_who_has_just_come() -> None:
    kiosk = scanning()
    kiosk.wait(100)
    kiosk.say(Answered(STANDING, Answer("rejected", "unknown_code", mark=MARK)))
    assert (kiosk.screen, said(kiosk)) == (Screen.HOME, "said.unknown_code")
    kiosk.touch(Dismiss())
    assert said(kiosk) == ""


def test_without_a_guide_a_notice_says_so() -> None:
    kiosk = scanning()
    kiosk.model = replace(kiosk.model, look=replace(kiosk.model.look, has_guide=False))
    scan(kiosk)
    assert (said(kiosk), kiosk.screen) == ("guide.none", Screen.HOME)


def test_before_the_guide_has_been_read_a_notice_asks_to_wait() -> None:
    kiosk = scanning()
    view = replace(
        kiosk.model.view, told=kiosk.model.view.told.model_copy(update={"catalogue": "/srv/items"})
    )
    kiosk.model = replace(kiosk.model, view=view, look=replace(kiosk.model.look, has_guide=False))
    scan(kiosk)
    assert (said(kiosk), kiosk.screen) == ("guide.coming", Screen.HOME)
    kiosk.say(ToldGuide(Guide("/srv/items")))
    scan(kiosk)  # it lies there still
    assert said(kiosk) == "guide.none"


@pytest.mark.parametrize("screen", [Screen.PIN, Screen.TECHNICIAN])
def test_technicians_are_not_led_away(screen: Screen) -> None:
    kiosk = scanning()
    place = replace(kiosk.model.session.place, screen=screen)
    places = (*kiosk.model.session.places, place)
    kiosk.model = replace(kiosk.model, session=replace(kiosk.model.session, places=places))
    scan(kiosk)
    assert kiosk.model.session.screen is screen


def test_while_something_is_waited_for_nothing_else_is_begun() -> None:
    kiosk = scanning()
    kiosk.touch(Open(Screen.RATE_SLIP), Type("a004"), FindSlip())
    scan(kiosk)
    assert kiosk.model.session.work and kiosk.model.session.work.kind == "slip"


# --- an appointment's code ---
def test_who_asks_to_scan_waits_for_the_reading_that_goes_on() -> None:
    kiosk = scanning()
    kiosk.touch(Open(Screen.CHECK_IN), CheckIn())
    assert len(kiosk.wanted(Read)) == 1, "a scanner has one"
    kiosk.wait(2)
    assert kiosk.model.session.work
    scan(kiosk, None, ticket=TICKET)
    assert kiosk.at(Screen.TICKET) and kiosk.model.session.ticket == TICKET


def test_who_asks_to_scan_is_told_of_the_same_code_again() -> None:
    kiosk = scanning()
    scan(kiosk, replace(ITEM, hall="other"))
    kiosk.wait(AGAIN_S + 1)
    kiosk.touch(Dismiss(), Open(Screen.CHECK_IN), CheckIn())
    scan(kiosk, replace(ITEM, hall="other"))
    assert (said(kiosk), kiosk.model.session.work) == ("said.other_hall", None)


def test_who_asks_to_scan_just_after_a_code_has_a_reading_of_his_own_until_he_gives_up() -> None:
    kiosk = scanning()
    scan(kiosk)
    kiosk.touch(Open(Screen.CHECK_IN), CheckIn())
    kiosk.wait(AGAIN_S + 2)
    own = kiosk.wanted(Read)[-1]
    assert own.work != STANDING and len(kiosk.wanted(Read)) == 2
    kiosk.touch(GiveUp())
    assert kiosk.wanted(Read)[-1].work == STANDING
    assert any(each.work == own.work for each in kiosk.wanted(Withdraw))


def test_a_hall_that_goes_away_while_one_scans_is_scanned_at_again() -> None:
    kiosk = scanning()
    kiosk.touch(Open(Screen.CHECK_IN), CheckIn())
    kiosk.say(Lost(), Told(VIEW))
    assert len(readings(kiosk)) == 2
    scan(kiosk, None, ticket=TICKET)
    assert kiosk.screen is Screen.TICKET


def test_an_appointments_code_checks_in_from_any_page() -> None:
    kiosk = scanning()
    kiosk.wait(100)
    scan(kiosk, None, ticket=TICKET)
    assert (kiosk.screen, kiosk.model.session.ticket) == (Screen.TICKET, TICKET)


# --- a slip: its place, or its rating ---
def test_a_slip_tells_its_place_in_the_queue_from_any_page() -> None:
    kiosk = scanning()
    kiosk.wait(100)
    scan(kiosk, SLIP)
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args) == ("ticket.find", {"ticket": SLIP.text})
    kiosk.answer(position=PLACE)
    assert (kiosk.screen, kiosk.model.session.position) == (Screen.POSITION, PLACE)
    kiosk.wait(AGAIN_S + 1)
    scan(kiosk, replace(SLIP, text="yunhe/2026-11-30/A005"), OTHER)
    kiosk.answer(position=PLACE.model_copy(update={"ticket": "A005"}))
    found = kiosk.model.session.position
    assert found and found.ticket == "A005"
    kiosk.touch(Back())
    assert kiosk.screen is Screen.HOME and kiosk.model.session.position is None


def test_a_slip_that_is_over_leads_to_its_rating() -> None:
    kiosk = scanning()
    scan(kiosk, SLIP)
    kiosk.answer(position=PLACE.model_copy(update={"phase": "done", "ratable": True}))
    kiosk.touch(FindSlip("A004"))
    assert kiosk.wanted(Ask)[-1].verb == "rating.find"
    kiosk.answer(ratable=ACT)
    assert kiosk.screen is Screen.RATE


@pytest.mark.parametrize("page", [Screen.RATE_WINDOW, Screen.RATE_SLIP])
def test_where_one_rates_a_slip_that_is_scanned_is_rated(page: Screen) -> None:
    kiosk = scanning()
    kiosk.touch(Open(page))
    scan(kiosk, SLIP)
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args) == ("rating.find", {"ticket": SLIP.text})


def test_a_slip_is_rated_by_its_number_once() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE_WINDOW), Open(Screen.RATE_SLIP), FindSlip())
    assert kiosk.wanted(Ask) == [], "nothing was typed"
    kiosk.touch(*(Type(each) for each in "a004"), FindSlip())
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args) == ("rating.find", {"ticket": "a004"})
    kiosk.answer(ratable=ACT)
    session = kiosk.model.session
    assert (session.place.about, session.slip, session.typed) == ("1", ACT, "")
    kiosk.touch(SendRating())
    assert len(kiosk.wanted(Ask)) == 1, "no level is given beforehand"
    kiosk.touch(PickLevel(2), SendRating())
    give = kiosk.wanted(Ask)[-1]
    assert (give.verb, give.args) == ("rating.give", {"ticket": "A004", "level": 2, "reasons": []})
    kiosk.answer()
    assert (said(kiosk), kiosk.screen, kiosk.model.session.slip) == ("said.rated", Screen.HOME, None)


def test_a_slip_that_cannot_be_rated_is_told_in_the_halls_words_and_stays_typed() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE_SLIP), Type("a004"), FindSlip())
    kiosk.answer("rejected", code="rated_already", zh="已经评价过", en="rated already")
    assert said(kiosk) == "rated_already"
    kiosk.touch(Dismiss())
    assert (kiosk.screen, kiosk.model.session.typed) == (Screen.RATE_SLIP, "a004")


def test_the_reasons_are_asked_for_where_nobody_has() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(ToldReasons(type(kiosk.model.view.reasons)()))
    kiosk.touch(Open(Screen.RATE_SLIP), Type("a"), FindSlip())
    kiosk.answer(ratable=ACT)
    assert AskReasons() in kiosk.effects


def test_who_looks_elsewhere_while_he_rates_comes_back_to_the_same_act() -> None:
    """The settings are a touch away: what is rated afterwards is not whatever waits at the window then."""
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE, "1"), Open(Screen.ACCESS), Back(), PickLevel(5), SendRating())
    assert kiosk.wanted(Ask)[-1].args["act"] == "2026-11-30/A001"
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE_SLIP), Type("a004"), FindSlip())
    kiosk.answer(ratable=ACT)
    kiosk.touch(Open(Screen.ACCESS), Back(), PickLevel(5), SendRating())
    assert kiosk.wanted(Ask)[-1].args["ticket"] == "A004"
    kiosk.answer()
    kiosk.touch(Dismiss(), Open(Screen.RATE, "1"), PickLevel(5), SendRating())
    assert "ticket" not in kiosk.wanted(Ask)[-1].args


# --- a card that checks in ---
def by_card(kiosk: Kiosk) -> Read:
    kiosk.touch(Open(Screen.CHECK_IN), CheckIn("card"))
    return kiosk.wanted(Read)[-1]


def test_a_card_with_one_appointment_has_its_ticket() -> None:
    kiosk = Kiosk.awake()
    read = by_card(kiosk)
    assert (read.what, read.device, read.day) == ("card_check_in", "reader", "2026-11-30")
    kiosk.answer(ticket=TICKET)
    assert (kiosk.screen, kiosk.model.session.ticket) == (Screen.TICKET, TICKET)


def test_of_several_appointments_he_picks_one() -> None:
    kiosk = Kiosk.awake()
    by_card(kiosk)
    kiosk.answer(appointments=BOOKINGS)
    assert kiosk.screen is Screen.BOOKINGS
    kiosk.touch(PickBooking(7), PickBooking(-1), PickBooking(1))
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args["ref"], ask.args["can_show"]) == ("appointment.check_in", "r-0000002", True)
    kiosk.answer(ticket=TICKET)
    assert kiosk.at(Screen.TICKET) and kiosk.model.session.bookings == ()


def test_without_an_appointment_there_is_a_way_to_a_ticket() -> None:
    kiosk = Kiosk.awake()
    by_card(kiosk)
    kiosk.answer(appointments=())
    assert (kiosk.screen, kiosk.model.session.bookings) == (Screen.BOOKINGS, ())
    kiosk.touch(Open(Screen.SERVICES))
    assert kiosk.screen is Screen.SERVICES


def test_the_appointments_go_with_the_session_and_with_their_page() -> None:
    for leave in (Home(), Back(), Finish()):
        kiosk = Kiosk.awake()
        by_card(kiosk)
        kiosk.answer(appointments=BOOKINGS)
        kiosk.touch(leave)
        assert "r-0000001" not in repr(kiosk.model) and kiosk.model.session.bookings == ()
    kiosk = Kiosk.awake()
    by_card(kiosk)
    kiosk.answer(appointments=BOOKINGS)
    kiosk.wait(200)
    assert replace(kiosk.model.session, touched_s=0.0, opened_s=0.0) == Session(id=kiosk.model.session.id)


@pytest.mark.parametrize("page", [Screen.BOOKINGS, Screen.POSITION])
def test_nothing_leads_to_what_nobody_has_shown(page: Screen) -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(page))
    assert kiosk.screen is Screen.HOME


@pytest.mark.parametrize(("code", "key"), [("no_number", "said.no_number"), ("no_key", "said.trouble")])
def test_a_card_that_says_too_little_is_a_calm_sentence(code: str, key: str) -> None:
    kiosk = Kiosk.awake()
    by_card(kiosk)
    kiosk.answer("rejected", code=code)
    assert (said(kiosk), kiosk.screen) == (key, Screen.CHECK_IN)


@pytest.mark.parametrize("by", [CheckIn(), CheckIn("card")])
def test_where_no_ticket_can_be_issued_nobody_checks_in(by: Action) -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Told(VIEW.model_copy(update={"full": True})))
    kiosk.touch(by)
    assert (said(kiosk), kiosk.wanted(Read)) == ("said.no_tickets", [])


def test_without_a_key_no_card_checks_in() -> None:
    kiosk = Kiosk.awake()
    kiosk.model = replace(kiosk.model, look=replace(kiosk.model.look, has_card_check_in=False))
    kiosk.touch(CheckIn("card"))
    assert (said(kiosk), kiosk.wanted(Read)) == ("said.no_card_reader", [])
