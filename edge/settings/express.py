"""Express lanes as data, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Annotated

from annotated_types import Interval
from pydantic import Field

from drivers.checking.problems import Problem, did_you_mean
from drivers.checking.values import show
from drivers.checking.words import Text
from edge.rules.projects import Lane, Step
from edge.settings.fields import Name, Table, Title

MAX_STEPS = 32  # of a lane: the longest published ones have some twenty
MAX_LANES = 16
YEAR_DAYS = 250  # about so many are worked in a year


class StepTable(Table):
    """One approval of an express lane."""

    id: Annotated[Name, Field(description="the step's name in events and commands")]
    name: Annotated[Title, Field(description="in Chinese")]
    service: Annotated[Name, Field(description="windows that have it do this step")]
    after: Annotated[
        tuple[Name, ...],
        Field(max_length=MAX_STEPS, description="steps that come first; all others go side by side"),
    ] = ()


class ExpressTable(Table):
    """A lane in which one ticket goes through several approvals within one time limit."""

    id: Annotated[Name, Field(description="the lane's name in events and commands")]
    name: Annotated[Title, Field(description="in Chinese")]
    limit_days: Annotated[
        int,
        Interval(ge=1, le=YEAR_DAYS),
        Field(description="working days for all of it, that of the opening not counted", examples=[8]),
    ]
    amber_days: Annotated[
        int,
        Interval(ge=1, le=YEAR_DAYS),
        Field(description="working days from which on it is told as due", examples=[6]),
    ]
    step: Annotated[tuple[StepTable, ...], Field(min_length=1, max_length=MAX_STEPS, description="the steps")]

    def in_rules(self) -> Lane:
        steps = tuple(Step(step.id, step.name, step.service, step.after) for step in self.step)
        return Lane(self.id, self.name, steps, self.limit_days, self.amber_days)


def express_problems(lanes: Mapping[int, ExpressTable], services: Set[str]) -> Iterator[Problem]:
    """`services`: all that the file declares."""
    for index, lane in lanes.items():
        if lane.amber_days > lane.limit_days:
            reason = Text("大于 limit_days", "is more than limit_days")
            yield Problem(f"express[{index}].amber_days", show(lane.amber_days), reason)
        known: list[str] = []
        for place, step in enumerate(lane.step):
            key = f"express[{index}].step[{place}]"
            if step.id in known:
                yield Problem(f"{key}.id", show(step.id), Text("写了两次", "stands here twice"))
            if step.service not in services:
                hint = did_you_mean(step.service, services)
                yield Problem(
                    f"{key}.service", show(step.service), Text("没有这项服务", "is no service"), hint
                )
            for number, each in enumerate(step.after):
                if each not in known:  # so there can be no circle
                    reason = Text("不是前面的步骤", "is no step above this one")
                    yield Problem(f"{key}.after[{number}]", show(each), reason, did_you_mean(each, known))
            known.append(step.id)
