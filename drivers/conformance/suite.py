"""The checks as a pytest class. pytest is not imported: it collects what a test module subclasses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic

from drivers.conformance import checks, sick_checks
from drivers.conformance.subject import PeerT, SettingsT, Subject
from drivers.conformance.warp import run_warped


class DriverConformance(ABC, Generic[SettingsT, PeerT]):
    """Subclass it as `TestSomething`, and say in `subject` what is to be tested."""

    @abstractmethod
    def subject(self) -> Subject[SettingsT, PeerT]: ...

    def test_declares_limits(self) -> None:
        run_warped(checks.declares_limits(self.subject()))

    def test_works_on_every_line(self) -> None:
        run_warped(checks.works_on_every_line(self.subject()))

    def test_tells_every_event_once(self) -> None:
        run_warped(checks.tells_every_event_once(self.subject()))

    def test_waits_while_the_hall_is_busy(self) -> None:
        run_warped(checks.waits_while_the_hall_is_busy(self.subject()))

    def test_carries_on_when_nothing_is_kept(self) -> None:
        run_warped(checks.carries_on_when_nothing_is_kept(self.subject()))

    def test_survives_a_lossy_line(self) -> None:
        run_warped(checks.survives_a_lossy_line(self.subject()))

    def test_survives_garbage(self) -> None:
        run_warped(checks.survives_garbage(self.subject()))

    def test_raises_link_lost(self) -> None:
        run_warped(checks.raises_link_lost(self.subject()))

    def test_stops_at_once(self) -> None:
        run_warped(checks.stops_at_once(self.subject()))

    def test_never_invents_an_outcome(self) -> None:
        run_warped(checks.never_invents_an_outcome(self.subject()))

    def test_is_alive_by_evidence(self) -> None:
        run_warped(checks.is_alive_by_evidence(self.subject()))

    def test_survives_a_sick_peer(self) -> None:
        run_warped(sick_checks.survives_a_sick_peer(self.subject()))
