"""Express lanes: one ticket, several approvals side by side, one clock of working days."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from drivers.messages import KeyAction
from edge.rules.deadlines import Calendar, workdays_after
from edge.rules.express import CARRIED, MAX_PROJECTS, standings
from edge.rules.model import Decision
from edge.rules.projects import Lane, OpenProject, Project, Step, StepDone, WithdrawProject
from edge.workdays import is_workday, knows
from tests.unit.rules_kit import CHINA, TODAY, TOMORROW, Play, a_hall, kinds, refusal

LANE = Lane(
    "investment",
    "重大投资项目",
    (
        Step("licence", "营业执照", "permit"),
        Step("tax", "税务登记", "tax", after=("licence",)),
        Step("land", "用地", "land", after=("licence",)),
        Step("permit", "施工许可", "permit", after=("tax", "land")),
    ),
    limit_days=8,
    amber_days=6,
)
DUE, AMBER = "2024-05-15", "2024-05-13"  # of Monday 6 May; the 11th, a Saturday, is worked
P1 = f"{TODAY}/A001"


def a_play() -> Play:
    play = Play(a_hall(express={LANE.id: LANE}))
    play.staff("1", "2", "3")
    return play


def call(play: Play, window: str = "1") -> None:
    play.join()
    play.key(window, KeyAction.CALL)


def open_(play: Play, window: str = "1", lane: str = "investment") -> Decision:
    return play.do(OpenProject(window, lane, DUE, AMBER))


def opened() -> Play:
    play = a_play()
    call(play)
    open_(play)
    return play


def step(play: Play, window: str, name: str, project: str = P1) -> Decision:
    return play.do(StepDone(window, project, name))


def test_a_project_goes_through_its_steps_and_is_closed_by_the_last() -> None:
    play = a_play()
    call(play)
    decision = open_(play)
    assert kinds(decision) == ["project.opened"]
    assert decision.answer == {"project": P1, "due": DUE, "next": "licence"}
    assert step(play, "3", "licence").answer["next"] == "tax land", "side by side"
    assert step(play, "2", "land").answer["next"] == "tax"
    assert step(play, "1", "tax").answer["next"] == "permit"
    last = step(play, "3", "permit")
    assert kinds(last) == ["project.step_done", "project.closed"]
    assert last.answer == {"project": P1, "due": DUE, "next": "", "closed": True}
    assert play.state.projects == {}
    assert play.folded() == play.state


def test_the_order_that_is_given_is_kept_and_all_else_is_free() -> None:
    play = opened()
    early = step(play, "1", "tax")
    assert refusal(early) == "step_early" and early.rejection and "营业执照" in early.rejection.zh
    step(play, "3", "licence")
    step(play, "1", "tax")
    early = step(play, "3", "permit")
    assert early.rejection and "用地" in early.rejection.zh and "税务" not in early.rejection.zh


def test_each_other_reason_has_its_words_and_changes_nothing() -> None:
    play = a_play()
    assert refusal(open_(play)) == "project_no_ticket"
    call(play)
    assert refusal(open_(play, lane="slow")) == "unknown_lane"
    open_(play)
    assert refusal(open_(play)) == "project_known"
    assert refusal(step(play, "1", "licence")) == "step_elsewhere"
    assert refusal(step(play, "3", "dance")) == "unknown_step"
    assert refusal(step(play, "3", "licence", f"{TODAY}/A099")) == "unknown_project"
    assert refusal(step(play, "9", "licence")) == "unknown_window"
    step(play, "3", "licence")
    assert refusal(step(play, "3", "licence")) == "step_done"
    play.key("3", KeyAction.LOGOUT)
    assert refusal(step(play, "3", "permit")) == "not_logged_in"
    assert play.state.projects[P1].done == ("licence",)


def test_who_gives_it_up_is_asked_for_nothing_more() -> None:
    play = opened()
    assert kinds(play.do(WithdrawProject("2", P1))) == ["project.closed"]
    assert refusal(step(play, "3", "licence")) == "unknown_project"
    assert refusal(open_(play)) == "project_known", "an act has one project"


def test_a_project_outlives_its_day_and_its_ticket() -> None:
    play = opened()
    step(play, "3", "licence")
    play.at(datetime(2024, 5, 7, 9, 0, tzinfo=CHINA))
    play.staff("1", "2")
    assert play.state.day == TOMORROW and P1 in play.state.projects
    assert step(play, "2", "land").answer["next"] == "tax"
    assert play.folded() == play.state
    play.restart()
    assert play.state.projects[P1].done == ("licence", "land")


@pytest.mark.parametrize(
    ("day", "phase"),
    [(TODAY, "on_time"), ("2024-05-12", "on_time"), (AMBER, "due"), (DUE, "due"), ("2024-05-16", "overdue")],
)
def test_what_is_due_follows_from_the_day_alone(day: str, phase: str) -> None:
    play = opened()
    (found,) = standings(play.state, play.hall, day)
    assert (found.phase, found.project.id, found.next) == (phase, P1, ("licence",))


def test_a_lane_that_is_gone_leaves_a_project_that_can_be_given_up() -> None:
    play = opened()
    play.hall = a_hall()
    assert standings(play.state, play.hall, TODAY)[0].next == ()
    assert refusal(step(play, "3", "licence")) == "unknown_step"
    assert kinds(play.do(WithdrawProject("2", P1))) == ["project.closed"]


def test_there_is_an_end_to_what_is_kept_and_all_of_it_is_carried() -> None:
    play = a_play()
    call(play)
    for n in range(MAX_PROJECTS):
        id_ = f"2024-04-01/A{n:03d}"
        play.state.projects[id_] = Project(id_, LANE.id, "1", "1001", DUE, AMBER)
    assert refusal(open_(play)) == "projects_full"
    play.at(datetime(2024, 5, 7, 9, 0, tzinfo=CHINA))
    turned = play.key("1", KeyAction.LOGIN, "1001")
    assert kinds(turned).count("projects.carried") == MAX_PROJECTS // CARRIED
    assert len(play.state.projects) == MAX_PROJECTS


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2024, 5, 6), 8, date(2024, 5, 15)),  # Saturday 11 May is worked for 1 May
        (date(2024, 2, 8), 1, date(2024, 2, 9)),  # worked, on the eve of the new year
        (date(2024, 2, 9), 1, date(2024, 2, 18)),  # a Sunday that is worked, after eight days of holidays
        (date(2024, 5, 10), 1, date(2024, 5, 11)),
        (date(2024, 5, 10), 0, date(2024, 5, 10)),
    ],
)
def test_the_clock_runs_in_days_that_are_worked(day: date, count: int, expected: date) -> None:
    assert workdays_after(day, count, Calendar(is_workday, knows)).day == expected
