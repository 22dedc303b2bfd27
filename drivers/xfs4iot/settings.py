"""Settings of a terminal that speaks XFS4IoT."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval, Len

Seconds = Annotated[float, Interval(ge=0.5, le=60.0)]
Port = Annotated[int, Interval(ge=1, le=65_535)]
Command = Literal["ServicePublisher.GetServices", "Common.Capabilities", "Common.Status"]
GET_SERVICES: Command = "ServicePublisher.GetServices"
CAPABILITIES: Command = "Common.Capabilities"
STATUS: Command = "Common.Status"

HEARTBEAT_S = 10.0  # with answer_timeout_s a dead terminal is seen within 14 s


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """The ports and the path are those of CWA 17852, "Service Publishing"."""

    # Tried at the same time where the URL names no port.
    ports: Annotated[tuple[Port, ...], Len(1, 32)] = (80, 443, *range(5846, 5857))
    path: str = "/xfs4iot/v1.0"
    discovery_s: Seconds = 5.0  # for all ports together; a machine may have several publishers, so all count
    heartbeat_s: Seconds = HEARTBEAT_S  # between two questions for a service's status
    answer_timeout_s: Seconds = 4.0  # then the service counts as silent
    expects: Annotated[tuple[str, ...], Len(0, 16)] = ("CardReader", "Printer")  # interfaces it must have
    # Of the messages, as its edition has them: "1.0" in 2021-1; later 2.0 and 3.0. Left out: "1.0".
    versions: dict[Command, str] = field(default_factory=dict)
    card_limit_s: Annotated[float, Interval(ge=10.0, le=86_400.0)] = (
        300.0  # a card that stays was left behind
    )
    bad_messages: Annotated[int, Interval(ge=1, le=1000)] = 20  # between two answers: the line is reopened

    def version(self, command: Command) -> str:
        return self.versions.get(command, "1.0")
