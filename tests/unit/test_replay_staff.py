"""Whole days of staff who call as they like, kept and played again: every wait is what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from drivers.messages import KeyAction
from edge.replay.command import played
from edge.replay.compare import differing
from edge.replay.model import Act
from edge.replay.record import Record, recorded
from edge.replay.staffing import changed
from edge.rules.model import Window
from edge.rules.projects import OpenProject, StepDone
from tests.staffed_day import LANE, StaffedDay
from tests.unit.rules_kit import PRIORITIES, TODAY, Play, a_hall

OFTEN = {
    "ticket.no_show", "ticket.came_back", "ticket.held", "ticket.hold_ended", "ticket.transferred",
    "ticket.call_cancelled", "appointment.checked_in", "project.opened", "project.step_done",
}  # fmt: skip


def a_day(seed: int) -> StaffedDay:
    day = StaffedDay(seed)
    day.run()
    return day


@pytest.mark.parametrize("seed", [0, 6, 33, 37, 64, 72, 108, 131])
def test_every_wait_of_a_whole_day_is_as_it_was(seed: int) -> None:
    day = a_day(seed)
    assert not OFTEN - {fact.kind for fact, _ in day.kept}
    record = recorded(TODAY, day.kept, day.hall)
    assert len(record.waits) > 120
    assert sum(leg.idle for person in record.day.people for leg in person.legs) > 10, "windows were idle"
    assert sum((each.wait_s or 0) > 600 for each in record.waits) > 10, "and people waited"
    assert differing(record.waits, played(record, day.hall, ()).again) == 0


@pytest.mark.parametrize("share", [0.13, 0.4, 0.62, 0.9])
def test_so_is_every_wait_of_a_day_that_is_not_over(share: float) -> None:
    for seed in (1, 2, 3):
        day = a_day(seed)
        record = recorded(TODAY, day.kept[: int(share * len(day.kept))], day.hall)
        assert differing(record.waits, played(record, day.hall, ()).again) == 0


# --- steps of projects, which windows do between two tickets ---
P1 = f"{TODAY}/A001"


def stepped(*, waiting: int) -> tuple[Play, Record]:
    """Window 3 serves the first, then does a step for four minutes, and calls the next."""
    play = Play(a_hall(priorities=PRIORITIES, express={"big": LANE}))
    play.staff("1", "3")
    play.join()
    play.key("1", KeyAction.CALL)
    play.do(OpenProject("1", "big", "2024-05-15", "2024-05-13"))
    play.passes(60)
    play.do(StepDone("1", P1, "a"))
    play.key("1", KeyAction.FINISH)
    play.staff("2")
    play.do(StepDone("2", P1, "b"))
    play.join("permit")
    play.key("3", KeyAction.CALL)
    for _ in range(waiting):
        play.join("permit")
    play.passes(300)
    play.key("3", KeyAction.FINISH)
    play.passes(240)
    play.do(StepDone("3", P1, "c"))
    play.passes(1)
    for _ in range(2):
        play.join("permit")
    play.passes(20)
    for _ in range(waiting + 2):
        play.key("3", KeyAction.CALL)
        play.passes(100)
        play.key("3", KeyAction.FINISH)
    play.key("3", KeyAction.LOGOUT)
    return play, recorded(TODAY, play.kept, play.hall)


def steps_of(record_posts: Mapping[str, Sequence[Act]], window: str) -> list[tuple[float, float]]:
    """When each was begun, after nine, and how long the window then called nobody."""
    acts = [act for act in record_posts[window] if act.action is None]
    return [(round(act.at_s - 9 * 3600, 3), round(act.settle_s, 3)) for act in acts]


def test_a_step_keeps_its_window_as_long_as_somebody_waited() -> None:
    play, record = stepped(waiting=2)
    assert steps_of(record.day.posts, "3") == [(360, 261)]
    assert steps_of(record.day.posts, "1") == [], "one that is done within an act takes no time of its own"
    assert differing(record.waits, played(record, play.hall, ()).again) == 0


def test_where_nobody_waited_it_took_what_such_an_act_takes_and_no_longer_than_there_was() -> None:
    play, record = stepped(waiting=0)
    usual_s = play.hall.services["permit"].usual_s
    assert usual_s > 240
    assert steps_of(record.day.posts, "3") == [(360, 240)]
    assert differing(record.waits, played(record, play.hall, ()).again) == 0


def test_another_window_of_the_service_does_the_steps_of_one_that_is_closed() -> None:
    play, record = stepped(waiting=2)
    hall = replace(play.hall, windows=play.hall.windows | {"4": Window("4", "4号窗口", ("permit",))})
    posts = record.day.posts | {"4": (Act(9 * 3600.0, KeyAction.LOGIN),)}
    staffed = changed(replace(record.day, posts=posts), hall, ["3=off"])
    assert steps_of(staffed.day.posts, "4") == [(360, 261)]
    assert [said.en for said in staffed.said] == ["without window 3"]
    lost = changed(record.day, play.hall, ["3=off"])
    assert lost.said[-1].en == "1 steps of projects find no window"
    more = changed(record.day, play.hall, ["permit=+1"])
    assert steps_of(more.day.posts, "+1") == [], "it is done once"
