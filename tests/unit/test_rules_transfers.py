"""A citizen sent on with his ticket: where he waits, who may call him, and that he rates once."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules import call_lines
from edge.rules.effects import CallOff, Display, InviteRating, Show
from edge.rules.model import Decision, Shift, Transfer, Window
from edge.rules.strips import sent
from edge.rules.text import width
from edge.wire import TicketTransferred
from tests.unit.rules_kit import Play, a_hall, effects, kinds, refusal


def a_play(**changes: object) -> Play:
    play = Play(a_hall(**changes))
    play.staff("1", "2", "3")
    return play


def serving(play: Play, window: str = "1") -> str:
    ticket = str(play.key(window, KeyAction.CALL).answer["ticket"])
    play.key(window, KeyAction.START)
    return ticket


def send(play: Play, window: str = "1", to: str = "3", service: str = "", *, back: bool = False) -> Decision:
    return play.do(Transfer(window, to, service, back))


def finish(play: Play, window: str) -> Decision:
    play.key(window, KeyAction.START)
    return play.key(window, KeyAction.FINISH)


# --- there ---
def test_a_ticket_goes_to_the_window_whose_number_is_typed() -> None:
    play = a_play()
    play.join()
    serving(play)
    decision = play.key("1", KeyAction.TRANSFER, "03")
    (fact,) = decision.facts
    assert fact == TicketTransferred(
        ticket="A001", window="1", staff="1001", service="permit", to="3", way="there"
    )
    assert effects(decision, Show) == [Show("1", "A001请到3号窗口", "yellow")]
    assert effects(decision, Display) == [Display("1", "")]
    assert effects(decision, CallOff) == [CallOff("A001", taken_back=True)]
    assert decision.answer == {"ticket": "A001", "service": "permit", "window": "3"}


def test_it_keeps_its_place_there() -> None:
    play = a_play()
    play.join("tax")
    play.join("permit")
    serving(play)
    play.join("permit")
    send(play)
    assert [serving(play, "3"), serving(play, "3")] == ["A001", "C001"]


def test_it_keeps_its_service_where_the_window_has_it_too() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    assert send(play, to="2").answer["service"] == "tax"


def test_a_service_may_be_named_with_the_window_or_without() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    assert send(play, to="2", service="land").answer == {"ticket": "A001", "service": "land", "window": "2"}
    play.join("tax")
    serving(play)
    decision = send(play, to="", service="permit")
    assert decision.answer == {"ticket": "A002", "service": "permit", "window": ""}
    assert effects(decision, Show) == [Show("1", "A002 请等候叫号", "yellow")]


def test_only_the_window_that_it_was_sent_to_calls_it() -> None:
    play = a_play()
    play.join("tax")
    play.join("tax")
    serving(play, "2")
    send(play, "2", to="1")
    assert serving(play, "2") == "A002"
    assert play.state.tickets["A001"].overtaken == 0
    assert serving(play, "1") == "A001"


def test_when_that_windows_staff_leave_any_may_call_it() -> None:
    play = a_play()
    play.join("tax")
    serving(play, "2")
    send(play, "2", to="1")
    play.key("1", KeyAction.LOGOUT)
    assert serving(play, "2") == "A001"


def test_a_window_that_a_new_configuration_took_out_strands_nobody() -> None:
    play = a_play()
    play.join("tax")
    serving(play, "2")
    send(play, "2", to="1")
    windows = {id_: window for id_, window in play.hall.windows.items() if id_ != "1"}
    play.hall = a_hall(windows=windows)
    play.restart()
    assert serving(play, "2") == "A001"


def test_staff_there_may_call_its_number_which_has_another_services_letter() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    send(play)
    assert play.key("3", KeyAction.CALL, "1").answer["ticket"] == "A001"


def test_one_who_was_called_and_not_begun_has_begun_where_he_is_sent_on() -> None:
    play = a_play()
    play.join()
    play.key("1", KeyAction.CALL)
    assert kinds(send(play)) == ["service.started", "ticket.transferred"]


# --- one act, one rating ---
def test_the_act_ends_once_and_is_rated_once_at_its_last_window() -> None:
    play = a_play()
    play.join()
    serving(play)
    assert effects(send(play), InviteRating) == []
    serving(play, "3")
    assert effects(finish(play, "3"), InviteRating) == [InviteRating("3")]
    play.rate("3", 5)
    told = [fact.kind for fact, _ in play.kept]
    assert told.count("service.finished") == told.count("rating.given") == 1


def test_it_goes_there_and_back_and_is_the_next_there() -> None:
    play = a_play()
    for _ in range(2):
        play.join("tax")
    serving(play)
    send(play, back=True)
    assert serving(play, "3") == "A001"
    decision = finish(play, "3")
    (fact,) = decision.facts
    assert fact == TicketTransferred(
        ticket="A001", window="3", staff="1003", service="tax", to="1", way="back"
    )
    assert effects(decision, InviteRating) == []
    assert effects(decision, Show) == [Show("3", "A001请到1号窗口", "yellow")]
    assert serving(play, "1") == "A001"
    assert kinds(finish(play, "1")) == ["service.finished"]


def test_calling_the_next_one_sends_it_back_too() -> None:
    play = a_play()
    play.join("tax")
    play.join("permit")
    serving(play)
    send(play, back=True)
    serving(play, "3")
    assert kinds(play.key("3", KeyAction.CALL)) == ["ticket.transferred", "ticket.called"]


def test_back_to_a_window_that_has_closed_is_to_another_that_has_the_service() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    send(play, back=True)
    serving(play, "3")
    play.key("1", KeyAction.LOGOUT)
    assert finish(play, "3").answer["window"] == "2"
    assert serving(play, "2") == "A001"


def test_where_nobody_is_there_any_more_it_ends_where_it_is() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    send(play, back=True)
    serving(play, "3")
    play.key("1", KeyAction.LOGOUT)
    play.key("2", KeyAction.LOGOUT)
    assert kinds(finish(play, "3")) == ["service.finished"]


def test_it_is_not_given_back_to_the_window_where_it_is() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    send(play, to="2", back=True)
    play.key("1", KeyAction.LOGOUT)
    serving(play, "2")
    assert kinds(finish(play, "2")) == ["service.finished"]


def test_who_is_back_by_any_way_is_not_sent_there_again() -> None:
    play = a_play()
    play.join("tax")
    serving(play)
    send(play, to="2", back=True)
    serving(play, "2")
    send(play, "2", to="1")
    serving(play, "1")
    assert kinds(finish(play, "1")) == ["service.finished"]


# --- strips and boards ---
def test_the_strip_shows_the_way_until_he_is_called_there() -> None:
    play = a_play()
    play.join()
    serving(play)
    send(play)
    assert effects(play.restart(), Show)[0] == Show("1", "A001请到3号窗口", "yellow")
    shown = effects(play.key("3", KeyAction.CALL), Show)
    assert shown == [Show("3", "请 A001 号", "red"), Show("1", "空闲", "green")]


@pytest.mark.parametrize("action", [KeyAction.PAUSE, KeyAction.LOGOUT, KeyAction.CALL])
def test_the_strip_shows_the_way_until_the_window_goes_on(action: KeyAction) -> None:
    play = a_play()
    play.join()
    serving(play)
    send(play)
    play.join()
    play.key("1", action)
    assert play.state.window("1").sent == ""
    assert len(effects(play.key("3", KeyAction.CALL), Show)) == 1


def test_a_rating_that_runs_out_leaves_the_way_on_the_strip() -> None:
    play = a_play()
    for _ in range(2):
        play.join()
    play.serve("1")
    act = play.state.tickets["A001"].act
    serving(play)
    send(play)
    assert effects(play.fire(f"rating:{act}"), Show) == []


def test_every_way_fits_a_strip_of_sixteen_columns() -> None:
    window = Window("1", "1 号窗口", ("tax",))
    texts = {sent(window, ticket, to).text for ticket in ("A001", "AB1234") for to in ("12 号窗口", "")}
    assert max(map(width, texts)) <= 16
    assert "A001请到12号窗口" in texts


def test_the_board_calls_it_to_its_new_window() -> None:
    play = a_play()
    play.join()
    serving(play)
    send(play)
    assert play.state.called == ()
    play.key("3", KeyAction.CALL)
    assert call_lines(play.state.called, play.hall, 16)[0].text == "A001 请到 3号窗口"[:16].replace(" ", "")


# --- refusals ---
def test_what_cannot_be_sent_on_is_refused_in_words() -> None:
    play = a_play()
    assert refusal(send(play)) == "nothing_to_transfer"
    play.join()
    serving(play)
    assert refusal(play.key("1", KeyAction.TRANSFER)) == "transfer_where"
    assert refusal(send(play, to="9")) == "transfer_no_window"
    assert refusal(send(play, to="1")) == "transfer_itself"
    assert refusal(send(play, to="", service="tax")) == "transfer_itself"
    assert refusal(send(play, to="3", service="tax")) == "transfer_no_service"
    assert refusal(send(play, to="", service="marriage")) == "transfer_no_service"
    play.key("3", KeyAction.LOGOUT)
    assert refusal(send(play)) == "transfer_closed"
    assert refusal(send(play, to="", service="permit")) == "transfer_closed"
    assert refusal(send(play, "9", to="1")) == "unknown_window"
    assert refusal(send(play, "3", to="1")) == "not_logged_in"
    assert play.phase("A001") == "serving"


def test_a_paused_window_will_be_back() -> None:
    play = a_play()
    play.join()
    serving(play)
    play.key("3", KeyAction.PAUSE)
    assert send(play).rejection is None


def test_a_hall_without_logins_is_always_open() -> None:
    play = Play(a_hall(login_required=False))
    play.join()
    serving(play)
    assert send(play).rejection is None
    assert serving(play, "3") == "A001"


def test_a_restart_forgets_nothing_of_it() -> None:
    play = a_play()
    play.join()
    serving(play)
    send(play, back=True)
    before = play.state
    play.restart()
    assert play.state == before
    serving(play, "3")
    assert finish(play, "3").answer["window"] == "1"


def test_a_window_that_the_roster_opens_later_is_refused_with_its_time() -> None:
    hours = ((9 * 60, 10 * 60), (13 * 60 + 30, 15 * 60))
    play = a_play(roster=(Shift(("workdays",), hours, windows=("3",)),))
    play.join()
    serving(play)
    play.passes(3600)
    refused = send(play)
    assert refusal(refused) == "transfer_until"
    assert refused.rejection and "13:30" in refused.rejection.zh and "13:30" in refused.rejection.en
    assert refusal(send(play, to="", service="permit")) == "transfer_until"
    assert refusal(play.key("1", KeyAction.TRANSFER, "3")) == "transfer_until"
    play.clock_ok = False
    assert send(play).rejection is None, "where nobody knows the time, who is there is there"


def test_after_the_last_hour_who_has_a_ticket_is_sent_to_whoever_is_still_there() -> None:
    play = a_play(roster=(Shift(("workdays",), ((540, 600),), windows=("3",)),))
    for _ in range(2):
        play.join()
    serving(play)
    serving(play, "2")
    play.passes(2 * 3600)
    assert send(play).rejection is None
    play.key("3", KeyAction.LOGOUT)
    assert refusal(send(play, "2")) == "transfer_closed_today"


def test_of_several_windows_one_that_is_open_is_enough() -> None:
    windows = {"1": Window("1", "1号窗口", ("tax",))} | {
        id_: Window(id_, f"{id_}号窗口", ("permit",)) for id_ in ("2", "3")
    }
    play = a_play(windows=windows, roster=(Shift(("workdays",), ((540, 600),), windows=("3",)),))
    play.join()
    serving(play)
    play.passes(2 * 3600)
    assert send(play, to="", service="permit").rejection is None
