"""Calls in line for boards and voice, what is shown of them, what is said and how loud; and the notice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from drivers.messages import Instant, KeyAction, ShowText
from edge.rules import boards, call_lines, notice_lines, sentence, volume
from edge.rules.boards import MAX_WAITING, SHOWN, Floor
from edge.rules.effects import Called, CallOff, CallOut, ShowCalled, ShowNotice
from edge.rules.model import Decision, Hall, SetNotice, Window
from edge.rules.notices import MAX_NOTICE
from edge.rules.speech import Times, number, volume_at
from edge.wire import NoticeSet
from tests.unit.rules_kit import CHINA, NINE, Play, a_hall, kinds, refusal

HOLD_S = 4.0


def line(*tickets: str) -> Floor:
    floor = Floor()
    for ticket in tickets:
        floor = boards.call(floor, CallOut(ticket, "1"))
    return floor


def tickets(floor: Floor) -> list[str]:
    return [call.ticket for call in floor.waiting]


def shown(floor: Floor) -> list[str]:
    return [called.ticket for called in floor.shown]


# --- in line ---
def test_the_first_in_line_is_called_at_once_and_shown() -> None:
    floor, call = boards.step(line("A001", "A002"), 100.0, HOLD_S)
    assert call == CallOut("A001", "1")
    assert (shown(floor), tickets(floor)) == (["A001"], ["A002"])


def test_the_next_waits_for_the_time_and_for_the_voice() -> None:
    floor, _ = boards.step(line("A001", "A002"), 100.0, HOLD_S)
    assert boards.next_in_s(floor, 103.0) is None, "somebody speaks"
    assert boards.step(floor, 200.0, HOLD_S) == (floor, None), "however long it takes"
    floor = boards.spoken(floor)
    assert boards.next_in_s(floor, 103.0) == 1.0
    assert boards.step(floor, 103.9, HOLD_S)[1] is None
    assert boards.step(floor, 104.0, HOLD_S)[1] == CallOut("A002", "1")


def test_the_last_four_stay_newest_first() -> None:
    floor = line("A001", "A002", "A003", "A004", "A005")
    for turn in range(5):
        floor = boards.spoken(boards.step(floor, turn * HOLD_S, HOLD_S)[0])
    assert shown(floor) == ["A005", "A004", "A003", "A002"]
    floor = boards.call(floor, CallOut("A003", "1", again=True))
    floor, _ = boards.step(floor, 100.0, HOLD_S)
    assert shown(floor) == ["A003", "A005", "A004", "A002"], "who is called again comes to the front"


def test_a_recall_of_one_who_waits_to_be_called_is_that_call() -> None:
    floor = boards.call(line("A001", "A002"), CallOut("A001", "1", again=True))
    assert floor.waiting == (CallOut("A001", "1"), CallOut("A002", "1"))


def test_a_call_to_another_window_counts_and_keeps_its_place() -> None:
    floor = boards.call(line("A001", "A002"), CallOut("A001", "2", again=True))
    assert floor.waiting == (CallOut("A001", "2"), CallOut("A002", "1"))


def test_a_call_that_was_taken_back_leaves_line_and_boards() -> None:
    floor, _ = boards.step(line("A001", "A002"), 0.0, HOLD_S)
    floor = boards.call_off(floor, "A002", taken_back=True)
    floor = boards.call_off(floor, "A001", taken_back=True)
    assert (tickets(floor), shown(floor)) == ([], [])


def test_who_came_before_his_turn_is_not_called_and_stays_where_he_is_shown() -> None:
    floor, _ = boards.step(line("A001", "A002"), 0.0, HOLD_S)
    floor = boards.call_off(floor, "A002", taken_back=False)
    floor = boards.call_off(floor, "A001", taken_back=False)
    assert (tickets(floor), shown(floor)) == ([], ["A001"])


def test_the_line_has_an_end() -> None:
    floor = line(*(f"A{n:03d}" for n in range(MAX_WAITING + 3)))
    assert len(floor.waiting) == MAX_WAITING
    assert tickets(floor)[0] == "A003"


def test_a_reset_empties_the_line_and_lets_the_speaker_end() -> None:
    floor, _ = boards.step(line("A001", "A002"), 0.0, HOLD_S)
    floor = boards.reset(floor, (Called("B001", "2"),))
    assert (tickets(floor), shown(floor)) == ([], ["B001"])
    floor = boards.call(floor, CallOut("B002", "2"))
    assert boards.next_in_s(floor, 100.0) is None


# --- what boards show ---
def hall_of(*names: str) -> Hall:
    windows = {str(n): Window(str(n), name, ("tax",)) for n, name in enumerate(names, 1)}
    return a_hall(windows=windows)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (24, "A012 请到 3 号窗口"),
        (18, "A012 请到 3 号窗口"),
        (17, "A012请到3号窗口"),
        (15, "A012请到3号窗口"),
        (14, "A012 3号窗口"),
        (8, "A012 3号"),
    ],
)
def test_a_line_fits_the_board(columns: int, text: str) -> None:
    hall = hall_of("3 号窗口")
    assert call_lines((Called("A012", "1"),), hall, columns) == (ShowText(text, "red"),)


def test_only_the_newest_is_red() -> None:
    lines = call_lines((Called("A002", "1"), Called("A001", "1")), hall_of("1 号窗口"), 24)
    assert [each.color for each in lines] == ["red", "yellow"]


def test_a_window_that_is_gone_is_shown_by_its_id() -> None:
    assert call_lines((Called("A001", "99"),), hall_of(), 24)[0].text == "A001 请到 99"


def test_no_notice_is_no_line() -> None:
    assert notice_lines("") == ()
    assert notice_lines("下午五点半关门") == (ShowText("下午五点半关门", "green"),)


# --- what is said ---
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("3 号窗口", "3 号窗口"),
        ("10 号窗口", "十 号窗口"),
        ("12号窗口", "十 2 号窗口"),
        ("20 号窗口", "2 十 号窗口"),
        ("99 号窗口", "9 十 9 号窗口"),
        ("105 号窗口", "1 0 5 号窗口"),
        ("07 号窗口", "0 7 号窗口"),
        ("b2 窗口", "B 2 窗口"),
        ("3 号窗口（税务）", "3 号窗口"),
        ("咨询台", "咨询台"),
    ],
)
def test_a_window_is_said_as_people_say_it(name: str, words: str) -> None:
    said = sentence(CallOut("A012", "1"), hall_of(name))
    assert said == ("请", "A", "0", "1", "2", "号", "到", *words.split())


def test_who_is_called_again_hears_that_it_is_again() -> None:
    assert sentence(CallOut("B001", "1", again=True), hall_of("1 号窗口"))[0] == "再请"


def test_every_number_of_a_window_has_its_words() -> None:
    values = {"十": 10, **{str(digit): digit for digit in range(10)}}
    for wanted in range(1, 100):
        heard = 0
        for word in number(wanted):
            heard = (heard or 1) * 10 if word == "十" else heard + values[word]
        assert heard == wanted


# --- how loud ---
LUNCH, NIGHT = (12 * 60, 13 * 60), (21 * 60, 7 * 60 + 30)


@pytest.mark.parametrize(
    ("time", "per_cent"),
    [("11:59", 80), ("12:00", 0), ("12:59", 0), ("13:00", 80), ("20:59", 50), ("21:00", 0), ("07:29", 0)],
)
def test_quiet_hours_and_volumes_go_by_the_halls_clock(time: str, per_cent: int) -> None:
    times = Times((LUNCH, NIGHT), ((9 * 60, 80), (18 * 60, 50)))
    hour, minute = time.split(":")
    moment = NINE.replace(hour=int(hour), minute=int(minute))
    assert volume(times, Instant(moment.timestamp(), 0.0, clock_ok=True), CHINA) == per_cent


def test_before_the_first_time_of_the_day_the_last_one_holds() -> None:
    assert volume_at(Times((), ((9 * 60, 80), (18 * 60, 50))), 8 * 60) == 50
    assert volume_at(Times(), 8 * 60) == 100
    assert volume_at(Times(((0, 24 * 60),)), 23 * 60 + 59) == 0


def test_a_clock_that_was_never_set_silences_nobody() -> None:
    midnight = datetime(1970, 1, 1, tzinfo=CHINA).timestamp()
    assert volume(Times(((0, 24 * 60),)), Instant(midnight, 0.0, clock_ok=False), CHINA) == 100


# --- in the hall ---
@pytest.fixture
def play() -> Play:
    play = Play(a_hall(notice="欢迎"))
    play.staff("1", "2", "3")
    return play


def calls(decision: Decision) -> list[object]:
    kinds_ = (CallOut, CallOff, ShowCalled, ShowNotice)
    return [effect for effect in decision.effects if isinstance(effect, kinds_)]


def test_every_call_is_called_out_and_a_recall_is_one_again(play: Play) -> None:
    play.join()
    assert calls(play.key("1", KeyAction.CALL)) == [CallOut("A001", "1")]
    assert calls(play.key("1", KeyAction.RECALL)) == [CallOut("A001", "1", again=True)]
    assert play.state.called == (Called("A001", "1"),)


@pytest.mark.parametrize("action", [KeyAction.START, KeyAction.FINISH, KeyAction.EVALUATE])
def test_who_has_come_need_not_be_called(play: Play, action: KeyAction) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    assert calls(play.key("1", action)) == [CallOff("A001", taken_back=False)]


def test_a_call_taken_back_is_called_off_for_good(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    assert calls(play.key("1", KeyAction.CANCEL)) == [CallOff("A001", taken_back=True)]
    assert play.state.called == ()


def test_who_did_not_come_before_his_turn_is_still_called(play: Play) -> None:
    for _ in range(2):
        play.join()
    play.key("1", KeyAction.CALL)
    assert calls(play.key("1", KeyAction.CALL)) == [CallOut("A002", "1")]
    assert calls(play.key("1", KeyAction.SKIP)) == []


def test_a_restart_shows_the_last_four_and_says_nothing(play: Play) -> None:
    for _ in range(5):
        play.join()
        play.key("1", KeyAction.CALL)
    last = tuple(Called(f"A00{n}", "1") for n in (5, 4, 3, 2))
    assert len(last) == SHOWN
    assert calls(play.restart()) == [ShowCalled(last), ShowNotice("欢迎")]


def test_a_new_day_clears_the_calls_and_keeps_the_notice(play: Play) -> None:
    play.join()
    play.key("1", KeyAction.CALL)
    play.do(SetNotice("明天放假"))
    play.at(NINE + timedelta(days=1))
    decision = play.fire("day")
    assert calls(decision) == [ShowCalled(())]
    assert kinds(decision)[-2:] == ["day.opened", "notice.set"]
    assert (play.state.called, play.state.notice) == ((), "明天放假")
    assert calls(play.restart()) == [ShowCalled(()), ShowNotice("明天放假")]


# --- the notice ---
def test_a_notice_is_kept_and_shown(play: Play) -> None:
    decision = play.do(SetNotice("  下午五点半关门 "))
    assert decision.facts == (NoticeSet(text="下午五点半关门"),)
    assert decision.effects == (ShowNotice("下午五点半关门"),)
    assert decision.answer == {"notice": "下午五点半关门"}
    assert play.do(SetNotice("下午五点半关门")).facts == ()


def test_an_empty_notice_brings_the_configurations_own_back(play: Play) -> None:
    play.do(SetNotice("下午五点半关门"))
    decision = play.do(SetNotice(""))
    assert decision.effects == (ShowNotice("欢迎"),)
    assert calls(play.restart())[-1] == ShowNotice("欢迎")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("长" * (MAX_NOTICE + 1), "notice_too_long"),
        ("一\n二", "notice_not_text"),
        ("\x07", "notice_not_text"),
    ],
)
def test_a_notice_that_no_board_can_show_is_refused(play: Play, text: str, code: str) -> None:
    decision = play.do(SetNotice(text))
    assert (refusal(decision), decision.facts, decision.effects) == (code, (), ())
