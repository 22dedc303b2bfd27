"""The heartbeat's driver keeps every promise of `drivers.api`, over HTTP and as lines; its line codec too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Subject, check_codec
from drivers.heartbeat.codec import LineCodec
from drivers.heartbeat.driver import HeartbeatDriver
from drivers.heartbeat.settings import HeartbeatSettings
from drivers.heartbeat.sim import FIELDS, PATH, VALUES, HeartbeatSim, Ill
from drivers.messages import CheckHealth

HTTP = HeartbeatSettings(path=PATH, fields=FIELDS, values=VALUES)
TCP = HeartbeatSettings(protocol="tcp", fields=FIELDS, values=VALUES)
MAX_LINE = 256
LOST_S = HTTP.period_s + 2  # a connection may close between two questions: it is seen with the next


def http(ill: Ill = "", *, closes: bool = False) -> Callable[[], HeartbeatSim]:
    def make() -> HeartbeatSim:
        sim = HeartbeatSim("http")
        sim.ill, sim.closes = ill, closes
        return sim

    return make


class TestHttp(DriverConformance[HeartbeatSettings, HeartbeatSim]):
    def subject(self) -> Subject[HeartbeatSettings, HeartbeatSim]:
        orders = [("device", CheckHealth())]
        return Subject(HeartbeatDriver, http(), HTTP, orders=orders, reliable_line=True, lost_s=LOST_S)


class TestHttpThatClosesAfterEachAnswer(DriverConformance[HeartbeatSettings, HeartbeatSim]):
    def subject(self) -> Subject[HeartbeatSettings, HeartbeatSim]:
        return Subject(HeartbeatDriver, http(closes=True), HTTP, reliable_line=True, lost_s=LOST_S)


class TestHttpWithoutALength(DriverConformance[HeartbeatSettings, HeartbeatSim]):
    def subject(self) -> Subject[HeartbeatSettings, HeartbeatSim]:
        return Subject(HeartbeatDriver, http("until_close"), HTTP, reliable_line=True, lost_s=LOST_S)


class TestLines(DriverConformance[HeartbeatSettings, HeartbeatSim]):
    def subject(self) -> Subject[HeartbeatSettings, HeartbeatSim]:
        return Subject(HeartbeatDriver, lambda: HeartbeatSim("tcp"), TCP)


def documents() -> st.SearchStrategy[Any]:
    text = st.text(max_size=6)
    leaves = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | text
    return st.dictionaries(text, leaves | st.lists(leaves, max_size=3), max_size=2)


def test_the_line_codec() -> None:
    check_codec(lambda: LineCodec(MAX_LINE), documents(), max_frame=MAX_LINE)
