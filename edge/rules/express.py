"""Express lanes: a project is taken in once, with one ticket, and goes through several offices side by side.

It is opened at the window that has its ticket, and bears that act's name. Each step is done at any window
that has the step's service, once, and not before the steps that it stands on; the last one closes the
project. Its clock runs in working days: the day of the opening is not counted (Civil Code of the PRC, article
201), nor are holidays (Administrative Licensing Law, article 82). Both dates are fixed as it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal

from edge.rules.desk import Desk, attended
from edge.rules.model import Decision, Hall, State
from edge.rules.projects import Lane, OpenProject, Project, Step, StepDone, WithdrawProject
from edge.wire import Fact, ProjectClosed, ProjectOpened, ProjectsCarried, ProjectStepDone

MAX_PROJECTS = 500  # open at a time: a county has some tens of them a year
CARRIED = 25  # in one fact, which stays below 10 KiB with all steps done

Phase = Literal["on_time", "due", "overdue"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an open project stands on a day. `next`: the steps that can be done now."""

    project: Project
    phase: Phase
    next: tuple[str, ...]


def decide_project(state: State, wish: OpenProject | StepDone | WithdrawProject, hall: Hall) -> Decision:
    desk = attended(state, hall, wish.window)
    if isinstance(desk, Decision):
        return desk
    if isinstance(wish, OpenProject):
        return _open(desk, wish)
    project = state.projects.get(wish.project)
    if project is None:
        return desk.refuse("unknown_project")
    if isinstance(wish, StepDone):
        return _step(desk, project, wish.step)
    return Decision((_closed(desk, project, "withdrawn"),), answer={"project": project.id})


def standings(state: State, hall: Hall, day: str) -> tuple[Standing, ...]:
    """Of all open projects on `day`, the one that is due first at the head."""
    projects = sorted(state.projects.values(), key=lambda project: (project.due, project.id))
    return tuple(Standing(each, phase(each, day), next_steps(each, hall)) for each in projects)


def summary(state: State, hall: Hall) -> dict[str, int | str] | None:
    """In a line, as of the day that is open; None where there are neither lanes nor projects."""
    found = standings(state, hall, state.day)
    if not found and not hall.express:
        return None
    phases = [each.phase for each in found]
    first = found[0].project if found else None
    return {
        "open": len(found),
        "due": phases.count("due"),
        "overdue": phases.count("overdue"),
        "next": first.id if first else "",
        "next_due": first.due if first else "",
    }


def phase(project: Project, day: str) -> Phase:
    """ISO dates compare as text. On its last day it is not overdue yet."""
    if day > project.due:
        return "overdue"
    return "due" if day >= project.amber else "on_time"


def next_steps(project: Project, hall: Hall) -> tuple[str, ...]:
    """Those that may be done side by side now; none where a new configuration has no such lane."""
    lane = hall.express.get(project.lane)
    steps = lane.steps if lane else ()
    return tuple(step.id for step in steps if step.id not in project.done and not _missing(project, step))


def opened(fact: ProjectOpened) -> Project:
    return Project(fact.project, fact.lane, fact.window, fact.staff, fact.due, fact.amber, fact.done)


def carry_over(state: State) -> tuple[Fact, ...]:
    """A new day begins with an empty state: what is to last is said again."""
    lasting = iter([_told(project) for project in state.projects.values()])
    facts: tuple[Fact, ...] = ()
    while some := tuple(islice(lasting, CARRIED)):
        facts += (ProjectsCarried(projects=some),)
    return facts


def _told(project: Project) -> ProjectOpened:
    return ProjectOpened(
        project=project.id,
        lane=project.lane,
        window=project.window,
        staff=project.staff,
        due=project.due,
        amber=project.amber,
        done=project.done,
    )


def _open(desk: Desk, wish: OpenProject) -> Decision:
    if wish.lane not in desk.hall.express:
        return desk.refuse("unknown_lane")
    if desk.ticket is None:
        return desk.refuse("project_no_ticket")
    if desk.ticket.act in desk.state.projects or desk.ticket.express:
        return desk.refuse("project_known")
    if len(desk.state.projects) >= MAX_PROJECTS:
        return desk.refuse("projects_full")
    fact = ProjectOpened(project=desk.ticket.act, lane=wish.lane, due=wish.due, amber=wish.amber, **desk.by())
    steps = " ".join(next_steps(opened(fact), desk.hall))
    return Decision((fact,), answer={"project": fact.project, "due": fact.due, "next": steps})


def _step(desk: Desk, project: Project, wanted: str) -> Decision:
    lane = desk.hall.express.get(project.lane)
    step = _step_of(lane, wanted)
    if lane is None or step is None:
        return desk.refuse("unknown_step")
    if step.service not in desk.window.services:
        return desk.refuse("step_elsewhere")
    if step.id in project.done:
        return desk.refuse("step_done")
    missing = _missing(project, step)
    if missing:
        names = {each.id: each.name for each in lane.steps}
        return desk.refuse("step_early", steps="、".join(names[id_] for id_ in missing))
    fact = ProjectStepDone(project=project.id, step=step.id, **desk.by())
    after = Project(project.id, project.lane, "", "", project.due, project.amber, (*project.done, step.id))
    is_last = all(each.id in after.done for each in lane.steps)
    facts: tuple[Fact, ...] = (fact, _closed(desk, project, "done")) if is_last else (fact,)
    steps = " ".join(next_steps(after, desk.hall))
    answer: dict[str, str | int] = {
        "project": project.id,
        "due": project.due,
        "next": steps,
        "closed": is_last,
    }
    return Decision(facts, answer=answer)


def _step_of(lane: Lane | None, step: str) -> Step | None:
    return next((each for each in lane.steps if each.id == step), None) if lane else None


def _missing(project: Project, step: Step) -> tuple[str, ...]:
    """The steps before it that are not done."""
    return tuple(each for each in step.after if each not in project.done)


def _closed(desk: Desk, project: Project, reason: Literal["done", "withdrawn"]) -> ProjectClosed:
    return ProjectClosed(project=project.id, reason=reason, **desk.by())
