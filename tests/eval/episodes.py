"""One camera's evaluation: days without a fault, and every fault done to it, by day and by night."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from drivers.messages import CameraLooked
from edge.rules.cameras_limits import PICTURE, CameraRules
from tests.eval.encoders import Encoder
from tests.eval.ills import STRENGTHS, Ill
from tests.eval.play import Play
from tests.eval.scenes import scenes
from tests.eval.world import DAY_S, Camera, Habits

GIVEN_UP_S = 12 * 60.0  # a fault that is not found by then is missed
WELL_S = 150.0  # it begins within them: two looks and those that follow in haste
AFTER_S = 120.0  # it goes on so long once it is found: what else is raised of it
CLEARED_S = 12 * 60.0
BY_NIGHT = ("dark", "over", "covered", "blur", "moved", "noise", "stripes", "mosaic", "frozen")
NOT_IN_THE_DARK = ("dark", "over")  # lights off: there is no light to lose, and more of it is a lamp
# Faults that no picture is needed for: what a check says of each, and on which ring.
BESIDE = {
    "offline": CameraLooked("picture", "offline"),
    "auth_failed": CameraLooked("picture", "auth_failed"),
    "session_limit": CameraLooked("picture", "session_limit"),
    "no_frames": CameraLooked("picture", "no_frames"),
    "corrupt": CameraLooked("picture", "corrupt"),
    "low_fps": CameraLooked("stream", announced_fps=25, fps=9, received=800),
    "wrong_size": CameraLooked("probe", width=1920, height=1080, codec="h264"),
    "clock_drift": CameraLooked("probe", measures={"clock_offset_s": 400.0}),
}


@dataclass(frozen=True, slots=True)
class Job:
    which: str  # of scenes: "tune" or "held"
    index: int
    days: float
    faults: bool = True
    only: tuple[str, ...] = ()  # of them; all where none is named
    encoder: tuple[str, int] | None = None  # codec and bytes of a key frame, for all alike; else by chance


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault done at a moment: what was raised of it, in order, and after how long."""

    kind: str
    strength: str
    by_night: bool
    raised: tuple[str, ...]
    delay_s: float
    cleared: bool
    camera: str = ""
    learnt: bool = True  # the mode's baseline is there: else only what is gross by any measure can be told


@dataclass(slots=True)
class Outcome:
    camera: str
    days: float = 0.0  # without a fault, after the first night and day were learnt or not: all of them
    false: list[str] = field(default_factory=list)
    switches: int = 0  # of modes, in those days
    episodes: list[Episode] = field(default_factory=list)
    looks: int = 0  # while no fault was done
    took_s: float = 0.0


def camera(job: Job) -> Play:
    """A camera by chance, but the same one for the same job."""
    rng = np.random.default_rng([7 if job.which == "held" else 3, job.index])
    made = scenes(job.which)
    scene = made[job.index % len(made)]()
    codecs = ("h264", "h264", "jpeg", "h264", "h265")
    encoder = Encoder(codecs[job.index % len(codecs)], int(rng.choice([14_000, 22_000, 35_000])))
    if job.encoder:
        encoder = Encoder(*job.encoder)
    return Play(Camera(scene, Habits.by_chance(rng), encoder, job.index), CameraRules(), rng)


def evaluate(job: Job) -> Outcome:
    """From six in the morning on. Faults are done to copies, so that they spoil no learning."""
    cv2.setNumThreads(1)
    began_s, play = time.monotonic(), camera(job)
    out = Outcome(f"{job.index}:{play.camera.scene.name}")
    now_s, end_s = 6 * 3600.0, 6 * 3600.0 + job.days * DAY_S
    if job.faults:
        for at_hour, by_night in ((float(play.rng.uniform(11, 16.5)), False), (23.5, True)):
            now_s = play.until(now_s, at_hour * 3600)
            out.episodes += _faults(play, now_s, by_night=by_night, only=job.only)
    play.until(now_s, end_s)
    out.days = job.days
    out.false = [
        f"{each.at_s / 3600:.2f} h {each.fault} {each.told()}" for each in play.events if each.raised
    ]
    out.switches = play.switches
    out.looks, out.took_s = play.looks, time.monotonic() - began_s
    return out


def _faults(play: Play, now_s: float, *, by_night: bool, only: tuple[str, ...]) -> list[Episode]:
    found = []
    mode = play.camera.mode(now_s)
    for kind in BY_NIGHT if mode != "day" else PICTURE:
        if only and kind not in only:
            continue
        if (kind in NOT_IN_THE_DARK and mode == "dark") or (
            kind in ("cast", "unexpected_grey") and play.camera.scene.is_grey
        ):
            continue
        for strength in STRENGTHS:
            twin = play.copy()
            ill = Ill(kind, strength, np.random.default_rng(play.rng.integers(1 << 31)))
            found.append(_episode(twin, ill, now_s, by_night=by_night))
    if not by_night:
        found += [_beside(play.copy(), kind, now_s) for kind in BESIDE if not only or kind in only]
    return found


def _episode(play: Play, ill: Ill, now_s: float, *, by_night: bool) -> Episode:
    """The fault begins at any moment: between two looks, and be the second of them one in haste."""
    known = play.state.baselines.get(play.state.mode)
    learnt = bool(known and known.ready)
    onset_s = now_s + float(play.rng.uniform(0, WELL_S))
    due_s = play.until(now_s, onset_s)
    while due_s < onset_s + GIVEN_UP_S and not play.events:
        due_s = play.until(due_s, due_s + 1, ill)
    delay_s = play.events[0].at_s - onset_s if play.events else 0.0
    if play.events:
        due_s = play.until(due_s, due_s + AFTER_S, ill)
    raised = tuple(each.fault for each in play.events if each.raised)
    well_s = due_s + CLEARED_S
    while due_s < well_s and play.sick():
        due_s = play.until(due_s, due_s + 1)
    return Episode(
        ill.kind, ill.strength, by_night, raised, delay_s, not play.sick(), play.camera.told(now_s), learnt
    )


def _beside(play: Play, kind: str, now_s: float) -> Episode:
    """Probes every 10 s, pictures at the pace that is wanted: healthy ones as the last was, or none."""
    healthy = CameraLooked("picture", "", play.measures, 640, 360, "h264")
    sick = BESIDE[kind]
    play.check(CameraLooked("stream", announced_fps=25, fps=25, received=900), now_s)
    onset_s, picture_s = now_s + float(play.rng.uniform(0, 10)), now_s + float(play.rng.uniform(0, 60))
    stream_s = now_s + float(play.rng.uniform(0, 600))
    at_s = now_s
    while at_s < onset_s + 20 * 60 and not play.events:
        at_s += 10.0
        ill = at_s >= onset_s
        probe_code = kind if ill and kind in ("offline", "auth_failed") else ""
        probe = sick if ill and sick.ring == "probe" else CameraLooked("probe", probe_code)
        hasty = play.check(probe, at_s) == "suspect"
        if at_s >= picture_s or hasty:
            seen = replace(healthy, width=sick.width) if ill and kind == "wrong_size" else healthy
            hasty = play.check(sick if ill and sick.ring == "picture" else seen, at_s + 1) == "suspect"
            picture_s = at_s + (10 if hasty else 60)
        if at_s >= stream_s or (hasty and sick.ring == "stream"):
            well = CameraLooked("stream", announced_fps=25, fps=25, received=900)
            play.check(sick if ill and sick.ring == "stream" else well, at_s + 2)
            stream_s = at_s + 600
    raised = tuple(each.fault for each in play.events if each.raised)
    delay_s = play.events[0].at_s - onset_s if play.events else 0.0
    return Episode(kind, "gross", False, raised, delay_s, cleared=True)
