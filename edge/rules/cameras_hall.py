"""What happens to many cameras at once is one event: lights, power or network, not a hundred faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from edge.rules.cameras_limits import PICTURE, CameraRules
from edge.rules.cameras_machine import idle
from edge.rules.cameras_model import CameraState, Cause, Stirred


@dataclass(frozen=True, slots=True)
class HallState:
    """`stirred`: what each camera did within `group_s`, and when. `members`: of the event under way."""

    stirred: dict[str, tuple[str, float]] = field(default_factory=dict)
    cause: Cause | str = ""
    since_s: float = 0.0
    last_s: float = 0.0  # that one of them stirred
    members: tuple[str, ...] = ()
    away: tuple[str, ...] = ()  # members that have not come back


@dataclass(frozen=True, slots=True)
class GroupBegan:
    cause: Cause
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupEnded:
    cause: Cause | str
    since_s: float
    still_away: tuple[str, ...]


class HallJudgement(NamedTuple):
    state: HallState
    changes: tuple[GroupBegan | GroupEnded, ...]
    hold: tuple[str, ...]  # cameras to `hold` now
    free: tuple[str, ...]  # cameras to `release` now


def notice(
    hall: HallState, camera: str, stirred: Stirred, now_s: float, *, of_cameras: int, rules: CameraRules
) -> HallJudgement:
    """A camera of `of_cameras` has changed."""
    kept = {name: each for name, each in hall.stirred.items() if now_s - each[1] <= rules.group_s}
    if stirred.kind == "back":
        away = tuple(name for name in hall.away if name != camera)
        kept.pop(camera, None)
        return _ended(replace(hall, stirred=kept, away=away), now_s, rules)
    kept[camera] = (stirred.kind, now_s)
    hall = replace(hall, stirred=kept)
    if hall.cause:
        members = hall.members if camera in hall.members else (*hall.members, camera)
        gone = stirred.kind == "gone" and camera not in hall.away
        away = (*hall.away, camera) if gone else hall.away
        return HallJudgement(replace(hall, members=members, away=away, last_s=now_s), (), (camera,), ())
    if len(kept) < max(rules.group_least, rules.group_share * of_cameras):
        return HallJudgement(hall, (), (), ())
    members = tuple(sorted(kept))
    away = tuple(name for name in members if kept[name][0] == "gone")
    began = replace(hall, cause=_cause(kept), since_s=now_s, last_s=now_s, members=members, away=away)
    return HallJudgement(began, (GroupBegan(_cause(kept), members),), members, ())


def tick(hall: HallState, now_s: float, rules: CameraRules) -> HallJudgement:
    """To be called now and then: an event without cameras that are away ends by itself."""
    return _ended(hall, now_s, rules)


def _cause(stirred: Mapping[str, tuple[str, float]]) -> Cause:
    gone = sum(1 for kind, _ in stirred.values() if kind == "gone")
    if not gone:
        return "lights"
    return "network" if gone > 0.8 * len(stirred) else "power"


def _ended(hall: HallState, now_s: float, rules: CameraRules) -> HallJudgement:
    if not hall.cause or now_s - hall.last_s < rules.group_after_s:
        return HallJudgement(hall, (), (), ())
    if len(hall.away) > rules.group_over_share * len(hall.members):
        return HallJudgement(hall, (), (), ())
    ended = GroupEnded(hall.cause, hall.since_s, hall.away)
    return HallJudgement(HallState(), (ended,), (), hall.members)


def hold(state: CameraState, cause: str, now_s: float, rules: CameraRules) -> CameraState:
    """A camera as one of many: its picture waits, and with power or network gone so does its way."""
    waits = replace(state, hold_until_s=max(state.hold_until_s, now_s + rules.mode_hold_s))
    faults = {
        name: idle(each, now_s, "ok") if name in PICTURE and each.phase == "suspect" else each
        for name, each in state.faults.items()
    }
    return replace(
        waits, faults=faults, away=state.away or cause in ("power", "network"), excused=cause != "network"
    )


def release(state: CameraState, now_s: float, rules: CameraRules) -> CameraState:
    """The event is over: pictures settle first, then whoever is still away is so by itself."""
    return replace(state, away=False, hold_until_s=max(state.hold_until_s, now_s + rules.mode_hold_s))


def to_json(hall: HallState) -> dict[str, Any]:
    return asdict(hall)


def from_json(kept: Mapping[str, Any]) -> HallState:
    """Raises KeyError, TypeError or ValueError for what is no state of a hall."""
    stirred = {name: (str(each[0]), float(each[1])) for name, each in kept["stirred"].items()}
    lists = {name: tuple(kept[name]) for name in ("members", "away")}
    return HallState(**{**kept, "stirred": stirred, **lists})
