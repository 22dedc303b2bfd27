"""The kit that every driver passes, also a third party's.

A driver's own test says what is to be tested, and gets one test for each promise of `drivers.api`:

    class TestPrinter(DriverConformance[PrinterSettings, PrinterSimulator]):
        def subject(self) -> Subject[PrinterSettings, PrinterSimulator]:
            return Subject(PrinterDriver, PrinterSimulator, PrinterSettings(), orders=[("printer", slip)])

    def test_codec() -> None:
        check_codec(PrinterCodec, answers(), max_frame=64)

Driver and simulator run on a null modem in a loop whose time jumps over waiting, so a time-out of a minute is
tested in milliseconds. Both must take the time from `ctx.clock` or the loop, never from `time`. `check_codec`
needs Hypothesis; all else needs the standard library alone.
"""

from drivers.conformance.checks import CHECKS, check_driver
from drivers.conformance.codec import BoundedCodec, check_codec
from drivers.conformance.context import LoopClock, ManualClock, RecordedCommand, RecordingContext
from drivers.conformance.rig import LINES, Rig
from drivers.conformance.subject import NotConformant, Stimulus, Subject
from drivers.conformance.suite import DriverConformance
from drivers.conformance.warp import run_warped

__all__ = [
    "CHECKS",
    "LINES",
    "BoundedCodec",
    "DriverConformance",
    "LoopClock",
    "ManualClock",
    "NotConformant",
    "RecordedCommand",
    "RecordingContext",
    "Rig",
    "Stimulus",
    "Subject",
    "check_codec",
    "check_driver",
    "run_warped",
]
