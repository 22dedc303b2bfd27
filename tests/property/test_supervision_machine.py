"""Warnings under any order of events, against a witness that keeps every look and judges from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.rules.even import advanced, seconds
from edge.rules.model import Moment
from edge.rules.supervision import Held, acknowledged, follow
from edge.rules.supervision_limits import DEFAULTS
from edge.rules.supervision_model import Reading, Rule, Watch
from edge.rules.supervision_watch import observe
from edge.supervision.kept import from_bytes, to_bytes
from edge.wire import FACTS, DayOpened, Fact

RULES = {
    "wait-tax": (replace(DEFAULTS["wait"], hold_s=60.0, escalate_after_s=300.0), "tax"),
    "idle-1": (replace(DEFAULTS["idle"], amber=1.0, red=3.0, clear=0.5, hold_s=30.0), "1"),
    "unserved-1": (DEFAULTS["unserved"], "1"),  # hold_s 0
}
DAY_S = 86_400.0


@dataclass
class Seen:
    """One key as the witness has it: looks of this life of the process, and the warning that is open."""

    looks: list[tuple[float, bool, float]] = field(default_factory=list)  # when, whether it stood, value
    level: str = ""  # "": none is open
    began_s: float = 0.0
    level_s: float = 0.0
    by: str = ""
    escalated: list[str] = field(default_factory=list)  # levels

    def look(self, now_s: float, value: float | bool) -> None:
        """A condition counts the minutes of its unbroken run, and of what is warned of from its beginning."""
        if not isinstance(value, bool):
            self.looks.append((now_s, False, value))
            return
        begins = self.began_s if self.level else now_s
        for at_s, stood, count in reversed(self.looks):
            if not stood:
                break
            begins = at_s - 60 * count
        self.looks.append((now_s, value, (now_s - begins) / 60 if value else 0.0))

    def stood(self, spec: Rule, holds: Callable[[float], bool]) -> bool:
        """In every look of the last `hold_s`, and in the one that those began with."""
        now_s = self.looks[-1][0]
        for at_s, _, value in reversed(self.looks):
            if not holds(value):
                return False
            if now_s - at_s >= spec.hold_s:
                return True
        return False

    def expects(self, spec: Rule) -> tuple[str, str] | None:
        """What the last look makes of it: (kind, level or reason)."""
        now_s, _, value = self.looks[-1]
        is_red = self.stood(spec, lambda value: value >= spec.red)
        if not self.level:
            is_amber = self.stood(spec, lambda value: value >= spec.amber)
            return ("alert.raised", "red" if is_red else "amber") if is_red or is_amber else None
        if value < spec.clear:
            over = self.stood(spec, lambda value: value < spec.clear)
            return ("alert.cleared", "over") if over else None
        if self.level == "amber" and is_red:
            return ("alert.updated", "red")
        late = now_s - self.level_s >= spec.escalate_after_s
        if late and not self.by and self.level not in self.escalated:
            return ("alert.updated", "escalated")
        return None

    def follows(self, expected: tuple[str, str], now_s: float) -> None:
        kind, what = expected
        if kind == "alert.raised" or what == "red":
            if not self.level:
                self.began_s = now_s - 60 * round(self.looks[-1][2], 2)
            self.level, self.level_s = what, now_s
        elif what == "escalated":
            self.escalated.append(self.level)
        else:
            self.level, self.by, self.escalated = "", "", []


class Supervised(RuleBasedStateMachine):
    """Our rules, fed as the daemon feeds them, and the witness beside them."""

    @initialize()
    def begin(self) -> None:
        self.mono_s, self.step_s, self.boot_s, self.boot = 1000.0, 0.0, 0.0, 1
        self.watch, self.held, self.seq = Watch(), dict[str, Held](), 0
        self.journal: list[tuple[Fact, Moment]] = []
        self.witness = {key: Seen() for key in RULES}
        self.even_s = 0.0  # the witness's own time: what has really passed
        self.remembered = to_bytes(self.watch)  # at the machine's start
        self.keep(DayOpened(day="2024-05-06"))

    @property
    def moment(self) -> Moment:
        return Moment(1.7e9 + self.mono_s + self.step_s, self.mono_s, f"boot{self.boot}")

    def keep(self, fact: Fact) -> None:
        kept = FACTS.validate_json(fact.model_dump_json())
        self.seq += 1
        self.journal.append((kept, self.moment))
        observe(self.watch, kept, self.moment, self.seq)

    # --- what happens ---
    @rule(
        passed_s=st.sampled_from([1.0, 5.0, 29.0, 30.0, 31.0, 60.0, 290.0, 900.0]),
        wait=st.sampled_from([0.0, 19.9, 20.0, 29.9, 30.0, 45.0, 60.0, 90.0]),
        idle=st.booleans(),
        unserved=st.sampled_from([0.0, 1.0, 4.0, 5.0, 8.0]),
        times=st.integers(1, 4),
    )
    def look(self, passed_s: float, wait: float, idle: bool, unserved: float, times: int) -> None:
        """The same for some looks."""
        values: Mapping[str, float | bool] = {"wait-tax": wait, "idle-1": idle, "unserved-1": unserved}
        for _ in range(times):
            self.mono_s += passed_s
            self.even_s += passed_s
            self.looked(values)

    def looked(self, values: Mapping[str, float | bool]) -> None:
        found = [Reading(*RULES[key], value) for key, value in values.items()]
        now_s = seconds(self.watch.clock, self.moment)
        followed = follow(self.watch.warned, self.held, found, now_s, self.moment.wall_s)
        self.held = dict(followed.held)
        expected: list[tuple[str, str, str]] = []
        for key, value in values.items():
            seen = self.witness[key]
            seen.look(self.even_s, value)
            if what := seen.expects(RULES[key][0]):
                expected.append((key, *what))
                seen.follows(what, self.even_s)
        for key in self.witness.keys() - values.keys():
            if self.witness[key].level:
                expected.append((key, "alert.cleared", "not_watched"))
            self.witness[key] = Seen()
        assert sorted(map(_told, followed.facts)) == sorted(expected)
        for fact in followed.facts:
            self.keep(fact)

    @rule(gone=st.sampled_from(sorted(RULES)))
    def another_configuration(self, gone: str) -> None:
        """One is not watched any more, then it is again."""
        self.mono_s += 5.0
        self.even_s += 5.0
        self.restart()
        self.looked({key: 0.0 if key != "idle-1" else False for key in RULES if key != gone})

    @precondition(lambda self: any(seen.level for seen in self.witness.values()))
    @rule(data=st.data(), name=st.sampled_from(["张三", "李四"]))
    def somebody_sees_to_it(self, data: st.DataObject, name: str) -> None:
        key = data.draw(st.sampled_from([key for key, seen in self.witness.items() if seen.level]))
        found = acknowledged(self.watch.warned, key, name, "")
        assert isinstance(found, Fact) == (not self.witness[key].by), "once, whoever comes first"
        if isinstance(found, Fact):
            self.witness[key].by = name
            self.keep(found)

    @rule(key=st.sampled_from(sorted(RULES)))
    def nobody_can_see_to_what_is_not_there(self, key: str) -> None:
        if not self.witness[key].level:
            assert acknowledged(self.watch.warned, key, "张三", "") is None

    @rule(step_s=st.sampled_from([3600.0, -3600.0, 3 * DAY_S, -3 * DAY_S]))
    def the_clock_is_put(self, step_s: float) -> None:
        self.step_s += step_s

    @rule()
    def a_day_opens(self) -> None:
        self.keep(DayOpened(day="2024-05-07"))

    @rule(upto=st.floats(0.0, 1.0))
    def restarted(self, upto: float) -> None:
        """Killed: what is remembered is of any moment since the machine's start."""
        began = from_bytes(self.remembered)
        assert began is not None
        cut = began.seq + int(upto * (self.seq - began.seq))
        read = from_bytes(to_bytes(self.folded(began, cut)))
        assert read is not None
        assert self.folded(read, self.seq) == self.watch, "the fold of the acts, from wherever it is taken up"
        self.watch = read
        self.restart()

    def folded(self, watch: Watch, upto: int) -> Watch:
        for seq in range(watch.seq + 1, upto + 1):
            observe(watch, *self.journal[seq - 1], seq)
        return watch

    @rule(days=st.integers(1, 2))
    def off_for_days(self, days: int) -> None:
        """The machine is started again after idle days; nothing was kept meanwhile."""
        self.mono_s, self.boot = 50.0, self.boot + 1
        self.step_s = 0.0
        last = self.journal[-1][1]
        self.step_s = last.wall_s + days * DAY_S - (1.7e9 + self.mono_s)
        self.watch.clock = advanced(self.watch.clock, self.moment)
        self.even_s, self.remembered = self.watch.clock.s, to_bytes(self.watch)
        self.restart()

    def restart(self) -> None:
        self.held = {}
        for seen in self.witness.values():
            seen.looks.clear()

    # --- what always holds ---
    @invariant()
    def at_most_one_is_open_of_each_and_as_the_witness_has_it(self) -> None:
        if not hasattr(self, "watch"):
            return
        ours = {
            key: (each.level, each.acknowledged.name if each.acknowledged else "", each.escalated)
            for key, each in self.watch.warned.items()
        }
        theirs = {
            key: (seen.level, seen.by, seen.level in seen.escalated)
            for key, seen in self.witness.items()
            if seen.level
        }
        assert ours == theirs

    def teardown(self) -> None:
        """Over the whole story: raised, then cleared, in turn; each level told and escalated at most once."""
        if not hasattr(self, "journal"):
            return
        for key in RULES:
            story = [_told(fact)[1:] for fact, _ in self.journal if getattr(fact, "key", "") == key]
            since_raised: list[tuple[str, str]] = []
            for kind, what in story:
                if kind == "alert.raised":
                    assert since_raised == [] or since_raised[-1][0] == "alert.cleared"
                    since_raised = []
                since_raised.append((kind, what))
                assert since_raised[0][0] == "alert.raised"
                kinds = [each for each in since_raised if each[0] != "alert.cleared"]
                assert kinds.count(("alert.updated", "red")) <= 1
                assert kinds.count(("alert.updated", "escalated")) <= 2
                assert sum(kind == "alert.acknowledged" for kind, _ in kinds) <= 1


def _told(fact: Fact) -> tuple[str, str, str]:
    what = getattr(fact, "reason", "") or getattr(fact, "level", "") or getattr(fact, "name", "")
    return str(getattr(fact, "key", "")), fact.kind, str(what)


TestSupervised = pytest.mark.timeout(240)(Supervised.TestCase)
TestSupervised.settings = settings(stateful_step_count=40)
