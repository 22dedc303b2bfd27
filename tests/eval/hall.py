"""Cameras of one hall, looked at in turn: what happens to all of them at once is one event."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.rules import cameras_hall
from edge.rules.cameras_hall import GroupBegan, GroupEnded, HallJudgement, HallState
from edge.rules.cameras_limits import CameraRules
from tests.eval.ills import Ill
from tests.eval.play import Play

TICK_S = 5.0  # as the daemon has it


@dataclass(slots=True)
class Hall:
    plays: Mapping[str, Play]
    state: HallState = field(default_factory=HallState)
    groups: list[GroupBegan | GroupEnded] = field(default_factory=list)

    def until(self, now_s: float, end_s: float, ills: Mapping[str, Ill] | None = None) -> None:
        """All are looked at, each at its own pace, the first of them at any moment of the first minute."""
        due = [(now_s + float(play.rng.uniform(0, 60)), name) for name, play in self.plays.items()]
        due.append((now_s, ""))
        heapq.heapify(due)
        while due[0][0] < end_s:
            at_s, name = heapq.heappop(due)
            if not name:
                self._follow(cameras_hall.tick(self.state, at_s, self._rules), at_s)
                heapq.heappush(due, (at_s + TICK_S, ""))
                continue
            play = self.plays[name]
            pace = play.look(at_s, ills.get(name) if ills else None)
            for stirred in play.stirred:
                count = len(self.plays)
                noticed = cameras_hall.notice(
                    self.state, name, stirred, at_s, of_cameras=count, rules=self._rules
                )
                self._follow(noticed, at_s)
            heapq.heappush(due, (at_s + play.pause_s(pace), name))

    @property
    def raised(self) -> list[str]:
        return [each.fault for play in self.plays.values() for each in play.events if each.raised]

    @property
    def _rules(self) -> CameraRules:
        return next(iter(self.plays.values())).rules

    def _follow(self, judged: HallJudgement, now_s: float) -> None:
        self.state = judged.state
        self.groups += judged.changes
        for name in judged.hold:
            play = self.plays[name]
            play.state = cameras_hall.hold(play.state, self.state.cause, now_s, self._rules)
        for name in judged.free:
            self.plays[name].state = cameras_hall.release(self.plays[name].state, now_s, self._rules)
