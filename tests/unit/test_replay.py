"""A day played again: as it was, it is what it was; with other staffing, it is what the rules say."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from drivers.messages import KeyAction
from edge.replay.chart import chart
from edge.replay.command import played
from edge.replay.compare import differing, figures, rows, usual_legs
from edge.replay.engine import Engine
from edge.replay.model import Act, Day, Leg, Person, Waited
from edge.replay.record import Kept, recorded
from edge.replay.staffing import BadChange, changed
from edge.rules.model import Hall, Window
from edge.rules.roster import clock
from edge.wire import TicketCalled
from tests.sim_day.day import CENTRE, MIDDLE, SMALL, Kind, generated
from tests.unit.rules_kit import TODAY, Play, a_hall

NINE_S, MINUTE = 9 * 3600.0, 60.0
HALL = a_hall(windows={"1": Window("1", "1号窗口", ("tax",)), "2": Window("2", "2号窗口", ("tax", "land"))})


def people(*acts: Leg, every_s: float = 60.0, service: str = "tax") -> tuple[Person, ...]:
    return tuple(Person(f"p{n}", NINE_S + n * every_s, service, legs=(leg,)) for n, leg in enumerate(acts))


def day_of(*who: Person, windows: str = "1", until_s: float = 20 * 3600.0) -> Day:
    posts: dict[str, tuple[Act, ...]] = {
        each: (Act(NINE_S, KeyAction.LOGIN), Act(until_s, KeyAction.LOGOUT)) for each in windows
    }
    return Day(TODAY, who, posts)


def waits(waited: list[Waited]) -> list[float | None]:
    return [None if each.wait_s is None else round(each.wait_s, 3) for each in waited]


# --- the play ---
def test_one_window_serves_one_after_the_other() -> None:
    acts = (Leg(300.0, turn_s=10.0), Leg(300.0, turn_s=20.0), Leg(300.0))
    assert waits(Engine(day_of(*people(*acts)), HALL).run()) == [0, 250, 510]


def test_who_finds_a_window_idle_is_called_when_its_staff_are_ready() -> None:
    assert waits(Engine(day_of(*people(Leg(30.0), Leg(30.0, react_s=8.0))), HALL).run()) == [0, 8]


def test_who_is_not_called_before_the_staff_leave_is_unserved() -> None:
    day = day_of(*people(Leg(600.0), Leg(600.0)), until_s=NINE_S + 300)
    assert waits(Engine(day, HALL).run()) == [0, None]


def test_staff_who_want_to_go_finish_the_act_first() -> None:
    day = day_of(*people(Leg(600.0)), until_s=NINE_S + 300)
    engine = Engine(day, HALL)
    engine.run()
    assert [fact.kind for fact, at in engine.kept if at.mono_s == NINE_S + 600][:1] == ["service.finished"]
    assert engine.state.window("1").staff == ""


def test_a_window_without_a_post_is_not_manned() -> None:
    hall = replace(HALL, login_required=False)
    assert waits(Engine(day_of(*people(Leg(1.0)), windows=""), hall).run()) == [None]


# --- read from its facts ---
def replayed(day: Day, hall: Hall) -> tuple[list[Waited], list[Waited], list[Kept]]:
    """A day, and what it is when it has been read from its facts and is played again."""
    engine = Engine(day, hall)
    first = engine.run()
    record = recorded(day.day, engine.kept, hall)
    assert waits(list(record.waits)) == waits(first)
    assert (record.by_choice, record.unended) == (0, 0)
    return first, Engine(record.day, hall).run(), engine.kept


@pytest.mark.parametrize(
    ("kind", "days"), [(SMALL, 12), pytest.param(MIDDLE, 4, marks=pytest.mark.thorough), (CENTRE, 1)]
)
def test_a_day_played_again_has_the_same_waits(kind: Kind, days: int) -> None:
    for seed in range(2000, 2000 + days):
        hall, day = generated(kind, seed)
        first, again, _ = replayed(day, hall)
        assert len(first) > 80
        assert differing(first, again) == 0


@pytest.mark.parametrize(
    "seed", [n if n < 8 else pytest.param(n, marks=pytest.mark.thorough) for n in range(20)]
)
def test_so_has_one_with_holds_transfers_and_people_who_come_back(seed: int) -> None:
    dice = Random(seed)
    hall, day = generated(SMALL, seed)
    services = list(hall.services)

    def odd() -> dict[str, Any]:
        """What staff need, so that no two things happen at the very same moment."""
        return {"turn_s": dice.uniform(1, 20), "react_s": dice.uniform(2, 15)}

    def legs(person: Person) -> tuple[Leg, ...]:
        last = person.legs[0]
        match dice.randrange(8):
            case 0:
                return Leg(80.0, "held", minutes=dice.randrange(1, 15), **odd()), last
            case 1:
                return Leg(80.0, "held", minutes=15, back_s=dice.uniform(60, 400), **odd()), last
            case 2:
                return Leg(90.0, "no_show", calls=3, back_s=dice.uniform(60, 600), **odd()), last
            case 3:
                return Leg(70.0, "transferred", 20.0, service=dice.choice(services), **odd()), last
            case 4:
                return Leg(9.0, "cancelled", **odd()), last
        return person.legs

    day = replace(day, people=tuple(replace(person, legs=legs(person)) for person in day.people))
    first, again, kept = replayed(day, hall)
    kinds = {fact.kind for fact, _ in kept}
    assert {"ticket.held", "ticket.transferred", "ticket.came_back", "ticket.call_cancelled"} <= kinds
    assert differing(first, again) == 0


@pytest.mark.parametrize("seed", range(10))
def test_so_has_one_with_appointments(seed: int) -> None:
    dice = Random(seed)
    hall, day = generated(SMALL, seed)

    def perhaps_booked(person: Person) -> Person:
        minute = int(person.at_s / MINUTE) + dice.randrange(1, 28)
        return replace(person, booked=clock(minute), priority="") if dice.random() < 0.2 else person

    day = replace(day, people=tuple(map(perhaps_booked, day.people)))
    first, again, kept = replayed(day, hall)
    booked = [each for each in first if each.person.booked]
    assert len(booked) > 10
    assert sum(fact.kind == "appointment.checked_in" for fact, _ in kept) == len(booked)
    assert differing(first, again) == 0


def test_who_was_called_by_number_is_so_again() -> None:
    play = Play(a_hall())
    play.staff("1")
    tickets = [play.join() for _ in range(3)]
    for digits in (tickets[2][1:], "", ""):
        play.key("1", KeyAction.CALL, digits)
        play.passes(300)
        play.key("1", KeyAction.FINISH)
    record = recorded(TODAY, play.kept, play.hall)
    assert record.by_choice == 1
    outcome = played(record, play.hall, ())
    assert differing(record.waits, outcome.again) == 0
    assert waits(list(outcome.again)) == [300, 600, 0]


def test_where_nobody_logs_in_who_called_was_there() -> None:
    play = Play(a_hall(login_required=False))
    for _ in range(3):
        play.join()
        play.passes(20)
        play.key("2", KeyAction.CALL)
        play.passes(200)
        play.key("2", KeyAction.FINISH)
    record = recorded(TODAY, play.kept, play.hall)
    assert [bool(record.day.posts[window]) for window in "123"] == [False, True, False]
    assert differing(record.waits, played(record, play.hall, ()).again) == 0


def test_a_clock_that_was_set_at_work_changes_no_wait() -> None:
    play = Play(a_hall())
    play.wall_s -= 7200  # wrong in the morning
    play.staff("1")
    for _ in range(4):
        play.join()
    for turn in range(4):
        play.key("1", KeyAction.CALL)
        play.passes(300)
        play.key("1", KeyAction.FINISH)
        play.wall_s += 7200 * (turn == 1)
    record = recorded(TODAY, play.kept, play.hall)
    assert waits(list(record.waits)) == [0, 300, 600, 900]
    assert record.day.people[0].at_s == pytest.approx(NINE_S), "by the clock as it was in the end"
    assert differing(record.waits, played(record, play.hall, ()).again) == 0


@pytest.mark.parametrize("seed", range(6))
def test_a_day_that_is_not_over_played_again_has_the_same_waits(seed: int) -> None:
    """Cut anywhere: acts are on, people wait, and one may stand at the printer."""
    hall, day = generated(SMALL, 40 + seed)
    engine = Engine(day, hall)
    engine.run()
    for share in (0.2, 0.5, 0.71, 0.9):
        record = recorded(day.day, engine.kept[: int(share * len(engine.kept))], hall)
        outcome = played(record, hall, ())
        assert record.unended
        assert differing(record.waits, outcome.again) == 0


def test_a_window_that_calls_nobody_any_more_was_ready_when_another_one_called() -> None:
    """It was free while the last one waited, and did not take him."""
    play = Play(a_hall())
    play.staff("1", "2")
    play.join()
    play.key("1", KeyAction.CALL)
    play.passes(60)
    play.join()
    play.passes(1)
    play.key("1", KeyAction.FINISH)
    play.passes(1)
    play.key("2", KeyAction.CALL)
    play.passes(60)
    play.key("2", KeyAction.FINISH)
    record = recorded(TODAY, play.kept, play.hall)
    again = Engine(record.day, play.hall)
    assert waits(again.run()) == [0, 2]
    assert [fact.window for fact, _ in again.kept if isinstance(fact, TicketCalled)] == ["1", "2"]


def test_an_act_that_the_end_of_the_day_ended_is_counted() -> None:
    play = Play(a_hall())
    play.staff("1")
    play.join()
    play.key("1", KeyAction.CALL)
    assert isinstance(play.kept[-1][0], TicketCalled)
    assert recorded(TODAY, play.kept, play.hall).unended == 1


# --- other staffing ---
def test_a_window_more_helps_and_one_less_does_not() -> None:
    hall, day = generated(MIDDLE, 7)
    engine = Engine(day, hall)
    engine.run()
    record = recorded(day.day, engine.kept, hall)

    def mean_s(*wishes: str) -> float:
        found = figures(played(record, hall, wishes).waits)
        assert found.mean_s is not None
        return found.mean_s

    as_it_was = mean_s()
    assert mean_s("+2") < mean_s("+1") < as_it_was < mean_s("-1") < mean_s("-2")
    assert mean_s("s0=+1") < as_it_was
    assert mean_s("1=off") > as_it_was


def test_one_more_stands_where_the_longest_stood_and_says_so() -> None:
    day = Day(
        TODAY,
        people(Leg(60.0)),
        {
            "1": (Act(NINE_S, KeyAction.LOGIN), Act(NINE_S + 60, KeyAction.LOGOUT)),
            "2": (Act(NINE_S, KeyAction.LOGIN), Act(NINE_S + 90, KeyAction.PAUSE)),
        },
    )
    staffed = changed(day, HALL, ["tax=+1", "land=+1"])
    assert staffed.hall.windows["+1"].services == ("tax",)
    assert staffed.day.posts["+1"] == staffed.day.posts["+2"] == day.posts["2"]
    assert staffed.said[0].en == "one window more, +1, for tax, at the times of window 2"


def test_hours_are_the_windows_own() -> None:
    staffed = changed(day_of(*people(Leg(60.0))), HALL, ["1=08:30-12:00,13:30-17:00"])
    assert [(act.at_s / 3600, act.action) for act in staffed.day.posts["1"]] == [
        (8.5, KeyAction.LOGIN),
        (12.0, KeyAction.LOGOUT),
        (13.5, KeyAction.LOGIN),
        (17.0, KeyAction.LOGOUT),
    ]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("banana", "is not like"),
        ("+", "is not like"),
        ("+0", "1 to 20"),
        ("+21", "1 to 20"),
        ("moon=+1", "no service moon: tax, land, permit"),
        ("9=off", "no window 9: 1, 2"),
        ("1=12:00-08:30", "is not like 08:30-12:00"),
        ("1=08:30-12:00,11:00-17:00", "is not like 08:30-12:00"),
        ("1=25:00-26:00", "is not like 08:30-12:00"),
        ("permit=+1", "no such window was manned"),
        ("-2", "no such window was manned"),
    ],
)
def test_what_cannot_be_is_refused(wish: str, said: str) -> None:
    with pytest.raises(BadChange) as refused:
        changed(day_of(*people(Leg(60.0))), HALL, [wish])
    assert said in refused.value.words.en
    assert refused.value.words.zh


# --- side by side ---
def waited(*minutes: float | None, hour: int = 9, service: str = "tax") -> list[Waited]:
    return [
        Waited(Person(f"{hour}{n}", hour * 3600.0 + n, service), "", None if each is None else each * 60)
        for n, each in enumerate(minutes)
    ]


def test_figures_by_hand() -> None:
    found = figures(waited(4, 1, 3, 2, None))
    assert (found.n, found.mean_s, found.p50_s, found.p90_s, found.longest_s) == (5, 150, 120, 240, 240)
    assert found.unserved == 1
    assert figures(waited(None)).mean_s is None


def test_rows_are_of_services_by_the_hour_whole_and_of_all() -> None:
    before = [*waited(1, 2), *waited(5, hour=11), *waited(7, service="land")]
    found = rows(before, before, ["tax", "land", "permit"])
    assert [(row.service, row.hour, row.before.n) for row in found] == [
        ("tax", 9, 2),
        ("tax", 11, 1),
        ("tax", None, 3),
        ("land", 9, 1),
        ("land", None, 1),
        (None, None, 4),
    ]


def test_who_waited_otherwise_or_not_at_all_is_counted() -> None:
    assert differing(waited(1, 2, None), waited(1, 2, None)) == 0
    assert differing(waited(1, 2, None, 3), waited(1, 2.1, 5, None)) == 3


def test_of_whom_nothing_is_known_the_mean_is_taken() -> None:
    day = day_of(*people(Leg(100.0, walk_s=10.0), Leg(200.0, walk_s=30.0), Leg(60.0, "no_show")))
    usual = usual_legs(day, HALL)
    assert (usual["tax"].act_s, usual["tax"].walk_s) == (150, 20)
    assert usual["land"].act_s == HALL.services["land"].usual_s


# --- the picture ---
SVG = "{http://www.w3.org/2000/svg}"


def test_the_chart_has_a_point_for_each_half_hour_that_anybody_came_in() -> None:
    before = [*waited(10, 20), *waited(30, hour=10), *waited(60, hour=14)]
    picture = ElementTree.fromstring(chart("<大厅> & 1", {"当时": before, "改后": before[:2]}))
    circles = [each.attrib["fill"] for each in picture.iter(f"{SVG}circle")]
    assert len(circles) == 4
    assert len(set(circles)) == 2, "each day has a colour"
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert {"<大厅> & 1", "当时", "改后", "9:00", "14:00", "60"} <= set(texts)


def test_a_chart_of_nobody_is_one() -> None:
    ElementTree.fromstring(chart("", {"当时": waited(None)}))
