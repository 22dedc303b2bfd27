"""What stands on the papers of cases and appointments. No name and no number of a person does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from edge.upstream.messages import Appointment, Case, CaseStep
from edge.upstream.papers import RULE, Block, Sheet

STATES = {
    "accepted": ("已受理，等待办理", "Accepted, and waiting"),
    "in_progress": ("正在办理", "In progress"),
    "to_supplement": ("需要补交材料", "More documents are needed"),
    "done": ("已经办结", "Done"),
    "refused": ("不予办理，请到窗口了解原因", "Refused. Please ask at a window why"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
OVER = ("done", "refused", "withdrawn")
STEPS = {"done": "已完成 done", "current": "正在进行 now", "to_come": "还没开始 to come"}


def of_case(sheet: Sheet, case: Case) -> tuple[Block, ...]:
    return sheet.note("办件进度", "Case progress", _case(case))


def _case(case: Case) -> Iterator[tuple[str, ...]]:
    yield (case.name, case.name_en, f"受理号 No. {case.number}")
    yield (RULE,)
    yield STATES[case.state]
    if case.due and case.state not in OVER:
        yield (f"承诺办结 Promised {case.due}",)
    if case.window:
        yield (f"请到 Go to {case.window}",)
    if case.missing:
        yield ("还缺这些材料 Still missing",)
    for zh, en in zip_longest(case.missing, case.missing_en, fillvalue=""):
        yield f"· {zh}", en  # a block each, which holds so much text
    if case.steps:
        yield (RULE, "办理步骤 Steps")
    for step in case.steps:
        yield _step(step)


def _step(step: CaseStep) -> tuple[str, ...]:
    return step.name, " ".join(filter(None, (STEPS[step.state], step.on)))


def of_appointment(sheet: Sheet, visit: Appointment, service: tuple[str, str]) -> tuple[Block, ...]:
    """`service`: its names in Chinese and English. The code is what checks in."""
    when = f"{visit.day} {visit.time}"
    texts = (service, (RULE,), (when,), ("来时扫此码签到", "Scan when you come"))
    return sheet.note("预约单", "Appointment", texts, visit.ref)
