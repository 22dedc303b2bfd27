"""The board's family keeps every promise of `drivers.api`."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.bx5k.codec import MAX_FRAME, BoardCodec, Frame
from drivers.bx5k.driver import BoardDriver
from drivers.bx5k.settings import AreaSettings, BoardSettings, BrightnessStep
from drivers.bx5k.sim import BoardSim
from drivers.conformance import DriverConformance, Subject, check_codec
from drivers.messages import CheckHealth, SetPower, ShowLines, ShowText

BOARD = BoardSettings(
    areas=(AreaSettings("calls", 0, 0, 0, 128, 32, 16), AreaSettings("notice", 1, 0, 32, 128, 16, 16)),
    brightness=(BrightnessStep("07:00", 12), BrightnessStep("20:00", 4)),
)
CALLS = ShowLines("calls", (ShowText("A012 到 3 号窗口"), ShowText("B007 到 1 号窗口", "green")))


class TestBoard(DriverConformance[BoardSettings, BoardSim]):
    def subject(self) -> Subject[BoardSettings, BoardSim]:
        return Subject(
            BoardDriver,
            BoardSim,
            BOARD,
            orders=[
                ("device", CALLS),
                ("device", ShowLines("notice", ())),
                ("device", SetPower(False)),
                ("device", CheckHealth()),
            ],
        )


def frames() -> st.SearchStrategy[Frame]:
    number = st.integers(0, 0xFFFF)
    return st.builds(Frame, st.binary(max_size=200), number, number, st.integers(0, 255))


def test_the_codec() -> None:
    check_codec(BoardCodec, frames(), max_frame=MAX_FRAME)
