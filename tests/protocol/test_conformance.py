"""Both families keep every promise of `drivers.api`: the kit that a third party's driver must pass."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from drivers.bus68.codec import MAX_FRAME as BUS_MAX_FRAME
from drivers.bus68.codec import BusCodec, KeyFrame, StripAnswer
from drivers.bus68.driver import BusDriver
from drivers.bus68.settings import BusSettings, Child
from drivers.bus68.sim import BusSim
from drivers.bus68.sim_devices import Press
from drivers.conformance import DriverConformance, Stimulus, Subject, check_codec
from drivers.conformance.codec import check_resync
from drivers.conformance.subject import NotConformant
from drivers.messages import (
    AskRating,
    Beep,
    ButtonPressed,
    CheckHealth,
    KeyAction,
    KeyPressed,
    LevelPressed,
    PrintSlip,
    ShowDigits,
    ShowText,
    SlipLine,
    SlipQr,
)
from drivers.printer.codec import MAX_FRAME as PRINTER_MAX_FRAME
from drivers.printer.codec import Answer, Asb, PaperReply, PrinterCodec, RealTime
from drivers.printer.driver import PrinterDriver
from drivers.printer.settings import PrinterSettings
from drivers.printer.sim import PrinterSim

# --- printer ---
SLIP = PrintSlip(  # text of the font, a QR code, and a character that has to be drawn
    "2024-05-06/A012", (SlipLine("税务 A012", 2), SlipQr("http://hall.example/1"), SlipLine("𠮷"))
)


class TestPrinter(DriverConformance[PrinterSettings, PrinterSim]):
    def subject(self) -> Subject[PrinterSettings, PrinterSim]:
        return Subject(
            PrinterDriver, PrinterSim, PrinterSettings(), orders=[("device", SLIP), ("device", CheckHealth())]
        )


def printer_answers() -> st.SearchStrategy[Answer]:
    """Every answer with the bits that its kind fixes: 0xx1xx10 in real time, 0xx1xx00 where unasked."""
    byte = st.integers(0, 255)
    first, other = byte.map(lambda b: b & 0x6C | 0x10), byte.map(lambda b: b & 0x6F)
    return st.one_of(
        byte.map(lambda b: RealTime(b & 0x6C | 0x12)),
        st.tuples(first, other, other, other).map(Asb),
        st.integers(0, 15).map(PaperReply),
    )


def test_the_printer_codec() -> None:
    # A broken status of four bytes goes whole: two answers of one byte may have passed for its tail.
    check_codec(PrinterCodec, printer_answers(), max_frame=PRINTER_MAX_FRAME, may_lose=2)


def test_the_head_of_a_lost_status_costs_two_answers_and_no_more() -> None:
    good: list[Answer] = [PaperReply(0), PaperReply(0), RealTime(0x12)]
    assert check_resync(PrinterCodec(), b"\x10", good, PRINTER_MAX_FRAME, 2)
    with pytest.raises(NotConformant):
        check_resync(PrinterCodec(), b"\x10", good, PRINTER_MAX_FRAME, 1)


# --- bus ---
BUS = BusSettings(
    children=(
        Child("caller", "caller", 3),
        Child("pad", "pad", 0x83),
        Child("strip", "strip", 3),
        Child("panel", "buttons", 9),
    ),
    key_maps={"standard": {"0C": "call"}, "panel": {"0C": "button"}},
    level_maps={"four": {"0": 2, "3": 5}},
)


async def rate(sim: BusSim) -> Press:
    """A pad of model A takes a rating once it has been invited to."""
    sim.pad(0x83).invited.set()
    return await sim.pad(0x83).rate(3)


class TestBus(DriverConformance[BusSettings, BusSim]):
    def subject(self) -> Subject[BusSettings, BusSim]:
        return Subject(
            BusDriver,
            lambda: BusSim(callers=[3], pads=[0x83], strips=[3], buttons=[9]),
            BUS,
            children=tuple(child.id for child in BUS.children),
            orders=[
                ("strip", ShowText("A012")),
                ("caller", ShowDigits("012")),
                ("caller", Beep()),
                ("pad", AskRating()),
            ],
            unanswered=frozenset({ShowDigits, Beep, AskRating}),
            stimuli=[
                Stimulus(lambda sim: sim.caller(3).press(), (("caller", KeyPressed(KeyAction.CALL)),)),
                Stimulus(lambda sim: sim.buttons(9).press(12), (("panel", ButtonPressed(12)),)),
                Stimulus(rate, (("pad", LevelPressed(5, 3)),)),
            ],
        )


def bus_frames() -> st.SearchStrategy[KeyFrame | StripAnswer]:
    """What the host hears, with the FF in front, which a frame of pad model A may lack."""
    byte = st.integers(0, 255)
    keys = st.builds(KeyFrame, byte, byte, st.binary(max_size=30), st.just(True))
    answers = st.builds(
        StripAnswer, byte, st.binary(max_size=20).filter(lambda body: b"\xa5\xaa" not in body)
    )
    return st.one_of(keys, answers)


def test_the_bus_codec() -> None:
    check_codec(BusCodec, bus_frames(), max_frame=BUS_MAX_FRAME)
