"""When a warning is raised, becomes red, is escalated, is acknowledged and is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.rules.even import seconds
from edge.rules.model import Moment
from edge.rules.supervision import Held, acknowledged, follow
from edge.rules.supervision_limits import DEFAULTS
from edge.rules.supervision_model import Reading, Rule, Warned, Watch
from edge.rules.supervision_watch import observe
from edge.wire import FACTS, AlertAcknowledged, AlertRaised, AlertUpdated, DayOpened, Fact

WAIT = replace(DEFAULTS["wait"], amber=30.0, red=60.0, clear=20.0, hold_s=60.0, escalate_after_s=900.0)
IDLE = replace(DEFAULTS["idle"], amber=5.0, red=10.0, clear=1.0, hold_s=30.0, escalate_after_s=900.0)
START_S = 1_700_000_000.0


class Play:
    """A clock, one thing that is watched, and the facts as the store would keep them."""

    def __init__(self, rule: Rule = WAIT) -> None:
        self.rule = rule
        self.watch, self.held = Watch(), dict[str, Held]()
        self.mono_s, self.stepped_s = 0.0, 0.0
        self.facts: list[Fact] = []
        observe(self.watch, DayOpened(day="2023-11-15"), self.moment, 1)

    @property
    def moment(self) -> Moment:
        return Moment(START_S + self.mono_s + self.stepped_s, self.mono_s, "boot")

    @property
    def told(self) -> list[str]:
        return [
            f"{fact.kind.removeprefix('alert.')} {getattr(fact, 'reason', '') or getattr(fact, 'level', '')}"
            for fact in self.facts
        ]

    @property
    def warned(self) -> Warned:
        (warned,) = self.watch.warned.values()
        return warned

    def at(self, mono_s: float, *values: float | bool) -> None:
        """A look; without a value nothing is watched any more."""
        self.mono_s = mono_s
        found = [Reading(self.rule, "tax", value) for value in values]
        now_s = seconds(self.watch.clock, self.moment)
        followed = follow(self.watch.warned, self.held, found, now_s, self.moment.wall_s)
        self.held = dict(followed.held)
        for fact in followed.facts:
            self.keep(fact)

    def keep(self, fact: Fact) -> None:
        kept = FACTS.validate_json(fact.model_dump_json())
        self.facts.append(kept)
        observe(self.watch, kept, self.moment, len(self.facts) + 1)

    def acknowledge(self, name: str) -> bool:
        fact = acknowledged(self.watch.warned, self.rule.kind + "-tax", name, "")
        if isinstance(fact, Fact):
            self.keep(fact)
        return isinstance(fact, Fact)

    def restart(self) -> None:
        """As a process that was killed: what is not a fact is gone."""
        self.held = {}


def test_it_is_raised_once_it_has_stood() -> None:
    play = Play()
    for mono_s, value in ((0.0, 29.9), (10.0, 30.0), (69.9, 31.0)):
        play.at(mono_s, value)
    assert play.told == []
    play.at(70.0, 31.0)
    play.at(130.0, 32.0)
    assert play.told == ["raised amber"]
    assert (play.warned.value, play.warned.limit, play.warned.to) == (31.0, 30.0, "大厅值班主任")
    assert play.warned.since == START_S + 10.0, "since when it stands, not since when it is told"


def test_what_is_there_for_less_is_nothing() -> None:
    play = Play()
    for mono_s in range(0, 600, 60):
        play.at(float(mono_s), 31.0)
        play.at(mono_s + 30.0, 29.0)
    assert play.told == []


def test_it_becomes_red_once_and_does_not_pale() -> None:
    play = Play()
    for mono_s, value in (
        (0.0, 30.0),
        (60.0, 40.0),
        (70.0, 60.0),
        (130.0, 61.0),
        (200.0, 40.0),
        (300.0, 70.0),
    ):
        play.at(mono_s, value)
    assert play.told == ["raised amber", "updated red"]
    assert (play.warned.level, play.warned.limit) == ("red", 60.0)


def test_what_stands_at_red_is_raised_as_red() -> None:
    play = Play()
    play.at(0.0, 90.0)
    play.at(60.0, 90.0)
    assert play.told == ["raised red"]


def test_it_is_over_below_clear_and_not_between() -> None:
    play = Play()
    for mono_s, value in ((0.0, 30.0), (60.0, 30.0), (100.0, 20.0), (500.0, 25.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber"]
    for mono_s, value in ((510.0, 19.9), (569.0, 0.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber"]
    play.at(570.0, 0.0)
    assert play.told == ["raised amber", "cleared over"]
    assert play.watch.warned == {}


def test_what_comes_and_goes_is_one_warning() -> None:
    play = Play()
    play.at(0.0, 31.0)
    for mono_s in range(60, 840, 20):
        play.at(float(mono_s), 31.0 if mono_s % 40 else 5.0)
        play.at(mono_s + 10.0, 31.0)
    assert play.told == ["raised amber"]


def test_nobody_sees_to_it_so_the_next_in_line_is_told_once() -> None:
    play = Play()
    for mono_s in (0.0, 60.0, 959.0):
        play.at(mono_s, 31.0)
    assert play.told == ["raised amber"]
    for mono_s in (960.0, 1000.0, 5000.0):
        play.at(mono_s, 31.0)
    assert play.told == ["raised amber", "updated escalated"]
    assert (play.warned.to, play.warned.above) == ("中心负责人", True)


def test_what_seems_to_be_over_is_not_escalated() -> None:
    """After a night without the node, say, in which the queue has gone home."""
    play = Play()
    for mono_s, value in ((0.0, 31.0), (60.0, 31.0), (80_000.0, 0.0), (80_060.0, 0.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber", "cleared over"]


def test_at_red_it_is_escalated_once_more() -> None:
    play = Play()
    for mono_s, value in ((0.0, 31.0), (60.0, 31.0), (960.0, 31.0), (1000.0, 61.0), (1060.0, 61.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber", "updated escalated", "updated red"]
    assert play.warned.to == "中心负责人", "who has been told hears of what follows"
    for mono_s in (1959.0, 1960.0, 9999.0):
        play.at(mono_s, 61.0)
    assert play.told == ["raised amber", "updated escalated", "updated red", "updated escalated"]


def test_who_sees_to_it_is_kept_and_nobody_else_is_called() -> None:
    play = Play()
    for mono_s in (0.0, 60.0):
        play.at(mono_s, 31.0)
    assert play.acknowledge("张三")
    assert not play.acknowledge("李四")
    for mono_s, value in ((961.0, 31.0), (1000.0, 61.0), (1060.0, 61.0), (9000.0, 61.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber", "acknowledged ", "updated red"]
    assert play.warned.acknowledged
    assert play.warned.acknowledged.name == "张三"


def test_what_does_not_stand_cannot_be_acknowledged() -> None:
    assert not Play().acknowledge("张三")


def test_what_is_over_may_come_again_and_is_new() -> None:
    play = Play()
    for mono_s, value in ((0.0, 31.0), (60.0, 31.0)):
        play.at(mono_s, value)
    play.acknowledge("张三")
    for mono_s, value in ((100.0, 0.0), (160.0, 0.0), (200.0, 31.0), (260.0, 31.0)):
        play.at(mono_s, value)
    assert play.told == ["raised amber", "acknowledged ", "cleared over", "raised amber"]
    assert play.warned.acknowledged is None


def test_what_is_not_watched_any_more_is_cleared_at_once() -> None:
    play = Play()
    for mono_s in (0.0, 60.0):
        play.at(mono_s, 31.0)
    play.at(65.0)
    assert play.told == ["raised amber", "cleared not_watched"]


def test_what_stands_is_counted_in_minutes_from_the_first_look() -> None:
    play = Play(IDLE)
    for mono_s in (5.0, 304.9, 305.0):
        play.at(mono_s, True)
    assert play.told == []
    play.at(335.0, True)
    assert play.told == ["raised amber"]
    assert (play.warned.since, play.warned.value) == (START_S + 5.0, 5.5)
    play.at(605.0, True)
    play.at(635.0, True)
    assert play.told == ["raised amber", "updated red"]


def test_a_moment_at_which_it_does_not_stand_begins_the_count_anew() -> None:
    play = Play(IDLE)
    for mono_s, value in (
        (0.0, True),
        (290.0, True),
        (295.0, False),
        (300.0, True),
        (600.0, True),
        (629.0, True),
    ):
        play.at(mono_s, value)
    assert play.told == []
    play.at(630.0, True)
    assert play.told == ["raised amber"]


def test_what_still_stands_after_a_restart_is_not_over_and_goes_on_being_counted() -> None:
    play = Play(IDLE)
    for mono_s in (0.0, 300.0, 330.0):
        play.at(mono_s, True)
    play.restart()
    for mono_s in (400.0, 450.0, 599.0):
        play.at(mono_s, True)
    assert play.told == ["raised amber"]
    for mono_s in (600.0, 630.0):
        play.at(mono_s, True)
    assert play.told == ["raised amber", "updated red"]
    for mono_s in (640.0, 670.0):
        play.at(mono_s, False)
    assert play.told == ["raised amber", "updated red", "cleared over"]


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 86_400.0 * 3])
def test_a_step_of_the_wall_clock_raises_and_clears_nothing(step_s: float) -> None:
    play = Play()
    play.at(0.0, 31.0)
    play.stepped_s = step_s
    play.at(59.0, 31.0)
    assert play.told == []
    play.at(60.0, 31.0)
    play.stepped_s = 0.0
    for mono_s, value in ((100.0, 31.0), (110.0, 0.0), (169.0, 0.0)):
        play.at(mono_s, value)
    play.stepped_s = step_s
    play.at(169.9, 0.0)
    assert play.told == ["raised amber"]


def test_after_a_restart_nothing_is_raised_twice_and_the_acknowledgement_stands() -> None:
    play = Play()
    for mono_s in (0.0, 60.0):
        play.at(mono_s, 31.0)
    play.acknowledge("张三")
    play.restart()
    for mono_s in (70.0, 130.0, 4000.0):
        play.at(mono_s, 31.0)
    assert play.told == ["raised amber", "acknowledged "]


def test_a_fact_of_a_later_version_does_no_harm() -> None:
    play = Play()
    told = {"level": "amber", "value": 1.0, "limit": 1.0, "to": "x"}
    play.keep(AlertRaised(key="new-1", warning="new", about="1", since=1.0, **told))
    play.keep(AlertUpdated(key="new-1", reason="red", **told))
    play.keep(AlertAcknowledged(key="new-1", name="张三"))
    assert play.watch.warned == {}
