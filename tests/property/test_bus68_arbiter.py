"""What holds of the arbiter whatever happens on the line."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from drivers.bus68.arbiter import HOLD_LIMIT_S, Acknowledgement, Arbiter, Job, Send
from drivers.bus68.settings import BusSettings
from drivers.messages import Outcome

BYTE_S = 10 / 9600
SETTINGS = BusSettings()
CHILDREN = 3

happenings = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, CHILDREN - 1)),
        st.tuples(st.just("beep"), st.integers(0, CHILDREN - 1)),
        st.tuples(st.just("acknowledge"), st.integers(0, CHILDREN - 1)),
        st.tuples(st.just("answer"), st.integers(0, CHILDREN - 1)),
        st.tuples(st.just("begin"), st.just(0)),
        st.tuples(st.just("end"), st.just(0)),
        st.tuples(st.just("pass"), st.integers(1, 400)),  # milliseconds
    ),
    max_size=60,
)


@dataclass
class World:
    arbiter: Arbiter = field(default_factory=lambda: Arbiter(SETTINGS))
    now_s: float = 100.0
    free_s: float = 0.0  # until then nothing of ours may be sent
    partial: tuple[float, float] | None = None  # first and last byte of a frame that has not ended
    sent: list[tuple[int, int]] = field(default_factory=list)  # (child, number), each when it was first sent
    ended: dict[int, Outcome] = field(default_factory=dict)
    submitted: int = 0
    place: dict[int, int] = field(default_factory=dict)  # number → its place in the queue, as a number
    owed: set[int] = field(default_factory=set)  # children whose press waits for its acknowledgement

    def submit(self, child: int, *, strip: bool) -> None:
        number = self.submitted
        self.submitted += 1
        self.place[number] = number

        def finish(outcome: Outcome) -> None:
            assert number not in self.ended
            self.ended[number] = outcome
            if outcome.detail == "a newer text is to be shown":
                self.place[self.submitted - 1] = self.place[number]

        data = bytes([child, number])
        self.arbiter.submit(Job(f"child-{child}", data, finish, child if strip else None, display=strip))

    def acknowledge(self, child: int) -> None:
        self.owed.add(child)
        self.arbiter.acknowledge(
            Acknowledgement(f"child-{child}", b"ack", lambda _: self.owed.discard(child))
        )

    def run(self, until_s: float) -> None:
        for _ in range(1000):
            if self.arbiter.gap_over(self.now_s):  # as the session does
                self.arbiter.partial_given_up()
                self.partial = None
            step = self.arbiter.next(self.now_s)
            if isinstance(step, Send):
                self.check_send(step)
                self.arbiter.sent(step, self.now_s)
            elif step.until_s is None or step.until_s > until_s:
                break
            else:
                assert step.until_s > self.now_s, "busy polling"
                self.now_s = step.until_s
        else:
            raise AssertionError("the arbiter never rests")
        self.now_s = max(self.now_s, until_s)

    def check_send(self, step: Send) -> None:
        assert self.now_s >= self.free_s - 1e-9, "sent over our own bytes or into the silence"
        if self.partial is not None:
            first_s, last_s = self.partial
            hold_until_s = min(last_s + SETTINGS.gap_s, first_s + HOLD_LIMIT_S)
            assert self.now_s >= hold_until_s - 1e-9, "sent into a frame"
        self.free_s = self.now_s + len(step.data) * BYTE_S
        if isinstance(step.what, Acknowledgement):
            self.free_s += SETTINGS.ack_silence_s
        else:
            assert not self.owed, "an order went before an acknowledgement"
            if (first := (step.data[0], step.data[1])) not in self.sent:  # later: tried, or shown, again
                self.sent.append(first)


@given(happenings)
def test_the_rules_of_the_line_hold(story: list[tuple[str, int]]) -> None:
    world = World()
    for what, value in story:
        match what:
            case "order":
                world.submit(value, strip=True)
            case "beep":
                world.submit(value, strip=False)
            case "acknowledge":
                world.acknowledge(value)
            case "answer":
                world.arbiter.answered(value)
            case "begin":
                if world.arbiter.gap_over(world.now_s):
                    world.run(world.now_s)
                first_s = world.partial[0] if world.partial else world.now_s
                world.partial = (first_s, world.now_s)
                world.arbiter.received(world.now_s, partial=True)
            case "end":
                world.partial = None
                world.arbiter.received(world.now_s, partial=False)
            case "pass":
                world.run(world.now_s + value / 1000)
    world.partial = None
    world.arbiter.received(world.now_s, partial=False)
    world.run(world.now_s + 1000)
    assert set(world.ended) == set(range(world.submitted)), "an order was owed an outcome"
    assert world.owed == set()
    for child in range(CHILDREN):
        places = [world.place[number] for at, number in world.sent if at == child]
        assert places == sorted(places), "not first in, first out"
