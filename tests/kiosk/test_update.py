"""What follows from a touch, from time, and from what the daemon says: requirement by requirement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.wire.kiosk import KioskTicket
from kiosk_ui.actions import (
    Action,
    Back,
    CheckIn,
    Dismiss,
    Finish,
    GiveUp,
    Home,
    Open,
    PickLevel,
    PrintNotice,
    ReadCard,
    Screen,
    SendRating,
    SetElder,
    SetLanguage,
    SetSpeech,
    SetText,
    Stay,
    TakeTicket,
    ToggleCase,
    ToggleReason,
    Type,
)
from kiosk_ui.app import content_of
from kiosk_ui.messages import (
    Answer,
    Answered,
    Ask,
    Chime,
    Lost,
    Read,
    Silence,
    Speaking,
    Told,
    Wipe,
    Withdraw,
)
from kiosk_ui.model import Personal, Session
from tests.kiosk.update_kit import TICKET, VIEW, Kiosk

SERVICES = Open(Screen.SERVICES)
PERSON = Personal("王*明", "340***********1234", "f" * 32)


# --- a ticket ---
def test_q2_one_touch_is_one_ticket() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SERVICES, TakeTicket("tax"), TakeTicket("tax"), TakeTicket("social"), Home())
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args["service"], ask.args["can_show"]) == ("ticket.take", "tax", True)
    kiosk.answer(ticket=TICKET)
    assert (kiosk.screen, kiosk.model.session.ticket) == (Screen.TICKET, TICKET)


def test_q2_an_answer_that_got_lost_is_asked_for_again_under_the_same_id() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SERVICES, TakeTicket("tax"))
    kiosk.answer("unknown", code="connection_lost")
    kiosk.say(Lost())
    kiosk.wait(3)
    kiosk.answer("unknown", code="unreachable")
    kiosk.say(Told(VIEW))
    kiosk.answer(ticket=TICKET)
    first, second, third = kiosk.wanted(Ask)
    assert (first.work, first.args) == (second.work, second.args) == (third.work, third.args)
    assert [each.again for each in (first, second, third)] == [False, True, True]
    assert kiosk.at(Screen.TICKET)


def test_q2_who_gave_up_and_asks_once_more_asks_for_the_same_ticket() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SERVICES, TakeTicket("tax"))
    kiosk.answer("unknown")
    kiosk.wait(11)
    kiosk.touch(GiveUp())
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.not_known"
    kiosk.touch(Dismiss(), TakeTicket("tax"))
    first, _, last = kiosk.wanted(Ask)
    assert first.work != last.work, "another question, so that an answer that was kept is not given again"
    assert first.args["session"] == last.args["session"], "and the same ticket"


def test_q2_another_person_is_another_ticket_and_a_person_who_is_known_is_the_same_everywhere() -> None:
    kiosk = Kiosk.awake()
    keys = []
    for person in ("", "", "a" * 32, "a" * 32, "b" * 32):
        if person:
            kiosk.touch(ReadCard())
            kiosk.answer(personal=replace(PERSON, person=person))
        kiosk.touch(TakeTicket("tax"))
        keys.append(kiosk.wanted(Ask)[-1].args["session"])
        kiosk.answer(ticket=TICKET)
        kiosk.touch(Finish())
    assert keys[2] == keys[3]
    assert len(set(keys)) == 4


def test_a_ticket_that_is_over_is_followed_by_another_one() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(TakeTicket("tax"))
    kiosk.answer(ticket=TICKET.model_copy(update={"phase": "done"}))
    first, second = kiosk.wanted(Ask)
    assert first.args["session"] != second.args["session"]
    kiosk.answer(ticket=TICKET.model_copy(update={"ticket": "A017"}))
    assert kiosk.model.session.ticket and kiosk.model.session.ticket.ticket == "A017"


def test_a_refusal_is_said_in_the_daemons_words_and_leads_on() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SERVICES, TakeTicket("social"))
    kiosk.answer("rejected", code="closed_until", zh="13:30 起取号", en="from 13:30")
    said = kiosk.model.session.said
    assert said and (said.kind, said.zh, said.en) == ("sorry", "13:30 起取号", "from 13:30")
    kiosk.touch(Dismiss())
    assert (kiosk.model.session.said, kiosk.screen) == (None, Screen.SERVICES)


def test_a_reply_without_a_ticket_is_no_ticket() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(TakeTicket("tax"))
    kiosk.answer()
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.trouble"
    assert not kiosk.at(Screen.TICKET)


def test_k12_a_wait_shows_progress_after_a_second_and_a_way_out_after_ten() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(TakeTicket("tax"))
    seen = []
    for _ in range(12):
        kiosk.wait(1)
        assert kiosk.model.session.work
        seen.append(kiosk.model.session.work.wait)
    assert seen == [1] * 9 + [2] * 3
    kiosk.touch(GiveUp())
    assert kiosk.model.session.work is None
    assert any(isinstance(each, Withdraw) for each in kiosk.effects)


def test_nobody_is_left_waiting_for_ever() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(TakeTicket("tax"))
    kiosk.wait(121)
    assert kiosk.model.session.work is None


# --- the daemon is away ---
def test_the_hall_that_cannot_be_asked_is_said_at_once_and_is_back_by_itself() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SERVICES)
    kiosk.say(Lost())
    assert kiosk.at(Screen.OUT_OF_SERVICE)
    kiosk.touch(Open(Screen.GUIDE))
    assert kiosk.at(Screen.GUIDE), "what the kiosk knows by itself stays open"
    kiosk.touch(Back())
    kiosk.say(Told(VIEW))
    assert kiosk.at(Screen.SERVICES)


def test_a_ticket_on_the_screen_stays_there_while_the_daemon_is_away() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(TakeTicket("tax"))
    kiosk.answer(ticket=TICKET)
    kiosk.say(Lost())
    assert kiosk.at(Screen.TICKET)


def test_at_the_start_nobody_is_told_that_it_is_out_of_service() -> None:
    kiosk = Kiosk()
    assert kiosk.at(Screen.ATTRACT)
    kiosk.wait(4)
    assert kiosk.at(Screen.OUT_OF_SERVICE)


def test_the_halls_time_goes_on_without_the_daemon() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Lost())
    kiosk.wait(125)
    assert kiosk.model.view.time == "2026-11-30T09:02"


def test_a_full_store_issues_no_tickets() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Told(VIEW.model_copy(update={"full": True})))
    kiosk.touch(TakeTicket("tax"))
    assert kiosk.wanted(Ask) == []
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_tickets"


def test_k18_without_paper_a_ticket_is_shown_and_a_notice_is_not_begun() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Told(VIEW.model_copy(update={"printer": "paper_out"})))
    kiosk.touch(Open(Screen.GUIDE), Open(Screen.ITEM, "001"), PrintNotice("001"))
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_printer"
    kiosk.touch(TakeTicket("tax"))
    (ask,) = kiosk.wanted(Ask)
    assert ask.args["can_show"] is True


# --- idle (K8) ---
@pytest.mark.parametrize(
    ("manner", "way", "limit_s"),
    [
        ((), (SERVICES,), 60),
        ((), (Open(Screen.SEARCH),), 120),
        ((SetElder(True),), (SERVICES,), 120),
        ((SetSpeech(True),), (Open(Screen.SEARCH),), 240),
    ],
)
def test_k8_a_session_ends_after_its_limit_with_a_warning_30_s_before(
    manner: tuple[Action, ...], way: tuple[Action, ...], limit_s: int
) -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(*manner, *way)
    before = kiosk.screen
    kiosk.wait(limit_s - 31)
    assert (kiosk.model.session.ends_in_s, kiosk.screen) == (None, before)
    kiosk.wait(1)
    assert kiosk.model.session.ends_in_s == 30
    assert sum(isinstance(each, Chime) for each in kiosk.effects) == 1
    kiosk.wait(29)
    assert (kiosk.model.session.ends_in_s, kiosk.screen) == (1, before)
    kiosk.wait(1)
    assert kiosk.at(Screen.ATTRACT)
    assert sum(isinstance(each, Chime) for each in kiosk.effects) == 1


def test_k8_one_touch_anywhere_extends_and_does_nothing_else() -> None:
    for touch in (Stay(), None, Home(), TakeTicket("tax")):
        kiosk = Kiosk.awake()
        kiosk.touch(SERVICES)
        kiosk.wait(45)
        kiosk.touch(touch)
        assert (kiosk.model.session.ends_in_s, kiosk.screen) == (None, Screen.SERVICES)
        assert kiosk.wanted(Ask) == []
        kiosk.wait(29)
        assert kiosk.model.session.ends_in_s is None


def test_k8_typing_speaking_and_waiting_stop_the_clock() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.SEARCH))
    for letter in "abcdefg":
        kiosk.wait(80)
        kiosk.touch(Type(letter))
    assert kiosk.model.session.typed == "abcdefg"
    kiosk.say(Speaking(True))
    kiosk.wait(300)
    kiosk.say(Speaking(False))
    kiosk.touch(Home(), TakeTicket("tax"))
    kiosk.wait(100)
    kiosk.answer(ticket=TICKET)
    kiosk.wait(29)
    assert (kiosk.screen, kiosk.model.session.ends_in_s) == (Screen.TICKET, None)


def test_a_home_that_nobody_has_touched_ends_without_a_warning() -> None:
    kiosk = Kiosk.awake()
    kiosk.wait(59)
    assert kiosk.model.session.ends_in_s is None
    kiosk.wait(1)
    assert kiosk.at(Screen.ATTRACT)
    assert not any(isinstance(each, Chime) for each in kiosk.effects)


def test_k16_the_first_touch_only_wakes_it() -> None:
    kiosk = Kiosk()
    kiosk.say(Told(VIEW))
    kiosk.touch(TakeTicket("tax"))
    assert (kiosk.screen, kiosk.wanted(Ask)) == (Screen.HOME, [])


def test_k16_fixed_parts_shift_every_five_minutes() -> None:
    kiosk = Kiosk()
    kiosk.wait(1)
    shift = kiosk.model.look.shift
    kiosk.wait(600)
    assert kiosk.model.look.shift == shift + 2


def test_k16_while_nobody_is_there_the_picture_changes_with_the_clock_and_its_shift_alone() -> None:
    """Far below five frames a second, and no flash."""
    kiosk = Kiosk()
    kiosk.say(Told(VIEW))
    pictures: list[object] = []
    for _ in range(4 * 600):
        kiosk.wait(0.25, 0.25)
        if not pictures or pictures[-1] != content_of(kiosk.model):
            pictures.append(content_of(kiosk.model))
    assert 10 <= len(pictures) <= 14


# --- the end (K9) ---
def test_k9_everything_of_a_person_goes_with_the_session() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(SetLanguage("en"), SetText(3), SetElder(True), ReadCard())
    kiosk.answer(personal=PERSON)
    kiosk.touch(Open(Screen.SEARCH), Type("wang"), ToggleCase("agent"))
    before = kiosk.model.session
    kiosk.effects.clear()
    kiosk.touch(Finish())
    after = kiosk.model.session
    assert [type(each) for each in kiosk.effects] == [Silence, Wipe]
    new = Session(id=after.id, places=after.places, touched_s=after.touched_s, opened_s=after.opened_s)
    assert (after, after.id != before.id, kiosk.screen) == (new, True, Screen.HOME)


def test_k9_a_reading_ends_with_the_session() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(ReadCard())
    (read,) = kiosk.wanted(Read)
    kiosk.effects.clear()
    kiosk.touch(Finish())
    assert kiosk.effects == [Withdraw(read.work), Silence(), Wipe()]


def test_k9_an_answer_that_comes_after_the_end_is_nobodys() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(ReadCard())
    work = kiosk.model.session.work
    kiosk.touch(GiveUp(), Finish(), ReadCard())
    kiosk.model = replace(
        kiosk.model, session=replace(kiosk.model.session, work=work and replace(work, id="9"))
    )
    kiosk.effects.clear()
    assert work
    kiosk.say(Answered(work.id, Answer("done", personal=PERSON)))
    assert kiosk.model.session.personal == Personal()


def test_nothing_of_a_persons_is_in_the_text_of_a_model() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(ReadCard())
    kiosk.answer(personal=PERSON)
    kiosk.touch(Open(Screen.SEARCH), Type("SECRET"))
    assert "SECRET" not in repr(kiosk.model) and PERSON.person not in repr(kiosk.model)


# --- rating ---
def test_a_rating_names_the_act_with_reasons_of_its_level_only() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(
        Open(Screen.RATE_WINDOW), Open(Screen.RATE, "1"), PickLevel(5), ToggleReason(510), PickLevel(2)
    )
    kiosk.touch(ToggleReason(510), ToggleReason(213), SendRating())
    (ask,) = kiosk.wanted(Ask)
    assert (ask.verb, ask.args) == (
        "rating.give",
        {"window": "1", "level": 2, "reasons": [213], "act": "2026-11-30/A001"},
    )
    kiosk.answer()
    assert kiosk.model.session.said and kiosk.model.session.said.kind == "good"
    assert kiosk.at(Screen.HOME)


def test_a_rating_is_never_sent_without_a_level() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE, "1"), SendRating())
    assert kiosk.wanted(Ask) == []


def test_a_window_where_nothing_can_be_rated_says_so() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.RATE_WINDOW), Open(Screen.RATE, "2"))
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.nothing_to_rate"


# --- cards and codes ---
def test_a_reading_may_be_given_up_at_once_and_stops_nobody() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.CHECK_IN), CheckIn())
    (read,) = kiosk.wanted(Read)
    assert (read.what, read.device) == ("code", "scanner")
    kiosk.touch(GiveUp())
    assert Withdraw(read.work) in kiosk.effects
    kiosk.touch(Dismiss(), CheckIn())
    kiosk.answer(ticket=KioskTicket(ticket="B001", service="social", phase="waiting"))
    assert kiosk.at(Screen.TICKET)


def test_without_a_reader_it_says_so() -> None:
    kiosk = Kiosk.awake()
    kiosk.say(Told(VIEW.model_copy(update={"card_readers": (), "scanners": ()})))
    kiosk.touch(ReadCard())
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.no_card_reader"
    kiosk.touch(CheckIn())
    assert kiosk.model.session.said.key == "said.no_scanner"


# --- the way ---
def test_a_search_is_as_it_was_when_one_comes_back_from_an_item_and_gone_when_one_leaves_it() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.GUIDE), Open(Screen.SEARCH), Type("yb"), Open(Screen.ITEM, "017"), Back())
    assert (kiosk.screen, kiosk.model.session.typed) == (Screen.SEARCH, "yb")
    kiosk.touch(Open(Screen.PIN))
    assert kiosk.model.session.typed == ""
    kiosk.touch(Type("12"), Back())
    assert kiosk.model.session.typed == ""
