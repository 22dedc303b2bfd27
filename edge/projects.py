"""The verbs of express lanes: a project is opened at a window, its steps are done, it is closed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from edge.bus import Bus
from edge.commands import Args, Name, NoArgs, Verb
from edge.hall import HallAtWork, reply_to
from edge.rules.deadlines import Calendar, workdays_after
from edge.rules.express import Standing, standings
from edge.rules.model import Hall
from edge.rules.projects import OpenProject, StepDone, WithdrawProject
from edge.wire import Reply, Request
from edge.workdays import is_workday, knows

_CHINA = Calendar(is_workday, knows)
_NUMBERED = r"^\d{4}-\d{2}-\d{2}/[A-Z]{1,2}\d{3,4}$"
Project = Annotated[str, Field(pattern=_NUMBERED, examples=["2026-11-25/A001"])]


class OpenArgs(Args):
    window: Name
    lane: Name


class ProjectArgs(Args):
    window: Name
    project: Project


class StepArgs(ProjectArgs):
    step: Name


class Projects:
    def __init__(self, hall: HallAtWork, bus: Bus, rules: Hall) -> None:
        self._hall = hall
        self._bus = bus
        self._rules = rules

    def verbs(self) -> list[Verb]:
        return [
            Verb("project.open", OpenArgs, self.open, "the ticket at the window goes into an express lane"),
            Verb("project.step", StepArgs, self.step, "a step of a project has been done here"),
            Verb("project.withdraw", ProjectArgs, self.withdraw, "a project is given up by its owner"),
            Verb("project.list", NoArgs, self.list, "the open projects, and which are due", reads=True),
        ]

    async def open(self, args: OpenArgs, request: Request, client: str) -> Reply:
        """A lane that there is not has no dates; the rules say so."""
        lane = self._rules.express.get(args.lane)
        today = date.fromisoformat(self._hall.today())
        due, amber = (
            (
                workdays_after(today, days, _CHINA).day.isoformat()
                for days in (lane.limit_days, lane.amber_days)
            )
            if lane
            else ("", "")
        )
        wish = OpenProject(args.window, args.lane, due, amber)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def step(self, args: StepArgs, request: Request, client: str) -> Reply:
        wish = StepDone(args.window, args.project, args.step)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def withdraw(self, args: ProjectArgs, request: Request, client: str) -> Reply:
        wish = WithdrawProject(args.window, args.project)
        return reply_to(request.id, await self._bus.ask(wish, client, request.id))

    async def list(self, _args: NoArgs, request: Request, _client: str) -> Reply:
        found = standings(self._hall.state, self._rules, self._hall.today())
        return Reply(id=request.id, result="done", data={"projects": [_shown(each) for each in found]})


def _shown(standing: Standing) -> dict[str, Any]:
    project = standing.project
    return {
        "project": project.id,
        "lane": project.lane,
        "due": project.due,
        "phase": standing.phase,
        "done": list(project.done),
        "next": list(standing.next),
    }
