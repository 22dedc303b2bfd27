"""The words of the express lanes: what a lane asks for, what is known of a project, and what is wished."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    name: str
    service: str  # a window that can call it does the step
    after: tuple[str, ...] = ()  # steps that come first; all others go side by side


@dataclass(frozen=True, slots=True)
class Lane:
    """An express lane: `limit_days` and `amber_days` are working days after that of the opening."""

    id: str
    name: str
    steps: tuple[Step, ...]
    limit_days: int
    amber_days: int


@dataclass(slots=True)
class Project:
    """One that is open."""

    id: str
    lane: str
    window: str
    staff: str
    due: str
    amber: str
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenProject:
    """With the ticket at `window`. `due` and `amber` are dates, by the calendar of the hall's country."""

    window: str
    lane: str
    due: str
    amber: str


@dataclass(frozen=True, slots=True)
class StepDone:
    window: str
    project: str
    step: str


@dataclass(frozen=True, slots=True)
class WithdrawProject:
    window: str
    project: str
