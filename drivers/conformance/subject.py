"""What is put to the test: a driver, the simulator of its peer, and what the two are known to do together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from drivers.api import Driver, Simulator
from drivers.messages import Body, Order

SettingsT = TypeVar("SettingsT")
PeerT = TypeVar("PeerT", bound=Simulator)


class NotConformant(AssertionError):
    """A promise of `drivers.api` that a driver or a codec does not keep."""


@dataclass(frozen=True, slots=True)
class Stimulus(Generic[PeerT]):
    """Something done at the simulator, and exactly the events that must follow, each with its device's id."""

    act: Callable[[PeerT], object]  # awaited where it returns an awaitable
    events: tuple[tuple[str, Body], ...]


def _nothing(_peer: object) -> None:
    """It can be DONE again as it is."""


@dataclass(frozen=True, slots=True)
class Subject(Generic[SettingsT, PeerT]):
    """Limits are in seconds of the driver's own time; they cost no waiting."""

    driver: Callable[[], Driver[SettingsT]]
    simulator: Callable[[], PeerT]  # healthy: paper in, cover closed
    settings: SettingsT
    device: str = "device"
    children: tuple[str, ...] = ()
    orders: Sequence[tuple[str, Order]] = ()  # device or child, and an order that ends DONE there
    stimuli: Sequence[Stimulus[PeerT]] = ()
    # A person's part before an order can be DONE once more at the same peer: to lay another card down.
    renew: Callable[[PeerT], object] = _nothing
    unanswered: frozenset[type] = frozenset()  # orders that the protocol does not answer: written is DONE
    ready_s: float = 30.0  # to become ready, with the restarts of a bad line
    order_s: float = 60.0  # for an order to end, whatever the peer does
    lost_s: float = 5.0  # from the loss of the line to the end of the run
    stop_s: float = 1.0  # from being cancelled to the end of the run
    # It lives on lines that lose and change no byte, such as TCP: a loss need not be survived, only end in
    # what a new line cures.
    reliable_line: bool = False
    silence_s: float | None = None  # to tell that the peer fell silent; None: five heartbeats
