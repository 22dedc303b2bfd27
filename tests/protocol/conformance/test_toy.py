"""A driver that keeps every promise passes, as a third party would run the kit."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Subject, check_codec, check_driver
from drivers.conformance.checks import CHECKS
from tests.protocol.conformance.toy import MAX_FRAME, ToyBell, ToyCodec, ToySettings, subject

FRAMES = st.binary(min_size=1, max_size=16)


class TestToy(DriverConformance[ToySettings, ToyBell]):
    def subject(self) -> Subject[ToySettings, ToyBell]:
        return subject()


def test_all_checks_in_one_call() -> None:
    check_driver(subject())


def test_the_class_has_a_test_for_each_check() -> None:
    tests = {name.removeprefix("test_") for name in dir(DriverConformance) if name.startswith("test_")}
    assert tests == set(CHECKS)


def test_codec() -> None:
    check_codec(ToyCodec, FRAMES, max_frame=MAX_FRAME)
