"""The line of calls under any order of events: fair, unhurried, nobody twice, nobody forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.rules import boards
from edge.rules.boards import SHOWN, Floor
from edge.rules.effects import CallOut

HOLD_S = 4.0
TICKETS = st.sampled_from([f"A{n:03d}" for n in range(1, 9)])
WINDOWS = st.sampled_from(["1", "2"])
ACTS = st.one_of(
    st.tuples(st.just("call"), TICKETS, WINDOWS),
    st.tuples(st.just("came"), TICKETS, st.just("")),
    st.tuples(st.just("back"), TICKETS, st.just("")),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 3.9, 4.0, 20.0]), st.just("")),
)


@dataclass
class Hall:
    """The worker, with a voice that takes `voice_s` for every call; and what a listener remembers."""

    voice_s: float
    floor: Floor = field(default_factory=Floor)
    now_s: float = 0.0
    silent_at_s: float | None = None  # when the one who speaks will be through
    wanted: list[CallOut] = field(default_factory=list)  # by who keeps his own books
    heard: list[tuple[float, CallOut]] = field(default_factory=list)

    def call(self, call: CallOut) -> None:
        self.floor = boards.call(self.floor, call)
        for place, other in enumerate(self.wanted):
            if other.ticket == call.ticket:
                self.wanted[place] = CallOut(call.ticket, call.window, other.again)
                return
        self.wanted.append(call)

    def off(self, ticket: str, *, taken_back: bool) -> None:
        self.floor = boards.call_off(self.floor, ticket, taken_back=taken_back)
        self.wanted = [call for call in self.wanted if call.ticket != ticket]

    def run(self) -> None:
        """Whatever is due at this moment."""
        if self.silent_at_s is not None and self.now_s >= self.silent_at_s:
            self.floor, self.silent_at_s = boards.spoken(self.floor), None
        self.floor, call = boards.step(self.floor, self.now_s, HOLD_S)
        if call is not None:
            self.heard.append((self.now_s, call))
            assert call == self.wanted.pop(0), "not the first in line"
            assert self.floor.shown[0].ticket == call.ticket, "heard and not seen"
            self.silent_at_s = self.now_s + self.voice_s
        assert len(self.floor.shown) <= SHOWN
        assert len({called.ticket for called in self.floor.shown}) == len(self.floor.shown)
        assert list(self.floor.waiting) == self.wanted

    def wait(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.run()
            self.now_s = min(self.now_s + 0.1, end_s)
        self.run()


@given(st.lists(ACTS, max_size=30), st.sampled_from([0.0, 2.5, 6.3]))
def test_calls_are_fair_unhurried_and_each_once(
    acts: list[tuple[str, str | float, str]], voice_s: float
) -> None:
    hall = Hall(voice_s)
    for act, subject, window in acts:
        if act == "wait":
            hall.wait(float(subject))
        elif act == "call":
            hall.call(CallOut(str(subject), window, again=any(c.ticket == subject for _, c in hall.heard)))
        else:
            hall.off(str(subject), taken_back=act == "back")
            if act == "back":
                assert str(subject) not in {called.ticket for called in hall.floor.shown}
        hall.run()
    hall.wait((len(hall.wanted) + 1) * max(HOLD_S, voice_s) + 1)
    assert hall.wanted == [], "somebody was forgotten"
    moments = [moment for moment, _ in hall.heard]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert all(gap >= max(HOLD_S, voice_s) - 1e-6 for gap in gaps), "called into another's time"


@given(st.lists(TICKETS, min_size=1, max_size=20))
def test_the_boards_have_the_last_four_of_all_that_were_called(order: list[str]) -> None:
    hall = Hall(0.0)
    for ticket in order:
        hall.call(CallOut(ticket, "1"))
        hall.wait(HOLD_S)
    last: list[str] = []
    for ticket in reversed(order):
        if ticket not in last:
            last.append(ticket)
    assert [called.ticket for called in hall.floor.shown] == last[:SHOWN]
    assert [call.ticket for _, call in hall.heard] == order
