"""What hall-edge's conformance kit is to try: `pytest --pyargs drivers.conformance`."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Subject, check_codec
from drivers.messages import ShowDigits

from .codec import MAX_DATA, MAX_FRAME, DigitsCodec, Frame
from .driver import DigitsDriver
from .settings import DigitsSettings
from .sim import DigitsSim

FRAMES = st.builds(
    Frame,
    st.integers(0, 255),
    st.sampled_from("QBDSKN"),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=MAX_DATA),
)


class TestDigits(DriverConformance[DigitsSettings, DigitsSim]):
    def subject(self) -> Subject[DigitsSettings, DigitsSim]:
        return Subject(DigitsDriver, DigitsSim, DigitsSettings(), orders=[("device", ShowDigits("012"))])

    def test_codec(self) -> None:
        check_codec(DigitsCodec, FRAMES, max_frame=MAX_FRAME)
