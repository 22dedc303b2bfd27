"""One rating for each act, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.messages import KeyAction
from edge.rules.effects import CancelTimer, InviteRating, SetTimer, Show
from edge.rules.model import Decision, Rate, RateTicket
from edge.settings.reasons import load_reasons
from edge.wire import RatingGiven, RatingMissed
from tests.unit.rules_kit import TODAY, Play, a_hall, kinds, refusal

ACT = f"{TODAY}/A001"
TIMER = f"rating:{ACT}"


@pytest.fixture
def play() -> Play:
    """Window 1 has just finished A001, and more people wait."""
    play = Play(a_hall(reasons=load_reasons("2020")))
    play.staff("1", "2")
    for _ in range(3):
        play.join()
    play.serve("1")
    return play


def missed(reason: str, act: str = ACT, ticket: str = "A001") -> RatingMissed:
    return RatingMissed.model_validate(
        {"act": act, "ticket": ticket, "window": "1", "staff": "1001", "reason": reason}
    )


@pytest.mark.parametrize(("level", "raw"), [(5, 3), (1, 0)])
def test_a_press_is_the_rating_of_the_act_and_keeps_what_the_pad_sent(
    play: Play, level: int, raw: int
) -> None:
    decision = play.do(Rate("1", level, raw))  # type: ignore[arg-type] # a level is 1 to 5 here

    expected = {"act": ACT, "ticket": "A001", "window": "1", "staff": "1001", "level": level, "raw": raw}
    assert decision.facts == (RatingGiven.model_validate(expected),)
    assert decision.effects == (CancelTimer(TIMER), Show("1", "空闲", "green"))


def test_an_act_is_rated_once(play: Play) -> None:
    play.rate("1", 4)
    assert refusal(play.rate("1", 1)) == "nothing_to_rate"


def test_without_an_act_there_is_nothing_to_rate(play: Play) -> None:
    assert refusal(play.rate("2", 5)) == "nothing_to_rate"
    play.key("2", KeyAction.CALL)
    play.key("2", KeyAction.START)
    assert refusal(play.rate("2", 5)) == "nothing_to_rate"  # the act is not over yet


def test_a_window_that_is_not_configured_is_not_rated(play: Play) -> None:
    assert refusal(play.rate("77", 5)) == "unknown_window"


def test_the_limit_is_the_halls_and_no_answer_within_it_is_not_rated() -> None:
    play = Play(a_hall(rating_limit_s=45.0))
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)

    assert SetTimer(TIMER, 45.0) in play.key("1", KeyAction.FINISH).effects
    decision = play.fire(TIMER)
    assert decision.facts == (missed("time_limit"),)
    assert decision.effects == (Show("1", "空闲", "green"),)
    assert refusal(play.rate("1", 5)) == "nothing_to_rate"


def test_the_next_call_leaves_the_citizen_time_to_rate(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    decision = play.rate("1", 2)

    assert kinds(decision) == ["rating.given"]
    assert decision.effects == (CancelTimer(TIMER),)  # the strip calls the next one meanwhile


def test_the_next_finished_act_takes_the_pad(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    decision = play.key("1", KeyAction.FINISH)

    assert kinds(decision) == ["rating.missed", "service.started", "service.finished"]
    assert decision.facts[0] == missed("next_call")
    assert CancelTimer(TIMER) in decision.effects
    assert play.rate("1", 5).facts[0].kind == "rating.given"
    assert play.state.tickets["A002"].phase == "done"


def test_a_limit_that_fires_late_does_not_touch_the_next_act(play: Play) -> None:
    play.serve("1")
    assert play.fire(TIMER).facts == ()
    assert play.state.windows["1"].rating is not None


def test_the_limit_during_the_next_call_leaves_its_strip(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    decision = play.fire(TIMER)
    assert (decision.facts, decision.effects) == ((missed("time_limit"),), ())


def test_a_pause_lets_the_rating_be_given_and_its_strip_stands(play: Play) -> None:
    play.key("1", KeyAction.PAUSE)
    assert play.rate("1", 5).effects == (CancelTimer(TIMER),)


def test_resuming_while_the_rating_waits_says_so(play: Play) -> None:
    play.key("1", KeyAction.PAUSE)
    assert play.key("1", KeyAction.RESUME).effects[0] == Show("1", "正在办理 A001", "green")


def test_logging_out_ends_the_wait(play: Play) -> None:
    decision = play.key("1", KeyAction.LOGOUT)
    assert decision.facts[0] == missed("logout")
    assert CancelTimer(TIMER) in decision.effects


def test_evaluate_again_lights_the_pad_within_the_same_limit(play: Play) -> None:
    decision = play.key("1", KeyAction.EVALUATE)
    assert (decision.facts, decision.effects) == ((), (InviteRating("1"),))


def test_a_skip_meanwhile_keeps_the_wait(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    assert play.key("1", KeyAction.SKIP).effects[0] == Show("1", "正在办理 A001", "green")
    assert kinds(play.rate("1", 3)) == ["rating.given"]


def test_a_restart_gives_the_full_limit_again(play: Play) -> None:
    decision = play.restart()
    assert SetTimer(TIMER, play.hall.rating_limit_s) in decision.effects
    assert kinds(play.rate("1", 3)) == ["rating.given"]


def test_the_limit_counts_at_a_window_taken_out_of_the_configuration_meanwhile(play: Play) -> None:
    windows = {id_: window for id_, window in play.hall.windows.items() if id_ != "1"}
    play.hall = replace(play.hall, windows=windows)
    play.restart()
    decision = play.fire(TIMER)
    assert (decision.facts, decision.effects) == ((missed("time_limit"),), ())


# --- by the number on the slip ---
def by_slip(play: Play, slip: str = "A001", level: int = 4, reasons: tuple[int, ...] = ()) -> Decision:
    return play.do(RateTicket(slip, level, reasons))  # type: ignore[arg-type] # a level is 1 to 5 here


def test_who_rates_by_the_number_while_the_pad_waits_answers_for_it(play: Play) -> None:
    decision = by_slip(play, reasons=(410,))

    expected = {"act": ACT, "ticket": "A001", "window": "1", "staff": "1001", "level": 4, "raw": 4}
    given = RatingGiven.model_validate(expected | {"reasons": (410,), "indicator_version": "2020"})
    assert decision.facts == (given,)
    assert decision.effects == (CancelTimer(TIMER), Show("1", "空闲", "green"))
    assert refusal(play.rate("1", 1)) == "nothing_to_rate"


def test_who_has_left_the_window_may_still_rate_once(play: Play) -> None:
    play.fire(TIMER)
    play.serve("1")  # the next one's act is at the pad meanwhile

    decision = by_slip(play)
    assert kinds(decision) == ["rating.given"]
    assert decision.effects == ()
    assert decision.answer == {"ticket": "A001", "level": 4}
    assert refusal(by_slip(play, level=1)) == "rated_already"
    assert kinds(play.rate("1", 5)) == ["rating.given"]  # the pad is the next one's


def test_what_was_rated_at_the_pad_is_not_rated_again_by_its_slip(play: Play) -> None:
    play.rate("1", 5)
    assert refusal(by_slip(play)) == "rated_already"


@pytest.mark.parametrize("slip", [f"{TODAY}/A001", f"hall/{TODAY}/A001", " a001 "])
def test_a_slip_is_known_by_its_number_and_by_its_code(play: Play, slip: str) -> None:
    hall = play.hall.id
    assert kinds(by_slip(play, slip.replace("hall", hall))) == ["rating.given"]


@pytest.mark.parametrize(
    "slip", ["A999", "", "2020-01-01/A001", f"another/{TODAY}/A001", "a/b/c/d/A001", "甲001", "\x00"]
)
def test_a_slip_of_another_day_or_hall_is_refused(play: Play, slip: str) -> None:
    assert refusal(by_slip(play, slip)) == "unknown_ticket"


def test_an_act_that_is_not_over_is_not_rated_by_its_slip(play: Play) -> None:
    assert refusal(by_slip(play, "A002")) == "act_not_over"
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.START)
    assert refusal(by_slip(play, "A002")) == "act_not_over"


def test_nobody_was_served_who_did_not_come(play: Play) -> None:
    play.key("1", KeyAction.CALL)
    play.key("1", KeyAction.SKIP)
    assert refusal(by_slip(play, "A002")) == "not_served"


def test_reasons_of_another_level_are_refused_by_slip_too(play: Play) -> None:
    play.fire(TIMER)
    assert refusal(by_slip(play, level=5, reasons=(213,))) == "reason_of_other_level"


def test_a_new_day_knows_no_slip_of_the_old_one(play: Play) -> None:
    play.passes(86400)
    decision = by_slip(play)
    assert decision.rejection is not None
    assert decision.rejection.code == "unknown_ticket"
    assert "rating.given" not in kinds(decision)
