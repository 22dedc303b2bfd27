"""From pictures to verdicts: cameras in drawn halls, learnt in half an hour, and each fault done to them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from edge.rules.cameras_hall import GroupBegan
from edge.rules.cameras_limits import PICTURE, CameraRules
from tests.eval.encoders import Encoder
from tests.eval.episodes import Job, Outcome
from tests.eval.hall import Hall
from tests.eval.ills import STRENGTHS, Ill
from tests.eval.play import Event, Play
from tests.eval.scenes import drawn
from tests.eval.table import report
from tests.eval.world import Camera, Habits

HALL = (101, 102, 103)
RULES = CameraRules(learn_s=1500.0, learn_gap_s=50.0)
NOON_S = 12 * 3600.0


@cache
def learnt(seed: int, codec: str) -> Play:
    """Until noon of a working day."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    habits = Habits(
        night="infrared", lights_on_s=7 * 3600, lights_off_s=12.6 * 3600, busy=6, noise=1.5,
        exposure=0.7, drift=0.2, breathes=0.0, clock="top", warmth=1.0, visits=0.0,
    )  # fmt: skip
    play = Play(Camera(drawn(seed), habits, Encoder(codec, 25_000), seed), RULES, rng)
    play.until(NOON_S - 2400, NOON_S)
    assert play.events == []
    assert play.state.baselines["colour"].ready
    return play


def raised(play: Play) -> list[str]:
    return [each.fault for each in play.events if each.raised]


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("kind", PICTURE)
def test_a_fault_is_told_as_what_it_is_and_ends(kind: str, strength: str) -> None:
    play = learnt(101, "h264").copy()
    ill = Ill(kind, strength, np.random.default_rng(3))
    due_s = NOON_S
    while not play.events and due_s < NOON_S + 600:
        due_s = play.until(due_s, due_s + 1, ill)
    assert raised(play) == [kind]
    play.until(due_s, due_s + 300)
    assert [(each.fault, each.raised) for each in play.events] == [(kind, True), (kind, False)]


@pytest.mark.parametrize("codec", ["h264", "jpeg", ""])
def test_evening_and_night_are_no_faults(codec: str) -> None:
    """The lights of this hall go out at 12:36, and the camera's infra-red lamp comes on."""
    play = learnt(106, codec).copy()
    play.until(NOON_S, NOON_S + 4800)
    assert play.events == []
    assert play.switches == 1
    assert play.state.mode == "infrared"
    assert play.state.baselines["infrared"].ready


def dark(seed: int) -> Ill:
    return Ill("dark", "gross", np.random.default_rng(seed))


def test_lights_that_go_out_all_over_the_hall_are_one_event_and_no_fault() -> None:
    """It is black for some minutes, then light again; of one camera alone it would be a fault."""
    hall = Hall({str(seed): learnt(seed, "h264").copy() for seed in HALL})
    hall.until(NOON_S, NOON_S + 60)
    assert hall.groups == []
    hall.until(NOON_S + 60, NOON_S + 420, {str(seed): dark(seed) for seed in HALL})
    hall.until(NOON_S + 420, NOON_S + 720)
    assert hall.raised == []
    began = [each for each in hall.groups if isinstance(each, GroupBegan)]
    assert {each.cause for each in began} == {"lights"}
    assert len(began) <= 2  # out, and on


def test_one_camera_of_the_hall_that_goes_black_is_a_fault() -> None:
    hall = Hall({str(seed): learnt(seed, "h264").copy() for seed in HALL})
    hall.until(NOON_S, NOON_S + 360, {str(HALL[0]): dark(1)})
    assert hall.raised == ["dark"]
    assert hall.plays[str(HALL[0])].sick()
    assert hall.groups == []


def test_the_same_chance_gives_the_same_day() -> None:
    """What is reported can be repeated."""

    def looks() -> list[float]:
        rng = np.random.default_rng(5)
        habits = Habits.by_chance(np.random.default_rng(2))
        play = Play(Camera(drawn(3), habits, Encoder("h264"), 4), RULES, rng)
        found = []
        for at in range(4):
            play.look(NOON_S + 60 * at)
            found.append(play.measures["mean"] + play.measures["noise"])
        return found

    assert looks() == looks()


def test_the_report_counts_events() -> None:
    from tests.eval.episodes import Episode  # noqa: PLC0415 — beside its only use

    found = Episode("blur", "mild", False, ("blur",), 70.0, cleared=True)
    taken = Episode("blur", "mild", False, ("noise", "blur"), 80.0, cleared=True)
    missed = Episode("blur", "mild", False, (), 0.0, cleared=True)
    early = Episode("blur", "mild", False, (), 0.0, cleared=True, learnt=False)
    false = Event(3600.0, "cast", True, {"cast_cr": 9.0})
    outcome = Outcome("1:hall", 30.4, [f"1.0 h cast {false.told()}"], 4, [found, taken, missed, early])
    text = report([outcome])
    assert "| mild faults of the picture found | ≥ 0.9 | 0.667 (2/3) |" in text
    assert "| first raised as the right kind | ≥ 0.95 | 0.500 (1/2) |" in text
    assert "| precision: right ones of all raised | | 0.500 (2/4) |" in text
    assert "| false events a camera-month | ≤ 1 | 1.00 (1 in 30 camera-days) |" in text
    assert "| blur | mild | 3 | 0.67 | 0.50 | 70 / 70 | 2/2 | noise |" in text
    assert "0 of 1 faults told" in text
    assert Job("held", 1, 1.0).faults
