"""A camera under the rules, without pictures: usual measures, and what each fault makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from drivers.camera.settings import CameraSettings
from drivers.messages import CameraLooked
from edge.rules.cameras import judge
from edge.rules.cameras_limits import CameraRules
from edge.rules.cameras_model import CameraState, Change, Judgement, Turned

RULES = CameraRules()
SETTINGS = CameraSettings()
LOOK_S = 1.0  # a look itself, which waits for a key frame

USUAL: dict[str, float] = {
    "mean": 120.0, "std": 50.0, "p1": 20.0, "p5": 40.0, "p50": 110.0, "p95": 210.0, "p99": 240.0,
    "dark_share": 0.01, "bright_share": 0.01, "chroma": 14.0, "chroma_p95": 35.0, "chroma_ref": 13.0,
    "noise": 1.0, "stripes": 0.4, "stripes_peak": 4.0, "stripes_ref": 2.0, "mosaic": 0.3, "blocks": 0.004,
    "reference": 64.0, "gain": 1.0, "gain_spread": 0.02, "luma_apart": 2.0,
    "cast": 0.2, "cast_cr": 0.1, "cast_cb": -0.1, "sharp": 1.0, "sharp_tiles": 120.0,
    "crisp": 0.9, "crisp_tiles": 90.0,
    "textured": 0.9, "kept": 0.97, "lost": 0.03, "smooth": 0.0, "appeared": 0.0, "detail": 1.0, "match": 0.98,
    "dx": 0.0, "dy": 0.0, "degrees": 0.0, "response": 0.6, "found": 0.97,
    "lost_stirs": 0.3, "smooth_stirs": 0.0, "edge_moves": 0.0,
    "equal": 0.2, "floor": 1.3, "top": 8.0, "clock": 0.01, "clock_moves": 0.2, "stir": 6.0,
}  # fmt: skip

# What a look at a camera with this fault brings instead: gross, as far as a fault knows strengths.
SICK: dict[str, dict[str, float]] = {
    "dark": {"mean": 20.0, "p99": 60.0, "gain": 0.15, "noise": 0.5},
    "over": {"mean": 230.0, "bright_share": 0.7, "gain": 2.4},
    "covered": {
        "kept": 0.0,
        "lost": 1.0,
        "smooth": 1.0,
        "std": 9.0,
        "found": 0.0,
        "detail": 0.05,
        "gain": 0.7,
    },
    "blur": {"sharp": 0.5, "noise": 0.7},
    "moved": {"kept": 0.1, "lost": 0.9, "found": 0.9, "dx": 0.1, "dy": 0.02, "degrees": 3.0, "appeared": 0.2},
    "cast": {"cast_cr": 14.0, "cast_cb": -9.0, "chroma": 22.0},
    "unexpected_grey": {"chroma": 0.2, "chroma_p95": 0.5},
    "noise": {"noise": 9.0},
    "stripes": {"stripes": 14.0, "stripes_peak": 60.0},
    "mosaic": {"mosaic": 2.5, "blocks": 0.2},
    "frozen": {"equal": 1.0, "floor": 0.0, "top": 0.0, "clock_moves": 0.0},
}


def picture(**changes: float) -> CameraLooked:
    return CameraLooked("picture", "", USUAL | changes, 640, 360, "h264")


def sick(fault: str) -> CameraLooked:
    """A look that this fault makes bad."""
    match fault:
        case "offline" | "auth_failed" | "session_limit" | "no_frames" | "corrupt":
            return CameraLooked("picture", fault)
        case "low_fps":
            return CameraLooked("stream", announced_fps=25, fps=4, received=900)
        case "wrong_size":
            return replace(picture(), width=1920, height=1080)
        case "clock_drift":
            return CameraLooked("probe", "", {"clock_offset_s": -3600.0})
    return picture(**SICK[fault])


def well(fault: str) -> CameraLooked:
    """The look that shows this fault to be over."""
    if fault == "low_fps":
        return CameraLooked("stream", announced_fps=25, fps=25, received=900)
    return CameraLooked("probe", "", {"clock_offset_s": 0.1}) if fault == "clock_drift" else picture()


@dataclass
class Desk:
    """Looks at one camera, one after another at the pace that the rules want."""

    state: CameraState = field(default_factory=CameraState)
    rules: CameraRules = RULES
    now_s: float = 1000.0
    changes: list[Change] = field(default_factory=list)

    def look(self, check: CameraLooked, after_s: float | None = None) -> Judgement:
        judged = judge(self.state, check, self.now_s, self.rules)
        self.state = judged.state
        self.changes += judged.changes
        pace_s = SETTINGS.suspect_s if judged.pace == "suspect" else SETTINGS.picture_s
        self.now_s += pace_s + LOOK_S if after_s is None else after_s
        return judged

    def looks(self, check: CameraLooked, count: int, after_s: float | None = None) -> None:
        for _ in range(count):
            self.look(check, after_s)

    def learnt(self, **changes: float) -> Desk:
        """Through the time of learning, with a little life in the measures."""
        mode = self.state.mode
        for at in range(400):
            if mode and (known := self.state.baselines.get(mode)) and known.approved:
                return self
            self.look(picture(**alive(at, changes)))
            mode = self.state.mode
        raise AssertionError("nothing was learnt")

    def phase(self, fault: str) -> str:
        found = self.state.faults.get(fault)
        return found.phase if found else "unknown"

    def raised(self) -> list[str]:
        return [
            each.fault
            for each in self.changes
            if isinstance(each, Turned) and each.phase == "fault" and each.before == "suspect"
        ]


def alive(at: int, changes: Mapping[str, float]) -> dict[str, float]:
    wave = (at * 7 % 11 - 5) / 5  # -1 … 1
    base = USUAL | dict(changes)
    small = {"noise": 0.05, "mean": 3.0, "sharp": 0.004, "stripes": 0.05, "mosaic": 0.01, "floor": 0.1}
    return dict(changes) | {name: base[name] + wave * each for name, each in small.items()}
