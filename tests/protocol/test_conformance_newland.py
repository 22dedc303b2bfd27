"""The serial scanner keeps every promise of `drivers.api`, with a code lying before the simulator."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Subject, check_codec
from drivers.messages import CheckHealth, Order, ReadCode
from drivers.newland.codec import MAX_FRAME, Frame, NewlandCodec, Reply, Scan
from drivers.newland.driver import NewlandDriver
from drivers.newland.settings import NewlandSettings
from drivers.newland.sim import NewlandSim


class TestNewland(DriverConformance[NewlandSettings, NewlandSim]):
    def subject(self) -> Subject[NewlandSettings, NewlandSim]:
        orders: list[tuple[str, Order]] = [
            ("device", ReadCode(within_s=5.0)),
            ("device", CheckHealth()),
        ]
        return Subject(NewlandDriver, lambda: NewlandSim(shows="A012"), NewlandSettings(), orders=orders)


def frames() -> st.SearchStrategy[Frame]:
    code = st.lists(st.integers(0x20, 0xFF), min_size=1, max_size=60).map(bytes)
    tag = st.text("ABCXYZ019", min_size=6, max_size=6)
    told = st.binary(max_size=80).filter(lambda data: b"\x02" not in data and b";\x03" not in data)
    return st.one_of(code.map(Scan), st.builds(Reply, st.sampled_from("@#"), tag, told, st.booleans()))


def test_the_codec() -> None:
    check_codec(NewlandCodec, frames(), max_frame=MAX_FRAME)
