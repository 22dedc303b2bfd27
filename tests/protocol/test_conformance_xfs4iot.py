"""The terminal's driver keeps every promise of `drivers.api`, in both editions."""

from __future__ import annotations

from drivers.conformance import DriverConformance, Subject
from drivers.messages import CheckHealth
from drivers.xfs4iot.driver import TerminalDriver
from drivers.xfs4iot.settings import TerminalSettings
from drivers.xfs4iot.sim import TerminalSim

LATER = TerminalSettings(
    versions={
        "ServicePublisher.GetServices": "2.0",
        "Common.Capabilities": "3.0",
        "Common.Status": "3.0",
    }
)


class TestTerminal(DriverConformance[TerminalSettings, TerminalSim]):
    def subject(self) -> Subject[TerminalSettings, TerminalSim]:
        orders = [("device", CheckHealth())]
        return Subject(TerminalDriver, TerminalSim, TerminalSettings(), orders=orders, reliable_line=True)


class TestTerminalOfALaterEdition(DriverConformance[TerminalSettings, TerminalSim]):
    def subject(self) -> Subject[TerminalSettings, TerminalSim]:
        return Subject(TerminalDriver, lambda: TerminalSim(edition="3.0"), LATER, reliable_line=True)
