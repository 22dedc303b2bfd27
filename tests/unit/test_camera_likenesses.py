"""What looks like another fault, or like another time of the day."""

from __future__ import annotations

import pytest

from edge.rules import cameras_evidence as evidence
from edge.rules.cameras_model import CameraState
from tests.unit.camera_kit import RULES, USUAL, Desk, picture
from tests.unit.test_camera_rules import LIGHTS_OFF, NIGHT


@pytest.fixture(scope="module")
def learnt() -> CameraState:
    return Desk().learnt().state


@pytest.fixture(scope="module")
def by_night(learnt: CameraState) -> CameraState:
    """Day and infra-red night are known."""
    return _in(learnt, INFRARED, "infrared")


@pytest.fixture(scope="module")
def in_the_dark(learnt: CameraState) -> CameraState:
    """Day and a night without lights are known; its picture has no colours."""
    return _in(learnt, DARK, "lights_off")


INFRARED = NIGHT | {"gain": 1.0, "gain_spread": 0.02, "chroma_same": 0.1, "chroma_ref": 0.1, "mean": 70.0}
DARK = INFRARED | {"mean": 18.0, "p99": 90.0}


def _in(state: CameraState, measures: dict[str, float], mode: str) -> CameraState:
    desk = at(state)
    desk.looks(picture(**LIGHTS_OFF if mode == "lights_off" else NIGHT), 2)
    assert desk.state.mode == mode
    return desk.learnt(**measures).state


def at(state: CameraState) -> Desk:
    return Desk(state, now_s=max((each.last_s for each in state.baselines.values()), default=0.0) + 3600.0)


def scores(state: CameraState, **measures: float) -> dict[str, float | None]:
    check = picture(**measures)
    return evidence.in_picture(
        evidence.Look(check, check.measures, state.baselines[state.mode or "colour"], state, RULES)
    )


# --- times of the day ---
def test_black_that_grows_noisy_while_it_is_suspected_is_no_night(learnt: CameraState) -> None:
    """An encoder that has less to do shows, look by look, more of the noise that was there."""
    black = {"mean": 12.0, "p99": 24.0, "gain": 0.1, "gain_spread": 0.02, "chroma": 0.6, "chroma_p95": 1.4}
    desk = at(learnt)
    desk.look(picture(**black, noise=0.4))
    desk.looks(picture(**black, noise=2.0), 9)
    assert desk.raised() == ["dark"]
    assert desk.state.mode == "colour"


LAMP_LEFT = {"mean": 18.0, "p99": 41.0, "gain": 0.134, "gain_spread": 0.02, "gain_top": 0.44}


def test_lights_that_go_out_evenly_leave_some_light_and_gain_control_answers(learnt: CameraState) -> None:
    """Be it a look later, once an encoder has the bits for the noise."""
    desk = at(learnt)
    desk.look(picture(**LAMP_LEFT, noise=1.1))
    desk.looks(picture(**LAMP_LEFT, noise=2.5), 2)
    assert desk.state.mode == "lights_off"
    desk.looks(picture(**LAMP_LEFT | {"gain": 1.0, "gain_top": 0.0}, noise=3.9), 30)
    assert desk.raised() == []


@pytest.mark.parametrize("top", [0.44, 0.1])
def test_as_dark_as_in_a_night_before_is_a_night(in_the_dark: CameraState, top: float) -> None:
    """Though an encoder hides what gain control adds; where nothing kept more of its light, it is dark."""
    desk = at(in_the_dark)
    desk.looks(picture(gain=6.0), 3)
    assert desk.state.mode == "colour"
    desk.looks(picture(**LAMP_LEFT | {"gain_top": top}, noise=0.4), 3)
    assert desk.state.mode == ("lights_off" if top > RULES.some_light else "colour")


def test_as_dark_as_never_before_is_none(learnt: CameraState) -> None:
    desk = at(learnt)
    desk.looks(picture(**LAMP_LEFT, noise=0.4), 12)
    assert (desk.state.mode, desk.raised()) == ("colour", ["dark"])


def test_a_coloured_cover_is_no_morning(by_night: CameraState) -> None:
    half = {"kept": 0.5, "lost": 0.5, "smooth": 0.45, "found": 0.5, "chroma": 8.0, "chroma_p95": 20.0}
    desk = at(by_night)
    desk.looks(picture(**INFRARED | half | {"chroma_same": 0.3}), 4)
    assert desk.raised() == ["covered"]
    assert desk.state.mode == "infrared"


def test_morning_comes_with_whoever_stands_before_the_lens(by_night: CameraState) -> None:
    half = {"kept": 0.5, "lost": 0.5, "smooth": 0.45, "found": 0.5, "smooth_stirs": 0.5}
    desk = at(by_night)
    desk.looks(picture(**half, chroma_same=12.0), 2)
    assert desk.state.mode == "colour"
    assert desk.raised() == []


@pytest.mark.parametrize(("gain", "mean"), [(2.0, 36.0), (5.0, 90.0)])
def test_more_of_the_same_light_without_colours_is_no_lamp(
    in_the_dark: CameraState, gain: float, mean: float
) -> None:
    desk = at(in_the_dark)
    desk.looks(picture(**DARK | {"gain": gain, "mean": mean, "gain_spread": 0.05}), 10)
    assert desk.raised() == ["over"]


def test_lamps_that_go_on_bring_colours_or_light_another_side(in_the_dark: CameraState) -> None:
    for lit in (
        picture(gain=6.0),
        picture(**INFRARED | {"gain": 4.0, "gain_spread": 0.4, "kept": 0.6, "lost": 0.4}),
    ):
        desk = at(in_the_dark)
        desk.looks(lit, 3)
        assert desk.state.mode in ("colour", "infrared")
        assert desk.raised() == []


# --- faults ---
@pytest.mark.parametrize(
    "cause", [{"noise": 9.0, "floor": 9.0}, {"stripes": 14.0, "stripes_peak": 60.0}], ids=["noise", "stripes"]
)
def test_squares_of_a_starved_encoder_are_no_mosaic(learnt: CameraState, cause: dict[str, float]) -> None:
    """But those of one size are, whatever else is told of them."""
    (fault,) = {"noise", "stripes"} & set(cause)
    blocks = scores(learnt, **cause, blocks=0.2)
    assert blocks["mosaic"] is None
    assert (blocks[fault] or 0.0) >= RULES.gross_score
    assert (scores(learnt, **cause, blocks=0.2, mosaic=2.5)["mosaic"] or 0.0) >= 1
    assert (scores(learnt, blocks=0.2)["mosaic"] or 0.0) >= 1


def test_stripes_that_drown_a_view_are_no_other_view(learnt: CameraState) -> None:
    other = {"kept": 0.1, "lost": 0.9, "smooth": 0.1, "found": 0.2, "detail": 3.0, "lost_stirs": 0.1}
    assert (scores(learnt, **other)["moved"] or 0.0) >= 1
    drowned = scores(learnt, **other, stripes=14.0, stripes_peak=60.0)
    assert drowned["moved"] == 0.0
    assert (drowned["stripes"] or 0.0) >= 1


@pytest.mark.parametrize(
    ("clock_moves", "lost", "raised"),
    [(0.0, 0.5, ["frozen"]), (0.2, 0.5, ["covered"]), (0.0, 0.95, ["covered"])],
)
def test_who_stood_before_the_lens_when_it_froze_is_no_cover(
    learnt: CameraState, clock_moves: float, lost: float, raised: list[str]
) -> None:
    """A cover may leave as little to stir: but the clock goes on, or is hidden with all the rest."""
    half = {"kept": 1.0 - lost, "lost": lost, "smooth": lost - 0.05, "found": 1.0 - lost, "detail": 0.3}
    stands = {"equal": 1.0, "floor": 0.0, "top": 0.0, "clock_moves": clock_moves}
    desk = at(learnt)
    desk.look(picture(**half, smooth_stirs=1.0))  # the last that moved
    desk.looks(picture(**half, **stands), 6)
    assert desk.raised() == raised


def test_two_witnesses_of_a_blur_say_what_neither_does_alone(learnt: CameraState) -> None:
    sharp, crisp = USUAL["sharp"] * 0.92, USUAL["crisp"] * 0.79
    assert (scores(learnt, sharp=sharp)["blur"] or 0.0) < 1
    assert (scores(learnt, crisp=crisp)["blur"] or 0.0) < 1
    assert (scores(learnt, sharp=sharp, crisp=crisp)["blur"] or 0.0) >= 1


def test_noise_that_an_encoder_hides_in_the_picture_shows_from_look_to_look(learnt: CameraState) -> None:
    """Where nobody moves: a crowd makes more of it in the most restless places than anywhere else."""
    flickers = {"noise": USUAL["noise"] * 1.1, "floor": USUAL["floor"] * 2.5}
    assert (scores(learnt, **flickers, top=USUAL["floor"] * 6)["noise"] or 0.0) >= 1
    assert (scores(learnt, **flickers, top=60.0)["noise"] or 0.0) < 1
    assert (scores(learnt, noise=USUAL["noise"] * 1.4, floor=USUAL["floor"])["noise"] or 0.0) < 1


def test_people_that_take_an_encoders_bits_are_no_noise(learnt: CameraState) -> None:
    """They make some of it everywhere: in the picture, and from look to look. Noise among them makes more."""
    quiet = {"noise": 0.12, "floor": 1.1}
    usual = at(CameraState()).learnt(**quiet).state
    assert (scores(usual, noise=0.33, floor=2.5, top=60.0)["noise"] or 0.0) < 1
    assert (scores(usual, noise=0.7, floor=3.2, top=60.0)["noise"] or 0.0) >= 1
    assert (scores(learnt, noise=1.8, floor=2.1, top=60.0)["noise"] or 0.0) < 1
    assert (scores(learnt, noise=2.4, floor=2.9, top=60.0)["noise"] or 0.0) >= 1
