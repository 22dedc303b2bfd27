"""Classes of citizens: who is called before whom, and what bounds it."""

from __future__ import annotations

import pytest

from drivers.messages import KeyAction
from edge.rules import evolve, slip, waiting_ahead
from edge.rules.even import seconds
from edge.rules.model import Even, Moment, State
from edge.wire import FACTS, TicketCalled
from tests.unit.rules_kit import PRIORITIES, TODAY, Play, a_hall, refusal

MINUTE_S = 60.0


def a_play(most: int = 3, most_s: float = 20 * MINUTE_S) -> Play:
    play = Play(a_hall(priorities=PRIORITIES, overtake_most=most, overtake_most_s=most_s))
    play.staff("1", "2", "3")
    return play


def next_at(play: Play, window: str = "1") -> str:
    return str(play.key(window, KeyAction.CALL).answer["ticket"])


def called(play: Play) -> TicketCalled:
    fact = play.kept[-1][0]
    assert isinstance(fact, TicketCalled)
    return fact


def test_the_strict_go_before_everybody_and_among_them_the_first() -> None:
    play = a_play()
    ordinary, elder = play.join(), play.join(priority="elder")
    first, second = play.join(priority="soldier"), play.join(priority="soldier")
    order = [next_at(play) for _ in range(4)]
    assert order == [first, second, elder, ordinary]


@pytest.mark.parametrize(("earlier_s", "goes_before"), [(14 * MINUTE_S, True), (16 * MINUTE_S, False)])
def test_a_credit_is_worth_its_minutes_and_no_more(earlier_s: float, goes_before: bool) -> None:
    play = a_play()
    ordinary = play.join()
    play.passes(earlier_s)
    elder = play.join(priority="elder")
    assert next_at(play) == (elder if goes_before else ordinary)


def test_who_was_overtaken_often_enough_goes_before_every_later_one() -> None:
    play = a_play(most=2)
    ordinary = play.join()
    soldiers = [play.join(priority="soldier") for _ in range(4)]
    assert [next_at(play) for _ in range(4)] == [soldiers[0], soldiers[1], ordinary, soldiers[2]]


def test_who_was_overtaken_long_enough_ago_goes_before_every_later_one() -> None:
    play = a_play(most=100)
    ordinary = play.join()
    play.passes(60 * MINUTE_S)  # waiting alone makes nobody due
    soldiers = [play.join(priority="soldier") for _ in range(3)]
    assert next_at(play) == soldiers[0]
    play.passes(19 * MINUTE_S)
    assert next_at(play) == soldiers[1]
    play.passes(1 * MINUTE_S)
    assert next_at(play) == ordinary


def test_the_bound_protects_a_credit_from_the_strict_too() -> None:
    play = a_play(most=1)
    elder = play.join(priority="elder")
    soldiers = [play.join(priority="soldier") for _ in range(2)]
    assert [next_at(play) for _ in range(3)] == [soldiers[0], elder, soldiers[1]]


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_a_clock_that_is_set_neither_gives_nor_takes_credit(step_s: float) -> None:
    play = a_play(most=100)
    ordinary = play.join()
    play.wall_s += step_s
    play.passes(16 * MINUTE_S)
    play.join(priority="elder")
    assert next_at(play) == ordinary

    play = a_play(most=100)
    play.join()
    soldiers = [play.join(priority="soldier") for _ in range(2)]
    next_at(play)
    play.wall_s += step_s
    play.passes(19 * MINUTE_S)
    assert next_at(play) == soldiers[1], "not yet overtaken for twenty minutes"


def test_a_machine_that_was_off_counts_the_time_by_its_wall_clock() -> None:
    play = a_play()
    ordinary = play.join()
    play.passes(16 * MINUTE_S)
    play.boot, play.mono_s = "boot2", 3.0
    play.restart()
    elder = play.join(priority="elder")
    assert [next_at(play), next_at(play)] == [ordinary, elder]


def test_even_time_never_runs_back() -> None:
    clock = Even(Moment(1000.0, 50.0, "a"), 7.0)
    assert seconds(clock, Moment(0.0, 60.0, "a")) == 17.0
    assert seconds(clock, Moment(5000.0, 40.0, "a")) == 7.0
    assert seconds(clock, Moment(1030.0, 2.0, "b")) == 37.0
    assert seconds(clock, Moment(10.0, 2.0, "b")) == 7.0
    assert seconds(Even(), Moment(10.0, 2.0, "b")) == 0.0


def test_a_call_says_whose_services_it_overtook() -> None:
    play = a_play()
    play.join("tax")
    play.join("land")
    play.join("tax", "soldier")
    next_at(play, "2")
    assert called(play).overtook == ("tax", "land")
    assert [play.state.tickets[id_].overtaken for id_ in ("A001", "B001")] == [1, 1]
    next_at(play, "2")
    assert called(play).overtook == ()


def test_a_number_that_staff_call_overtakes_nobody() -> None:
    play = a_play()
    play.join()
    play.join()
    play.key("1", KeyAction.CALL, "2")
    assert called(play).overtook == ()
    assert play.state.tickets["A001"].overtaken == 0


def test_an_unknown_class_is_refused_in_words_and_spends_no_number() -> None:
    play = a_play()
    decision = play.take(priority="emperor")
    assert refusal(decision) == "unknown_priority"
    assert decision.rejection and "优先" in decision.rejection.zh and "priority" in decision.rejection.en
    assert play.join() == "A001"


def test_a_class_that_the_configuration_no_longer_has_is_an_ordinary_one() -> None:
    play = a_play()
    ordinary = play.join()
    play.join(priority="soldier")
    play.hall = a_hall()
    assert next_at(play) == ordinary


def test_ahead_counts_those_of_a_class_who_came_later() -> None:
    play = a_play()
    first, elder, last = play.join(), play.join(priority="elder"), play.join()
    play.join(priority="soldier")
    ahead = {id_: waiting_ahead(play.state, play.hall, "tax", play.state.tickets[id_]) for id_ in ("A004",)}
    assert ahead == {"A004": 3}, "all three may be due before him"
    for ticket, expected in ((first, 2), (elder, 2), (last, 3)):
        assert waiting_ahead(play.state, play.hall, "tax", play.state.tickets[ticket]) == expected


def test_a_slip_names_the_class() -> None:
    play = a_play()
    ticket = play.state.tickets[play.join(priority="elder")]
    texts = [getattr(line, "text", "") for line in slip(play.state, ticket, play.hall)]
    assert "60 岁以上" in texts
    plain = play.state.tickets[play.join()]
    assert len(slip(play.state, plain, play.hall)) == len(texts) - 1


def test_facts_of_before_there_were_classes_fold_as_they_did() -> None:
    state = State()
    told = [
        {"kind": "day.opened", "day": TODAY},
        {
            "kind": "ticket.reserved",
            "ticket": "A001",
            "service": "tax",
            "number": 1,
            "session": "x",
            "can_show": True,
        },
        {"kind": "ticket.shown", "ticket": "A001", "reason": ""},
        {"kind": "ticket.called", "ticket": "A001", "window": "1", "staff": "1", "times": 1},
    ]
    for second, fact in enumerate(told):
        evolve(state, FACTS.validate_python(fact), Moment(second, second, "boot1"))
    ticket = state.tickets["A001"]
    assert (ticket.phase, ticket.priority, ticket.overtaken) == ("called", "", 0)
