"""The present of cameras as it is told: one message for each, one for all, and the alerts that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import get_args

from drivers.messages import CameraLooked, CameraRing
from edge.cameras.known import Known
from edge.cameras.told import ALL, alert_key
from edge.metrics import CameraFigures
from edge.rules.alerts import texts
from edge.rules.camera_words import FAULT_WORDS, TOGETHER_WORDS
from edge.rules.cameras_hall import HallState
from edge.rules.cameras_limits import FAULTS, WAY
from edge.rules.cameras_model import CameraState
from edge.wire import Alert, CameraPhase, CamerasStatus, CameraStatus, CameraTrouble, DeviceStatus

TO_A_MINUTE_S = 60  # `looked_at` alone is told no oftener
_STANDS = ("fault", "recovering")
OUTCOMES = ("ok", *WAY, "other")  # of a look, as it is counted
WORKERS_LOST = "workers_lost"  # an attribute of the device that watches

Wall = Callable[[float], float]  # a time that was judged by, as the wall clock has it


def camera_status(known: Known, wall_s: Wall) -> CameraStatus:
    state = known.state
    looked_at = known.looked_at
    return CameraStatus(
        camera=known.id,
        state=phase_of(state),
        since=wall_s(known.since),
        mode=state.mode,
        troubles=tuple(_troubles(state, wall_s)),
        looked_at=None if looked_at is None else wall_s(looked_at) // TO_A_MINUTE_S * TO_A_MINUTE_S,
        codec=known.codec,
        width=known.width,
        height=known.height,
        fps=round(known.fps, 1),
        accepted_by=state.accepted_by,
        accepted_at=wall_s(state.accepted_s) if state.accepted_s else None,
    )


def phase_of(state: CameraState) -> CameraPhase:
    """The worst of its faults; else whether it has been learnt."""
    phases = {fault.phase for fault in state.faults.values()}
    if phases & set(_STANDS):
        return "fault"
    if "suspect" in phases:
        return "suspect"
    if not phases - {"unknown"}:
        return "unknown"
    baseline = state.baselines.get(state.mode)
    return "ok" if baseline is not None and baseline.ready else "learning"


def _troubles(state: CameraState, wall_s: Wall) -> Iterable[CameraTrouble]:
    for name in FAULTS:
        fault = state.faults.get(name)
        if fault is not None and fault.phase in _STANDS:
            yield CameraTrouble(
                fault=name,
                since=wall_s(fault.since_s),
                unstable=fault.unstable,
                **texts(FAULT_WORDS[name]),
            )


def cameras_status(cameras: Iterable[CameraStatus], hall: HallState, wall_s: Wall) -> CamerasStatus:
    all_of = list(cameras)
    return CamerasStatus(
        total=len(all_of),
        states=dict(sorted(Counter(each.state for each in all_of).items())),
        faults=dict(sorted(Counter(trouble.fault for each in all_of for trouble in each.troubles).items())),
        together=hall.cause,
        together_since=wall_s(hall.since_s) if hall.cause else None,
    )


def alert_of(status: CameraStatus) -> Alert | None:
    """One for each camera: its worst, which is the first on the way to a picture."""
    if not status.troubles:
        return None
    first = status.troubles[0]
    return Alert(
        key=alert_key(status.camera),
        severity=FAULT_WORDS[first.fault].severity,
        since=first.since,
        detail=status.camera,
        **texts(FAULT_WORDS[first.fault]),
    )


def together_alert(hall: HallState, wall_s: Wall) -> Alert | None:
    if not hall.cause:
        return None
    words = TOGETHER_WORDS[hall.cause]
    return Alert(
        key=ALL,
        severity=words.severity,
        since=wall_s(hall.since_s),
        detail=f"{len(hall.members)} cameras",
        **texts(words),
    )


class Tally:
    """Counts looks and lost workers, for the node's figures."""

    def __init__(self) -> None:
        self._looks = Counter({(ring, outcome): 0 for ring in get_args(CameraRing) for outcome in OUTCOMES})
        self._lost: dict[str, int] = {}  # workers, by the device that watches

    def look(self, looked: CameraLooked) -> None:
        outcome = looked.code or "ok"
        self._looks[looked.ring, outcome if outcome in OUTCOMES else "other"] += 1

    def watcher(self, status: DeviceStatus) -> None:
        lost = status.attributes.get(WORKERS_LOST, "0")
        self._lost[status.device] = int(lost) if lost.isascii() and lost.isdigit() else 0

    def figures(self, cameras: Iterable[Known], hall: HallState, now_s: float) -> CameraFigures:
        all_of = list(cameras)
        states = Counter(phase_of(known.state) for known in all_of)
        faults = Counter(trouble.fault for known in all_of for trouble in _troubles(known.state, float))
        pictures = [known.looked_at for known in all_of if known.looked_at is not None]
        return CameraFigures(
            states={state: states[state] for state in get_args(CameraPhase)},
            faults={fault: faults[fault] for fault in FAULTS},
            together={cause: int(cause == hall.cause) for cause in TOGETHER_WORDS},
            looks=dict(self._looks),
            oldest_picture_s=now_s - min(pictures) if pictures else None,
            workers_lost=sum(self._lost.values()),
        )
