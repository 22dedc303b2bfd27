"""How a camera is judged, look by look."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from drivers.messages import CameraLooked
from edge.rules import cameras_evidence as evidence
from edge.rules.cameras import judge
from edge.rules.cameras_baseline import accept_view
from edge.rules.cameras_limits import FAULTS, PICTURE, STREAM, WAY, CameraRules
from edge.rules.cameras_model import (
    BaselineReady,
    BaselineUnusable,
    CameraState,
    Forget,
    Keep,
    ModeChanged,
    Stirred,
    Turned,
    from_json,
    to_json,
)
from tests.unit.camera_kit import RULES, SICK, USUAL, Desk, alive, picture, sick, well

MUTANTS = {**evidence.IN_PICTURE, **evidence.BESIDE_PICTURE}


@pytest.fixture(scope="module")
def learnt() -> CameraState:
    desk = Desk().learnt()
    desk.look(CameraLooked("stream", announced_fps=25, fps=25, received=900))
    return desk.state


def at(state: CameraState) -> Desk:
    return Desk(state, now_s=50_000.0)


# --- every fault ---
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_raised_alone_and_clears(learnt: CameraState, fault: str) -> None:
    desk = at(learnt)
    desk.looks(sick(fault), 10)
    assert desk.raised() == [fault]
    assert desk.phase(fault) == "fault"
    desk.looks(well(fault), 3)
    assert desk.phase(fault) == "ok"
    desk.looks(picture(), 5)
    assert desk.raised() == [fault]


@pytest.mark.parametrize("fault", [*PICTURE, *STREAM])
def test_each_detector_is_what_finds_its_fault(
    learnt: CameraState, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutation: without its detector nobody raises the fault, so the test above would fail."""
    table = evidence.IN_PICTURE if fault in PICTURE else evidence.BESIDE_PICTURE
    monkeypatch.setitem(table, fault, lambda _look: 0.0)
    desk = at(learnt)
    desk.looks(sick(fault), 10)
    assert fault not in desk.raised()


@pytest.mark.parametrize("fault", WAY)
def test_each_code_is_what_finds_its_fault(
    learnt: CameraState, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evidence.way

    def without(look: evidence.Look) -> dict[str, float | None]:
        return whole(look) | {fault: 0.0}

    monkeypatch.setattr(evidence, "way", without)
    desk = at(learnt)
    desk.looks(sick(fault), 10)
    assert fault not in desk.raised()


@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_look_is_no_fault(learnt: CameraState, fault: str) -> None:
    desk = at(learnt)
    desk.look(sick(fault))
    assert desk.phase(fault) == "suspect"
    desk.looks(well(fault), 6)
    assert desk.raised() == []
    assert desk.phase(fault) == "ok"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("dark", "blur"), ("covered", "noise"), ("blur", "cast"), ("moved", "stripes"), ("cast", "frozen")],
)
def test_an_earlier_fault_in_the_picture_masks_a_later_one(
    learnt: CameraState, earlier: str, later: str
) -> None:
    desk = at(learnt)
    both = replace(sick(earlier), measures={**sick(earlier).measures, **SICK[later], **SICK[earlier]})
    desk.looks(both, 12)
    assert desk.raised() == [earlier]
    desk.looks(sick(later), 14)
    assert desk.raised() == [earlier, later]


@pytest.mark.parametrize("earlier", WAY)
def test_without_a_picture_nothing_is_said_of_it(learnt: CameraState, earlier: str) -> None:
    desk = at(learnt)
    desk.looks(sick(earlier), 3)
    desk.looks(sick("clock_drift"), 2)
    assert desk.raised() == [earlier]


@pytest.mark.parametrize(
    ("what", "explained"), [(name, each) for name, others in evidence.EXPLAINS.items() for each in others]
)
def test_what_another_fault_explains_is_not_raised(learnt: CameraState, what: str, explained: str) -> None:
    desk = at(learnt)
    desk.looks(replace(sick(what), measures={**USUAL, **SICK[explained], **SICK[what]}), 12)
    assert explained not in desk.raised()


# --- the way to a picture ---
def test_two_silent_rings_prove_that_a_camera_is_gone(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.look(CameraLooked("probe", "offline"), after_s=1.0)
    assert Stirred("gone") in desk.changes
    desk.look(CameraLooked("picture", "offline"))
    assert desk.raised() == ["offline"]


def test_one_ring_needs_a_third_failure_or_a_silent_host(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(CameraLooked("probe", "offline"), 2)
    assert desk.raised() == []
    desk.look(CameraLooked("probe", "offline"))
    assert desk.raised() == ["offline"]
    desk = at(learnt)
    desk.looks(CameraLooked("probe", "offline", {"reachable": 0.0}), 2)
    assert desk.raised() == ["offline"]


def test_to_describe_a_stream_does_not_clear_what_needs_a_session(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(sick("session_limit"), 2)
    desk.looks(CameraLooked("probe"), 5)
    assert desk.phase("session_limit") == "fault"
    desk.looks(picture(), 3)
    assert desk.phase("session_limit") == "ok"


def test_a_word_of_the_worker_is_no_fault_of_the_camera(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(CameraLooked("picture", "worker_hung"), 20)
    assert desk.changes == []


def test_lost_packets_tear_pictures(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(CameraLooked("stream", announced_fps=25, fps=24, received=800, lost=200), 3)
    assert desk.raised() == ["corrupt"]


# --- learning ---
def test_a_camera_learns_what_is_usual() -> None:
    desk = Desk()
    desk.look(picture())
    assert (desk.phase("blur"), desk.phase("dark")) == ("learning", "learning")
    began_s = desk.now_s
    desk.learnt()
    assert desk.now_s - began_s >= RULES.learn_s
    assert BaselineReady("colour") in desk.changes
    kept = desk.changes.count(Keep("colour"))
    assert RULES.learn_least <= kept <= RULES.learn_most + 2
    desk.look(picture())
    assert {desk.phase(fault) for fault in PICTURE} == {"ok"}


def test_before_that_only_the_gross_is_judged() -> None:
    desk = Desk()
    desk.looks(picture(), 5)
    for fault in ("blur", "cast", "noise", "stripes", "mosaic", "moved", "frozen", "unexpected_grey"):
        desk.looks(sick(fault), 10)
    assert desk.raised() == []
    desk.looks(picture(), 5)
    desk.looks(picture(mean=4.0, p99=9.0, std=1.0), 10)
    assert desk.raised() == ["dark"]


def test_nothing_is_learnt_of_a_sick_picture() -> None:
    desk = Desk()
    desk.looks(picture(mean=4.0, p99=9.0, std=1.0, chroma_p95=35.0), 300)
    assert not any(isinstance(each, Keep) for each in desk.changes)


def test_a_camera_that_starts_covered_has_no_usable_baseline() -> None:
    desk = Desk().learnt(textured=0.01, std=4.0)
    assert BaselineUnusable("colour", "nothing_to_see") in desk.changes
    desk.looks(sick("blur"), 20)
    assert desk.raised() == []


def test_while_it_is_mounted_learning_begins_again() -> None:
    desk = Desk()
    desk.looks(picture(), 30)
    count = desk.state.baselines["colour"].count
    assert count > 5
    desk.looks(picture(lost=0.9, kept=0.1), 12)
    assert desk.state.baselines["colour"].count < count


def test_what_is_usual_follows_slowly_and_no_farther_than_the_limit(learnt: CameraState) -> None:
    desk, sharp = at(learnt), 1.0
    for _ in range(20_000):  # two weeks of a lens that goes out of focus
        sharp -= 0.00002
        desk.look(picture(sharp=sharp))
        if desk.raised():
            break
    assert desk.raised() == ["blur"]
    assert desk.state.baselines["colour"].centre["sharp"] >= 0.9 - 1e-9


def test_daylight_is_followed(learnt: CameraState) -> None:
    desk = at(learnt)
    for minute in range(600):
        desk.look(picture(gain=1 - 0.3 * minute / 600, mean=120 - 30 * minute / 600))
    assert desk.raised() == []
    assert desk.state.baselines["colour"].centre["gain"] < 0.85


def test_a_new_view_is_accepted_by_somebody(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(sick("moved"), 8)
    fresh, forgotten = accept_view(desk.state, "zhang", 60_000.0)
    assert Forget("colour") in forgotten
    assert (fresh.accepted_by, fresh.accepted_s) == ("zhang", 60_000.0)
    assert fresh.faults == {}
    desk = Desk(fresh, now_s=60_000.0).learnt()
    assert desk.state.accepted_by == "zhang"


# --- modes ---
NIGHT = {
    "chroma": 0.1, "chroma_p95": 0.3, "mean": 70.0,
    "luma_apart": 50.0, "gain": 0.5, "gain_spread": 0.4, "noise": 3.0,
}  # fmt: skip
LIGHTS_OFF = {"mean": 18.0, "p99": 90.0, "gain": 0.15, "gain_spread": 0.5, "noise": 2.5}


@pytest.mark.parametrize(("measures", "mode"), [(NIGHT, "infrared"), (LIGHTS_OFF, "lights_off")])
def test_a_change_of_mode_is_no_fault(learnt: CameraState, measures: dict[str, float], mode: str) -> None:
    desk = at(learnt)
    desk.look(picture(**measures))
    assert Stirred("light") in desk.changes
    assert desk.state.mode == "colour"
    desk.looks(picture(**measures, reference=0.0), 60)
    assert ModeChanged("colour", mode) in desk.changes  # type: ignore[arg-type]
    desk.looks(picture(), 60)
    assert desk.state.mode == "colour"
    assert desk.raised() == []


def test_picture_faults_wait_after_a_change_of_mode(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(picture(**NIGHT), 2, after_s=10.0)
    desk.looks(picture(**NIGHT | {"mean": 2.0, "p99": 5.0}), 8, after_s=10.0)
    assert desk.phase("dark") != "fault"
    desk.looks(picture(**NIGHT | {"mean": 2.0, "p99": 5.0}), 8, after_s=10.0)
    assert desk.raised() == ["dark"]


def test_darkness_waits_until_all_cameras_of_the_hall_were_looked_at(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(picture(mean=4.0, p99=9.0, std=1.0, gain=0.05), 7)
    assert desk.phase("dark") == "suspect"
    desk.looks(picture(mean=4.0, p99=9.0, std=1.0, gain=0.05), 1)
    assert desk.raised() == ["dark"]


def test_an_iris_that_closes_is_no_night(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(picture(mean=45.0, gain=0.4, gain_spread=0.03, noise=0.6), 12)
    assert desk.raised() == ["dark"]


def test_almost_black_has_no_colours_and_is_no_infrared_night(learnt: CameraState) -> None:
    """Nor do its lights go off once gain control answers with noise."""
    black = {"mean": 15.5, "p99": 23.0, "gain": 0.1, "gain_spread": 0.01, "chroma": 0.5, "chroma_p95": 1.2}
    desk = at(learnt)
    desk.looks(picture(**black, noise=0.4), 10)
    assert desk.raised() == ["dark"]
    desk.looks(picture(**black, noise=4.0), 60)
    assert (desk.phase("dark"), desk.state.mode) == ("fault", "colour")


def test_black_is_no_infrared_night_however_noisy(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(
        picture(mean=6.0, p99=10.0, gain=0.05, gain_spread=0.03, chroma_p95=1.4, noise=0.9, kept=0.3), 10
    )
    assert desk.raised() == ["dark"]


def test_a_lit_room_without_colours_is_no_night(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(sick("unexpected_grey"), 10)
    assert desk.raised() == ["unexpected_grey"]
    assert desk.state.mode == "colour"


def test_a_grey_camera_is_not_asked_for_colours() -> None:
    desk = Desk().learnt(chroma=0.1, chroma_p95=0.2, chroma_ref=0.1)
    desk.looks(picture(chroma=0.1, chroma_p95=0.2, chroma_ref=0.1), 100)
    assert desk.raised() == []


@pytest.mark.parametrize(
    ("usual", "more"),
    [
        ({"mean": 14.0, "p99": 38.0, "p50": 12.0}, {"mean": 12.0, "p99": 33.0, "p50": 10.0}),
        ({"mean": 238.0, "bright_share": 0.8}, {"mean": 244.0, "bright_share": 0.88}),
    ],
)
def test_what_was_learnt_black_or_white_is_so(
    learnt: CameraState, usual: dict[str, float], more: dict[str, float]
) -> None:
    """A baseline outweighs absolute limits: this is what the view is like."""
    known = learnt.baselines["colour"]
    centre = {**known.centre, **usual}
    desk = at(replace(learnt, baselines={"colour": replace(known, centre=centre, approved=centre)}))
    desk.looks(picture(**more), 30)
    assert desk.raised() == []


# --- white ---
def test_a_view_that_is_white_is_learnt_so_and_told_by_what_is_not_white_in_it() -> None:
    white = {"mean": 242.0, "bright_share": 0.9, "burnt": 0.0}
    desk = Desk().learnt(**white)
    desk.looks(picture(**white | {"bright_share": 0.94, "gain": 1.3}), 30)
    assert desk.raised() == []
    desk.looks(picture(**white | {"bright_share": 0.97, "burnt": 0.6, "kept": 0.4, "lost": 0.6}), 4)
    assert desk.raised() == ["over"]


def test_a_camera_that_comes_burnt_out_is_told_at_once() -> None:
    desk = Desk()
    desk.looks(picture(mean=254.0, bright_share=0.98, std=9.0), 4)
    assert desk.raised() == ["over"]


# --- who passes by ---
HALF = {"kept": 0.5, "lost": 0.5, "smooth": 0.45, "found": 0.5}


@pytest.mark.parametrize(
    ("moves", "after_s"),
    [
        ((0.0, 0.0), 20.0),
        ((0.6, 0.6, 0.6), 30.0),
        ((0.3, 1.2, 0.3), 30.0),  # one restless look in a crowd
        ((0.9,) * 4, 40.0),  # an edge that is always restless
        ((0.5, 4.0, 0.6, 0.6, 0.6), 50.0),  # somebody went by the edge
        ((2.0,) * 6, 60.0),
    ],
    ids=str,
)
def test_what_stirs_before_the_lens_may_stand_there_for_a_minute(
    learnt: CameraState, moves: tuple[float, ...], after_s: float
) -> None:
    """Half of the view is hidden: by something that stands still, or by somebody."""
    desk = at(learnt)
    desk.look(picture(**HALF, smooth_stirs=1.0), 10.0)  # the look that it came in
    began_s = desk.now_s - 10.0
    for edge_moves in moves:
        if desk.raised():
            break
        desk.look(picture(**HALF, edge_moves=edge_moves), 10.0)
    assert desk.raised() == ["covered"]
    assert desk.now_s - 10.0 - began_s == after_s


def test_who_steps_before_a_lens_covers_nothing_however_still_he_is_between(learnt: CameraState) -> None:
    """Two looks without a stir, then a step, for 50 s."""
    desk = at(learnt)
    desk.look(picture(**HALF, smooth_stirs=1.0), 9.0)
    for edge_moves in (0.4, 5.0, 0.3, 0.9, 5.0, 0.4):
        desk.look(picture(**HALF, edge_moves=edge_moves), 9.0)
    assert desk.phase("covered") == "suspect"
    desk.looks(picture(), 2)
    assert desk.raised() == []


def test_a_cover_in_a_crowd_is_none_the_less_smooth(learnt: CameraState) -> None:
    """What a crowd hides at any time of the day says nothing against it."""
    known = learnt.baselines["colour"]
    crowd = replace(known, centre={**known.centre, "lost": 0.15}, spread={**known.spread, "lost": 0.1})
    desk = at(replace(learnt, baselines={"colour": crowd}))
    desk.looks(picture(kept=0.45, lost=0.55, smooth=0.24, found=0.45), 4)
    assert desk.raised() == ["covered"]


@pytest.mark.parametrize(("stirs", "raised"), [(0.0, ["covered"]), (0.5, [])])
def test_a_fifth_that_went_smooth_is_a_cover_where_it_stands_still(
    learnt: CameraState, stirs: float, raised: list[str]
) -> None:
    fifth = {"kept": 0.75, "lost": 0.25, "smooth": 0.2, "found": 0.75}
    desk = at(learnt)
    assert desk.look(picture(**fifth, smooth_stirs=1.0)).pace == "suspect"
    desk.looks(picture(**fifth, smooth_stirs=stirs), 12, 10.0)
    assert desk.raised() == raised


@pytest.mark.parametrize(
    ("lost", "stirs", "after_s"), [(0.8, 0.2, 20.0), (0.8, 0.7, 60.0), (0.95, 0.7, 20.0)]
)
def test_another_view_stands_still_and_a_crowd_does_not(
    learnt: CameraState, lost: float, stirs: float, after_s: float
) -> None:
    """Nor does a crowd hide everything."""
    other = {"kept": 1 - lost, "lost": lost, "smooth": 0.1, "found": 0.2, "lost_stirs": stirs}
    desk = at(learnt)
    began_s = desk.now_s
    while not desk.raised():
        desk.look(picture(**other), 10.0)
    assert desk.raised() == ["moved"]
    assert desk.now_s - 10.0 - began_s == after_s


# --- frozen ---
def test_a_looped_source_has_to_repeat_longer(learnt: CameraState) -> None:
    known = learnt.baselines["colour"]
    looped = replace(learnt, baselines={"colour": replace(known, centre={**known.centre, "repeats": 0.2})})
    desk = at(looped)
    desk.looks(sick("frozen"), 6)
    assert desk.raised() == []
    desk.looks(sick("frozen"), 4)
    assert desk.raised() == ["frozen"]


def test_a_still_view_without_noise_is_told_by_its_clock() -> None:
    still = {"equal": 0.99, "floor": 0.0, "top": 0.1}
    desk = Desk().learnt(**still)
    desk.looks(picture(**still | {"equal": 1.0, "clock_moves": 0.3}), 50)
    assert desk.raised() == []
    desk.looks(picture(**still | {"equal": 1.0, "clock_moves": 0.0}), 4)
    assert desk.raised() == ["frozen"]


def test_a_stream_in_which_nothing_stirs_needs_no_third_minute(learnt: CameraState) -> None:
    """The first look after it froze differs from the last before; three more in haste prove it."""
    desk = at(learnt)
    assert desk.look(picture(stir=2.5)).pace == "suspect"
    desk.looks(picture(**SICK["frozen"], stir=2.5), 3)
    assert desk.raised() == ["frozen"]


@pytest.mark.parametrize("refines", [0, 1])
def test_what_an_encoder_still_refines_stands_all_the_same(learnt: CameraState, refines: int) -> None:
    desk = at(learnt)
    desk.look(picture(stir=2.5), 10.0)
    began_s = desk.now_s
    for _ in range(refines):
        desk.look(picture(floor=0.9, top=1.9, clock_moves=0.0, stir=2.5), 10.0)
    while not desk.raised():
        desk.look(picture(**SICK["frozen"], stir=2.5), 10.0)
    assert desk.raised() == ["frozen"]
    assert desk.now_s - began_s == 20.0


def test_a_picture_that_moves_again_is_not_frozen_however_calm_its_stream(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(picture(**SICK["frozen"], stir=2.5), 4)
    assert desk.raised() == ["frozen"]
    desk.looks(picture(stir=2.5), 3)
    assert desk.state.faults["frozen"].phase == "ok"


@pytest.mark.parametrize(
    ("usual", "stir", "looks"), [(6.0, 2.5, 3), (5.0, 5.0, 2)], ids=["calmer than ever", "calm as ever"]
)
def test_a_calm_stream_alone_is_no_fault_and_no_event_of_the_hall(
    usual: float, stir: float, looks: int
) -> None:
    """Whatever an encoder makes of an empty hall: a last look that differs from those before ends it."""
    desk = Desk().learnt(stir=usual)
    paces = [desk.look(picture(stir=stir)).pace for _ in range(60)]
    assert desk.raised() == []
    assert paces == (["suspect"] * (looks - 1) + ["normal"]) * (60 // looks)
    assert Stirred("picture") not in desk.changes


@pytest.mark.parametrize(
    ("usual", "now", "pace"),
    [(6.0, 6.0, "normal"), (9.0, 6.0, "suspect"), (5.0, 5.0, "suspect"), (6.6, 5.6, "normal")],
    ids=["as ever", "a twentieth", "a bit a macroblock, as ever", "two fifths"],
)
def test_a_calm_stream_is_told_by_itself_or_beside_the_usual(usual: float, now: float, pace: str) -> None:
    desk = Desk().learnt(stir=usual)
    for _ in range(3):
        desk.look(picture(stir=max(usual, 6.0)))
    assert desk.look(picture(stir=now)).pace == pace


# --- what is asked of the caller ---
def test_a_suspicion_is_looked_into_at_once(learnt: CameraState) -> None:
    desk = at(learnt)
    assert desk.look(picture()).pace == "normal"
    assert desk.look(sick("blur")).pace == "suspect"
    assert desk.look(sick("frozen")).wants_stream is False
    judged = [desk.look(well("blur")) for _ in range(4)]
    assert judged[-1].pace == "normal"
    assert desk.look(sick("mosaic")).wants_stream


def test_a_turn_tells_its_measures(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(sick("moved"), 4)
    (raised,) = [each for each in desk.changes if isinstance(each, Turned) and each.phase == "fault"]
    assert raised.details == {"dx": 0.1, "dy": 0.02, "degrees": 3.0, "found": 0.9}


def test_no_state_is_changed_in_place(learnt: CameraState) -> None:
    before = json.dumps(to_json(learnt))
    judge(learnt, sick("blur"), 50_000.0, RULES)
    assert json.dumps(to_json(learnt)) == before


def test_a_state_survives_a_restart() -> None:
    desk = Desk()
    for at_look in range(90):
        check = sick("covered") if at_look in (60, 61) else picture(**alive(at_look, {}))
        desk.look(check)
        again = from_json(json.loads(json.dumps(to_json(desk.state))))
        assert again == desk.state
        desk.state = again


@pytest.mark.parametrize(
    "torn", [{}, {"faults": {}}, {"faults": {"dark": {}}, "baselines": {}}, {"faults": 1}]
)
def test_what_is_no_state_is_refused(torn: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        from_json(torn)


def test_every_fault_has_its_votes() -> None:
    assert all(hasattr(CameraRules(), fault) for fault in FAULTS)
