"""What happened to projects in an express lane: one ticket, several approvals, one time limit."""

from __future__ import annotations

from typing import Literal

from edge.wire.base import Fact


class ProjectOpened(Fact):
    """`project` is the act in which it was opened, "<day>/<ticket>", which stands on the citizen's slip."""

    kind: Literal["project.opened"] = "project.opened"
    project: str
    lane: str
    window: str
    staff: str
    due: str  # ISO date: its last working day
    amber: str  # from this day on it is told as due
    done: tuple[str, ...] = ()  # steps, where it is carried into a new day


class ProjectStepDone(Fact):
    kind: Literal["project.step_done"] = "project.step_done"
    project: str
    step: str
    window: str
    staff: str


class ProjectClosed(Fact):
    kind: Literal["project.closed"] = "project.closed"
    project: str
    window: str
    staff: str
    reason: Literal["done", "withdrawn"]


class ProjectsCarried(Fact):
    """Just after a day has opened: those that are open, as they were."""

    kind: Literal["projects.carried"] = "projects.carried"
    projects: tuple[ProjectOpened, ...]
