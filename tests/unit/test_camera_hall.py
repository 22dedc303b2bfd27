"""Many cameras at once: one event, and whoever is one of many is not judged alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from drivers.messages import CameraLooked
from edge.rules.cameras_hall import (
    GroupBegan,
    GroupEnded,
    HallJudgement,
    HallState,
    from_json,
    hold,
    notice,
    release,
    tick,
    to_json,
)
from edge.rules.cameras_model import CameraState, Stirred
from tests.unit.camera_kit import RULES, Desk, picture, sick

COUNT = 10
GONE = CameraLooked("picture", "offline")


@dataclass
class Room:
    """Ten cameras, looked at one after another within a minute, and what the daemon does with their stirs."""

    desks: dict[str, Desk]
    hall: HallState = field(default_factory=HallState)
    events: list[GroupBegan | GroupEnded] = field(default_factory=list)

    def round(self, check: Callable[[str], CameraLooked], seconds: float = 60.0) -> None:
        for name, desk in self.desks.items():
            desk.now_s += seconds / 2
            judged = desk.look(check(name), after_s=seconds / 2)
            self._apply(tick(self.hall, desk.now_s, RULES), desk.now_s)
            for each in judged.changes:
                if isinstance(each, Stirred):
                    self._apply(
                        notice(self.hall, name, each, desk.now_s, of_cameras=COUNT, rules=RULES), desk.now_s
                    )

    def _apply(self, judged: HallJudgement, now_s: float) -> None:
        self.hall = from_json(json.loads(json.dumps(to_json(judged.state))))
        self.events += judged.changes
        for name in judged.hold:
            self.desks[name].state = hold(self.desks[name].state, self.hall.cause, now_s, RULES)
        for name in judged.free:
            self.desks[name].state = release(self.desks[name].state, now_s, RULES)

    def raised(self) -> list[str]:
        return [fault for desk in self.desks.values() for fault in desk.raised()]


@pytest.fixture(scope="module")
def learnt() -> CameraState:
    return Desk().learnt().state


@pytest.fixture
def room(learnt: CameraState) -> Room:
    """The cameras are looked at six seconds apart."""
    return Room({f"c{at}": Desk(learnt, now_s=50_000.0 + 6 * at) for at in range(COUNT)})


def test_lights_that_go_out_are_one_event(room: Room) -> None:
    for _ in range(30):
        room.round(lambda _: picture(mean=40.0, gain=0.35, gain_spread=0.02, noise=0.5))
    (began, ended) = room.events
    assert isinstance(began, GroupBegan)
    assert began.cause == "lights"
    assert isinstance(ended, GroupEnded)
    for _ in range(30):
        room.round(lambda _: picture())
    assert room.raised() == []


BLACK = {"mean": 3.0, "p99": 8.0, "std": 1.0, "gain": 0.05, "chroma": 0.1, "chroma_p95": 0.3, "textured": 0.0}


def test_a_hall_that_is_black_at_night_has_no_faults(room: Room) -> None:
    for _ in range(3):  # nights
        for _ in range(200):
            room.round(
                lambda _: picture(**BLACK, kept=0.0, lost=1.0, smooth=1.0, equal=1.0, floor=0.0, top=0.0)
            )
        for _ in range(30):
            room.round(lambda _: picture())
        assert {desk.state.mode for desk in room.desks.values()} == {"colour"}
    assert room.raised() == []
    assert [type(each).__name__ for each in room.events] == ["GroupBegan", "GroupEnded"] * 6
    for desk in room.desks.values():
        assert desk.phase("dark") == "ok"


def test_one_black_camera_in_a_lit_hall_is_a_fault(room: Room) -> None:
    for _ in range(10):
        room.round(lambda name: picture(**BLACK) if name == "c1" else picture())
    assert room.raised() == ["dark"]


def test_a_dead_network_is_one_event_however_long(room: Room) -> None:
    for _ in range(120):
        room.round(lambda _: GONE, seconds=10.0)
    (began,) = room.events
    assert isinstance(began, GroupBegan)
    assert began.cause == "network"
    assert room.raised() == []
    for _ in range(30):
        room.round(lambda _: picture())
    assert isinstance(room.events[-1], GroupEnded)
    assert room.raised() == []


def test_who_does_not_come_back_is_offline_by_itself(room: Room) -> None:
    for _ in range(12):
        room.round(lambda _: GONE, seconds=10.0)
    for _ in range(30):
        room.round(lambda name: GONE if name == "c3" else picture())
    assert room.raised() == ["offline"]
    assert room.desks["c3"].raised() == ["offline"]


def test_half_dark_and_half_gone_is_the_power(room: Room) -> None:
    dark = picture(mean=40.0, gain=0.35, gain_spread=0.02, noise=0.5)
    for _ in range(3):
        room.round(lambda name: GONE if int(name[1]) % 2 else dark, seconds=20.0)
    assert isinstance(room.events[0], GroupBegan)
    assert room.events[0].cause == "power"


def test_two_of_ten_are_two_faults(room: Room) -> None:
    for _ in range(12):
        room.round(lambda name: sick("covered") if name in ("c1", "c2") else picture(), seconds=11.0)
    assert room.events == []
    assert room.raised() == ["covered", "covered"]


def test_of_two_cameras_none_is_a_crowd() -> None:
    hall = HallState()
    for name in ("a", "b"):
        hall, changes, _, _ = notice(hall, name, Stirred("light"), 100.0, of_cameras=2, rules=RULES)
        assert changes == ()
