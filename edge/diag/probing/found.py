"""What a look at this machine and its network finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from drivers.checking.words import NOTHING, Text

Kind = Literal["serial", "printer", "input", "network", "camera"]
# silent: nothing that we know answered. strange: something speaks, and no protocol of ours. held: another
# program has it, so it was left alone.
State = Literal["found", "silent", "strange", "held", "failed"]


@dataclass(frozen=True, slots=True)
class Child:
    """A device heard on a shared line."""

    kind: Literal["caller", "pad"]
    address: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`url` is for a device of the configuration, "" where there is none to propose."""

    kind: Kind
    place: str
    state: State
    url: str = ""
    driver: str = ""
    model: str = ""
    evidence: Text = NOTHING
    next: Text = NOTHING
    children: tuple[Child, ...] = ()
    settings: tuple[tuple[str, int], ...] = ()  # of the device, as it told them
