"""Keyboards keep every promise of `drivers.api`, as pads, callers, panels and scanners."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Stimulus, Subject, check_codec
from drivers.hid.codec import EV_KEY, EV_SYN, MAX_FRAME, HidCodec, InputEvent
from drivers.hid.driver import HidDriver
from drivers.hid.settings import HidSettings
from drivers.hid.sim import HidSim
from drivers.messages import AskRating, ButtonPressed, KeyAction, KeyPressed, LevelPressed, ReadCode


class TestPad(DriverConformance[HidSettings, HidSim]):
    def subject(self) -> Subject[HidSettings, HidSim]:
        return Subject(
            HidDriver,
            HidSim,
            HidSettings("pad", levels={"KEY_1": 1, "KEY_KP5": 5}),
            orders=[("device", AskRating())],
            unanswered=frozenset({AskRating}),
            stimuli=[
                Stimulus(lambda sim: sim.press(2), (("device", LevelPressed(1, 2)),)),
                Stimulus(lambda sim: sim.bounce(76), (("device", LevelPressed(5, 76)),)),
            ],
        )


async def call_ticket(sim: HidSim) -> None:
    await sim.digits("023")
    await sim.press(96)


class TestCaller(DriverConformance[HidSettings, HidSim]):
    def subject(self) -> Subject[HidSettings, HidSim]:
        called = KeyPressed(KeyAction.CALL, "023")
        return Subject(
            HidDriver,
            HidSim,
            HidSettings("caller", keys={"KEY_KPENTER": "call"}),
            stimuli=[Stimulus(call_ticket, (("device", called),))],
        )


class TestButtons(DriverConformance[HidSettings, HidSim]):
    def subject(self) -> Subject[HidSettings, HidSim]:
        return Subject(
            HidDriver,
            HidSim,
            HidSettings("buttons", buttons={"0x120": 3}),
            stimuli=[Stimulus(lambda sim: sim.press(0x120), (("device", ButtonPressed(3)),))],
        )


class TestScanner(DriverConformance[HidSettings, HidSim]):
    def subject(self) -> Subject[HidSettings, HidSim]:
        return Subject(
            HidDriver,
            lambda: HidSim(types="A012"),
            HidSettings("scanner"),
            orders=[("device", ReadCode(within_s=5.0))],
            unanswered=frozenset({ReadCode}),  # a scanner that says nothing has nothing to read
        )


def events() -> st.SearchStrategy[InputEvent]:
    """At the times of a clock that is set: these are the mark by which the beginning of an event is found."""
    seconds, micros = st.integers(10**9, 2**32 - 1), st.integers(0, 999_999)
    code = st.integers(0, 0x2FF)
    return st.one_of(
        st.builds(InputEvent, st.just(EV_KEY), code, st.integers(0, 2), seconds, micros),
        st.builds(InputEvent, st.just(EV_SYN), st.integers(0, 3), st.integers(0, 1), seconds, micros),
        st.builds(InputEvent, st.just(4), code, st.integers(-(2**31), 2**31 - 1), seconds, micros),
    )


def test_the_codec() -> None:
    check_codec(HidCodec, events(), max_frame=MAX_FRAME)
