"""The identity card reader keeps every promise of `drivers.api`, with a card lying on the simulator."""

from __future__ import annotations

from hypothesis import strategies as st

from drivers.conformance import DriverConformance, Subject, check_codec
from drivers.messages import CheckHealth, Order, ReadCard
from drivers.sdt.codec import MAX_DATA, MAX_FRAME, TEXT_BYTES, Answer, CardReply, Reply, SdtCodec
from drivers.sdt.driver import SdtDriver
from drivers.sdt.settings import SdtSettings
from drivers.sdt.sim import SdtSim
from drivers.sdt.sim_cards import permit, resident


class TestSdt(DriverConformance[SdtSettings, SdtSim]):
    def subject(self) -> Subject[SdtSettings, SdtSim]:
        orders: list[tuple[str, Order]] = [
            ("device", ReadCard(within_s=5.0)),
            ("device", CheckHealth()),
        ]
        return Subject(
            SdtDriver,
            lambda: SdtSim(resident()),
            SdtSettings(),
            orders=orders,
            renew=lambda sim: sim.put_card(permit()),
        )


def answers() -> st.SearchStrategy[Answer]:
    sw = st.one_of(st.integers(0, 0xFF), st.integers(0, 0xFFFFFF))
    text = st.binary(min_size=TEXT_BYTES, max_size=TEXT_BYTES)
    return st.one_of(
        st.builds(Reply, sw, st.binary(max_size=MAX_DATA)),
        text.map(lambda said: CardReply(bytearray(said))),
    )


def test_the_codec() -> None:
    check_codec(SdtCodec, answers(), max_frame=MAX_FRAME)
