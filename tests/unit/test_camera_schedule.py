"""Which camera is looked at when, in simulated time: periods, limits, and the dead in slots of their own."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from drivers.camera.schedule import MOST_COMING, Look, Schedule
from drivers.camera.settings import Camera, CameraSettings
from drivers.camera.stream import STALL_S
from drivers.messages import CameraRing

TAKES_S = {"probe": 0.01, "picture": 1.0, "stream": 6.0}  # of a camera that is well
Answer = Callable[[Look, float], tuple[float, bool]]  # how long a look takes, and whether it brings something


def well(look: Look, _now_s: float) -> tuple[float, bool]:
    return TAKES_S[look.ring], True


def cameras(count: int, a_host: int = 1, *, main: bool = True) -> tuple[Camera, ...]:
    return tuple(
        Camera(
            f"cam-{i}",
            f"rtsp://10.0.{i // a_host // 250}.{i // a_host % 250 + 1}/{i}/sub",
            f"rtsp://10.0.{i // a_host // 250}.{i // a_host % 250 + 1}/{i}/main" if main else "",
        )
        for i in range(count)
    )


@dataclass
class Day:
    """A schedule at work on a clock of its own."""

    schedule: Schedule
    now_s: float = 0.0
    under_way: list[tuple[float, int, Look, bool]] = field(default_factory=list)
    looks: dict[tuple[str, CameraRing], list[float]] = field(default_factory=dict)  # when each began
    most: Counter[str] = field(default_factory=Counter)  # looks at a time, by what was counted

    def run(self, until_s: float, answer: Answer = well) -> Day:
        number = 0
        while self.now_s < until_s:
            while look := self.schedule.next(self.now_s):
                self.schedule.begun(look, self.now_s)
                self.looks.setdefault((look.camera, look.ring), []).append(self.now_s)
                takes_s, answered = answer(look, self.now_s)
                number += 1
                heapq.heappush(self.under_way, (self.now_s + takes_s, number, look, answered))
                self._count()
            due_s = self.schedule.next_at_s()
            ends_s = self.under_way[0][0] if self.under_way else None
            self.now_s = min(t for t in (due_s, ends_s, until_s) if t is not None)
            while self.under_way and self.under_way[0][0] <= self.now_s:
                _, _, look, answered = heapq.heappop(self.under_way)
                self.schedule.ended(look, self.now_s, answered=answered)
        return self

    def _count(self) -> None:
        names = [look.camera for _, _, look, _ in self.under_way]
        assert len(set(names)) == len(names), "two sessions at one camera"
        rings = Counter(look.ring for _, _, look, _ in self.under_way)
        sessions = rings["picture"] + rings["stream"]
        self.most["sessions"] = max(self.most["sessions"], sessions)
        self.most["probe"] = max(self.most["probe"], rings["probe"])

    def gaps(self, camera: str, ring: CameraRing) -> list[float]:
        return [b - a for a, b in pairwise(self.looks.get((camera, ring), []))]

    def longest_gap_s(self, camera: str) -> float:
        """Between two looks of any kind: each tells whether the camera is there."""
        times = sorted(at_s for (name, _), all_s in self.looks.items() if name == camera for at_s in all_s)
        return max(b - a for a, b in pairwise(times))


def a_day(*cams: Camera, picture_s: float = 60.0, jitter: float = 0.1) -> Day:
    settings = CameraSettings(children=cams, picture_s=picture_s, jitter=jitter)
    return Day(Schedule(settings, Random(1), 0.0))


def test_each_ring_has_its_period() -> None:
    day = a_day(*cameras(146)).run(3600.0)
    for name in ("cam-0", "cam-77", "cam-145"):
        assert all(50 < gap < 75 for gap in day.gaps(name, "picture"))
        assert day.longest_gap_s(name) < 18
        assert 4 <= len(day.looks[name, "stream"]) <= 7
    assert day.most["sessions"] <= 16


def test_a_picture_is_a_probe_too() -> None:
    day = a_day(*cameras(1), picture_s=10.0, jitter=0.0).run(600.0)
    assert len(day.looks["cam-0", "probe"]) < 10


def test_cameras_are_not_asked_in_step() -> None:
    day = a_day(*cameras(146)).run(60.0)
    begun = Counter(
        int(at_s) for (_, ring), times in day.looks.items() if ring == "picture" for at_s in times
    )
    assert max(begun.values()) < 20


@pytest.mark.parametrize("a_host", [16, 146])
def test_a_recorder_has_few_sessions_at_a_time(a_host: int) -> None:
    under_way: Counter[str] = Counter()
    day = a_day(*cameras(146, a_host))
    hosts = {camera.id: camera.sub_address.host for camera in cameras(146, a_host)}

    def answer(look: Look, now_s: float) -> tuple[float, bool]:
        if look.ring != "probe":
            now = [each for _, _, each, _ in day.under_way if each.ring != "probe"]
            under_way[look.camera] = sum(hosts[each.camera] == hosts[look.camera] for each in now) + 1
        return well(look, now_s)

    day.run(600.0, answer)
    assert max(under_way.values()) <= 4
    assert a_host < 146 or max(under_way.values()) == 4


def test_who_does_not_answer_is_probed_and_asked_for_nothing_else() -> None:
    day = a_day(*cameras(2)).run(
        600.0, lambda look, _: (3.0, False) if look.camera == "cam-0" else (0.01, True)
    )
    assert ("cam-0", "picture") not in day.looks or len(day.looks["cam-0", "picture"]) <= 1
    assert len(day.looks["cam-0", "probe"]) > 40
    assert day.longest_gap_s("cam-1") < 18


def test_a_camera_that_is_back_is_looked_at_again() -> None:
    def answer(look: Look, now_s: float) -> tuple[float, bool]:
        return (3.0, False) if now_s < 300 else well(look, now_s)

    day = a_day(*cameras(1)).run(600.0, answer)
    assert next(at_s for at_s in day.looks["cam-0", "picture"] if at_s > 300) < 320


def test_streams_that_hang_keep_the_others_from_nothing() -> None:
    """Forty cameras answer the probe, and then send nothing for as long as one waits."""

    def answer(look: Look, now_s: float) -> tuple[float, bool]:
        hangs = int(look.camera.removeprefix("cam-")) < 40 and look.ring != "probe"
        return (12.0, False) if hangs else well(look, now_s)

    day = a_day(*cameras(146)).run(3600.0, answer)
    late = [max(day.gaps(f"cam-{i}", "picture")[2:]) for i in range(40, 146)]
    assert max(late) < 75


GONE_S, TOLD_S = 100.0, 25.0


def failures(day: Day, takes_s: float) -> dict[str, list[float]]:
    """When probes failed since all went away, by camera; each takes so long to fail. What was under way comes
    to a stand, and fails."""
    ends: dict[str, list[float]] = {}
    stands = ((day.now_s + STALL_S, number, look, False) for _, number, look, _ in day.under_way)
    day.under_way = sorted(stands)

    def gone(look: Look, now_s: float) -> tuple[float, bool]:
        if look.ring == "probe":
            ends.setdefault(look.camera, []).append(now_s + takes_s)
        return takes_s, False

    day.run(GONE_S + 60.0, gone)
    return ends


@pytest.mark.parametrize(("count", "proofs"), [(146, 2), (146, 3)])
def test_who_is_gone_has_failed_often_enough_in_time(count: int, proofs: int) -> None:
    """A machine that does not answer is gone with the second probe, be it all of them at once; where it
    takes the connection and is silent, the third says so."""
    ends = failures(a_day(*cameras(count)).run(GONE_S), 3.0)
    assert len(ends) == count
    assert max(times[proofs - 1] for times in ends.values()) <= GONE_S + TOLD_S


def test_whose_picture_failed_is_probed_at_once() -> None:
    ends: list[float] = []

    def answer(look: Look, now_s: float) -> tuple[float, bool]:
        if look.ring == "picture":
            ends.append(now_s + 3.0)
        return (3.0, False) if look.ring == "picture" else well(look, now_s)

    day = a_day(*cameras(1)).run(300.0, answer)
    assert len(ends) > 3
    assert set(ends[:-1]) <= set(day.looks["cam-0", "probe"])


def test_who_is_known_to_be_gone_is_probed_as_seldom_as_the_others() -> None:
    (times,) = failures(a_day(*cameras(1)).run(GONE_S), 0.0).values()
    gaps = [b - a for a, b in pairwise(times)]
    assert [round(gap) for gap in gaps[:2]] == [5, 5]
    assert all(9 <= gap <= 11 for gap in gaps[2:])


def test_suspicion_looks_more_often_and_its_end_as_often_as_before() -> None:
    day = a_day(*cameras(1)).run(300.0)
    day.schedule.suspect("cam-0", True, day.now_s)
    day.run(400.0)
    day.schedule.suspect("cam-0", False, day.now_s)
    day.run(1000.0)
    times = day.looks["cam-0", "picture"]
    assert len([at_s for at_s in times if 300 < at_s < 400]) >= 6
    assert len([at_s for at_s in times if 420 < at_s < 1000]) <= 11


def test_a_camera_whose_pictures_kill_is_looked_at_once_an_hour() -> None:
    day = a_day(*cameras(1))
    day.run(60.0)
    day.schedule.poison("cam-0", True)
    day.run(4 * 3600.0)
    assert 3 <= len([at_s for at_s in day.looks["cam-0", "picture"] if at_s > 120]) <= 5
    assert day.longest_gap_s("cam-0") < 18


def test_a_camera_without_a_main_stream_has_no_third_ring() -> None:
    day = a_day(*cameras(3, main=False)).run(3600.0)
    assert {ring for _, ring in day.looks} == {"probe", "picture"}


@pytest.mark.parametrize("ring", ["probe", "picture"])
def test_what_is_asked_for_during_a_look_is_done_after_it(ring: CameraRing) -> None:
    schedule = Schedule(CameraSettings(children=cameras(1)), Random(1), 0.0)
    look = schedule.next(60.0)
    while look and look.ring != "picture":
        schedule.begun(look, 60.0)
        schedule.ended(look, 60.0, answered=True)
        look = schedule.next(60.0)
    assert look
    schedule.begun(look, 60.0)
    schedule.again("cam-0", ring, 61.0)
    assert schedule.next(61.0) is None, "one session at a time"
    schedule.ended(look, 62.0, answered=True)
    assert schedule.next(62.0) == Look("cam-0", ring)


def test_a_look_is_urgent_where_somebody_asks_or_something_seems_wrong() -> None:
    schedule = Schedule(CameraSettings(children=cameras(1, main=False)), Random(4), 0.0)
    look = Look("cam-0", "picture")

    def urgent(at_s: float) -> bool:
        found = schedule.begun(look, at_s)
        schedule.ended(look, at_s + 1.0, answered=True)
        return found

    assert not urgent(60.0)
    schedule.again("cam-0", "picture", 61.0)
    assert urgent(61.0)
    assert not urgent(120.0)
    schedule.suspect("cam-0", True, 121.0)
    assert urgent(129.0)


def test_the_first_looks_are_spread_evenly() -> None:
    settings = CameraSettings(children=cameras(146))
    day = Day(Schedule(settings, Random(4), 0.0)).run(settings.stream_s)
    begun = [times[0] for (_, ring), times in day.looks.items() if ring == "stream"]
    minutes = Counter(int(at_s / 60.0) for at_s in begun if at_s < 780.0)
    assert max(minutes.values()) - min(minutes.values()) <= 3


def test_looks_in_their_turn_begin_together() -> None:
    day = Day(Schedule(CameraSettings(children=cameras(146)), Random(4), 0.0)).run(600.0)
    begun = [at_s for (_, ring), times in day.looks.items() if ring == "probe" for at_s in times]
    assert len(begun) > 5 * len(set(begun))


def test_what_is_looked_at_more_often_than_the_beat_is_not_looked_at_without_end() -> None:
    settings = CameraSettings(children=cameras(1, main=False), probe_s=0.2, picture_s=3600.0)
    day = Day(Schedule(settings, Random(4), 0.0)).run(10.0)
    assert len(day.looks["cam-0", "probe"]) < 60


def test_entries_that_are_void_do_not_pile_up() -> None:
    schedule = Schedule(CameraSettings(children=cameras(2)), Random(1), 0.0)
    for number in range(10_000):
        schedule.suspect("cam-0", bool(number % 2), 0.0)
        schedule.suspect("cam-1", bool(number % 2), 0.0)
    assert len(schedule._coming) <= 2 * MOST_COMING
    assert schedule.next(3600.0) is not None
