"""What a day knows of those before it: what is carried, what is forgotten, and what it does to waits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.messages import KeyAction
from edge.rules import evolve
from edge.rules.appointments import MAX_BOOKINGS
from edge.rules.before import TURN_S, V0, W0
from edge.rules.bookings import Booking
from edge.rules.day import turn
from edge.rules.earlier import CARRIED, HALF_LIFE_DAYS, MAX_KINDS, carry_over
from edge.rules.express import MAX_PROJECTS
from edge.rules.items import Item
from edge.rules.lineup import Ask, Clock
from edge.rules.model import Hall, Moment, State
from edge.rules.pace import Pace, Tally
from edge.rules.projects import Project
from edge.rules.speed import DAY, speed
from edge.rules.waits import waits
from edge.store import Store
from edge.wire import FACTS, DurationSums, KindSums, PaceCarried
from tests.store_kit import draft
from tests.unit.rules_kit import NINE, TODAY, TOMORROW, Play, a_hall

SHORT, LONG, NEW = Item("short", "tax", 120.0), Item("long", "tax", 1800.0), Item("new", "tax", 600.0)
LISTED = {item.id: item for item in (SHORT, LONG, NEW)}
DAY_S = 86_400.0


def a_play(items: dict[str, Item] | None = None) -> Play:
    play = Play(a_hall(items=LISTED if items is None else items))
    play.staff("1")
    return play


def served(play: Play, seconds: float, times: int = 1, item: str = "") -> None:
    for _ in range(times):
        ticket = str(play.take("tax", item=item).answer["ticket"])
        play.printed(ticket)
        play.key("1", KeyAction.CALL)
        play.passes(seconds)
        play.key("1", KeyAction.FINISH)


def days_pass(play: Play, days: int = 1) -> PaceCarried:
    """To nine o'clock, where the window opens again."""
    began = len(play.kept)
    play.passes(NINE.timestamp() + DAY_S * (days + _day_of(play)) - play.wall_s)
    play.staff("1")
    (carried,) = [fact for fact, _ in play.kept[began:] if isinstance(fact, PaceCarried)]
    return carried


def _day_of(play: Play) -> int:
    return int((play.wall_s - NINE.timestamp()) // DAY_S)


def weighed(days: int) -> float:
    return float(0.5 ** (days / HALF_LIFE_DAYS))


# --- what is carried ---
def test_a_day_begins_with_the_sums_of_the_one_before() -> None:
    play = a_play()
    served(play, 240.0, 10, "short")
    served(play, 900.0, 2)
    carried = days_pass(play)
    w = weighed(1)
    assert carried.days == pytest.approx(w, abs=1e-3)
    short, plain = sorted(carried.acts, key=lambda each: each.n, reverse=True)
    assert (short.service, short.item, short.usual_s) == ("tax", "short", 120.0)
    assert (short.n, short.total_s) == pytest.approx((10 * w, 2400 * w), abs=0.1)
    assert short.squares == pytest.approx(10 * 240.0**2 * w, abs=0.1)
    assert (plain.item, plain.usual_s, plain.n) == ("", 480.0, round(2 * w, 3))
    assert not play.state.pace.acts, "of today nothing is known yet"
    assert play.state.earlier.acts["tax", "short"] == Tally(short.n, short.total_s, short.squares)


def test_four_weeks_later_it_weighs_half() -> None:
    play = a_play()
    served(play, 240.0, 10, "short")
    assert days_pass(play, 28).acts[0].n == 5.0
    assert days_pass(play, 28).acts[0].n == 2.5, "a day without acts says again what it began with"
    served(play, 240.0, 10, "short")
    again = days_pass(play)
    assert again.acts[0].n == pytest.approx(12.5 * weighed(1), abs=1e-3)
    assert again.days == pytest.approx((0.25 + 1) * weighed(1), abs=1e-3)


def test_what_nobody_comes_for_any_more_is_forgotten() -> None:
    play = a_play()
    served(play, 240.0, 1, "short")
    served(play, 240.0, 30, "long")
    assert [each.item for each in days_pass(play, 28 * 5).acts] == ["long"]


def test_a_day_that_showed_nothing_after_none_carries_nothing() -> None:
    play = a_play()
    play.passes(DAY_S)
    play.staff("1")
    assert not any(isinstance(fact, PaceCarried) for fact, _ in play.kept)


def test_a_restart_knows_it_again_from_the_facts_of_its_day() -> None:
    play = a_play()
    served(play, 240.0, 10, "short")
    days_pass(play)
    served(play, 300.0, 2, "short")
    before = speed(play.state, play.hall)
    play.restart()
    assert play.state.earlier.acts
    assert speed(play.state, play.hall).of(("tax", "short")) == before.of(("tax", "short"))


def test_a_thousand_items_are_carried_as_far_as_they_are_bounded() -> None:
    hall, state = a_hall(), State(day=TODAY)
    for number in range(1000):
        state.pace.acts["tax", f"{number:064}"] = Tally(number + 1, 7654.321 * number, 123456789.012)
    facts = carry_over(state, TOMORROW, hall)
    assert len(facts) == -(-MAX_KINDS // CARRIED)
    assert all(len(fact.model_dump_json()) < 15 * 1024 for fact in facts), "an event may have 16 KiB"
    kept = [each for fact in facts if isinstance(fact, PaceCarried) for each in fact.acts]
    assert len(kept) == MAX_KINDS
    assert min(each.n for each in kept) > (1000 - MAX_KINDS) * weighed(1), "those that come most"


async def test_the_fullest_day_that_may_begin_is_kept_in_one_transaction(tmp_path: Path) -> None:
    play = a_play({})
    for number in range(MAX_BOOKINGS):
        ref = f"{number:032x}"
        play.state.bookings[ref] = Booking(ref, "tax", TOMORROW, 570, person="f" * 32)
    for number in range(MAX_PROJECTS):
        act = f"{TODAY}/A{number:03}"
        steps = tuple(f"a-step-with-a-name-{step}" for step in range(8))
        play.state.projects[act] = Project(act, "enterprise", "1", "1001", TOMORROW, TOMORROW, steps)
    for number in range(MAX_KINDS):
        play.state.pace.acts["tax", f"{number:040}"] = Tally(17, 7654.321, 123456789.012)
    play.passes(DAY_S)
    facts = turn(play.state, play.now(), play.hall).facts
    store = await Store.open(tmp_path / "hall.db")
    try:
        kept = await store.append([draft(fact) for fact in facts])
    finally:
        await store.close()
    assert sum(isinstance(each.fact, PaceCarried) for each in kept) == -(-MAX_KINDS // CARRIED)


@given(st.lists(st.lists(st.floats(1.0, 7200.0), max_size=6), min_size=1, max_size=8))
def test_the_sums_are_those_of_all_days_as_each_weighs(days: list[list[float]]) -> None:
    hall, state = a_hall(), State(day=TODAY)
    for number, durations in enumerate(days, 7):
        for duration in durations:
            state.pace.acts.setdefault(("tax", ""), Tally()).add(duration)
        facts, state = carry_over(state, f"2024-05-{number:02}", hall), State(day=f"2024-05-{number:02}")
        for fact in facts:
            evolve(state, fact, Moment(0.0, 0.0, "boot"))
    known = state.earlier.acts.get(("tax", ""), Tally())
    ages = [(len(days) - place, each) for place, each in enumerate(days)]
    n = sum(weighed(age) * len(each) for age, each in ages)
    total_s = sum(weighed(age) * sum(each) for age, each in ages)
    assert known.n == pytest.approx(n, abs=1e-3 * len(days))
    assert known.total_s == pytest.approx(total_s, abs=0.1 * len(days))


# --- what it is good for ---
def test_by_the_formula_the_uncertainty_of_yesterday_is_what_a_service_is_expected_to_be_off_by() -> None:
    play = a_play({})
    served(play, 960.0, 20)
    days_pass(play)
    sums = play.state.earlier
    evening = speed(State(day=TODAY, pace=Pace(sums.acts, sums.missed, sums.turns, sums.reacts)), play.hall)
    morning = speed(play.state, play.hall)
    unlike = 1 + 1 / max(1.0, sums.days)
    assert morning.act_s == pytest.approx(evening.act_s)
    assert morning.act_s["tax"] == pytest.approx(960, rel=0.1)
    assert set(morning.factor.values()) == {1.0}
    assert morning.doubt == pytest.approx({each: it + unlike * DAY for each, it in evening.doubt.items()})
    assert morning.spread == pytest.approx(W0 * V0 / (W0 + 20 * weighed(1) - 1), rel=1e-3)


def test_an_item_takes_what_it_took_and_others_what_is_configured() -> None:
    play = a_play()
    for _ in range(5):
        served(play, 300.0, 12, "short")
        served(play, 1800.0, 6, "long")
        days_pass(play)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "short")) == pytest.approx(300, rel=0.05)
    assert known.of(("tax", "long")) == pytest.approx(1800, rel=0.05)
    learnt, never = (known.varies(("tax", item)) - known.spread for item in ("short", "new"))
    assert learnt < 0.05 < never
    assert 600 < known.of(("tax", "new")) < 1500, "as its service is: one item of two was slow"


def test_a_code_that_nobody_listed_is_known_from_the_first_ticket_on() -> None:
    play = a_play({})
    for _ in range(5):
        served(play, 120.0, 10, "a")
        served(play, 1200.0, 10, "b")
        days_pass(play)
    known = speed(play.state, play.hall)
    assert known.of(("tax", "a")) == pytest.approx(120, rel=0.1)
    assert known.of(("tax", "b")) == pytest.approx(1200, rel=0.1)
    assert known.of(("tax", "c")) == known.act_s["tax"] == pytest.approx(660, rel=0.1)


def test_today_may_be_unlike_all_days_before() -> None:
    """Forty acts of today, after a month in which each took half as long."""
    play = a_play({})
    for _ in range(20):
        served(play, 480.0, 20)
        days_pass(play)
    assert speed(play.state, play.hall).act_s["tax"] == pytest.approx(480, rel=0.03)
    served(play, 960.0, 40)
    assert speed(play.state, play.hall).act_s["tax"] > 800


def test_the_share_that_does_not_come_and_the_turns_are_known_too() -> None:
    play = a_play({})
    for _ in range(10):
        for _ in range(5):
            for _ in range(2):
                play.join()
            served(play, 480.0)
            play.passes(40.0)
            for _ in range(2):
                play.key("1", KeyAction.CALL)
                play.passes(60.0)
                play.key("1", KeyAction.SKIP)
        days_pass(play)
    known = speed(play.state, play.hall)
    assert 0.5 < known.absent < 2 / 3
    assert known.missed_s == pytest.approx(60, abs=3)
    assert 10.0 < known.turn_s < TURN_S, "one turn in three is long, the others take no time"


def test_a_newcomer_is_told_what_earlier_days_have_shown() -> None:
    def told(play: Play) -> float:
        for _ in range(6):
            play.join()
        found = waits(play.state, play.hall, [Ask("tax")], Clock(play.state.clock.s))[0]
        assert found
        return found.p50_s

    fresh, known = a_play(), a_play()
    for _ in range(3):
        served(known, 960.0, 15)
        days_pass(known)
    assert told(known) > 1.7 * told(fresh)


# --- what overrules it ---
def test_a_usual_time_that_has_been_changed_stands_as_on_the_first_day() -> None:
    play = a_play()
    for _ in range(3):
        served(play, 300.0, 12, "short")
        days_pass(play)
    first = speed(State(day=TODAY), changed := _with(play.hall, "short", 200.0))
    known = speed(play.state, changed)
    assert known.of(("tax", "short")) == first.of(("tax", "short")) == 200.0
    assert carry_over(play.state, TOMORROW, changed) == (), "nor is it said again"


def test_what_was_changed_back_is_learnt_anew() -> None:
    play = a_play()
    served(play, 300.0, 12, "short")
    days_pass(play)
    play.hall = _with(play.hall, "short", 200.0)
    served(play, 300.0, 3, "short")
    carried = days_pass(play)
    assert [(each.usual_s, each.n) for each in carried.acts] == [(200.0, round(3 * weighed(1), 3))]


def test_a_service_that_there_is_no_more_is_left_out() -> None:
    play = a_play({})
    served(play, 300.0, 3)
    days_pass(play)
    del play.hall.services["tax"], play.hall.windows["1"]
    play.hall.windows["2"] = replace(play.hall.windows["2"], services=("land",))
    assert speed(play.state, _again(play.hall)).act_s == {"land": 480.0, "permit": 480.0}
    assert carry_over(play.state, TOMORROW, play.hall) == ()


def test_a_reader_of_another_version_takes_what_it_knows() -> None:
    sums = DurationSums(n=1.0, total_s=2.0, squares=4.0)
    row = KindSums(service="tax", usual_s=480.0, **sums.model_dump())
    fact = PaceCarried(days=1.0, acts=(row,), missed=sums, turns=sums, reacts=sums)
    flat = fact.model_dump() | {"more": 1, "acts": [row.model_dump() | {"more": 1}]}
    assert FACTS.validate_python(flat) == fact


def _with(hall: Hall, item: str, usual_s: float) -> Hall:
    return replace(hall, items=hall.items | {item: replace(hall.items[item], usual_s=usual_s)})


def _again(hall: Hall) -> Hall:
    """As a node that starts again with it."""
    return replace(hall)
